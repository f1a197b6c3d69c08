// SPDX-License-Identifier: Apache-2.0
// The shape of a token: parts, encoding, JSON, header (JOSE-01 to JOSE-09).

import JOSE
import JSON
import Octets
import Testing

private let header = #"{"typ":"x+jwt","alg":"ES256"}"#

private func rule(header: String = header, payload: String = "{}") -> String? {
    brokenRule { _ = try CompactJWS(unsigned(header: header, payload: payload)) }
}

@Suite struct CompactJWSTests {
    @Test(
        "JOSE-01: a token has three parts, none of them empty",
        arguments: [
            "", ".", "..", "...", "a", "e30", "e30.e30", "e30.e30.", ".e30.e30", "e30..e30",
            "e30.e30.e30.e30",
            "e30.e30.e30.e30.e30", "e30.e30.e30.", #"{"payload":"e30","signature":"AA"}"#,
        ])
    func parts(token: String) {
        #expect(brokenRule { _ = try CompactJWS(Array(token.utf8)) } == "JOSE-01")
    }

    @Test(
        "JOSE-02: every part is canonical base64url",
        arguments: [
            "=", " ", "\n", "+", "/", "\u{E9}", "\u{0}", "A", "%41",
        ])
    func encoding(intruder: String) throws {
        let good = String(decoding: unsigned(header: header, payload: "{}"), as: UTF8.self)
        let parts = good.split(separator: ".").map(String.init)
        for index in parts.indices {
            for part in [parts[index] + intruder, intruder + parts[index]] {
                var changed = parts
                changed[index] = part
                let token = Array(changed.joined(separator: ".").utf8)
                // A further valid character is an octet more or a length that does not exist.
                if intruder == "A" && part.utf8.count % 4 != 1 { continue }
                #expect(brokenRule { _ = try CompactJWS(token) } == "JOSE-02")
            }
        }
    }

    @Test(
        "JOSE-03: header and payload are one JSON object each",
        arguments: [
            "[]", "\"a\"", "1", "null", "", " ", "{} {}", "{}x", "\u{FEFF}{}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", "{'a':1}",
        ])
    func onlyObjects(text: String) {
        // An empty text makes an empty part.
        let expected = text.isEmpty ? "JOSE-01" : "JOSE-03"
        #expect(rule(payload: text) == expected)
        #expect(rule(header: text) == expected)
    }

    @Test("JOSE-03: UTF-16 payloads are refused")
    func utf16() {
        let units = Array("{}".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let token = [Array(header.utf8), units, [1]].map(Base64URL.encodeToString)
        #expect(
            brokenRule { _ = try CompactJWS(Array(token.joined(separator: ".").utf8)) } == "JOSE-03"
        )
    }

    @Test(
        "JOSE-04: a name occurs once, in header, payload and below",
        arguments: [
            #"{"alg":"ES256","sub":"a","sub":"b"}"#, #"{"alg":"ES256","sub":"a","s\u0075b":"b"}"#,
            #"{"alg":"ES256","cnf":{"jwk":{"kty":"EC","kty":"EC"}}}"#,
        ])
    func duplicates(text: String) {
        #expect(rule(payload: text) == "JOSE-04")
        #expect(rule(header: text) == "JOSE-04")
    }

