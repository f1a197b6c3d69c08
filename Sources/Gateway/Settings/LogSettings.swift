// SPDX-License-Identifier: Apache-2.0
// What is logged and in which form (design section 6).

/// The `log` block.
public struct LogSettings: Sendable {
    /// Least severe level that is written.
    public enum Level: String, Sendable, CaseIterable {
        case debug, info, warning, error
    }

    /// One JSON object a line, or `key=value` text for a terminal.
    public enum Format: String, Sendable, CaseIterable {
        case json, text
    }

    /// How the client's address appears (PRIV-03).
    public enum Remote: String, Sendable, CaseIterable {
        case pseudonym, full, off
    }

    /// Least severe level that is written.
    public var level: Level
    /// Form of each line.
    public var format: Format
    /// Whether each request gets an access record.
    public var access: Bool
    /// How the client's address appears.
    public var remote: Remote

    /// `info`, `json`, access records on, addresses as pseudonyms.
    public init(
        level: Level = .info, format: Format = .json, access: Bool = true,
        remote: Remote = .pseudonym
    ) {
        self.level = level
        self.format = format
        self.access = access
        self.remote = remote
    }
}
