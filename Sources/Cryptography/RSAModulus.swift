// SPDX-License-Identifier: Apache-2.0
// The bounds of RSA keys, checked by hand before the library sees a number (JOSE-14).

/// An RSA public key's numbers, big-endian.
public enum RSAModulus {
    /// JOSE-14: the modulus lengths that are accepted, in bits. Below is weak, above is slow.
    public static let bits = 2048...8192

    /// The length in bits of a modulus without leading zero octets.
    public static func bitCount(_ modulus: [UInt8]) -> Int {
        guard let first = modulus.first else { return 0 }
        return modulus.count * 8 - first.leadingZeroBitCount
    }

    /// JOSE-14: a modulus in bounds and odd; an exponent odd, at least 65537, below 2^64; neither
    /// begins with a zero octet, so that one key has one text. The library's own check looks for
    /// primes in the modulus, which takes longer than any request may.
    static func check(modulus: [UInt8], exponent: [UInt8]) throws(KeyImportError) {
        guard let high = modulus.first, let low = modulus.last, high != 0, exponent.first != 0
        else { throw .form }
        guard bits.contains(bitCount(modulus)) else { throw .size }
        guard low & 1 == 1, (1...8).contains(exponent.count) else { throw .range }
        let value = exponent.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard value & 1 == 1, value >= 65537 else { throw .range }
    }
}
