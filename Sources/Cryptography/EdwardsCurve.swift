// SPDX-License-Identifier: Apache-2.0
// The curves of EdDSA: names, sizes, field primes, orders and points of small order (JOSE-16).

import Octets

/// A signature curve of RFC 8037 section 3.1. X25519 and X448 sign nothing and are none.
public enum EdwardsCurve: String, Sendable, CaseIterable {
    /// Curve25519 in Edwards form (RFC 8032).
    case ed25519 = "Ed25519"
    /// Curve448, Goldilocks (RFC 8032).
    case ed448 = "Ed448"

    /// The curve with exactly these octets as its name, nil for any other.
    public init?(name: [UInt8]) {
        guard let curve = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(name) })
        else { return nil }
        self = curve
    }

    /// The length of a public key, of a seed and of half a signature, in octets: 32, 57.
    public var size: Int { parameters.prime.count }

    /// The order L of the base point, big-endian; S is below it.
    var order: [UInt8] { parameters.order }

    /// OpenSSL's name of the key type.
    var algorithmName: String {
        switch self {
        case .ed25519: "ED25519"
        case .ed448: "ED448"
        }
    }

    /// JOSE-16: `size` octets, the one encoding of its point, and not a point of small order, under
    /// which one signature would hold for every message. The library looks at none of this.
    func check(_ publicKey: [UInt8]) throws(KeyImportError) {
        guard publicKey.count == size else { throw .size }
        // RFC 8032 sections 5.1.2 and 5.2.2: y in little-endian order, x's sign in the top bit.
        var y = Array(publicKey.reversed())
        y[0] &= 0x7F
        guard isBelow(y[...], parameters.prime) else { throw .range }
        guard !parameters.smallOrders.contains(y) else { throw .smallOrder }
    }

    private struct Parameters {
        let prime: [UInt8]
        let order: [UInt8]
        /// The y of every point whose order divides the cofactor.
        let smallOrders: [[UInt8]]

        /// All as long as a public key, big-endian.
        init(prime: String, order: String, orderEight: [String]) {
            let prime = Hex.decode(Array(prime.utf8)) ?? []
            let zero = [UInt8](repeating: 0, count: prime.count)
            var one = zero
            one[one.count - 1] = 1
            // Both primes are odd and do not end in a zero octet.
            var minusOne = prime
            minusOne[minusOne.count - 1] -= 1
            self.prime = prime
            self.order = Hex.decode(Array(order.utf8)) ?? []
            smallOrders =
                [zero, one, minusOne] + orderEight.compactMap { Hex.decode(Array($0.utf8)) }
        }
    }

    private var parameters: Parameters {
        switch self {
        case .ed25519: Self.ed25519Parameters
        case .ed448: Self.ed448Parameters
        }
    }

    // RFC 8032 sections 5.1 and 5.2. Points of order 1, 2 and 4 have y = 1, -1 and 0; only a
    // cofactor of 8 has points of order 8.
    private static let ed25519Parameters = Parameters(
        prime: "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
        order: "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed",
        orderEight: [
            "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
            "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
        ])
    private static let ed448Parameters = Parameters(
        prime: "00" + String(repeating: "f", count: 55) + "e" + String(repeating: "f", count: 56),
        order: "003f" + String(repeating: "f", count: 54)
            + "7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3",
        orderEight: [])
}
