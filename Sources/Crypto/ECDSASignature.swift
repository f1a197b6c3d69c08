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
        for half in [raw[..<size], raw[size...]] {
            guard half.contains(where: { $0 != 0 }), isBelow(half, curve.order) else {
                throw .range
            }
        }
    }

    /// The DER form, a SEQUENCE of two INTEGERs, of a raw signature that passes `check`.
    static func der(_ raw: [UInt8], curve: EllipticCurve) throws(Fault) -> [UInt8] {
        try check(raw, curve: curve)
        let content = integer(raw[..<curve.size]) + integer(raw[curve.size...])
        // The content of the largest curve's signature is below 256 octets.
        let length = UInt8(content.count)
        return (length < 0x80 ? [0x30, length] : [0x30, 0x81, length]) + content
    }

    /// A DER INTEGER of a positive number: no leading zero octet but the one that keeps the sign.
    private static func integer(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        var magnitude = Array(octets.drop { $0 == 0 })
        if let first = magnitude.first, first >= 0x80 { magnitude.insert(0, at: 0) }
        return [0x02, UInt8(magnitude.count)] + magnitude
    }
}
