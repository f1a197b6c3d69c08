// SPDX-License-Identifier: Apache-2.0
// Changes to members of an object in its own text: every other octet stays (BIND-13).

import Octets

/// Why a text cannot be edited.
public enum JSONEditError: Error, Hashable, Sendable {
    /// Not JSON as the strict reader knows it; a duplicate name at any depth is one reason.
    case notJSON(JSONError)
    /// JSON, but no object.
    case notAnObject
}

/// One JSON object's text and the changes to be made to it.
///
/// BIND-13: a number that no double holds, an escape that need not be one, the order of members
/// and the white space between them are as they were, because nothing is written anew but the
/// values named here.
public struct JSONEdit: Sendable {
    private struct Change: Sendable {
        let range: Range<Int>
        let text: [UInt8]
    }

    private let text: [UInt8]
    /// The places of the object's braces.
    private let braces: Range<Int>
    private var replaced: [Int: Change] = [:]
    private var removed: Set<Int> = []
    private var added: [(name: String, text: [UInt8])] = []
    /// The object as it was read.
    public let object: JSONObject

    /// Reads `text` strictly.
    public init(_ text: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONEditError) {
        let value: JSONValue
        do {
            value = try JSONDocument.parse(text, limits: limits)
        } catch {
            throw .notJSON(error)
        }
        guard let edit = JSONEdit(text, value) else { throw .notAnObject }
        self = edit
    }

    /// Edits `text`, of which `value` is the strict reading; nil if that is no object.
    public init?(_ text: [UInt8], _ value: JSONValue) {
        guard let object = value.object, value.range.upperBound <= text.count else { return nil }
        self.text = text
        self.object = object
        braces = value.range.lowerBound..<(value.range.upperBound - 1)
    }

    /// Makes the top-level member `name` the string `string`: in the place of its value if there
    /// is such a member, whatever its type, else as a new member right before the closing brace.
    /// Octets of `string` that are not UTF-8 become U+FFFD. The last change of a member counts.
    public mutating func set(_ name: String, to string: [UInt8]) {
        var writer = JSONWriter(reserving: string.count + 2)
        writer.string(string)
        set(name, toJSON: writer.bytes)
    }

    /// Makes the top-level member `name` the value `json`, the text of one JSON value that is not
    /// looked at, in the same place as the other form.
    public mutating func set(_ name: String, toJSON json: [UInt8]) {
        if let index = index(of: name) {
            removed.remove(index)
            put(json, in: object.members[index].value)
        } else {
            added.removeAll { $0.name == name }
            added.append((name, json))
        }
    }

    /// Makes `value`, one of those in `object` at any depth, the string `string`. Not for a value
    /// within another one that is changed.
    public mutating func replace(_ value: JSONValue, with string: [UInt8]) {
        var writer = JSONWriter(reserving: string.count + 2)
        writer.string(string)
        put(writer.bytes, in: value)
    }

    private mutating func put(_ json: [UInt8], in value: JSONValue) {
        replaced[value.range.lowerBound] = Change(range: value.range, text: json)
    }

    /// Takes the top-level member `name` out, with one comma and the white space before its name;
    /// nothing if there is none.
    public mutating func remove(_ name: String) {
        added.removeAll { $0.name == name }
        if let index = index(of: name) { removed.insert(index) }
    }

    private func index(of name: String) -> Int? {
        object.members.firstIndex { $0.name.elementsEqual(name.utf8) }
    }

    /// The text with the changes made.
    public var edited: [UInt8] {
        let cuts = cuts
        let changes =
            cuts
            + replaced.values.filter { change in !cuts.contains { $0.range.overlaps(change.range) }
            }
        var result: [UInt8] = []
        result.reserveCapacity(
            text.count + changes.reduce(0) { $0 + $1.text.count } + tail.count)
        var copied = 0
        for change in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            result += text[copied..<change.range.lowerBound]
            result += change.text
            copied = change.range.upperBound
        }
        result += text[copied..<braces.upperBound]
        result += tail
        result += text[braces.upperBound...]
        return result
    }

    /// What the removed members occupy: from the end of the one before to their own. The comma
    /// behind goes where nothing is left in front.
    private var cuts: [Change] {
        var cuts: [Change] = []
        var start = braces.lowerBound + 1
        var isFirst = true
        for (index, member) in object.members.enumerated() {
            if removed.contains(index) {
                cuts.append(Change(range: start..<member.value.range.upperBound, text: []))
            } else {
                if isFirst, index > 0 {
                    let comma = text[start...].firstIndex(of: UInt8(ascii: ",")) ?? start
                    cuts.append(Change(range: start..<(comma + 1), text: []))
                }
                isFirst = false
            }
            start = member.value.range.upperBound
        }
        return cuts
    }

    /// The new members.
    private var tail: [UInt8] {
        var result: [UInt8] = []
        var needsComma = object.members.count > removed.count
        for member in added {
            if needsComma { result.append(UInt8(ascii: ",")) }
            needsComma = true
            var writer = JSONWriter(reserving: member.text.count + member.name.utf8.count + 4)
            writer.name(member.name)
            result += writer.bytes + member.text
        }
        return result
    }
}
