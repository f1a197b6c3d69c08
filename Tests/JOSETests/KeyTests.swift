// SPDX-License-Identifier: Apache-2.0
// Public keys from JSON, their thumbprints, and the choice of one in a set.

import Cryptography
import JOSE
import JSON
import Minting
import Octets
import Testing

private let key = Vectors.instance

private func rule(_ text: String) -> String? {
    brokenRule { _ = try JWK(try json(text)) }
}

private func members(_ changes: [String: String?]) -> String {
    var members = ["kty": "\"EC\"", "crv": "\"P-256\"", "x": "\"\(key.x)\"", "y": "\"\(key.y)\""]
    for (name, value) in changes { members[name] = value }
    return "{\(members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}"
}

@Suite struct JWKTests {
    @Test("published keys are read and have the published thumbprints")
    func published() throws {
        for vector in [Vectors.attester, Vectors.instance, Vectors.earlierInstance] {
            let jwk = try vector.jwk(adding: #","kid":"11","use":"sig","alg":"ES256""#)
            #expect(jwk.thumbprint.text == Array(vector.thumbprint.utf8))
            #expect(jwk.thumbprint.bytes.count == 32)
            #expect(jwk.thumbprint == (try vector.jwk()).thumbprint)
            #expect(jwk.keyID == Array("11".utf8))
            #expect(jwk.publicKey.kind == .ec(.p256))
            #expect(JWKThumbprint(bytes: jwk.thumbprint.bytes) == jwk.thumbprint)
        }
        #expect(JWKThumbprint(bytes: []) == nil)
    }

    @Test("JOSE-13: points that are none, and other texts of a coordinate, are refused")
    func points() throws {
        let zero = String(repeating: "A", count: 43)
        let ones = String(repeating: "_", count: 42) + "8"
        // The last character holds two unused bits; K and L differ only in them at worst.
        let twin = String(key.x.dropLast()) + "R"
        let off = String(key.y.dropLast(2)) + "UU"
        let cases = [
            members(["x": "\"\(zero)\"", "y": "\"\(zero)\""]), members(["x": "\"\(ones)\""]),
            members(["x": "\"\(twin)\""]), members(["y": "\"\(off)\""]),
            members(["x": "\"\(key.x)=\""]), members(["x": "\"AA\(key.x)\""]),
            members(["x": "\"\(key.x.dropLast())\""]), members(["x": "\"\""]),
            members(["crv": "\"P-384\""]), members(["crv": "\"P-521\""]),
            members(["crv": "\"secp256k1\""]), members(["crv": "\"p-256\""]),
            members(["crv": "\"\""]),
        ]
        for text in cases { #expect(rule(text) == "JOSE-13", "\(text)") }
        #expect(rule(members([:])) == nil)
    }

    @Test("JOSE-13: a coordinate without its leading zero octet is refused")
    func leadingZero() throws {
        // A key whose x begins with a zero octet; the short text is the same number.
        var found: PrivateKey?
        for _ in 0..<5000 where found == nil {
            let candidate = try PrivateKey.generate(.p256)
            if candidate.x[0] == 0 { found = candidate }
        }
        let found256 = try #require(found)
        let y = Base64URL.encodeToString(found256.y)
        let whole = Base64URL.encodeToString(found256.x)
        let short = Base64URL.encodeToString(Array(found256.x.dropFirst()))
        #expect(rule(members(["x": "\"\(whole)\"", "y": "\"\(y)\""])) == nil)
        #expect(rule(members(["x": "\"\(short)\"", "y": "\"\(y)\""])) == "JOSE-13")
    }

    @Test(
        "JOSE-18: nothing private or symmetric is taken from a message",
        arguments: [
            "d", "p", "q", "dp", "dq", "qi", "oth", "k",
        ])
    func privateMembers(name: String) {
        for value in ["\"AA\"", "null", "1"] {
            #expect(rule(members([name: value])) == "JOSE-18")
        }
        #expect(rule(#"{"kty":"oct","k":"AAAA"}"#) == "JOSE-18")
        #expect(rule(#"{"kty":"oct"}"#) == "JOSE-18")
        #expect(rule(#"{"kty":"RSA","n":"AA","e":"AQAB","\#(name)":"AA"}"#) == "JOSE-18")
    }

    @Test(
        "JOSE-19: a key must be meant for verification",
        arguments: [
            ("use", "\"enc\""), ("use", "\"SIG\""), ("use", "1"), ("use", "null"),
            ("use", "[\"sig\"]"),
            ("key_ops", "\"verify\""), ("key_ops", "[]"), ("key_ops", "[\"sign\"]"),
            ("key_ops", "[\"deriveKey\"]"), ("key_ops", "[\"verify\",\"verify\"]"),
            ("key_ops", "[\"verify\",1]"), ("key_ops", "null"), ("alg", "256"), ("alg", "null"),
        ])
    func metadata(name: String, value: String) {
        #expect(rule(members([name: value])) == "JOSE-19")
    }

    @Test("JOSE-19: a key's own alg must be the algorithm used")
    func keyAlgorithm() throws {
        #expect(rule(members(["use": "\"sig\"", "key_ops": "[\"sign\",\"verify\"]"])) == nil)
        #expect(try key.jwk().isUsable(with: .es256))
        #expect(try key.jwk(adding: #","alg":"ES256""#).isUsable(with: .es256))
        for name in ["ES384", "es256", "none", "", "ECDH-ES"] {
            #expect(!(try key.jwk(adding: #","alg":"\#(name)""#).isUsable(with: .es256)))
        }
        for algorithm in JWSAlgorithm.allCases where algorithm != .es256 {
            #expect(!(try key.jwk().isUsable(with: algorithm)))
        }
    }

    @Test(
        "JOSE-20: kty is known and members have their types",
        arguments: [
            "[]", "\"EC\"", "null", "{}", #"{"kty":1}"#, #"{"kty":"ec"}"#, #"{"kty":"AKP"}"#,
            members(["kty": "\"ec\""]), members(["kty": nil]), members(["x": "1"]),
            members(["x": nil]),
            members(["y": "null"]), members(["crv": "256"]), members(["crv": nil]),
            members(["kid": "11"]), members(["kid": "\"\""]), "{\"kty\":\"O\u{212A}P\"}",
        ])
    func types(text: String) {
        #expect(rule(text) == "JOSE-20")
    }

    @Test("JOSE-20: certificates in a key are ignored, whatever they are")
    func certificates() {
        #expect(
            rule(members(["x5c": "[1]", "x5u": "\"http://a/\"", "x5t": "0", "x5t#S256": "{}"]))
                == nil)
    }
}

@Suite struct JWKSetTests {
    private func set(_ keys: String...) throws -> JWKSet {
        try JWKSet(parsing: Array("{\"keys\":[\(keys.joined(separator: ","))]}".utf8))
    }

