// SPDX-License-Identifier: Apache-2.0
// One row per signature scheme: which key, which hash, which form of signature.

/// A way to sign. A further scheme is a further row here, and a further form if it has one.
public struct SignatureScheme: Hashable, Sendable {
    /// The hash functions of schemes.
    enum Hash: Hashable, Sendable {
        case sha256
        case sha384
        case sha512

        var digest: FetchedDigest {
            switch self {
            case .sha256: .sha256
            case .sha384: .sha384
            case .sha512: .sha512
            }
        }
    }

    /// How a signature is made and written on the wire.
    enum Form: Hashable, Sendable {
        /// r then s, each as long as the curve's order (JOSE-11).
        case ecdsa(EllipticCurve, Hash)
        /// RSASSA-PKCS1-v1_5, as long as the modulus (JOSE-15).
        case pkcs1(Hash)
        /// RSASSA-PSS, MGF1 with the same hash, a salt as long as the hash (JOSE-15).
        case pss(Hash)
        /// R then S over the message itself (JOSE-16).
        case edwards(EdwardsCurve)
    }

    /// The kind of key the scheme needs; others never verify (JOSE-10).
    public let keyKind: PublicKey.Kind
    let form: Form

    private init(_ keyKind: PublicKey.Kind, _ form: Form) {
        self.keyKind = keyKind
        self.form = form
    }

    /// ECDSA with P-256 and SHA-256, `ES256` of RFC 7518 section 3.4.
    public static let es256 = SignatureScheme(.ec(.p256), .ecdsa(.p256, .sha256))
    /// ECDSA with P-384 and SHA-384.
    public static let es384 = SignatureScheme(.ec(.p384), .ecdsa(.p384, .sha384))
    /// ECDSA with P-521 and SHA-512.
    public static let es512 = SignatureScheme(.ec(.p521), .ecdsa(.p521, .sha512))
    /// RSASSA-PKCS1-v1_5 with SHA-256, `RS256` of RFC 7518 section 3.3.
    public static let rs256 = SignatureScheme(.rsa, .pkcs1(.sha256))
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    public static let rs384 = SignatureScheme(.rsa, .pkcs1(.sha384))
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    public static let rs512 = SignatureScheme(.rsa, .pkcs1(.sha512))
    /// RSASSA-PSS with SHA-256, `PS256` of RFC 7518 section 3.5.
    public static let ps256 = SignatureScheme(.rsa, .pss(.sha256))
    /// RSASSA-PSS with SHA-384.
    public static let ps384 = SignatureScheme(.rsa, .pss(.sha384))
    /// RSASSA-PSS with SHA-512.
    public static let ps512 = SignatureScheme(.rsa, .pss(.sha512))
    /// Ed25519 of RFC 8032, `Ed25519` of RFC 9864.
    public static let ed25519 = SignatureScheme(.edwards(.ed25519), .edwards(.ed25519))
    /// Ed448 of RFC 8032, `Ed448` of RFC 9864.
    public static let ed448 = SignatureScheme(.edwards(.ed448), .edwards(.ed448))
}
