// SPDX-License-Identifier: Apache-2.0
// Strict padded base64 (RFC 4648 section 4), and the coder that base64url shares with it.

/// Standard base64 with padding. Decoding is canonical: one octet string has exactly one text.
public enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values = decodingTable(alphabet)
    /// What `decodingTable` holds for octets outside the alphabet; real values are below 64.
    private static let invalid: UInt8 = 0xFF
    private static let pad: UInt8 = 0x3D

    /// The text of `octets`, padded to a multiple of four.
    public static func encode(_ octets: [UInt8]) -> [UInt8] {
        encode(octets, alphabet: alphabet, padding: true)
    }

    /// The octets of `text`, or nil if it is not the one canonical padded encoding of some octets.
    public static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var body = text
        // A third pad character would leave a group of one, which the length check refuses.
        if body.last == pad { body.removeLast() }
        if body.last == pad { body.removeLast() }
        return decode(body, values: values)
    }

    /// As for a slice.
    public static func decode(_ text: [UInt8]) -> [UInt8]? {
        decode(text[...])
    }

    static func decodingTable(_ alphabet: [UInt8]) -> [UInt8] {
        var table = [UInt8](repeating: invalid, count: 256)
        for (value, octet) in alphabet.enumerated() { table[Int(octet)] = UInt8(value) }
        return table
    }

    static func encode(_ octets: [UInt8], alphabet: [UInt8], padding: Bool) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        var index = 0
        while index < octets.count {
            let left = octets.count - index
            let group =
                UInt32(octets[index]) << 16
                | (left > 1 ? UInt32(octets[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(octets[index + 2]) : 0)
            text.append(alphabet[Int(group >> 18)])
            text.append(alphabet[Int(group >> 12 & 63)])
            if left > 1 { text.append(alphabet[Int(group >> 6 & 63)]) }
            if left > 2 { text.append(alphabet[Int(group & 63)]) }
            index += 3
        }
        while padding && text.count % 4 != 0 { text.append(pad) }
        return text
    }

    /// Decodes unpadded text under the table; nil unless it is canonical.
    static func decode(_ text: ArraySlice<UInt8>, values: [UInt8]) -> [UInt8]? {
        let remainder = text.count % 4
        guard remainder != 1 else { return nil }
        var octets = [UInt8](repeating: 0, count: text.count / 4 * 3 + max(0, remainder - 1))
        var read = text.startIndex
        var write = 0
        // Valid values are below 64, so the two top bits of the union tell of an invalid octet.
        var union: UInt8 = 0
        let groupsEnd = text.endIndex - remainder
        while read < groupsEnd {
            let a = values[Int(text[read])]
            let b = values[Int(text[read + 1])]
            let c = values[Int(text[read + 2])]
            let d = values[Int(text[read + 3])]
            union |= a | b | c | d
            octets[write] = a << 2 | b >> 4
            octets[write + 1] = b << 4 | c >> 2
            octets[write + 2] = c << 6 | d
            read += 4
            write += 3
        }
        if remainder >= 2 {
            let a = values[Int(text[read])]
            let b = values[Int(text[read + 1])]
            let c = remainder == 3 ? values[Int(text[read + 2])] : 0
            union |= a | b | c
            octets[write] = a << 2 | b >> 4
            if remainder == 3 { octets[write + 1] = b << 4 | c >> 2 }
            // Bits beyond the last octet must be zero, or one value would have several texts.
            let unused = remainder == 3 ? c & 0b11 : b & 0b1111
            guard unused == 0 else { return nil }
        }
        return union < 64 ? octets : nil
    }
}
