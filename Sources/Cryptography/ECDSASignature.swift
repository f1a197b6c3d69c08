// SPDX-License-Identifier: Apache-2.0
// ECDSA signatures between the wire's raw form and OpenSSL's DER (JOSE-11, JOSE-12, STK-12).

/// The raw form of an ECDSA signature: r then s, big-endian, padded to the curve's size.
public enum ECDSASignature {
    /// What is wrong with a raw signature before any key is asked.
    public enum Fault: Error, Hashable, Sendable {
        /// JOSE-11: not twice the curve's size.
        case length
        /// JOSE-12: r or s is outside 1...n-1.
        case range
    }

    /// JOSE-11, JOSE-12: exact length, and 1 <= r, s <= n-1. A high s is as good as a low one.
    public static func check(_ raw: [UInt8], curve: EllipticCurve) throws(Fault) {
        let size = curve.size
        guard raw.count == 2 * size else { throw .length }
        guard isInRange(raw[..<size], curve), isInRange(raw[size...], curve) else { throw .range }
    }

    private static func isInRange(_ half: ArraySlice<UInt8>, _ curve: EllipticCurve) -> Bool {
        half.contains { $0 != 0 } && isBelow(half, curve.order)
    }

    /// The DER form, a SEQUENCE of two INTEGERs, of a raw signature that passes `check`.
    static func der(_ raw: [UInt8], curve: EllipticCurve) throws(Fault) -> [UInt8] {
        try check(raw, curve: curve)
        let r = Integer(raw[..<curve.size])
        let s = Integer(raw[curve.size...])
        let length = r.length + s.length
        var der: [UInt8] = []
        der.reserveCapacity(length + 3)
        der.append(0x30)
        // The content of the largest curve's signature is below 256 octets.
        if length >= 0x80 { der.append(0x81) }
        der.append(UInt8(length))
        r.append(to: &der)
        s.append(to: &der)
        return der
    }

    /// A DER INTEGER of a positive number: no leading zero octet but the one that keeps the sign.
    private struct Integer {
        private let magnitude: ArraySlice<UInt8>
        private let needsZero: Bool

        init(_ octets: ArraySlice<UInt8>) {
            magnitude = octets.drop { $0 == 0 }
            needsZero = magnitude.first.map { $0 >= 0x80 } ?? false
        }

        /// Tag and length included.
        var length: Int { magnitude.count + (needsZero ? 3 : 2) }

        func append(to der: inout [UInt8]) {
            der.append(0x02)
            der.append(UInt8(length - 2))
            if needsZero { der.append(0) }
            der.append(contentsOf: magnitude)
        }
    }
}
