// SPDX-License-Identifier: Apache-2.0
// Why a text is not accepted as JSON.

/// The first fault of a text, and where it is.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Code: String, Sendable {
        case byteOrderMark = "byte order mark"
        case syntax = "syntax error"
        case invalidUTF8 = "invalid UTF-8"
        case controlCharacter = "control character in a string"
        case invalidEscape = "invalid escape"
        case loneSurrogate = "lone surrogate"
        case duplicateName = "duplicate member name"
        case tooDeep = "nested too deeply"
        case tooLarge = "too large"
        case trailingOctets = "octets after the value"
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
