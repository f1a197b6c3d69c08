// SPDX-License-Identifier: Apache-2.0
// A JSON Web Key Set and the choice of one key in it (KEY-04, KEY-05, KEY-13).

import Cryptography
import JSON
import Octets

/// The keys of one issuer. A token is verified with the one key chosen here or with none; keys are
/// never tried in turn (KEY-05).
public struct JWKSet: Sendable {
    /// What the choice of a key gives.
    public enum Selection: Sendable {
        /// The only candidate.
        case one(JWK)
        /// No key has this `kid`, or without a `kid` no key is usable.
        case none
        /// KEY-04: several keys have this `kid`, or without a `kid` several are usable.
        case ambiguous
        /// KEY-13: the one key with this `kid` does not verify this algorithm.
        case unusable
    }

    /// A key of the set that verifies nothing here, for the operator's log.
    public struct Unusable: Sendable {
        /// Its position in `keys`, from zero.
        public let index: Int
        /// Its `kid`, which takes part in the search for duplicates.
        public let keyID: [UInt8]?
        /// Why: JOSE-19 (not for signatures), JOSE-20, JOSE-13 or JOSE-16 (unknown type or curve),
        /// JOSE-14 (a modulus out of bounds).
        public let reason: JOSEError
    }

    /// The keys that can verify something.
    public let keys: [JWK]
    /// The keys that cannot.
    public let unusable: [Unusable]

    /// Reads a set. Keys of unknown types and keys not meant for signatures are kept apart (RFC
    /// 7517 section 5); a private, symmetric or malformed key spoils the set, and the error's
    /// detail names its position.
    public init(parsing text: [UInt8]) throws(JOSEError) {
        let value: JSONValue
        do {
            value = try JSONDocument.parse(text)
        } catch {
            throw JOSEError(error, in: "key set")
        }
        guard let elements = value.object?["keys"]?.array else {
            throw JOSEError(.jose(20), "key set has no array keys")
        }
        var keys: [JWK] = []
        var unusable: [Unusable] = []
        for (index, element) in elements.enumerated() {
            do {
                keys.append(try JWK(element))
            } catch {
                guard let object = element.object, Self.isTolerable(error, of: object) else {
                    throw JOSEError(error.rule, "keys[\(index)]: \(error.detail)")
                }
                let keyID = object["kid"]?.string
                unusable.append(Unusable(index: index, keyID: keyID, reason: error))
            }
        }
        self.keys = keys
        self.unusable = unusable
    }

    /// The key for a token that names `keyID` and is signed with `algorithm`.
    public func select(keyID: [UInt8]?, algorithm: JWSAlgorithm) -> Selection {
        guard let keyID else {
            let usable = keys.filter { $0.isUsable(with: algorithm) }
            guard let key = usable.first else { return .none }
            return usable.count == 1 ? .one(key) : .ambiguous
        }
        let named = keys.filter { $0.keyID == keyID }
        let unusableCount = unusable.count { $0.keyID == keyID }
        guard named.count + unusableCount > 0 else { return .none }
        guard named.count + unusableCount == 1 else { return .ambiguous }
        guard let key = named.first, key.isUsable(with: algorithm) else { return .unusable }
        return .one(key)
    }

    /// Whether a key is merely of no use: well-formed as far as it is understood.
    private static func isTolerable(_ error: JOSEError, of object: JSONObject) -> Bool {
        switch error.rule {
        case .jose(19): true
        case .jose(20): object["kty"]?.string.map { !knownTypes.contains($0) } ?? false
        case .jose(13): object["crv"]?.string.map { EllipticCurve(name: $0) == nil } ?? false
        case .jose(16): object["crv"]?.string.map { EdwardsCurve(name: $0) == nil } ?? false
        case .jose(14): hasOtherModulusLength(object)
        default: false
        }
    }

    /// Whether an RSA key is well-formed but shorter or longer than JOSE-14 takes.
    private static func hasOtherModulusLength(_ object: JSONObject) -> Bool {
        guard let modulus = object["n"]?.string.flatMap({ Base64URL.decode($0) }) else {
            return false
        }
        return modulus.first != 0 && !RSAModulus.bits.contains(RSAModulus.bitCount(modulus))
    }

    private static let knownTypes = KeyType.allCases.map { Array($0.rawValue.utf8) }
}
