// SPDX-License-Identifier: Apache-2.0
// The one strict reading of base64url (RFC 4648 section 5 without padding; JOSE-02).

/// base64url without padding. Decoding is canonical: one octet string has exactly one text.
public enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let values = Base64.decodingTable(alphabet)

    /// The text of `octets`.
    public static func encode(_ octets: [UInt8]) -> [UInt8] {
        Base64.encode(octets, alphabet: alphabet, padding: false)
    }

    /// The text of `octets` as a string.
    public static func encodeToString(_ octets: [UInt8]) -> String {
        String(decoding: encode(octets), as: UTF8.self)
    }

    /// JOSE-02: the octets of `text`, or nil if it has an octet outside the alphabet (padding and
    /// white space included), a length that no encoding has, or trailing bits that are not zero.
    public static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        Base64.decode(text, values: values)
    }

    /// JOSE-02: as for a slice.
    public static func decode(_ text: [UInt8]) -> [UInt8]? {
        Base64.decode(text[...], values: values)
    }
}
