// SPDX-License-Identifier: Apache-2.0
// A parsed JSON value with its place in the text.

/// One JSON value. Strings are octets (valid UTF-8 by construction), so that they compare by
/// octets and never by Unicode equivalence.
public struct JSONValue: Sendable {
    /// The six kinds of JSON value.
    public enum Kind: Sendable {
        /// Members in the order of the text.
        case object(JSONObject)
        /// Elements in the order of the text.
        case array([JSONValue])
        /// The decoded octets: a part of the text itself, unless that has escapes.
        case string(ArraySlice<UInt8>)
        /// A number as it is written.
        case number(JSONNumber)
        /// `true` or `false`.
        case bool(Bool)
        /// `null`.
        case null
    }

    /// What the value is.
    public let kind: Kind
    /// The octets of the text it was read from, quotes and brackets included (BIND-13).
    public let range: Range<Int>

    /// A value at a place of a text.
    public init(_ kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }

    /// The members, nil if the value is no object.
    public var object: JSONObject? {
        if case .object(let object) = kind { object } else { nil }
    }

    /// The elements, nil if the value is no array.
    public var array: [JSONValue]? {
        if case .array(let elements) = kind { elements } else { nil }
    }

    /// The decoded octets, nil if the value is no string.
    public var string: [UInt8]? { octets.map { Array($0) } }

    /// The decoded octets, not copied, which keeps the whole text; nil if the value is no string.
    public var octets: ArraySlice<UInt8>? {
        if case .string(let octets) = kind { octets } else { nil }
    }

    /// The number, nil if the value is none; `true` is not 1.
    public var number: JSONNumber? {
        if case .number(let number) = kind { number } else { nil }
    }

    /// The truth value, nil if the value is none; 1 is not `true`.
    public var bool: Bool? {
        if case .bool(let bool) = kind { bool } else { nil }
    }

    /// Whether the value is `null`.
    public var isNull: Bool {
        if case .null = kind { true } else { false }
    }
}
