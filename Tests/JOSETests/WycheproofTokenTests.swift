// SPDX-License-Identifier: Apache-2.0
// The Wycheproof vectors for JWS and key sets, as far as they concern EC keys and ES256.

import Crypto
import JOSE
import JSON
import Octets
import Testing

@Suite struct WycheproofTokenTests {
    @Test(
        "JOSE-01, JOSE-02, JOSE-10, JOSE-11, JOSE-12, JOSE-19: the ES256 tokens get their verdicts",
        arguments: [
            "json_web_signature_test.json", "json_web_crypto_test.json",
        ])
    func tokens(file: String) throws {
        var verdicts: [String: Int] = [:]
        for group in try groups(file) {
            guard let key = group["public"], key.object?["kty"]?.string == Array("EC".utf8),
                key.object?["crv"]?.string == Array("P-256".utf8)
            else { continue }
            for test in try tests(group) {
                let isAccepted = accepts(test.token, keys: [key])
                #expect(isAccepted == test.isValid, "\(file) \(test.name)")
                verdicts[test.isValid ? "valid" : "invalid", default: 0] += 1
            }
        }
        if verdicts.isEmpty { return }
        #expect(verdicts["valid", default: 0] > 0 && verdicts["invalid", default: 0] > 10)
    }

    @Test("JOSE-13, JOSE-18, JOSE-19, KEY-13: the key sets get their verdicts")
    func keySets() throws {
        var count = 0
        for group in try groups("json_web_key_test.json") {
            guard let set = group["public"] ?? group["private"],
                let keys = set.object?["keys"]?.array
            else { continue }
            for test in try tests(group) {
                // What is valid there is RSA or HMAC, which is not built; nothing else may pass.
                #expect(!accepts(test.token, keys: keys), "\(test.name)")
                count += 1
            }
        }
        #expect(count == 0 || count > 20)
    }

    private struct Case {
        let name: String
        let token: [UInt8]
        let isValid: Bool
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
                name: "\(test["tcId"]?.number?.exactInt ?? 0) "
                    + String(decoding: test["comment"]?.string ?? [], as: UTF8.self),
                token: test["jws"]?.string ?? [],
                isValid: test["result"]?.string == Array("valid".utf8))
        }
    }

    /// What `CompactJWS`, `JWKSet` and `JWSVerification` do, except that a payload may be any
    /// octets: those of Wycheproof are no JSON objects.
    private func accepts(_ token: [UInt8], keys: [JSONValue]) -> Bool {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // A token that the kernel takes apart must be acceptable to the same key below.
        if brokenRule({ _ = try CompactJWS(token) }) == "JOSE-01" {
            return false
        }
        guard parts.count == 3, let text = Base64URL.decode(parts[0]),
            Base64URL.decode(parts[1]) != nil, let signature = Base64URL.decode(parts[2]),
            let object = try? JSONDocument.parse(text).object, let header = try? JOSEHeader(object),
            let algorithm = try? JWSAlgorithm.require(header.algorithm, in: [.es256]),
            let scheme = algorithm.scheme
        else { return false }
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("keys")
        writer.beginArray()
        for key in keys { write(key, to: &writer) }
        writer.endArray()
        writer.endObject()
        guard let set = try? JWKSet(parsing: writer.bytes),
            case .one(let key) = set.select(keyID: header.keyID, algorithm: algorithm)
        else { return false }
        let message = token[..<(parts[0].count + 1 + parts[1].count)]
        return key.publicKey.verify(scheme, signature: signature, message: message)
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
