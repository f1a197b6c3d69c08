// SPDX-License-Identifier: Apache-2.0
// Why a text is not accepted as JSON.

/// The first fault of a text, and where it is.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Code: String, Sendable {
        /// The text begins with one.
        case byteOrderMark = "byte order mark"
        /// No JSON here (RFC 8259).
        case syntax = "syntax error"
        /// Octets that are no UTF-8.
        case invalidUTF8 = "invalid UTF-8"
        /// An octet below 0x20 inside a string.
        case controlCharacter = "control character in a string"
        /// A backslash before what it does not escape.
        case invalidEscape = "invalid escape"
        /// Half a surrogate pair as an escape.
        case loneSurrogate = "lone surrogate"
        /// A member name that its object has already (JOSE-04).
        case duplicateName = "duplicate member name"
        /// More levels than the limits allow.
        case tooDeep = "nested too deeply"
        /// More octets than the limits allow.
        case tooLarge = "too large"
        /// Something other than whitespace after the value.
        case trailingOctets = "octets after the value"
        /// The text ends inside the value.
        case unexpectedEnd = "unexpected end"
    }

    /// The kind of fault.
    public let code: Code
    /// The offset, in octets from the start of the text, at which it was noticed.
    public let position: Int

    /// A fault of kind `code` at `position`.
    public init(_ code: Code, at position: Int) {
        self.code = code
        self.position = position
    }

    /// The fault without any of the text itself.
    public var description: String { "\(code.rawValue) at octet \(position)" }
}
