// SPDX-License-Identifier: Apache-2.0
// The Wycheproof vectors for JWS and key sets.
//
// Every case is judged. Those whose published verdict is not ours, and those that do not apply, are
// listed below by comment or by kind, each with its reason, and counted.

import Cryptography
import JOSE
import JSON
import Octets
import Testing

@Suite struct WycheproofTokenTests {
    /// Cases called valid that are refused here, by comment.
    static let refused = [
        "emptyPayload": "JOSE-01: a JWT has a payload",
        "Figure20": "JOSE-19: the key's alg is PS256 and the header's PS384",
        "Figure27": "JOSE-19: the key's alg is ES521, the name of no algorithm; ES512 is",
        "InvalidCharacterInsertedInHeader": "JOSE-02: no octet outside the alphabet is passed over",
        "InvalidCharacterInsertedInPayload": "JOSE-02: as in the header",
    ]
    /// Cases called invalid that are accepted here, by comment.
    static let accepted = [
        "rejectsKeyWithRocaVulnerability":
            "JOSE-14 does not look for the traces that one generator left in its moduli",
        "invalidBase64Padding": "the published token is, octet for octet, that of ValidMac",
        "invalidBase64PaddingInPayload": "the published token is that of ValidMac",
    ]
    /// Cases that do not apply, by kind: of these nothing may pass, whatever is published.
    static let inapplicable = [
        "JWE": "JOSE-01: no token here is encrypted",
        "set with secrets": "JOSE-18: a set holds public keys; a MAC attester has one secret",
    ]

    @Test(
        "JOSE-01, JOSE-02, JOSE-10 to JOSE-15, JOSE-17 to JOSE-19, KEY-13: Wycheproof's tokens")
    func tokens() throws {
        var seen: Set<String> = []
        for (file, total, exceptions) in [
            ("json_web_signature_test.json", 401, 14), ("json_web_crypto_test.json", 83, 36),
            ("json_web_key_test.json", 26, 2),
        ] {
            var counts: [String: Int] = [:]
            for group in try groups(file) {
                for test in try tests(group) {
                    let exception = try judge(test, group, "\(file) \(test.name)")
                    counts[exception ?? "as published", default: 0] += 1
                    if let exception { seen.insert(exception) }
                }
            }
            if counts.isEmpty { return }
            #expect(counts.values.reduce(0, +) == total)
            #expect(total - counts["as published", default: 0] == exceptions, "\(counts)")
            print("Wycheproof \(file): \(counts)")
        }
        let reasons = Self.refused.merging(Self.accepted) { $1 }.merging(Self.inapplicable) { $1 }
        #expect(seen == Set(reasons.keys))
        for (name, reason) in reasons.sorted(by: { $0.key < $1.key }) {
            print("Wycheproof exception \(name): \(reason)")
        }
    }

    /// Expects our verdict; the entry of the lists above that it is an exception by.
    private func judge(_ test: Case, _ group: JSONObject, _ name: String) throws -> String? {
        let key = try #require(group["public"] ?? group["private"])
        let keys = key.object?["keys"]?.array
        let only = try #require(keys.map { $0.count == 1 ? $0.first : nil } ?? key)?.object
        let isSecret = group["public"] == nil
        if test.isEncrypted {
            #expect(!accepts(test.token, set: [key]), "\(name)")
            return "JWE"
        }
        guard let only else {
            #expect(isSecret && !accepts(test.token, set: keys ?? []), "\(name)")
            return test.isValid ? "set with secrets" : nil
        }
        let isAccepted =
            isSecret
            ? accepts(test.token, secret: only) : accepts(test.token, set: keys ?? [key])
        if Self.refused[test.comment] != nil, test.isValid, !isAccepted { return test.comment }
        if Self.accepted[test.comment] != nil, !test.isValid, isAccepted { return test.comment }
        #expect(isAccepted == test.isValid, "\(name)")
        return nil
    }

    private struct Case {
        let number: Int64
        let comment: String
        let token: [UInt8]
        let isValid: Bool
        let isEncrypted: Bool

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
                token: (test["jws"] ?? test["jwe"])?.string ?? [],
                isValid: test["result"]?.string == Array("valid".utf8),
                isEncrypted: test["jwe"] != nil)
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
        case .string(let octets): writer.string(Array(octets))
        case .number(let number): writer.raw(number.text)
        case .bool(let bool): writer.bool(bool)
        case .null: writer.null()
        }
    }
}
