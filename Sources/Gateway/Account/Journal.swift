// SPDX-License-Identifier: Apache-2.0
// Log lines: built from named, allowed values only (PRIV-01 to PRIV-04), written off the loop.

import EventLoop
import Octets

/// Writes events and access records as the `log` block asks.
public final class Journal: Sendable {
    /// A named value of an event.
    public struct Field: Sendable {
        fileprivate enum Value {
            case text([UInt8])
            case number(Int64)
        }

        fileprivate let key: LogKey
        fileprivate let value: Value

        /// Text.
        public static func text(_ name: String, _ text: String) -> Field {
            Field(key: LogKey(name), value: .text(text.octets))
        }

        /// A whole number.
        public static func number(_ name: String, _ number: Int64) -> Field {
            Field(key: LogKey(name), value: .number(number))
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

    private init(_ settings: LogSettings, _ other: Journal) {
        self.settings = settings
        writer = other.writer
        pseudonyms = other.pseudonyms
    }

    /// The same journal in another form, for a new generation.
    func with(_ settings: LogSettings) -> Journal { Journal(settings, self) }

    /// One line of something that happened: `msg` and its fields.
    public func event(_ level: LogSettings.Level, _ message: String, _ fields: [Field] = []) {
        guard isWritten(level) else { return }
        let now = WallClock.now()
        var line = LogLine(
            settings.format,
            time: Timestamps.rfc3339(seconds: now.seconds, milliseconds: now.milliseconds),
            level: level, message: message)
        for field in fields {
            switch field.value {
            case .text(let text): line.add(field.key, text)
            case .number(let number): line.add(field.key, Int(number))
            }
        }
        writer.write(line.finish())
    }

    /// Writes the access record of an answered request.
    func access(_ record: AccessRecord) {
        guard settings.access, isWritten(record.level) else { return }
        writer.write(record.line(settings.format))
    }

    /// Waits until every line so far is written; at start and at the end.
    public func flush() {
        writer.flush()
    }

    private func isWritten(_ level: LogSettings.Level) -> Bool {
        level.severity >= settings.level.severity
    }
}

extension LogSettings.Level {
    /// Order of the levels.
    fileprivate var severity: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
