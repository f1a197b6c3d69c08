// SPDX-License-Identifier: Apache-2.0
// A JSON text that can be altered at any place, invalid results included.

import JSON
import Octets

/// JSON whose objects may repeat a name.
indirect enum TokenTree {
    case object([(name: String, value: TokenTree)])
    case array([TokenTree])
    /// A string, or any other text as it is.
    case string([UInt8])
    case raw(String)

    init(_ text: [UInt8]) throws {
        self.init(try JSONDocument.parse(text))
    }

    private init(_ value: JSONValue) {
        if let object = value.object {
            self = .object(
                object.members.map {
                    (String(decoding: $0.name, as: UTF8.self), TokenTree($0.value))
                })
        } else if let elements = value.array {
            self = .array(elements.map(TokenTree.init))
        } else if let string = value.string {
            self = .string(string)
        } else if let number = value.number {
            self = .raw(String(decoding: number.text, as: UTF8.self))
        } else {
            self = .raw(value.bool.map { $0 ? "true" : "false" } ?? "null")
        }
    }

    var text: String {
        switch self {
        case .object(let members):
            "{" + members.map { #""\#($0.name)":\#($0.value.text)"# }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .string(let octets):
            String(
                decoding: { (octets: [UInt8]) -> [UInt8] in
                    var text: [UInt8] = []
                    JSONWriter.append(quoted: octets, to: &text)
                    return text
                }(octets), as: UTF8.self)
        case .raw(let text): text
        }
    }

    /// One alteration of one member.
    enum Change: CustomStringConvertible {
        case drop, duplicate, flip
        case retype(String)

        var description: String {
            switch self {
            case .drop: "drop"
            case .duplicate: "duplicate"
            case .flip: "flip"
            case .retype(let text): text.hasPrefix("[\"") ? "wrap" : "retype"
            }
        }
    }

    /// Every tree with one member changed, with the member's path.
    func altered(
        path: String = "", using random: inout some RandomNumberGenerator
    ) -> [(path: String, change: Change, tree: TokenTree)] {
        var results: [(path: String, change: Change, tree: TokenTree)] = []
        switch self {
        case .object(let members):
            for (index, member) in members.enumerated() {
                let path = path + "." + member.name
                func put(
                    _ change: Change, _ edit: (inout [(name: String, value: TokenTree)]) -> Void
                ) {
                    var members = members
                    edit(&members)
                    results.append((path, change, .object(members)))
                }
                put(.drop) { $0.remove(at: index) }
                put(.duplicate) { $0.insert(member, at: index) }
                put(.duplicate) { $0.append((member.name, .raw("null"))) }
                for text in member.value.otherTypes {
                    put(.retype(text)) { $0[index].value = .raw(text) }
                }
                for value in member.value.flipped(using: &random) {
                    put(.flip) { $0[index].value = value }
                }
                for inner in member.value.altered(path: path, using: &random) {
                    var members = members
                    members[index].value = inner.tree
                    results.append((inner.path, inner.change, .object(members)))
                }
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                for value in element.flipped(using: &random) {
                    var elements = elements
                    elements[index] = value
                    results.append((path + "[]", .flip, .array(elements)))
                }
            }
        case .string, .raw: break
        }
        return results
    }

    /// Values of the other types, the same value in an array among them.
    private var otherTypes: [String] {
        let own = text
        let kind = own.first
        return ["null", "true", "0", "\"0\"", "[]", "{}", "[\(own)]"].filter { other in
            if kind == "\"" { return !other.hasPrefix("\"") }
            if kind == "[" { return other.first != "[" }
            if kind == "{" { return other.first != "{" }
            return other != "0"
        }
    }

    /// A string with one octet changed, its case aside; a number that is no date.
    private func flipped(using random: inout some RandomNumberGenerator) -> [TokenTree] {
        switch self {
        case .string(var octets):
            guard let index = octets.indices.randomElement(using: &random) else { return [] }
            // The lowest bit never turns a letter into the same one of the other case.
            octets[index] ^= 1
            return [.string(octets)]
        case .raw(let text) where text.first?.isNumber == true:
            return ["-1", "1e400", "253402300800"].map(TokenTree.raw)
        default: return []
        }
    }
}

/// SplitMix64: the same sequence in every run of a seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
