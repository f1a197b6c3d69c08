// SPDX-License-Identifier: Apache-2.0
// BIND-13: an edit changes the one value, or adds the one member, and no other octet.

import JSON
import Octets
import Testing

private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

private func edited(
    _ text: String, _ name: String = "refresh_token", _ value: String = "new"
) throws -> String {
    var edit = try JSONEdit(octets(text))
    edit.set(name, to: octets(value))
    return String(decoding: edit.edited, as: UTF8.self)
}

@Suite struct JSONEditTests {
    @Test(
        "BIND-13: only the string is replaced",
        arguments: [
            (#"{"refresh_token":"old"}"#, #"{"refresh_token":"new"}"#),
            (
                #" { "a" : 1 , "refresh_token" : "old" }"#,
                #" { "a" : 1 , "refresh_token" : "new" }"#
            ),
            ("{\"refresh\\u005ftoken\":\"o\\u006cd\"}\n", "{\"refresh\\u005ftoken\":\"new\"}\n"),
            (
                #"{"n":12345678901234567890.10,"e":1E+2,"refresh_token":"","u":"\u00e9\/"}"#,
                #"{"n":12345678901234567890.10,"e":1E+2,"refresh_token":"new","u":"\u00e9\/"}"#
            ),
            (
                #"{"in":{"refresh_token":"deep"},"refresh_token":"old"}"#,
                #"{"in":{"refresh_token":"deep"},"refresh_token":"new"}"#
            ),
            (#"{"refresh_token":null}"#, #"{"refresh_token":"new"}"#),
        ])
    func replacing(text: String, result: String) throws {
        #expect(try edited(text) == result)
    }

    @Test(
        "BIND-13: a new member stands right before the closing brace",
        arguments: [
            ("{}", #"{"refresh_token":"new"}"#), (" { } ", #" { "refresh_token":"new"} "#),
            (#"{"a":{}}"#, #"{"a":{},"refresh_token":"new"}"#),
            ("{\n \"a\": \"}\"\n}\n", "{\n \"a\": \"}\"\n,\"refresh_token\":\"new\"}\n"),
        ])
    func adding(text: String, result: String) throws {
        #expect(try edited(text) == result)
    }

    @Test("BIND-13: several members at once, in whatever order they are named")
    func several() throws {
        var edit = try JSONEdit(octets(#"{"a":"1","b":"2","c":"3"}"#))
        edit.set("c", to: octets("z"))
        edit.set("a", to: octets("first"))
        edit.set("a", to: octets("longer than it was"))
        edit.set("d", to: octets("\"\\\n"))
        let result = String(decoding: edit.edited, as: UTF8.self)
        #expect(result == #"{"a":"longer than it was","b":"2","c":"z","d":"\"\\\u000a"}"#)
    }

    @Test("BIND-13: without a change the text is as it was")
    func unchanged() throws {
        let text = octets("{ \"a\" : [ 1e0 ] }\r\n")
        #expect(try JSONEdit(text).edited == text)
    }

    @Test(
        "BIND-13: duplicate names at any depth, other than objects and other than JSON are errors")
    func errors() {
        for text in [#"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"x":[{"a":1,"a":1}]}"#] {
            let error = #expect(throws: JSONEditError.self) { try JSONEdit(octets(text)) }
            guard case .notJSON(let reason) = error else {
                Issue.record("\(text) is read")
                continue
            }
            #expect(reason.code == .duplicateName)
        }
        for text in ["[]", "null", #""{}""#, "1"] {
            #expect(throws: JSONEditError.notAnObject) { try JSONEdit(octets(text)) }
        }
        for text in ["", "{", "{}{}", "{'a':1}", "refresh_token=x", "{\"a\":1,}"] {
            #expect(throws: JSONEditError.self) { try JSONEdit(octets(text)) }
        }
    }

    @Test("BIND-13: 12,000 random objects keep every octet but the ones named")
    func property() throws {
        var random = SeededGenerator(seed: 20_261_121)
        for round in 0..<12_000 {
            var text = RandomJSON()
            let value = text.randomString(&random)
            let isPresent = round % 3 != 0
            text.writeObject(&random, target: isPresent ? "refresh_token" : nil)
            var edit = try JSONEdit(text.bytes)
            edit.set("refresh_token", to: value)
            var writer = JSONWriter()
            writer.string(value)
            let expected: [UInt8]
            if isPresent {
                expected =
                    text.bytes[..<text.target.lowerBound] + writer.bytes
                    + text.bytes[text.target.upperBound...]
            } else {
                let comma = octets(text.isEmpty ? "" : ",")
                expected =
                    text.bytes[..<text.brace] + comma + octets(#""refresh_token":"#)
                    + writer.bytes + text.bytes[text.brace...]
            }
            let result = edit.edited
            guard result == expected else {
                Issue.record("round \(round): \(String(decoding: text.bytes, as: UTF8.self))")
                return
            }
            let read = try JSONDocument.parse(result)
            #expect(read.object?["refresh_token"]?.string == value)
        }
    }
}

/// SplitMix64: the same cases in every run.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Writes random JSON and knows, without reading it, where things are in it.
private struct RandomJSON {
    private(set) var bytes: [UInt8] = []
    /// The value of the member that is sought.
    private(set) var target = 0..<0
    /// The outermost closing brace.
    private(set) var brace = 0
    private(set) var isEmpty = true

    mutating func writeObject(_ random: inout SeededGenerator, target name: String?) {
        space(&random)
        bytes.append(UInt8(ascii: "{"))
        space(&random)
        let count = Int.random(in: 0...6, using: &random)
        let place = name == nil ? -1 : Int.random(in: 0...count, using: &random)
        for index in 0...count where index < count || index == place {
            if !isEmpty { separator(&random) }
            isEmpty = false
            if index == place, let name {
                // Sometimes the name is written with an escape.
                let isEscaped = Bool.random(using: &random)
                quote(isEscaped ? octets(name.replacing("_", with: "\\u005f")) : octets(name))
                colon(&random)
                let start = bytes.count
                writeString(&random)
                target = start..<bytes.count
                if index < count { separator(&random) }
            }
            if index < count { member("m\(index)", depth: 1, &random) }
        }
        space(&random)
        brace = bytes.count
        bytes.append(UInt8(ascii: "}"))
        space(&random)
    }

    /// A value's octets, decoded.
    func randomString(_ random: inout SeededGenerator) -> [UInt8] {
        let scalars = (0..<Int.random(in: 0...40, using: &random)).map { _ in
            Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &random)]
        }
        return octets(String(String.UnicodeScalarView(scalars)))
    }

    private static let alphabet = Array(
        "abcXYZ019-_.~+/=\"\\{}[]:, \u{8}\n\u{7F}\u{9B}é€😀".unicodeScalars)
    private static let numbers = [
        "0", "-0", "1e400", "-1E-400", "12345678901234567890123456789", "0.10", "1.0", "5e0",
        "9007199254740993", "3.14159265358979323846264338327950288",
    ]
    private static let strings = [
        #""""#, #""\"}""#, #""\\""#, #""\u0000""#, #""\ud83d\ude00""#, #""refresh_token""#,
        #""a\/b""#, #""{\"refresh_token\":\"x\"}""#, "\"é\u{7F}\"", #"":,""#,
    ]

    private mutating func member(_ name: String, depth: Int, _ random: inout SeededGenerator) {
        // Deeper down the sought name may occur: it is not the one.
        let isDecoy = depth > 1 && name == "m0" && Bool.random(using: &random)
        quote(octets(isDecoy ? "refresh_token" : name))
        colon(&random)
        writeValue(depth: depth, &random)
    }

    private mutating func writeValue(depth: Int, _ random: inout SeededGenerator) {
        switch Int.random(in: 0..<(depth < 6 ? 8 : 6), using: &random) {
        case 0, 1: writeString(&random)
        case 2, 3: bytes += octets(Self.numbers.randomElement(using: &random) ?? "0")
        case 4: bytes += octets(Bool.random(using: &random) ? "true" : "false")
        case 5: bytes += octets("null")
        case 6: container("{", "}", depth, &random)
        default: container("[", "]", depth, &random)
        }
    }

    private mutating func container(
        _ open: String, _ close: String, _ depth: Int, _ random: inout SeededGenerator
    ) {
        bytes += octets(open)
        space(&random)
        for index in 0..<Int.random(in: 0...3, using: &random) {
            if index > 0 { separator(&random) }
            if open == "{" {
                member("m\(index)", depth: depth + 1, &random)
            } else {
                writeValue(depth: depth + 1, &random)
            }
        }
        space(&random)
        bytes += octets(close)
    }

    private mutating func writeString(_ random: inout SeededGenerator) {
        bytes += octets(Self.strings.randomElement(using: &random) ?? #""""#)
    }

    private mutating func quote(_ name: [UInt8]) {
        bytes += [UInt8(ascii: "\"")] + name + [UInt8(ascii: "\"")]
    }

    private mutating func colon(_ random: inout SeededGenerator) {
        space(&random)
        bytes.append(UInt8(ascii: ":"))
        space(&random)
    }

    private mutating func separator(_ random: inout SeededGenerator) {
        space(&random)
        bytes.append(UInt8(ascii: ","))
        space(&random)
    }

    private mutating func space(_ random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            bytes.append([0x20, 0x09, 0x0A, 0x0D].randomElement(using: &random) ?? 0x20)
        }
    }
}

@Suite("Edits of whole members") struct JSONMemberEditTests {
    private func edit(_ text: String, _ change: (inout JSONEdit) -> Void) throws -> String {
        var edit = try JSONEdit(octets(text))
        change(&edit)
        return String(decoding: edit.edited, as: UTF8.self)
    }

    @Test(
        "META-11: a member goes with one comma, wherever it stands",
        arguments: [
            (#"{"a":1,"b":2,"c":3}"#, ["b"], #"{"a":1,"c":3}"#),
            (#"{"a":1,"b":2,"c":3}"#, ["a"], #"{"b":2,"c":3}"#),
            (#"{"a":1,"b":2,"c":3}"#, ["c"], #"{"a":1,"b":2}"#),
            (#"{"a":1,"b":2,"c":3}"#, ["a", "b"], #"{"c":3}"#),
            (#"{"a":1,"b":2,"c":3}"#, ["b", "c"], #"{"a":1}"#),
            (#"{"a":1,"b":2,"c":3}"#, ["a", "c"], #"{"b":2}"#),
            (#"{"a":1,"b":2,"c":3}"#, ["c", "a", "b"], "{}"),
            (#"{"a":1,"b":2}"#, ["x"], #"{"a":1,"b":2}"#),
            ("{\n \"a\" : [1, 2] ,\n \"b\" : \"x,y\"\n}\n", ["a"], "{\n \"b\" : \"x,y\"\n}\n"),
            ("{\n \"a\" : 1 ,\n \"b\" : 2\n}\n", ["b"], "{\n \"a\" : 1\n}\n"),
            (#"{"in":{"a":1},"\u0061":1}"#, ["a"], #"{"in":{"a":1}}"#),
        ])
    func removing(text: String, names: [String], result: String) throws {
        #expect(try edit(text) { edit in names.forEach { edit.remove($0) } } == result)
    }

    @Test("META-11: removing, replacing and adding meet in one text")
    func together() throws {
        let text = #"{"a":1,"b":[true],"c":{"d":"e","f":["g","h"]}}"#
        #expect(
            try edit(text) { edit in
                edit.remove("a")
                edit.set("b", toJSON: octets("[1,2]"))
                edit.set("x", to: octets("y"))
                edit.set("z", toJSON: octets("null"))
                edit.set("x", to: octets("Y"))
                if let inner = edit.object["c"]?.object?["f"]?.array?[1] {
                    edit.replace(inner, with: octets("H"))
                }
            } == #"{"b":[1,2],"c":{"d":"e","f":["g","H"]},"z":null,"x":"Y"}"#)
        #expect(
            try edit(#"{"a":1}"#) { edit in
                edit.set("a", to: octets("x"))
                edit.remove("a")
                edit.set("b", toJSON: octets("2"))
            } == #"{"b":2}"#)
        #expect(
            try edit(#"{"a":1}"#) { edit in
                edit.remove("a")
                edit.set("a", toJSON: octets("2"))
            } == #"{"a":2}"#)
    }
}
