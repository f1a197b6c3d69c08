// SPDX-License-Identifier: Apache-2.0
// Forms and query strings: one strict reading, one canonical writing (REQ-10, FWD-06).

import Octets

/// The parameters of an `application/x-www-form-urlencoded` body or of a query, decoded, in order.
public struct Form: Hashable, Sendable {
    /// One parameter, decoded.
    public struct Pair: Hashable, Sendable {
        /// The name, never empty, well-formed UTF-8 without NUL.
        public var name: [UInt8]
        /// The value, perhaps empty, well-formed UTF-8 without NUL.
        public var value: [UInt8]

        /// A parameter.
        public init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// REQ-10. How much a form may hold.
    public struct Limits: Hashable, Sendable {
        /// Parameters in a form.
        public var pairs = 128
        /// Octets in a decoded name.
        public var nameLength = 128

        /// The limits of REQ-10.
        public init() {}
    }

    /// The parameters in order.
    public private(set) var pairs: [Pair]

    /// A form of `pairs`.
    public init(_ pairs: [Pair] = []) {
        self.pairs = pairs
    }

    /// REQ-10. Reads a body or a query. Only `&` separates, the first `=` ends a name, `+` and
    /// `%HH` are decoded in names and values. Throws REQ-10 for an invalid escape, NUL, invalid
    /// UTF-8, an empty or overlong name, too many parameters, and a bare `;`, which no encoder
    /// leaves and which some servers take for `&`.
    public static func parse(
        _ text: [UInt8], limits: Limits = Limits()
    ) throws(FormViolation) -> Form {
        var form = Form()
        if text.isEmpty { return form }
        form.pairs.reserveCapacity(8)
        var index = 0
        while true {
            guard form.pairs.count < limits.pairs else { throw FormViolation(rule: .req(10)) }
            let name = try decodePart(text, &index, endingAtEquals: true)
            guard !name.isEmpty, name.count <= limits.nameLength else {
                throw FormViolation(rule: .req(10))
            }
            var value: [UInt8] = []
            if index < text.count, text[index] == UInt8(ascii: "=") {
                index += 1
                value = try decodePart(text, &index, endingAtEquals: false)
            }
            form.pairs.append(Pair(name: name, value: value))
            if index == text.count { return form }
            index += 1
        }
    }

    /// The value of the first parameter of that name; nil if there is none or it is empty, which
    /// means the same (REQ-11).
    public func value(of name: [UInt8]) -> [UInt8]? {
        for pair in pairs where pair.name == name {
            return pair.value.isEmpty ? nil : pair.value
        }
        return nil
    }

    /// The value of the first parameter called `name`, a name written in the source.
    public func value(of name: String) -> [UInt8]? { value(of: Array(name.utf8)) }

    /// Whether a parameter has the name, be its value empty or not.
    public func has(_ name: [UInt8]) -> Bool { pairs.contains { $0.name == name } }

    /// Whether a parameter is called `name`, a name written in the source.
    public func has(_ name: String) -> Bool { has(Array(name.utf8)) }

    /// FWD-06. Makes `name` occur exactly once, with `value`, where it first stood, or at the end.
    public mutating func set(_ name: [UInt8], _ value: [UInt8]) {
        guard let first = pairs.firstIndex(where: { $0.name == name }) else {
            pairs.append(Pair(name: name, value: value))
            return
        }
        pairs[first].value = value
        let rest = pairs[(first + 1)...].filter { $0.name != name }
        pairs.replaceSubrange((first + 1)..., with: rest)
    }

    /// Removes every parameter of that name.
    public mutating func remove(_ name: [UInt8]) {
        pairs.removeAll { $0.name == name }
    }

    /// FWD-06. The one encoding of these parameters: letters, digits and `*-._` stay, a space is
    /// `+`, every other octet `%HH`.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pairs.reduce(0) { $0 + $1.name.count + $1.value.count + 16 })
        for (index, pair) in pairs.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "&")) }
            Self.encode(pair.name, into: &bytes)
            bytes.append(UInt8(ascii: "="))
            Self.encode(pair.value, into: &bytes)
        }
        return bytes
    }

    /// One name or value in the encoding of `encode()`, as `client_secret_basic` needs it too.
    public static func encode(_ part: [UInt8], into bytes: inout [UInt8]) {
        for octet in part {
            switch octet {
            case 0x20: bytes.append(UInt8(ascii: "+"))
            case UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                bytes.append(octet)
            case _ where ASCII.isAlpha(octet) || ASCII.isDigit(octet):
                bytes.append(octet)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(hexDigits[Int(octet >> 4)])
                bytes.append(hexDigits[Int(octet & 15)])
            }
        }
    }

    /// Decodes from `index` to the end of a name or value, where `index` is left.
    private static func decodePart(
        _ text: [UInt8], _ index: inout Int, endingAtEquals: Bool
    ) throws(FormViolation) -> [UInt8] {
        let start = index
        var isPlain = true
        loop: while index < text.count {
            switch text[index] {
            case UInt8(ascii: "&"): break loop
            case UInt8(ascii: "=") where endingAtEquals: break loop
            case UInt8(ascii: ";"), 0: throw FormViolation(rule: .req(10))
            case UInt8(ascii: "+"), UInt8(ascii: "%"): isPlain = false
            default: break
            }
            index += 1
        }
        let part = isPlain ? Array(text[start..<index]) : try unescaped(text[start..<index])
        guard isUTF8(part) else { throw FormViolation(rule: .req(10)) }
        return part
    }

    /// `+` to SP and `%HH` to the octet it names, which must not be NUL.
    private static func unescaped(_ text: ArraySlice<UInt8>) throws(FormViolation) -> [UInt8] {
        var part: [UInt8] = []
        part.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            var octet = text[index]
            if octet == UInt8(ascii: "+") { octet = 0x20 }
            if octet == UInt8(ascii: "%") {
                guard text.endIndex - index >= 3, let high = ASCII.hexValue(text[index + 1]),
                    let low = ASCII.hexValue(text[index + 2]), high | low != 0
                else { throw FormViolation(rule: .req(10)) }
                octet = high << 4 | low
                index += 2
            }
            part.append(octet)
            index += 1
        }
        return part
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)
}
