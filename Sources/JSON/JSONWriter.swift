// SPDX-License-Identifier: Apache-2.0
// Writes compact JSON text by appending; it never fails and never writes an unsafe octet.

import Octets

/// Appends JSON to a byte array. Commas are placed by the writer; that names, values and closing
/// brackets come in a sensible order is the caller's part.
public struct JSONWriter: Sendable {
    /// The text so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty text.
    public init() {}

    /// An empty text with room for `capacity` octets.
    public init(reserving capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Writes `{`.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    /// Writes `}`.
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    /// Writes `[`.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    /// Writes `]`.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a member's name and the colon.
    public mutating func name(_ name: String) {
        comma()
        appendQuoted(name.utf8)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member's name and the colon.
    public mutating func name(_ name: [UInt8]) {
        comma()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string of any octets: what is not UTF-8 becomes U+FFFD, controls are escaped.
    public mutating func string(_ octets: [UInt8]) {
        comma()
        appendQuoted(octets)
    }

    /// Writes a string.
    public mutating func string(_ text: String) {
        comma()
        appendQuoted(text.utf8)
    }

    /// Writes an integer.
    public mutating func number(_ value: Int64) {
        comma()
        bytes.append(decimal: Int(value))
    }

    /// Writes an integer.
    public mutating func number(_ value: Int) {
        number(Int64(value))
    }

    /// Writes thousandths as a decimal with three places: 1250 as `1.250`.
    public mutating func number(thousandths: Int64) {
        comma()
        let fraction = thousandths.magnitude % 1000
        if thousandths < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: String(thousandths.magnitude / 1000).utf8)
        bytes.append(UInt8(ascii: "."))
        bytes.append(0x30 + UInt8(fraction / 100))
        bytes.append(0x30 + UInt8(fraction / 10 % 10))
        bytes.append(0x30 + UInt8(fraction % 10))
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        comma()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        comma()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes text that already is one JSON value, unchecked.
    public mutating func raw(_ json: [UInt8]) {
        comma()
        bytes.append(contentsOf: json)
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        comma()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func appendQuoted(_ octets: some Collection<UInt8>) {
        Self.quote(octets, into: &bytes)
    }

    /// Appends a string to text of the caller's own, as `string` does.
    public static func append(quoted octets: [UInt8], to bytes: inout [UInt8]) {
        quote(octets, into: &bytes)
    }

    private static func quote(_ octets: some Collection<UInt8>, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if octets.allSatisfy(isPlain) {
            bytes.append(contentsOf: octets)
        } else {
            // Decoding repairs: every maximal invalid part becomes one U+FFFD.
            for scalar in String(decoding: octets, as: UTF8.self).unicodeScalars {
                appendEscaped(scalar, to: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Visible ASCII and space that stand for themselves in a string.
    private static func isPlain(_ octet: UInt8) -> Bool {
        octet >= 0x20 && octet < 0x7F && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "\\")
    }

    private static func appendEscaped(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar.value {
        case 0x22, 0x5C:
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        // DEL and the C1 controls are legal in JSON, but a terminal showing a log obeys them.
        case 0..<0x20, 0x7F..<0xA0:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(contentsOf: Hex.encode([UInt8(truncatingIfNeeded: scalar.value)]))
        default:
            bytes.append(contentsOf: scalar.utf8)
        }
    }
}
