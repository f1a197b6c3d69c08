// SPDX-License-Identifier: Apache-2.0
// The one table of signature algorithms: names, key families, and which are built.

import Cryptography
import Octets

/// A registered algorithm for signing. `none` is not one, in no spelling (JOSE-06).
public enum JWSAlgorithm: String, Sendable, CaseIterable {
    /// ECDSA with P-256 and SHA-256.
    case es256 = "ES256"
    /// ECDSA with P-384 and SHA-384.
    case es384 = "ES384"
    /// ECDSA with P-521 and SHA-512.
    case es512 = "ES512"
    /// ECDSA with secp256k1 and SHA-256; not built.
    case es256k = "ES256K"
    /// RSA, PKCS#1 v1.5, SHA-256.
    case rs256 = "RS256"
    /// RSA, PKCS#1 v1.5, SHA-384.
    case rs384 = "RS384"
    /// RSA, PKCS#1 v1.5, SHA-512.
    case rs512 = "RS512"
    /// RSA, PSS, SHA-256.
    case ps256 = "PS256"
    /// RSA, PSS, SHA-384.
    case ps384 = "PS384"
    /// RSA, PSS, SHA-512.
    case ps512 = "PS512"
    /// EdDSA with Ed25519 (RFC 9864).
    case ed25519 = "Ed25519"
    /// EdDSA with Ed448 (RFC 9864).
    case ed448 = "Ed448"
    /// The older name of both (RFC 8037): the key says which.
    case edDSA = "EdDSA"
    /// HMAC with SHA-256, for attesters that share a secret (JOSE-17).
    case hs256 = "HS256"
    /// HMAC with SHA-384.
    case hs384 = "HS384"
    /// HMAC with SHA-512.
    case hs512 = "HS512"
    /// ML-DSA-44; not built (JOSE-27).
    case mldsa44 = "ML-DSA-44"
    /// ML-DSA-65; not built.
    case mldsa65 = "ML-DSA-65"
    /// ML-DSA-87; not built.
    case mldsa87 = "ML-DSA-87"

    /// The scheme that signs and verifies, which also fixes the key family (JOSE-10); nil for HMAC
    /// and for the names that are known but not built (JOSE-27). Of the two that `EdDSA` may mean,
    /// the usual one; see `scheme(for:)`.
    public var scheme: SignatureScheme? {
        switch self {
        case .es256: .es256
        case .es384: .es384
        case .es512: .es512
        case .rs256: .rs256
        case .rs384: .rs384
        case .rs512: .rs512
        case .ps256: .ps256
        case .ps384: .ps384
        case .ps512: .ps512
        case .ed25519, .edDSA: .ed25519
        case .ed448: .ed448
        case .hs256, .hs384, .hs512: nil
        case .es256k, .mldsa44, .mldsa65, .mldsa87: nil
        }
    }

    /// JOSE-10: the scheme of this algorithm for a key of this kind, nil if it is of another
    /// family. `EdDSA`, the deprecated name, means Ed25519 or Ed448 as the key does.
    public func scheme(for kind: PublicKey.Kind) -> SignatureScheme? {
        if self == .edDSA, kind == SignatureScheme.ed448.keyKind { return .ed448 }
        guard let scheme, scheme.keyKind == kind else { return nil }
        return scheme
    }

    /// JOSE-17: the HMAC of this algorithm, for attesters that share a secret; nil for all others.
    public var mac: MACScheme? {
        switch self {
        case .hs256: .hs256
        case .hs384: .hs384
        case .hs512: .hs512
        default: nil
        }
    }

    /// Whether tokens of this algorithm can be verified with a public key. HMAC has none: `mac`.
    public var isImplemented: Bool { scheme != nil }

    /// The algorithms with a public key that are built.
    public static let signatures = allCases.filter { $0.scheme != nil }

    /// The algorithms with a shared secret (JOSE-17).
    public static let macs = allCases.filter { $0.mac != nil }

    /// The `alg` value.
    public var name: [UInt8] { Array(rawValue.utf8) }

    /// Whether `octets` are exactly this algorithm's name.
    func isNamed(by octets: ArraySlice<UInt8>) -> Bool { rawValue.utf8.elementsEqual(octets) }

    /// The algorithm with exactly this name, case included; nil for any other octets.
    public init?(name: [UInt8]) {
        self.init(name: name[...])
    }

    /// As for an array. Compared one by one: the usual ones are first.
    public init?(name: ArraySlice<UInt8>) {
        guard let algorithm = Self.all.first(where: { $0.isNamed(by: name) }) else { return nil }
        self = algorithm
    }

    /// JOSE-06, JOSE-27: the algorithm that a header names, if it is on the allow-list of the role.
    public static func require(
        _ name: [UInt8], in allowed: [JWSAlgorithm]
    ) throws(JOSEError) -> JWSAlgorithm {
        guard let algorithm = JWSAlgorithm(name: name) else {
            throw JOSEError(.jose(6), "alg is unknown")
        }
        guard algorithm.isImplemented || algorithm.mac != nil else {
            throw JOSEError(.jose(27), "alg is not supported")
        }
        guard allowed.contains(algorithm) else {
            throw JOSEError(.jose(6), "alg is not allowed here")
        }
        return algorithm
    }

    /// JOSE-19: whether a key's `alg` member names this algorithm; the deprecated `EdDSA` and
    /// `Ed25519` are equal for keys (JOSE-16).
    func isNamed(byKey keyAlgorithm: [UInt8]) -> Bool {
        guard let named = JWSAlgorithm(name: keyAlgorithm) else { return false }
        let pair: [JWSAlgorithm] = [.ed25519, .edDSA]
        return named == self || (pair.contains(named) && pair.contains(self))
    }

    private static let all = allCases
}
