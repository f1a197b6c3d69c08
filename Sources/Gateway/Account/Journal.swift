// SPDX-License-Identifier: Apache-2.0
// Log lines: built from named, allowed values only (PRIV-01 to PRIV-04), written off the loop.

import EventLoop
import JSON
import Octets

/// Writes events and access records as the `log` block asks.
public final class Journal: Sendable {
    /// A value of a log line.
    public enum Value: Sendable {
        case text([UInt8])
        case number(Int64)
    }

    /// A named value of a log line.
    public struct Field: Sendable {
        let name: String
        let value: Value

        /// Octets, shown as text.
        public static func text(_ name: String, _ octets: [UInt8]) -> Field {
            Field(name: name, value: .text(octets))
        }

        /// Text.
        public static func text(_ name: String, _ text: String) -> Field {
            Field(name: name, value: .text(Array(text.utf8)))
        }

        /// A whole number.
        public static func number(_ name: String, _ number: Int64) -> Field {
            Field(name: name, value: .number(number))
        }
    }

    let settings: LogSettings
    let pseudonyms: Pseudonyms
    private let writer: LineWriter

    /// A journal in the form of `settings`, written by `writer`.
    public init(_ settings: LogSettings, writer: LineWriter) {
        self.settings = settings
        self.writer = writer
        pseudonyms = Pseudonyms()
    }

    /// One line of something that happened: `msg` and its fields.
    public func event(_ level: LogSettings.Level, _ message: String, _ fields: [Field] = []) {
        guard level.severity >= settings.level.severity else { return }
        let now = WallClock.now()
        let time = Timestamps.rfc3339(seconds: now.seconds, milliseconds: now.milliseconds)
        var line = LogLine(settings.format)
        line.add("time", .text(time))
        line.add("level", .text(Array(level.rawValue.utf8)))
        line.add("msg", .text(message.octets))
        for field in fields { line.add(field.name, field.value) }
        writer.write(line.finish())
    }

    /// Waits until every line so far is written; at start and at the end.
    public func flush() {
        writer.flush()
    }

    /// One finished line of an access record.
    func write(_ line: consuming LogLine) {
        writer.write(line.finish())
    }
}

extension LogSettings.Level {
    /// Order of the levels.
    var severity: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
