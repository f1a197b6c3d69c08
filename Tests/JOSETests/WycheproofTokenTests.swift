// SPDX-License-Identifier: Apache-2.0
// The Wycheproof vectors for JWS and key sets.
//
// Cases whose published verdict is not ours are listed below, each with its reason. Groups that do
// not apply: encryption (no token here is a JWE, JOSE-01 refuses all of them), and sets with
// shared secrets (a set holds public keys only, JOSE-18, and a MAC attester has one secret).

import Crypto
import JOSE
import JSON
import Octets
import Testing

@Suite struct WycheproofTokenTests {
    /// Cases called valid that are refused here, by comment.
    static let refused = [
        // JOSE-01: a JWT has a payload.
        "emptyPayload",
        // JOSE-19: the key's alg is PS256 and the header's PS384.
        "Figure20",
        // JOSE-19: the key's alg is ES521, the name of no algorithm; RFC 7518 says ES512.
        "Figure27",
        // JOSE-02: no octet outside the alphabet is passed over.
        "InvalidCharacterInsertedInHeader", "InvalidCharacterInsertedInPayload",
    ]
    /// Cases called invalid that are accepted here, by comment.
    static let accepted = [
        // JOSE-14 does not look for the traces that one generator left in its moduli.
        "rejectsKeyWithRocaVulnerability",
        // The published tokens are, octet for octet, those of the case ValidMac.
        "invalidBase64Padding", "invalidBase64PaddingInPayload",
    ]

    @Test(
        "JOSE-01, JOSE-02, JOSE-10 to JOSE-12, JOSE-15, JOSE-17, JOSE-19: tokens get their verdicts",
        arguments: [
            ("json_web_signature_test.json", 401), ("json_web_crypto_test.json", 83),
        ])
    func tokens(file: String, total: Int) throws {
        var counts: [String: Int] = [:]
        for group in try groups(file) {
            let key = try #require(group["public"] ?? group["private"])
            for test in try tests(group) {
                let isAccepted: Bool
                if key.object?["keys"] != nil || key.object?["use"]?.string == Array("enc".utf8) {
                    // Nothing may pass: such a set or key verifies nothing.
                    #expect(!accepts(test.token, set: [key]), "\(file) \(test.name)")
                    counts["not applicable", default: 0] += 1
                    continue
                } else if key.object?["kty"]?.string == Array("oct".utf8) {
                    isAccepted = accepts(test.token, secret: try #require(key.object))
                } else {
                    isAccepted = accepts(test.token, set: [key])
                }
                #expect(isAccepted == verdict(test), "\(file) \(test.name)")
                counts[test.isValid ? "valid" : "invalid", default: 0] += 1
            }
        }
        if counts.isEmpty { return }
        #expect(counts.values.reduce(0, +) == total)
        #expect(counts["valid", default: 0] > 0 && counts["invalid", default: 0] > 10)
    }

    @Test("JOSE-13, JOSE-14, JOSE-17 to JOSE-19, KEY-13: the key sets get their verdicts")
    func keySets() throws {
        var counts: [Bool: Int] = [:]
        for group in try groups("json_web_key_test.json") {
            let value = try #require(group["public"] ?? group["private"])
            let keys = try #require(value.object?["keys"]?.array)
            let only = keys.count == 1 ? keys.first?.object : nil
            for test in try tests(group) {
                let isAccepted: Bool
                if let only, only["kty"]?.string == Array("oct".utf8) {
                    isAccepted = accepts(test.token, secret: only)
                    #expect(isAccepted == verdict(test), "\(test.name)")
                } else {
                    isAccepted = accepts(test.token, set: keys)
                    // A set of several secrets is none of ours: nothing may pass.
                    let isPublic = group["public"] != nil
                    #expect(isAccepted == (isPublic && verdict(test)), "\(test.name)")
                }
                counts[isAccepted, default: 0] += 1
            }
        }
        #expect(counts.isEmpty || counts[true, default: 0] > 3 && counts[false, default: 0] > 15)
    }

    private func verdict(_ test: Case) -> Bool {
        if Self.refused.contains(test.comment) { return false }
        if Self.accepted.contains(test.comment) { return true }
        return test.isValid
    }

    private struct Case {
        let number: Int64
        let comment: String
        let token: [UInt8]
        let isValid: Bool

        var name: String { "\(number) \(comment)" }
    }

    private func groups(_ file: String) throws -> [JSONObject] {
        guard let data = sharedData("wycheproof/\(file)") else { return [] }
        let value = try JSONDocument.parse(data, limits: JSONLimits(size: .kibibytes(4096)))
        return try #require(value.object?["testGroups"]?.array).compactMap(\.object)
    }

    private func tests(_ group: JSONObject) throws -> [Case] {
        try #require(group["tests"]?.array).map { value in
            let test = try #require(value.object)
            // Tokens in JSON serialization are objects here: nothing compact about them.
            return Case(
                number: test["tcId"]?.number?.exactInt ?? 0,
                comment: String(decoding: test["comment"]?.string ?? [], as: UTF8.self),
                token: test["jws"]?.string ?? [],
                isValid: test["result"]?.string == Array("valid".utf8))
        }
    }

