// SPDX-License-Identifier: Apache-2.0
// The part of YAML a configuration may use, with the place of every node.

/// A YAML node reduced to text, lists and blocks; types are given by who reads it, never guessed.
struct YAMLValue {
    enum Kind {
        /// The text and whether it was written without quotes.
        case scalar(String, isPlain: Bool)
        case list([YAMLValue])
        case block([Entry])
    }

    /// One `name: value` of a block, in the order of the file.
    struct Entry {
        var name: String
        var position: Position
        var value: YAMLValue
    }

    var position: Position
    var kind: Kind

    /// The kind in words, for messages.
    var kindName: String {
        switch kind {
        case .scalar("", isPlain: true): "empty"
        case .scalar: "a single value"
        case .list: "a list"
        case .block: "a block of keys"
        }
    }
}
