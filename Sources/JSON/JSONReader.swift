// SPDX-License-Identifier: Apache-2.0
// The strict reader's structure: values, arrays, objects, numbers (JOSE-03, JOSE-04).

import Octets

struct JSONReader {
    let bytes: [UInt8]
    var position = 0
    private let limits: JSONLimits
    private var depth = 0
    private var values = 0

    /// Up to this many members, names are compared with each other; beyond it they are hashed, so
    /// that an object with very many members stays linear.
    private static let comparedMembers = 16

    init(_ bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.size.bytes else { throw JSONError(.tooLarge, at: 0) }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw JSONError(.byteOrderMark, at: 0) }
        skipWhitespace()
        let value = try value()
        skipWhitespace()
        guard position == bytes.count else { throw JSONError(.trailingOctets, at: position) }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        let start = position
        values += 1
        guard values <= limits.values else { throw JSONError(.tooLarge, at: start) }
        let kind: JSONValue.Kind
        switch try peek() {
        case UInt8(ascii: "{"): kind = .object(try object())
        case UInt8(ascii: "["): kind = .array(try array())
        case UInt8(ascii: "\""): kind = .string(try string())
        case UInt8(ascii: "t"): kind = try literal("true", .bool(true))
        case UInt8(ascii: "f"): kind = try literal("false", .bool(false))
        case UInt8(ascii: "n"): kind = try literal("null", .null)
        default: kind = .number(try number())
        }
        return JSONValue(kind, range: start..<position)
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        try open()
        var members: [JSONObject.Member] = []
        var names: Set<ArraySlice<UInt8>> = []
        while try next(after: members.count, closing: UInt8(ascii: "}")) {
            let start = position
            guard try peek() == UInt8(ascii: "\"") else { throw JSONError(.syntax, at: start) }
            let name = try string()
            if isDuplicate(name, of: members, &names) {
                throw JSONError(.duplicateName, at: start)
            }
            skipWhitespace()
            guard try peek() == UInt8(ascii: ":") else { throw JSONError(.syntax, at: position) }
            position += 1
            skipWhitespace()
            // Room for a usual header, taken at once.
            if members.isEmpty { members.reserveCapacity(4) }
            members.append(JSONObject.Member(octets: name, value: try value()))
        }
        depth -= 1
        return JSONObject(members: members)
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try open()
        var elements: [JSONValue] = []
        while try next(after: elements.count, closing: UInt8(ascii: "]")) {
            elements.append(try value())
        }
        depth -= 1
        return elements
    }

    private mutating func open() throws(JSONError) {
        depth += 1
        guard depth <= limits.depth else { throw JSONError(.tooDeep, at: position) }
        position += 1
    }

    /// Moves to the next element of a container that has `count` so far; false at its end.
    private mutating func next(after count: Int, closing: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        let octet = try peek()
        if octet == closing {
            position += 1
            return false
        }
        if count > 0 {
            guard octet == UInt8(ascii: ",") else { throw JSONError(.syntax, at: position) }
            position += 1
            skipWhitespace()
        }
        return true
    }

    private func isDuplicate(
        _ name: ArraySlice<UInt8>, of members: [JSONObject.Member],
        _ names: inout Set<ArraySlice<UInt8>>
    ) -> Bool {
        if members.count < Self.comparedMembers {
            let start = NameStart(name)
            return members.contains { $0.isNamed(name, start) }
        }
        if members.count == Self.comparedMembers {
            for member in members { names.insert(member.octets) }
        }
        return !names.insert(name).inserted
    }

    private mutating func literal(
        _ text: String, _ kind: JSONValue.Kind
    ) throws(JSONError) -> JSONValue.Kind {
        for octet in text.utf8 {
            guard try peek() == octet else { throw JSONError(.syntax, at: position) }
            position += 1
        }
        return kind
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        if try peek() == UInt8(ascii: "-") { position += 1 }
        if try peek() == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            let sign = try peek()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return JSONNumber(checked: bytes[start..<position])
    }

    /// One or more digits.
    private mutating func digits() throws(JSONError) {
        guard ASCII.isDigit(try peek()) else { throw JSONError(.syntax, at: position) }
        while position < bytes.count, ASCII.isDigit(bytes[position]) { position += 1 }
    }

    func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        return bytes[position]
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }
}
