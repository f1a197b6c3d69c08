// SPDX-License-Identifier: Apache-2.0
// One line of the log in either form; every value is escaped here and nowhere else.

import JSON
import Octets

/// A line under construction: one JSON object, or `key=value` pairs.
struct LogLine: ~Copyable {
    private var json = JSONWriter()
    private var text: [UInt8] = []
    private let isJSON: Bool

    init(_ format: LogSettings.Format) {
        isJSON = format == .json
        if isJSON { json.beginObject() } else { text.reserveCapacity(256) }
    }

    /// Appends a named value.
    mutating func add(_ name: String, _ value: Journal.Value) {
        switch (isJSON, value) {
        case (true, .text(let octets)):
            json.name(name)
            json.string(octets)
        case (true, .number(let number)):
            json.name(name)
            json.number(number)
        case (false, .text(let octets)):
            beginPair(name)
            appendQuoted(octets)
        case (false, .number(let number)):
            beginPair(name)
            text.append(contentsOf: String(number).utf8)
        }
    }

    /// The whole line with its end.
    consuming func finish() -> [UInt8] {
        if isJSON {
            json.endObject()
            return json.bytes + [UInt8(ascii: "\n")]
        }
        text.append(UInt8(ascii: "\n"))
        return text
    }

    private mutating func beginPair(_ name: String) {
        if !text.isEmpty { text.append(UInt8(ascii: " ")) }
        text.append(contentsOf: name.octets)
        text.append(UInt8(ascii: "="))
    }

    /// Plain words stay bare; anything else is a JSON string, so that no value can forge a pair.
    private mutating func appendQuoted(_ octets: [UInt8]) {
        let bare = octets.allSatisfy {
            ASCII.isVisible($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
                && $0 != UInt8(ascii: "\\")
        }
        if bare && !octets.isEmpty {
            text.append(contentsOf: octets)
        } else {
            var quoted = JSONWriter()
            quoted.string(octets)
            text.append(contentsOf: quoted.bytes)
        }
    }
}
