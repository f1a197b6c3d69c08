// SPDX-License-Identifier: Apache-2.0
// Percent-encoding of any octets to visible ASCII (FWD-07); no decoding.

/// RFC 3986 section 2.1, everything but unreserved characters encoded.
public enum PercentEncoding {
    /// Unreserved characters (letters, digits, `-._~`) as they are, every other octet as `%HH`
    /// with upper-case digits: never an octet that could end or split a header field.
    public static func encode(_ octets: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(octets.count)
        for octet in octets {
            if isUnreserved(octet) {
                text.append(octet)
            } else {
                text.append(0x25)
                text.append(digit(octet >> 4))
                text.append(digit(octet & 15))
            }
        }
        return text
    }

    private static func isUnreserved(_ octet: UInt8) -> Bool {
        ASCII.isAlpha(octet) || ASCII.isDigit(octet)
            || octet == 0x2D || octet == 0x2E || octet == 0x5F || octet == 0x7E
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x41 + value - 10
    }
}
