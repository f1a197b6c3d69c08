// SPDX-License-Identifier: Apache-2.0
// A public JSON Web Key (JOSE-13, JOSE-14, JOSE-16, JOSE-18 to JOSE-20).

import Cryptography
import JSON
import Octets

/// A public key that may verify signatures, from a token or from a key set.
public struct JWK: Sendable {
    /// The validated key.
    public let publicKey: PublicKey
    /// Its public members.
    public let members: KeyMembers
    /// The RFC 7638 thumbprint.
    public let thumbprint: JWKThumbprint
    /// `kid`, 1 to 256 octets; nil if absent.
    public let keyID: [UInt8]?
    /// `alg`, as written; nil if absent.
    public let algorithm: [UInt8]?

    /// Reads a key. JOSE-20: a known `kty` and members of the right types. JOSE-18: nothing
    /// private or symmetric. JOSE-13, JOSE-14, JOSE-16: a valid key of its family. JOSE-19: its
    /// metadata lets it verify; `allowingSignOnly` also takes `key_ops` of `sign` alone, which
    /// instances write that export their private key's. Certificates in the key are ignored.
    ///
    /// A key with the members of `known` is that key: what was proved of it holds.
    public init(
        _ value: JSONValue, known: JWK? = nil, allowingSignOnly: Bool = false
    ) throws(JOSEError) {
        guard let object = value.object else { throw JOSEError(.jose(20), "key is not an object") }
        let type = try Self.type(object)
        try Self.requirePublic(object, type: type)
        members = try KeyMembers(object, type)
        thumbprint = JWKThumbprint(members)
        if let known, known.thumbprint == thumbprint {
            publicKey = known.publicKey
        } else {
            publicKey = try Self.proved(members)
        }
        keyID = try Self.keyID(object)
        algorithm = try Self.algorithm(object)
        try Self.requireVerification(object, allowingSignOnly: allowingSignOnly)
    }

    /// JOSE-10, JOSE-19, KEY-13: whether the key's family and its `alg` member allow `algorithm`.
    public func isUsable(with algorithm: JWSAlgorithm) -> Bool {
        guard algorithm.scheme(for: publicKey.kind) != nil else { return false }
        return isMeant(for: algorithm)
    }

    /// JOSE-19: whether the `alg` member is absent or names `algorithm`.
    public func isMeant(for algorithm: JWSAlgorithm) -> Bool {
        guard let named = self.algorithm else { return true }
        return algorithm.isNamed(byKey: named)
    }

    private static func proved(_ members: KeyMembers) throws(JOSEError) -> PublicKey {
        do {
            return try PublicKey(members)
        } catch {
            throw JOSEError(members.rule, "not a valid key of its family (\(error))")
        }
    }

    /// JOSE-20: exact octets, so neither `ec` nor `O\u{212A}P` is a key type.
    private static func type(_ object: JSONObject) throws(JOSEError) -> KeyType {
        guard let name = object["kty"]?.string,
            let type = KeyType.allCases.first(where: { $0.rawValue.utf8.elementsEqual(name) })
        else { throw JOSEError(.jose(20), "kty is missing or unknown") }
        return type
    }

    /// JOSE-18: a message that shows a private or shared key has given it away.
    private static func requirePublic(_ object: JSONObject, type: KeyType) throws(JOSEError) {
        guard type != .oct else { throw JOSEError(.jose(18), "key is symmetric") }
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] where object[name] != nil {
            throw JOSEError(.jose(18), "key has the private member \(name)")
        }
    }

    static func keyID(_ object: JSONObject) throws(JOSEError) -> [UInt8]? {
        guard let value = object["kid"] else { return nil }
        guard let keyID = value.string, (1...256).contains(keyID.count) else {
            throw JOSEError(.jose(20), "kid is not a string of 1 to 256 octets")
        }
        return keyID
    }

    private static func algorithm(_ object: JSONObject) throws(JOSEError) -> [UInt8]? {
        guard let value = object["alg"] else { return nil }
        guard let algorithm = value.string else {
            throw JOSEError(.jose(19), "alg is not a string")
        }
        return algorithm
    }

    /// JOSE-19: RFC 7517 sections 4.2 and 4.3.
    private static func requireVerification(
        _ object: JSONObject, allowingSignOnly: Bool
    ) throws(JOSEError) {
        if let use = object["use"], use.string != Array("sig".utf8) {
            throw JOSEError(.jose(19), "use is not sig")
        }
        guard let value = object["key_ops"] else { return }
        guard let elements = value.array else {
            throw JOSEError(.jose(19), "key_ops is not an array")
        }
        let operations = elements.compactMap(\.string)
        guard operations.count == elements.count, Set(operations).count == operations.count else {
            throw JOSEError(.jose(19), "key_ops are not unique strings")
        }
        let isForSigning = allowingSignOnly && operations == [Array("sign".utf8)]
        guard operations.contains(Array("verify".utf8)) || isForSigning else {
            throw JOSEError(.jose(19), "key_ops do not contain verify")
        }
    }
}
