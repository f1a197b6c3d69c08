// SPDX-License-Identifier: Apache-2.0
// The entry to the strict reader, and its limits.

import Octets

/// What a text may cost to read. Work is linear in the size of the text within these limits.
public struct JSONLimits: Hashable, Sendable {
    /// The longest text, in octets.
    public var size: ByteCount
    /// How many arrays and objects may be open at once (JOSE-03: 16).
    public var depth: Int
    /// How many values a text may hold, containers and their members included.
    public var values: Int

    /// Limits; the defaults are those of every text that comes from outside.
    public init(size: ByteCount = .kibibytes(1024), depth: Int = 16, values: Int = 131_072) {
        self.size = size
        self.depth = depth
        self.values = values
    }
}

/// The only way from octets to JSON values.
public enum JSONDocument {
    /// JOSE-03, JOSE-04: strict RFC 8259. UTF-8 without byte order mark, one value and nothing but
    /// white space around it, no name twice in an object at any depth (names compared decoded, by
    /// octets), no lone surrogates.
    public static func parse(
        _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes, limits: limits)
        return try reader.document()
    }
}