    private func choice(_ set: JWKSet, _ keyID: String?) -> String {
        switch set.select(keyID: keyID.map { Array($0.utf8) }, algorithm: .es256) {
        case .one(let key): key.thumbprint.description
        case .none: "none"
        case .ambiguous: "ambiguous"
        case .unusable: "unusable"
        }
    }

    private let one = Vectors.attester
    private let two = Vectors.instance

    @Test("KEY-04: a kid chooses the one key that has it, by octets")
    func byKeyID() throws {
        let keys = try set(one.json(adding: #","kid":"1""#), two.json(adding: #","kid":"2""#))
        #expect(choice(keys, "1") == one.thumbprint)
        #expect(choice(keys, "2") == two.thumbprint)
        for keyID in ["3", "", "1 ", "01", "../../etc/x"] { #expect(choice(keys, keyID) == "none") }
        let accents = try set(
            one.json(adding: ",\"kid\":\"\u{E9}\""), two.json(adding: ",\"kid\":\"e\u{301}\""))
        #expect(choice(accents, "\u{E9}") == one.thumbprint)
        #expect(choice(accents, "e\u{301}") == two.thumbprint)
    }

    @Test("KEY-04: a kid that several keys have chooses none of them")
    func duplicateKeyID() throws {
        let same = #","kid":"1""#
        #expect(choice(try set(one.json(adding: same), two.json(adding: same)), "1") == "ambiguous")
        // Also if only one of them could verify: what is not understood counts.
        let other = #"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"1"}"#
        #expect(choice(try set(one.json(adding: same), other), "1") == "ambiguous")
        let encryption = two.json(adding: same + #","use":"enc""#)
        #expect(choice(try set(one.json(adding: same), encryption), "1") == "ambiguous")
    }

    @Test("KEY-04: without a kid there must be exactly one usable key")
    func withoutKeyID() throws {
        let encryption = two.json(adding: #","use":"enc""#)
        #expect(choice(try set(one.json()), nil) == one.thumbprint)
        #expect(choice(try set(one.json(adding: #","kid":"1""#)), nil) == one.thumbprint)
        #expect(choice(try set(one.json(), two.json()), nil) == "ambiguous")
        #expect(choice(try set(one.json(), encryption), nil) == one.thumbprint)
        #expect(
            choice(try set(one.json(), two.json(adding: #","alg":"ES384""#)), nil) == one.thumbprint
        )
        #expect(choice(try set(encryption), nil) == "none")
        #expect(choice(try set(), nil) == "none")
    }

    @Test("KEY-05: a kid that names the wrong key does not fall back to the right one")
    func noFallback() throws {
        let keys = try set(one.json(adding: #","kid":"1""#), two.json(adding: #","kid":"2""#))
        let jws = try CompactJWS(Array(Vectors.ca10.utf8))
        guard case .one(let named) = keys.select(keyID: Array("2".utf8), algorithm: .es256) else {
            Issue.record("no key chosen")
            return
        }
        #expect(
            brokenRule { try JWSVerification.verify(jws, key: named, algorithm: .es256) }
                == "JOSE-23")
    }

    @Test(
        "KEY-13: the named key must itself allow verification with the algorithm",
        arguments: [
            #","use":"enc""#, #","key_ops":["encrypt"]"#, #","alg":"ES384""#, #","use":1"#,
        ])
    func notForVerification(members: String) throws {
        let keys = try set(
            one.json(adding: #","kid":"1""# + members), two.json(adding: #","kid":"2""#))
        #expect(choice(keys, "1") == "unusable")
        #expect(choice(keys, "2") == two.thumbprint)
    }

    @Test("KEY-13: a key of another curve or family is not usable with ES256")
    func otherFamilies() throws {
        let curve = try PrivateKey.generate(.p384)
        let text = """
            {"kty":"EC","crv":"P-384","kid":"1","x":"\(Base64URL.encodeToString(curve.x))",
            "y":"\(Base64URL.encodeToString(curve.y))"}
            """
        let keys = try set(
            text, #"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"2"}"#,
            #"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA","kid":"3"}"#,
            #"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA","kid":"4"}"#)
        #expect(keys.keys.count == 1 && keys.unusable.map(\.index) == [1, 2, 3])
        for keyID in ["1", "2", "3", "4"] { #expect(choice(keys, keyID) == "unusable") }
        #expect(choice(keys, nil) == "none")
    }

    @Test("a set with a private, symmetric or broken key is refused, and the error says which")
    func spoiled() throws {
        let broken = [
            ("JOSE-18", one.json(adding: #","d":"AA""#)), ("JOSE-18", #"{"kty":"oct","k":"AA"}"#),
            ("JOSE-13", one.json().replacing("EVs", with: "EVt")), ("JOSE-20", "1"),
            ("JOSE-20", #"{"kty":"EC","crv":"P-256"}"#), ("JOSE-20", "{}"),
            ("JOSE-20", one.json(adding: #","kid":7"#)),
        ]
        for (expected, text) in broken {
            do throws(JOSEError) {
                _ = try JWKSet(parsing: Array("{\"keys\":[\(two.json()),\(text)]}".utf8))
                Issue.record("accepted \(text)")
            } catch {
                #expect(error.rule.description == expected)
                #expect(error.detail.hasPrefix("keys[1]: "))
            }
        }
    }

    @Test("JOSE-03, JOSE-04, JOSE-20: a key set is strict JSON with an array of keys")
    func notASet() {
        let texts = [
            ("JOSE-20", "{}"), ("JOSE-20", "[]"), ("JOSE-20", #"{"keys":{}}"#), ("JOSE-03", "{"),
            ("JOSE-20", one.json()), ("JOSE-04", #"{"keys":[],"keys":[]}"#),
            ("JOSE-03", "{\"keys\":[]}x"),
        ]
        for (expected, text) in texts {
            #expect(brokenRule { _ = try JWKSet(parsing: Array(text.utf8)) } == expected)
        }
    }
}
