// SPDX-License-Identifier: Apache-2.0
// What the strict reader accepts and refuses (JOSE-03, JOSE-04).

import JSON
import Octets
import Testing

private func read(_ text: String) throws(JSONError) -> JSONValue {
    try JSONDocument.parse(Array(text.utf8))
}

private func code(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) -> JSONError.Code? {
    do {
        _ = try JSONDocument.parse(bytes, limits: limits)
        return nil
    } catch {
        return error.code
    }
}

private func code(_ text: String) -> JSONError.Code? { code(Array(text.utf8)) }

@Suite struct JSONReadingTests {
    @Test("JOSE-03: values of every kind are read, with their places in the text")
    func kinds() throws {
        let text = #" {"s":"aé\"\u00e9\ud83d\ude00","n":-1.5e3,"t":true,"z":null,"a":[1,{}]} "#
        let value = try read(text)
        let object = try #require(value.object)
        #expect(value.range == 1..<(text.utf8.count - 1))
        #expect(object["s"]?.string == Array("aé\"é😀".utf8))
        #expect(object["n"]?.number?.text == Array("-1.5e3".utf8))
        #expect(object["t"]?.bool == true)
        #expect(object["z"]?.isNull == true)
        #expect(object["a"]?.array?.count == 2)
        #expect(object["a"]?.array?.last?.object?.members.isEmpty == true)
        #expect(object["x"] == nil)
        #expect(object.members.map(\.name) == ["s", "n", "t", "z", "a"].map { Array($0.utf8) })
        for member in object.members {
            let again = try JSONDocument.parse(Array(Array(text.utf8)[member.value.range]))
            #expect(again.range.count == member.value.range.count)
        }
    }

    @Test("JOSE-21: true is no number and 1 is no truth value")
    func noCoercion() throws {
        #expect(try read("true").number == nil)
        #expect(try read("1").bool == nil)
        #expect(try read("\"1\"").number == nil)
    }

    @Test(
        "JOSE-03: texts that are not strict JSON are refused",
        arguments: [
            ("", JSONError.Code.unexpectedEnd), ("{} {}", .trailingOctets),
            ("{},", .trailingOctets),
            ("{\"a\":1,}", .syntax), ("[1,]", .syntax), ("[,1]", .syntax), ("{a:1}", .syntax),
            ("'a'", .syntax), ("01", .trailingOctets), ("1.", .unexpectedEnd), (".5", .syntax),
            ("+1", .syntax), ("1e", .unexpectedEnd), ("-", .unexpectedEnd), ("NaN", .syntax),
            ("Infinity", .syntax), ("tru", .unexpectedEnd), ("nulL", .syntax),
            ("\"a", .unexpectedEnd),
            ("\"\n\"", .controlCharacter), ("\"\\x\"", .invalidEscape),
            ("\"\\u00g0\"", .invalidEscape),
            ("// c\n1", .syntax), ("\u{FEFF}{}", .byteOrderMark), ("\u{00A0}1", .syntax),
            ("\"\\ud800\"", .loneSurrogate), ("\"\\udc00\"", .loneSurrogate),
            ("\"\\ud800\\ud800\"", .loneSurrogate), ("\"\\ud800x\"", .loneSurrogate),
            ("\"\\ud800\\n\"", .loneSurrogate), ("[1", .unexpectedEnd), ("{\"a\"", .unexpectedEnd),
            ("{\"a\" 1}", .syntax), ("{\"a\":1 \"b\":2}", .syntax), ("[1 2]", .syntax),
            ("{\"a\":1]", .syntax), ("]", .syntax), ("\u{0}", .syntax),
            ("{}\u{0}", .trailingOctets),
        ])
    func refused(text: String, expected: JSONError.Code) {
        #expect(code(text) == expected)
    }

