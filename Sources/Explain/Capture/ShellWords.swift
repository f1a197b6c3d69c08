// SPDX-License-Identifier: Apache-2.0
// The words of a command line as a POSIX shell or bash would split them.

import Octets

/// Splits one command into words. Nothing is expanded: a word whose value only the shell of
/// whoever copied it knows is refused.
struct ShellWords {
    private let text: [UInt8]
    private var index = 0
    private var words: [[UInt8]] = []
    private var word: [UInt8]?

    private init(_ text: [UInt8]) {
        self.text = text
    }

    /// The words up to the end of the command: an unquoted `|`, `;`, `&`, `<`, `>`, or line end. A
    /// line that continues with an option although its `\` got lost is taken for a part.
    static func split(_ text: ArraySlice<UInt8>) throws(CaptureError) -> [[UInt8]] {
        var reader = ShellWords(text.filter { $0 != 0x0D })
        try reader.read()
        return reader.words
    }

    private mutating func read() throws(CaptureError) {
        while index < text.count {
            let octet = text[index]
            index += 1
            switch octet {
            case 0x20, 0x09: endWord()
            case 0x0A:
                endWord()
                if !continuesWithOption() { return }
            case UInt8(ascii: "|"), UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "<"):
                endWord()
                return
            case UInt8(ascii: ">"):
                endRedirection()
                return
            case UInt8(ascii: "#") where word == nil:
                endWord()
                return
            case UInt8(ascii: "\\"): readEscape()
            case UInt8(ascii: "'"): try readSingleQuoted()
            case UInt8(ascii: "\""): try readDoubleQuoted()
            case UInt8(ascii: "$"): try readDollar()
            case UInt8(ascii: "`"): throw Self.substitution("`")
            default: append(octet)
            }
        }
        endWord()
    }

    // MARK: Words

    private mutating func append(_ octet: UInt8) {
        word = (word ?? [])
        word?.append(octet)
    }

    private mutating func endWord() {
        if let word { words.append(word) }
        word = nil
    }

    /// `2>` is no word of the command.
    private mutating func endRedirection() {
        if let word, word.count == 1, ASCII.isDigit(word[0]) { self.word = nil }
        endWord()
    }

    private func continuesWithOption() -> Bool {
        let rest = text[index...].drop { $0 == 0x20 || $0 == 0x09 }
        return rest.first == UInt8(ascii: "-")
    }

    // MARK: Quotes

    /// `\` outside quotes: the next octet as it is, or a line that goes on, also where a space got
    /// behind the `\`.
    private mutating func readEscape() {
        var end = index
        while end < text.count, text[end] == 0x20 || text[end] == 0x09 { end += 1 }
        if end == text.count || text[end] == 0x0A {
            index = min(end + 1, text.count)
        } else {
            append(text[index])
            index += 1
        }
    }

    private mutating func readSingleQuoted() throws(CaptureError) {
        word = word ?? []
        guard let end = text[index...].firstIndex(of: UInt8(ascii: "'")) else {
            throw Self.openQuote("'")
        }
        word?.append(contentsOf: text[index..<end])
        index = end + 1
    }

    private mutating func readDoubleQuoted() throws(CaptureError) {
        word = word ?? []
        while index < text.count {
            let octet = text[index]
            index += 1
            switch octet {
            case UInt8(ascii: "\""): return
            case UInt8(ascii: "`"): throw Self.substitution("`")
            case UInt8(ascii: "$"): try requireLiteralDollar()
            case UInt8(ascii: "\\"):
                guard index < text.count else { break }
                let next = text[index]
                if next == 0x0A {
                    index += 1
                } else if Self.escapable.contains(next) {
                    append(next)
                    index += 1
                } else {
                    append(octet)
                }
            default: append(octet)
            }
        }
        throw Self.openQuote("\"")
    }

    private static let escapable: Set<UInt8> = Set("$`\"\\".utf8)

    // MARK: Dollars

    /// `$'…'`, `$"…"`, or a dollar that means nothing.
    private mutating func readDollar() throws(CaptureError) {
        if index < text.count, text[index] == UInt8(ascii: "'") {
            index += 1
            word = word ?? []
            guard let octets = ANSIQuoted.read(text, &index) else { throw Self.openQuote("$'") }
            word?.append(contentsOf: octets)
        } else if index < text.count, text[index] == UInt8(ascii: "\"") {
            index += 1
            try readDoubleQuoted()
        } else {
            try requireLiteralDollar()
        }
    }

    private mutating func requireLiteralDollar() throws(CaptureError) {
        let next = index < text.count ? text[index] : 0x20
        if next == UInt8(ascii: "(") { throw Self.substitution("$(") }
        let isVariable = ASCII.isAlpha(next) || next == UInt8(ascii: "_")
        guard !isVariable, next != UInt8(ascii: "{") else {
            let name = text[index...].drop { $0 == UInt8(ascii: "{") }.prefix {
                ASCII.isAlpha($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "_")
            }
            throw CaptureError(
                "the command has the variable $\(String(decoding: name.prefix(40), as: UTF8.self)), "
                    + "whose value only your shell knows; run the command with `curl -v` and give "
                    + "that output, or write the value itself")
        }
        append(UInt8(ascii: "$"))
    }

    // MARK: Errors

    private static func substitution(_ mark: String) -> CaptureError {
        CaptureError(
            "the command has a substitution \(mark), whose value only your shell knows; run the "
                + "command with `curl -v` and give that output")
    }

    private static func openQuote(_ quote: String) -> CaptureError {
        CaptureError("the command ends within a quote that \(quote) opened; copy all of it")
    }
}