    /// The parts of a token as `CompactJWS` takes them, except that a payload may be any octets:
    /// those of Wycheproof are no JSON objects.
    private struct Parts {
        let header: JOSEHeader
        let message: ArraySlice<UInt8>
        let signature: [UInt8]

        init?(_ token: [UInt8]) {
            let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            // A token that the kernel takes apart must be acceptable to the same key below.
            if brokenRule({ _ = try CompactJWS(token) }) == "JOSE-01" { return nil }
            guard parts.count == 3, let text = Base64URL.decode(parts[0]),
                Base64URL.decode(parts[1]) != nil, let signature = Base64URL.decode(parts[2]),
                let object = try? JSONDocument.parse(text).object,
                let header = try? JOSEHeader(object)
            else { return nil }
            self.header = header
            self.signature = signature
            message = token[..<(parts[0].count + 1 + parts[1].count)]
        }
    }

    /// What `JWKSet` and `JWSVerification` do.
    private func accepts(_ token: [UInt8], set keys: [JSONValue]) -> Bool {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("keys")
        writer.beginArray()
        for key in keys { write(key, to: &writer) }
        writer.endArray()
        writer.endObject()
        guard let parts = Parts(token), let set = try? JWKSet(parsing: writer.bytes),
            let algorithm = try? JWSAlgorithm.require(
                parts.header.algorithm, in: JWSAlgorithm.allCases),
            case .one(let key) = set.select(keyID: parts.header.keyID, algorithm: algorithm),
            let scheme = algorithm.scheme(for: key.publicKey.kind)
        else { return false }
        return key.publicKey.verify(scheme, signature: parts.signature, message: parts.message)
    }

    /// What the entry of an attester with a secret does: the algorithm is that of the entry.
    private func accepts(_ token: [UInt8], secret: JSONObject) -> Bool {
        guard let parts = Parts(token), let name = secret["alg"]?.string,
            let mac = JWSAlgorithm(name: name)?.mac, parts.header.algorithm == name,
            secret["use"]?.string == Array("sig".utf8),
            parts.header.keyID == nil || parts.header.keyID == secret["kid"]?.string,
            let key = secret["k"]?.string.flatMap({ Base64URL.decode($0) })
        else { return false }
        return mac.verify(tag: parts.signature, key: Secret(key), message: parts.message)
    }

    private func write(_ value: JSONValue, to writer: inout JSONWriter) {
        switch value.kind {
        case .object(let object):
            writer.beginObject()
            for member in object.members {
                writer.name(member.name)
                write(member.value, to: &writer)
            }
            writer.endObject()
        case .array(let elements):
            writer.beginArray()
            for element in elements { write(element, to: &writer) }
            writer.endArray()
        case .string(let octets): writer.string(octets)
        case .number(let number): writer.raw(number.text)
        case .bool(let bool): writer.bool(bool)
        case .null: writer.null()
        }
    }
}