    @Test(
        "JOSE-03: octets that are not UTF-8 are refused in names and in strings",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0xAF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3],
            [0xE2, 0x82], [0xE2, 0x82, 0x22], [0xF0, 0x9F, 0x98], [0xFF], [0xC3, 0x28],
            [0xF0, 0x9F, 0x28, 0x80],
        ] as [[UInt8]])
    func invalidUTF8(octets: [UInt8]) {
        #expect(code([0x22] + octets + [0x22]) == .invalidUTF8)
        #expect(code([0x7B, 0x22] + octets + [0x22, 0x3A, 0x31, 0x7D]) == .invalidUTF8)
    }

    @Test("JOSE-03: UTF-16 is refused in either order, with and without a mark")
    func utf16() {
        for text in ["{}", "{\"a\":1}"] {
            let units = Array(text.utf16)
            #expect(code(units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }) != nil)
            #expect(code(units.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }) != nil)
            #expect(code([0xFF, 0xFE] + units.flatMap { [UInt8($0 & 255), 0] }) != nil)
        }
    }

    @Test(
        "JOSE-03: well-formed sequences of every length are kept",
        arguments: [
            "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}",
            "\u{10000}",
            "\u{10FFFF}",
        ])
    func validUTF8(text: String) throws {
        #expect(try read("\"\(text)\"").string == Array(text.utf8))
        let escaped = text.utf16.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }
        #expect(try read("\"\(escaped.joined())\"").string == Array(text.utf8))
    }

    @Test("JOSE-03: sixteen levels are read and seventeen are refused")
    func depth() {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(code(nested(16)) == nil)
        #expect(code(nested(17)) == .tooDeep)
        #expect(code(String(repeating: "{\"a\":", count: 17)) == .tooDeep)
        #expect(code(String(repeating: "[", count: 100_000)) == .tooDeep)
        // Siblings do not add up.
        #expect(
            code("[" + Array(repeating: nested(15), count: 40).joined(separator: ",") + "]") == nil)
    }

    @Test(
        "JOSE-04: a name occurs once, compared decoded and by octets, at any depth",
        arguments: [
            #"{"sub":"a","sub":"b"}"#, #"{"sub":"a","s\u0075b":"b"}"#,
            #"{"cnf":{"jwk":{"x":"1","y":"2","x":"1"}}}"#, #"[{"a":1,"a":1}]"#, #"{"":1,"":2}"#,
        ])
    func duplicates(text: String) {
        #expect(code(text) == .duplicateName)
    }

    @Test("JOSE-04: names that only Unicode calls equal are two names")
    func equivalentNames() throws {
        let object = try #require(try read("{\"\u{E9}\":1,\"e\u{301}\":2,\"E\":3,\"e\":4}").object)
        #expect(object.members.count == 4)
        #expect(object["\u{E9}"]?.number?.exactInt == 1)
        #expect(object["e\u{301}"]?.number?.exactInt == 2)
    }

    @Test("JOSE-04: a duplicate among many members is found, wherever it is")
    func duplicatesAmongMany() {
        for count in [15, 16, 17, 18, 1000] {
            let members = (0..<count).map { "\"m\($0)\":0" }
            #expect(code("{" + members.joined(separator: ",") + "}") == nil)
            for repeated in [0, count / 2, count - 1] {
                let text = "{" + members.joined(separator: ",") + ",\"m\(repeated)\":1}"
                #expect(code(text) == .duplicateName)
            }
        }
    }

    @Test("JOSE-04: a hundred thousand members are read in linear time")
    func manyMembers() {
        let clock = ContinuousClock()
        func time(_ count: Int) -> Duration {
            let text = Array("{\((0..<count).map { "\"\($0)\":0" }.joined(separator: ","))}".utf8)
            return clock.measure {
                #expect(code(text, limits: JSONLimits(size: .kibibytes(4096))) == nil)
            }
        }
        // A quadratic search would need 5 * 10^9 comparisons here, minutes even when optimised.
        #expect(time(100_000) < .seconds(30))
    }

    @Test("JOSE-03: size and number of values are limited")
    func limits() {
        #expect(code(Array("[1,2]".utf8), limits: JSONLimits(size: .bytes(5))) == nil)
        #expect(code(Array("[1,2] ".utf8), limits: JSONLimits(size: .bytes(5))) == .tooLarge)
        #expect(code(Array("[1,2]".utf8), limits: JSONLimits(values: 3)) == nil)
        #expect(code(Array("[1,2,3]".utf8), limits: JSONLimits(values: 3)) == .tooLarge)
    }
}
