// SPDX-License-Identifier: Apache-2.0
// What configuration has to say about a file: one remark at one place, and the collector of them.

/// A place in a configuration file; both numbers count from 1, columns in Unicode scalars.
public struct Position: Hashable, Comparable, Sendable {
    /// Line, from 1.
    public var line: Int
    /// Column, from 1.
    public var column: Int

    /// A place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Reading order.
    public static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One remark: which key, what is wrong with it and what to write instead.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether the gateway can start in spite of it.
    public enum Severity: Sendable {
        case error, warning
    }

    /// Path of the file as the caller gave it.
    public var file: String
    /// Where in the file.
    public var position: Position
    /// Key, fault and remedy in one line; names the rule where one is broken.
    public var message: String
    /// Errors refuse the start, warnings do not.
    public var severity: Severity

    /// A remark.
    public init(file: String, position: Position, message: String, severity: Severity = .error) {
        self.file = file
        self.position = position
        self.message = message
        self.severity = severity
    }

    /// Line of `position`.
    public var line: Int { position.line }
    /// Column of `position`.
    public var column: Int { position.column }

    /// `file:line:column: message`, with `warning: ` before the message of a warning.
    public var description: String {
        let kind = severity == .warning ? "warning: " : ""
        return "\(file):\(line):\(column): \(kind)\(message)"
    }
}

/// Why a configuration is refused: every remark at once, in reading order, warnings included.
public struct ConfigurationErrors: Error, Sendable, CustomStringConvertible {
    /// At least one of them is an error.
    public var diagnostics: [Diagnostic]

    /// One remark a line.
    public var description: String {
        diagnostics.map(\.description).joined(separator: "\n")
    }
}

/// Collects remarks while a file is read, so that all of them are reported at once.
final class Report {
    let file: String
    private var collected: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []

    init(file: String) {
        self.file = file
    }

    func error(_ message: String, at position: Position) {
        add(Diagnostic(file: file, position: position, message: message))
    }

    /// An error in a file that the configuration names.
    func error(_ message: String, at position: Position, of file: String) {
        add(Diagnostic(file: file, position: position, message: message))
    }

    /// A warning about a file that the configuration names.
    func warning(_ message: String, at position: Position, of file: String) {
        add(Diagnostic(file: file, position: position, message: message, severity: .warning))
    }

    func warning(_ message: String, at position: Position) {
        add(Diagnostic(file: file, position: position, message: message, severity: .warning))
    }

    var hasErrors: Bool { collected.contains { $0.severity == .error } }

    /// In reading order, the configuration before the files it names; remarks at one place stay in
    /// the order in which they were made.
    var diagnostics: [Diagnostic] {
        let ordered = collected.enumerated().sorted {
            ($0.element.file == file ? "" : $0.element.file, $0.element.position, $0.offset)
                < ($1.element.file == file ? "" : $1.element.file, $1.element.position, $1.offset)
        }
        return ordered.map(\.element)
    }

    private func add(_ diagnostic: Diagnostic) {
        if seen.insert(diagnostic).inserted {
            collected.append(diagnostic)
        }
    }
}
