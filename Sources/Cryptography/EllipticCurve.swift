// SPDX-License-Identifier: Apache-2.0
// The NIST curves: names, sizes, field primes and orders.

import Octets

/// A curve of RFC 7518 section 6.2.1.1.
public enum EllipticCurve: String, Sendable, CaseIterable {
    /// NIST P-256, secp256r1.
    case p256 = "P-256"
    /// NIST P-384, secp384r1.
    case p384 = "P-384"
    /// NIST P-521, secp521r1.
    case p521 = "P-521"

    /// The curve with exactly these octets as its name, nil for any other.
    public init?(name: [UInt8]) {
        guard let curve = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(name) })
        else { return nil }
        self = curve
    }

    /// The length of a coordinate, of a scalar and of half a signature, in octets: 32, 48, 66.
    public var size: Int { parameters.prime.count }

    /// The field prime p, big-endian; coordinates are below it (JOSE-13).
    var prime: [UInt8] { parameters.prime }

    /// The order n of the base point, big-endian; r and s are 1...n-1 (JOSE-12).
    var order: [UInt8] { parameters.order }

    /// OpenSSL's name of the group.
    var groupName: String { rawValue }

    private struct Parameters {
        let prime: [UInt8]
        let order: [UInt8]

        init(prime: String, order: String) {
            self.prime = Hex.decode(Array(prime.utf8)) ?? []
            self.order = Hex.decode(Array(order.utf8)) ?? []
        }
    }

    private var parameters: Parameters {
        switch self {
        case .p256: Self.p256Parameters
        case .p384: Self.p384Parameters
        case .p521: Self.p521Parameters
        }
    }

    // FIPS 186-4 appendix D.1.2.
    private static let p256Parameters = Parameters(
        prime: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    private static let p384Parameters = Parameters(
        prime: "ffffffffffffffffffffffffffffffffffffffffffffffff"
            + "fffffffffffffffeffffffff0000000000000000ffffffff",
        order: "ffffffffffffffffffffffffffffffffffffffffffffffff"
            + "c7634d81f4372ddf581a0db248b0a77aecec196accc52973")
    private static let p521Parameters = Parameters(
        prime: "01ff" + String(repeating: "f", count: 128),
        order: "01ff" + String(repeating: "f", count: 63) + "a"
            + "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409")
}

/// Big-endian numbers of equal length, compared; for public values only.
func isBelow(_ left: ArraySlice<UInt8>, _ right: [UInt8]) -> Bool {
    left.lexicographicallyPrecedes(right)
}
