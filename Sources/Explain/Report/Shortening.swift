// SPDX-License-Identifier: Apache-2.0
// What of a value may be shown: enough to compare, never enough to use.

import JSON
import Octets

/// Shortens JSON values and texts.
enum Shortening {
    /// Octets of a string that is neither secret nor short.
    private static let longest = 72
    /// Octets of a secret one.
    private static let hint = 8

    /// Members that make a proof new, name a session or are half a key: a few octets are enough
    /// to tell two apart.
    private static let hinted: Set<[UInt8]> = Set(
        ["jti", "challenge", "nonce", "ath", "x", "y", "n", "x5t", "x5t#S256", "sid"].map(\.octets))
    /// Private halves, which are never shown.
    private static let hidden: Set<[UInt8]> = Set(
        ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].map(\.octets))

    /// Text for people: what could move a cursor or change a colour is replaced.
    static func text(_ octets: [UInt8]) -> String {
        let cut = octets.prefix(longest)
        let text = String(decoding: cut, as: UTF8.self)
        let shown = String(
            String.UnicodeScalarView(text.unicodeScalars.map { isPlain($0) ? $0 : "\u{FFFD}" }))
        return cut.count < octets.count ? "\(shown)… (\(octets.count) octets)" : shown
    }

    /// The first octets of what is not to be shown whole.
    static func hint(_ octets: [UInt8]) -> String {
        octets.count <= hint ? text(octets) : text(Array(octets.prefix(hint))) + "…"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF:
            false
        default: true
        }
    }

    /// Appends `value`, member `name` of an object, as JSON that may be shown.
    static func write(
        _ value: JSONValue, name: [UInt8], of text: [UInt8], to writer: inout JSONWriter
    ) {
        if hidden.contains(name) {
            writer.string("(not shown)")
            return
        }
        switch value.kind {
        case .object(let object):
            write(object, of: text, hinted: hinted.contains(name), to: &writer)
        case .array(let elements):
            writer.beginArray()
            for element in elements.prefix(8) {
                write(element, name: name, of: text, to: &writer)
            }
            if elements.count > 8 { writer.string("… (\(elements.count) elements)") }
            writer.endArray()
        case .string(let slice):
            let octets = Array(slice)
            writer.string(hinted.contains(name) ? hint(octets) : Self.text(octets))
        case .number:
            let number = Array(text[value.range])
            // Cut, it may be no number any more.
            number.count <= longest ? writer.raw(number) : writer.string(Self.text(number))
        case .bool(let bool): writer.bool(bool)
        case .null: writer.null()
        }
    }

    /// Appends an object that may be shown; `hinted`: all of whose strings are secret ones.
    static func write(
        _ object: JSONObject, of text: [UInt8], hinted: Bool = false, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        for member in object.members.prefix(64) {
            writer.name(Self.text(member.name).octets)
            let name = hinted && !hidden.contains(member.name) ? "jti".octets : member.name
            write(member.value, name: name, of: text, to: &writer)
        }
        writer.endObject()
    }
}
