// SPDX-License-Identifier: Apache-2.0
// bash's `$'…'`, in which browsers copy what plain quotes can't hold.

import Octets

/// Reads the inside of `$'…'`.
enum ANSIQuoted {
    /// The octets up to the closing quote, past which `index` is moved; nil if there is none.
    static func read(_ text: [UInt8], _ index: inout Int) -> [UInt8]? {
        var octets: [UInt8] = []
        while index < text.count {
            let octet = text[index]
            index += 1
            switch octet {
            case UInt8(ascii: "'"): return octets
            case UInt8(ascii: "\\"):
                guard index < text.count else { return nil }
                let name = text[index]
                index += 1
                octets += escaped(name, text, &index)
            default: octets.append(octet)
            }
        }
        return nil
    }

    private static let letters: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "e"): 0x1B,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
        UInt8(ascii: "t"): 0x09, UInt8(ascii: "v"): 0x0B,
    ]

    private static func escaped(_ name: UInt8, _ text: [UInt8], _ index: inout Int) -> [UInt8] {
        if let letter = letters[name] { return [letter] }
        switch name {
        case UInt8(ascii: "x"):
            return [UInt8(truncatingIfNeeded: number(text, &index, base: 16, digits: 2))]
        case UInt8(ascii: "u"): return scalar(number(text, &index, base: 16, digits: 4))
        case UInt8(ascii: "U"): return scalar(number(text, &index, base: 16, digits: 8))
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            index -= 1
            return [UInt8(truncatingIfNeeded: number(text, &index, base: 8, digits: 3))]
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "?"):
            return [name]
        default: return [UInt8(ascii: "\\"), name]
        }
    }

    private static func number(
        _ text: [UInt8], _ index: inout Int, base: UInt32, digits: Int
    ) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard index < text.count, let digit = ASCII.hexValue(text[index]),
                UInt32(digit) < base
            else { break }
            value = value << (base == 16 ? 4 : 3) | UInt32(digit)
            index += 1
        }
        return value
    }

    private static func scalar(_ value: UInt32) -> [UInt8] {
        Array(String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
    }
}
