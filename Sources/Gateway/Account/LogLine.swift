// SPDX-License-Identifier: Apache-2.0
// One line of the log in either form; every value is escaped here and nowhere else.

import JSON
import Octets

/// The name of a value in a log line, ready to be written in both forms.
public struct LogKey: Sendable {
    let json: [UInt8]
    let text: [UInt8]

    /// A name: letters and `_` only.
    public init(_ name: String) {
        json = ",\"\(name)\":".octets
        text = " \(name)=".octets
    }

    static let level = LogKey("level")
    static let message = LogKey("msg")
}

/// A line under construction: one JSON object, or `key=value` pairs. Begins with its time.
struct LogLine {
    private var bytes: [UInt8] = []
    private let isJSON: Bool

    private static let jsonStart = "{\"time\":\"".octets
    private static let textStart = "time=".octets

    init(_ format: LogSettings.Format, time: [UInt8], level: LogSettings.Level, message: String) {
        isJSON = format == .json
        bytes.reserveCapacity(512)
        bytes += isJSON ? Self.jsonStart : Self.textStart
        bytes += time
        if isJSON { bytes.append(UInt8(ascii: "\"")) }
        add(.level, plain: level.rawValue.utf8)
        add(.message, message.octets)
    }

    /// Appends text that may hold anything.
    mutating func add(_ key: LogKey, _ text: [UInt8]) {
        if !isJSON, !text.isEmpty, text.allSatisfy(Self.isBare) { return add(key, plain: text) }
        begin(key)
        JSONWriter.append(quoted: text, to: &bytes)
    }

    /// Appends text of the program's own making: digits, letters, nothing that needs escaping.
    mutating func add(_ key: LogKey, plain text: some Collection<UInt8>) {
        begin(key)
        if isJSON { bytes.append(UInt8(ascii: "\"")) }
        bytes.append(contentsOf: text)
        if isJSON { bytes.append(UInt8(ascii: "\"")) }
    }

    /// Appends a whole number.
    mutating func add(_ key: LogKey, _ number: Int) {
        begin(key)
        bytes.append(decimal: number)
    }

    /// The whole line with its end.
    consuming func finish() -> [UInt8] {
        if isJSON { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// The separator is part of the key.
    private mutating func begin(_ key: LogKey) {
        bytes += isJSON ? key.json : key.text
    }

    /// Plain words stay bare; anything else is quoted, so that no value can forge a pair.
    private static func isBare(_ octet: UInt8) -> Bool {
        ASCII.isVisible(octet) && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "=")
            && octet != UInt8(ascii: "\\")
    }
}
