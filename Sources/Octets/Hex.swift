// SPDX-License-Identifier: Apache-2.0
// Hexadecimal text.

/// Hexadecimal text: written in lower case, read in either.
public enum Hex {
    /// Two lower-case digits per octet.
    public static func encode(_ octets: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(octets.count * 2)
        for octet in octets {
            text.append(digit(octet >> 4))
            text.append(digit(octet & 15))
        }
        return text
    }

    /// The 16 lower-case digits of `number`.
    public static func encode(_ number: UInt64) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(16)
        for shift in stride(from: 60, through: 0, by: -4) {
            text.append(digit(UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 15))
        }
        return text
    }

    /// Two lower-case digits per octet, as a string.
    public static func encodeToString(_ octets: [UInt8]) -> String {
        String(decoding: encode(octets), as: UTF8.self)
    }

    /// The octets of `text`, nil if it has an odd length or anything but hexadecimal digits.
    public static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(text.count / 2)
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let high = ASCII.hexValue(text[index]), let low = ASCII.hexValue(text[index + 1])
            else { return nil }
            octets.append(high << 4 | low)
        }
        return octets
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 + value - 10
    }
}
