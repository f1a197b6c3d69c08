// SPDX-License-Identifier: Apache-2.0
// JOSE-13, JOSE-14, JOSE-16 to JOSE-20, KEY-04: keys and key sets.

import Cryptography
import JOSE
import JSON
import Octets

enum JWKTarget {
    private static let secretNames = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

    static func run(_ input: [UInt8], planted: Bool) throws(BrokenProperty) {
        if let value = try? JSONDocument.parse(input), let key = try? JWK(value) {
            try check(key, value)
            if planted, isLean(key, value) {
                throw BrokenProperty(description: "the planted crash was found")
            }
        }
        guard let set = try? JWKSet(parsing: input) else { return }
        try check(set, input)
    }

    /// A valid key with `key_ops` and none of the three members that the seed has beside it.
    private static func isLean(_ key: JWK, _ value: JSONValue) -> Bool {
        guard let object = value.object, lacks(object, "alg"), lacks(object, "use"),
            lacks(object, "kid")
        else { return false }
        return object["key_ops"] != nil
    }

    @inline(never)
    private static func lacks(_ object: JSONObject, _ name: String) -> Bool {
        object[name] == nil
    }

    /// A key has one canonical form and one thumbprint, and shows nothing private.
    private static func check(_ key: JWK, _ value: JSONValue) throws(BrokenProperty) {
        for name in secretNames {
            try hold(value.object?[name] == nil, "a key with \(name) is refused")
        }
        let again = try canonical(key)
        try hold(again.thumbprint == key.thumbprint, "the thumbprint is stable")
        try hold(again.publicKey.kind == key.publicKey.kind, "the kind is stable")
        for (name, octets) in key.members.jwkMembers {
            try hold(value.object?[name]?.string == octets, "\(name) has one text")
        }
        for algorithm in JWSAlgorithm.allCases where key.isUsable(with: algorithm) {
            try hold(algorithm.scheme(for: key.publicKey.kind) != nil, "a usable key has a scheme")
        }
    }

    /// The key of nothing but the required members.
    private static func canonical(_ key: JWK) throws(BrokenProperty) -> JWK {
        var writer = JSONWriter()
        writer.beginObject()
        for (name, value) in key.members.jwkMembers {
            writer.name(name)
            writer.string(value)
        }
        writer.endObject()
        guard let value = try? JSONDocument.parse(writer.bytes), let again = try? JWK(value) else {
            throw BrokenProperty(description: "the required members are a key")
        }
        try hold(
            Digest.sha256(writer.bytes) == again.thumbprint.bytes, "the thumbprint is RFC 7638's")
        return again
    }

    private static func check(_ set: JWKSet, _ text: [UInt8]) throws(BrokenProperty) {
        let elements = (try? JSONDocument.parse(text))?.object?["keys"]?.array
        try hold(
            elements?.count == set.keys.count + set.unusable.count, "every key is kept or told")
        let keyIDs: [[UInt8]?] = set.keys.map(\.keyID) + [nil, [0x31]]
        for keyID in keyIDs.prefix(6) {
            for algorithm in [JWSAlgorithm.es256, .rs256, .ps256, .ed25519, .edDSA, .hs256] {
                guard case .one(let key) = set.select(keyID: keyID, algorithm: algorithm) else {
                    continue
                }
                try hold(keyID == nil || key.keyID == keyID, "the key chosen has the kid")
                try hold(key.isUsable(with: algorithm), "the key chosen fits alg")
                let sameName = set.keys.count { $0.keyID == keyID }
                try hold(keyID == nil || sameName == 1, "the kid is of one key")
            }
        }
    }
}
