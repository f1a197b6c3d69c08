// SPDX-License-Identifier: Apache-2.0
// Classes and case folding of ASCII octets, never of Unicode characters.

/// Octet classes and comparisons. Unicode case folding would map U+212A to `k`; this does not.
public enum ASCII {
    /// The octet in lower case if it is `A` to `Z`, otherwise unchanged.
    @inlinable @inline(__always)
    public static func lowercased(_ octet: UInt8) -> UInt8 {
        octet >= 0x41 && octet <= 0x5A ? octet | 0x20 : octet
    }

    /// All octets with `A` to `Z` in lower case.
    public static func lowercased(_ octets: [UInt8]) -> [UInt8] {
        octets.map { lowercased($0) }
    }

    /// `0` to `9`.
    public static func isDigit(_ octet: UInt8) -> Bool {
        octet >= 0x30 && octet <= 0x39
    }

    /// `A` to `Z` and `a` to `z`.
    public static func isAlpha(_ octet: UInt8) -> Bool {
        let folded = octet | 0x20
        return folded >= 0x61 && folded <= 0x7A
    }

    /// Visible characters, 0x21 to 0x7E: no space, control or non-ASCII octet.
    public static func isVisible(_ octet: UInt8) -> Bool {
        octet >= 0x21 && octet <= 0x7E
    }

    /// `tchar` of RFC 9110 section 5.6.2.
    @inlinable @inline(__always)
    public static func isTokenCharacter(_ octet: UInt8) -> Bool {
        // One bit per octet: ! # $ % & ' * + - . 0-9 in the low word, A-Z ^ _ ` a-z | ~ in the
        // high one.
        if octet < 0x40 { return (0x03FF_6CFA_0000_0000 as UInt64) >> UInt64(octet) & 1 == 1 }
        if octet < 0x80 {
            return (0x57FF_FFFF_C7FF_FFFE as UInt64) >> UInt64(octet - 0x40) & 1 == 1
        }
        return false
    }

    /// The value of a hexadecimal digit of either case, nil for any other octet.
    public static func hexValue(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x41 + 10
        case 0x61...0x66: octet - 0x61 + 10
        default: nil
        }
    }

    /// Whether `octets`, with `A` to `Z` folded, are `lowercase`, which must hold no upper case.
    public static func equalsIgnoringCase(_ octets: [UInt8], _ lowercase: [UInt8]) -> Bool {
        equalsIgnoringCase(octets[...], lowercase)
    }

    /// Whether `octets`, with `A` to `Z` folded, are `lowercase`, which must hold no upper case.
    public static func equalsIgnoringCase(
        _ octets: ArraySlice<UInt8>, _ lowercase: [UInt8]
    ) -> Bool {
        guard octets.count == lowercase.count else { return false }
        var index = octets.startIndex
        for expected in lowercase {
            if lowercased(octets[index]) != expected { return false }
            index += 1
        }
        return true
    }
}
