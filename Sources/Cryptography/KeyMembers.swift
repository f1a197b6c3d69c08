// SPDX-License-Identifier: Apache-2.0
// The public numbers of a key, by family.

/// What makes a public key, as the members of a JWK hold it once decoded. Nothing is checked here.
public enum KeyMembers: Hashable, Sendable {
    /// The affine coordinates, each of the curve's size.
    case ec(EllipticCurve, x: [UInt8], y: [UInt8])
    /// Modulus and exponent, big-endian.
    case rsa(n: [UInt8], e: [UInt8])
    /// The encoded point.
    case edwards(EdwardsCurve, x: [UInt8])

    /// The family.
    public var kind: PublicKey.Kind {
        switch self {
        case .ec(let curve, _, _): .ec(curve)
        case .rsa: .rsa
        case .edwards(let curve, _): .edwards(curve)
        }
    }
}
