// SPDX-License-Identifier: Apache-2.0
// JOSE-03, JOSE-04, JOSE-21: accepted JSON keeps its meaning, its places and its numbers.

import JSON
import Octets

enum JSONTarget {
    private static let limits = JSONLimits(size: ByteCount.kibibytes(8), depth: 8, values: 256)

    static func run(_ input: [UInt8], planted: Bool) throws(BrokenProperty) {
        let value: JSONValue
        do {
            value = try JSONDocument.parse(input, limits: limits)
        } catch {
            try hold((0...input.count).contains(error.position), "a fault lies within the text")
            return
        }
        try check(value, within: 0..<input.count, of: input)
        var writer = JSONWriter()
        write(value, to: &writer)
        guard let again = try? JSONDocument.parse(writer.bytes) else {
            throw BrokenProperty(description: "what is written is read")
        }
        try hold(areEqual(value, again), "what is written is read back equal")
        // `[{"a":[1]}]`, whose parts no seed has in this order.
        if planted, let member = value.array?.first?.object?.members.first,
            let number = member.value.array?.first?.number, number.exactInt != nil
        {
            throw BrokenProperty(description: "the planted crash was found")
        }
    }

    /// Every value lies inside its container, in order, and its place alone reads as the same.
    private static func check(
        _ value: JSONValue, within bounds: Range<Int>, of text: [UInt8]
    ) throws(BrokenProperty) {
        let range = value.range
        try hold(!range.isEmpty && bounds.contains(range.lowerBound), "a value begins inside")
        try hold(range.upperBound <= bounds.upperBound, "a value ends inside")
        switch value.kind {
        case .object(let object):
            var start = range.lowerBound + 1
            var names: Set<[UInt8]> = []
            for member in object.members {
                try hold(names.insert(member.name).inserted, "a name is there once")
                try check(member.value, within: start..<(range.upperBound - 1), of: text)
                start = member.value.range.upperBound
                try hold(object[member.name] != nil, "a member is found by its name")
            }
        case .array(let elements):
            var start = range.lowerBound + 1
            for element in elements {
                try check(element, within: start..<(range.upperBound - 1), of: text)
                start = element.range.upperBound
            }
        case .string:
            let octets = value.string ?? []
            try hold(
                Array(String(decoding: octets, as: UTF8.self).utf8) == octets, "strings are UTF-8")
        case .number(let number):
            try hold(text[range].elementsEqual(number.text), "a number is its text")
            try check(number)
        case .bool, .null: break
        }
    }

    /// The exact readings against the standard library's.
    private static func check(_ number: JSONNumber) throws(BrokenProperty) {
        let text = String(decoding: number.text, as: UTF8.self)
        if let integer = Int64(text) {
            try hold(number.exactInt == integer, "an integer is exact")
        }
        guard let approximate = Double(text) else {
            throw BrokenProperty(description: "a number is one elsewhere too")
        }
        if let exact = number.exactInt {
            let distance = abs(Double(exact) - approximate)
            try hold(distance <= abs(approximate) / 1e15, "an integer is near")
        }
        let last = Double(JSONNumber.lastNumericDate)
        if let date = number.numericDate {
            try hold((0...JSONNumber.lastNumericDate).contains(date.seconds), "a date is in range")
            let low = Double(date.seconds)
            try hold(low <= approximate && approximate <= low + 1, "a date is rounded down")
            try hold(date.hasFraction || approximate == low, "a whole date has no fraction")
        } else {
            try hold(approximate <= 0 || approximate > last - 1, "a number in range is a date")
        }
    }

    static func write(_ value: JSONValue, to writer: inout JSONWriter) {
        switch value.kind {
        case .object(let object):
            writer.beginObject()
            for member in object.members {
                writer.name(member.name)
                write(member.value, to: &writer)
            }
            writer.endObject()
        case .array(let elements):
            writer.beginArray()
            for element in elements { write(element, to: &writer) }
            writer.endArray()
        case .string: writer.string(value.string ?? [])
        case .number(let number): writer.raw(number.text)
        case .bool(let bool): writer.bool(bool)
        case .null: writer.null()
        }
    }

    private static func areEqual(_ one: JSONValue, _ other: JSONValue) -> Bool {
        switch (one.kind, other.kind) {
        case (.object(let one), .object(let other)):
            one.members.count == other.members.count
                && zip(one.members, other.members).allSatisfy {
                    $0.name == $1.name && areEqual($0.value, $1.value)
                }
        case (.array(let one), .array(let other)):
            one.count == other.count && zip(one, other).allSatisfy { areEqual($0, $1) }
        case (.string(let one), .string(let other)): one == other
        case (.number(let one), .number(let other)): one == other
        case (.bool(let one), .bool(let other)): one == other
        case (.null, .null): true
        default: false
        }
    }
}