    @Test(
        "JOSE-05: typ is compared in lower case and without one leading application/",
        arguments: [
            ("oauth-client-attestation+jwt", "oauth-client-attestation+jwt"),
            ("OAuth-Client-Attestation+JWT", "oauth-client-attestation+jwt"),
            ("application/oauth-client-attestation+jwt", "oauth-client-attestation+jwt"),
            ("Application/X", "x"), ("application/application/x", "application/x"),
            ("text/x", "text/x"), ("JWT", "jwt"), ("", ""), ("application/", ""),
            ("\u{212A}", "\u{212A}"), (" x", " x"),
        ])
    func type(text: String, normalised: String) throws {
        let header = try JOSEHeader(try object(#"{"alg":"a","typ":"\#(text)"}"#))
        #expect(header.type == Array(normalised.utf8))
    }

    @Test("JOSE-05: a typ that is no string is refused, a missing one is told")
    func typeOfOtherKinds() throws {
        for value in ["1", "null", "[\"x\"]", "true", "{}"] {
            #expect(rule(header: #"{"alg":"ES256","typ":\#(value)}"#) == "JOSE-05")
        }
        #expect(try JOSEHeader(try object(#"{"alg":"ES256"}"#)).type == nil)
    }

    @Test(
        "JOSE-06: alg is a name",
        arguments: [
            "{}", #"{"alg":""}"#, #"{"alg":null}"#, #"{"alg":256}"#, #"{"alg":["ES256"]}"#,
            #"{"ALG":"ES256"}"#,
        ])
    func algorithm(header: String) {
        #expect(rule(header: header) == "JOSE-06")
    }

    @Test(
        "JOSE-06: none in any case and names not on the list match nothing",
        arguments: [
            "none", "None", "NONE", "nOnE", "es256", "ES256 ", " ES256", "ES256\u{0}", "ES-256",
            "HMAC", "", "null",
            "E\u{0301}S256",
        ])
    func unknownAlgorithms(name: String) {
        #expect(JWSAlgorithm(name: Array(name.utf8)) == nil)
        #expect(
            brokenRule { _ = try JWSAlgorithm.require(Array(name.utf8), in: JWSAlgorithm.allCases) }
                == "JOSE-06")
    }

    @Test("JOSE-06: an algorithm that is built must be on the list")
    func allowList() throws {
        let name = Array("ES256".utf8)
        #expect(try JWSAlgorithm.require(name, in: [.es256]) == .es256)
        #expect(brokenRule { _ = try JWSAlgorithm.require(name, in: []) } == "JOSE-06")
        #expect(brokenRule { _ = try JWSAlgorithm.require(name, in: [.es384]) } == "JOSE-06")
    }

    @Test(
        "JOSE-27: registered algorithms that are not built are unsupported",
        arguments: ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ES256K"])
    func unsupported(name: String) {
        #expect(
            brokenRule { _ = try JWSAlgorithm.require(Array(name.utf8), in: JWSAlgorithm.allCases) }
                == "JOSE-27")
    }

    @Test(
        "JOSE-07: crit is refused, whatever it holds",
        arguments: [
            #"["exp"]"#, "[]", #""exp""#, "null", "{}", #"["b64"],"b64":false"#,
        ])
    func critical(value: String) {
        #expect(rule(header: #"{"alg":"ES256","crit":\#(value)}"#) == "JOSE-07")
    }

    @Test(
        "JOSE-08: b64 is refused, whatever its value",
        arguments: ["true", "false", "null", "\"x\""])
    func unencoded(value: String) {
        #expect(rule(header: #"{"alg":"ES256","b64":\#(value)}"#) == "JOSE-08")
    }

    @Test(
        "JOSE-09: encryption, compression and nesting are refused",
        arguments: [
            #""zip":"DEF""#, #""zip":null"#, #""enc":"A128GCM""#, #""enc":1"#, #""cty":"JWT""#,
            #""cty":"jwt""#, #""cty":"application/jwt""#, #""cty":1"#,
        ])
    func encrypted(member: String) {
        #expect(rule(header: #"{"alg":"ES256",\#(member)}"#) == "JOSE-09")
    }

    @Test(
        "KEY-04: kid is a string of 1 to 256 octets",
        arguments: [
            "11", "null", "[]", "\"\"", "\"\(String(repeating: "k", count: 257))\"", "true",
        ])
    func keyIdentifier(value: String) {
        #expect(rule(header: #"{"alg":"ES256","kid":\#(value)}"#) == "KEY-04")
    }

    @Test("KEY-04: a kid is any text and nothing but compared")
    func keyIdentifiers() throws {
        for keyID in ["11", "../../etc/x", String(repeating: "k", count: 256), "é"] {
            let header = try JOSEHeader(try object(#"{"alg":"ES256","kid":"\#(keyID)"}"#))
            #expect(header.keyID == Array(keyID.utf8))
        }
        #expect(try JOSEHeader(try object(#"{"alg":"ES256"}"#)).keyID == nil)
    }

    @Test("JOSE-24: unknown parameters and claims are ignored")
    func unknownMembers() throws {
        let jws = try CompactJWS(
            unsigned(
                header: #"{"alg":"ES256","foo":1,"cty":"json","x5t":null}"#,
                payload: #"{"wallet_name":"w","urn:x:y":[{}]}"#))
        #expect(jws.header.object["foo"]?.number?.exactInt == 1)
        #expect(jws.payload["wallet_name"]?.string == Array("w".utf8))
    }
}
