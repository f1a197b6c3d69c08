// SPDX-License-Identifier: Apache-2.0
// One row per signature scheme: which key, which hash, which form of signature.

/// A way to sign. A further scheme is a further row here, and a further form if it has one.
public struct SignatureScheme: Hashable, Sendable {
    /// The hash functions of schemes.
    enum Hash: Hashable, Sendable {
        case sha256

        var digest: FetchedDigest {
            switch self {
            case .sha256: .sha256
            }
        }
    }

    /// How a signature is written on the wire.
    enum Form: Hashable, Sendable {
        /// r then s, each as long as the curve's order (JOSE-11).
        case ecdsa(EllipticCurve)
    }

    /// The kind of key the scheme needs; others never verify (JOSE-10).
    public let keyKind: PublicKey.Kind
    let hash: Hash
    let form: Form

    /// ECDSA with P-256 and SHA-256, `ES256` of RFC 7518 section 3.4.
    public static let es256 = SignatureScheme(
        keyKind: .ec(.p256), hash: .sha256, form: .ecdsa(.p256))
}
