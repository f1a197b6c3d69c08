// SPDX-License-Identifier: Apache-2.0
// The request target, taken apart but never repaired (HTTP-09).

import Octets

/// The second word of the request line. It is kept as received; a target that would need
/// normalising is refused instead, since the server behind might normalise it differently.
public struct RequestTarget: Hashable, Sendable {
    /// The four forms of RFC 9112 section 3.2.
    public enum Form: Hashable, Sendable {
        /// A path and perhaps a query.
        case origin
        /// A whole http or https URL.
        case absolute(Authority, https: Bool)
        /// `*`, of `OPTIONS` only.
        case asterisk
        /// Host and port, of `CONNECT` only.
        case authority
    }

    /// The target as received.
    public let raw: [UInt8]
    /// Which form it has.
    public let form: Form
    /// HTTP-09. Whether any two readers see the same path: after one decoding no `/` `\` `%` pair,
    /// NUL, control, `;`, `?` or `#` appears that was encoded, no empty or dot segment, only valid
    /// escapes, only valid UTF-8, and nothing of that kind is there unencoded either.
    public let isUnambiguous: Bool
    private let pathRange: Range<Int>
    private let hasEscapes: Bool

    /// Takes the target of a request with `method` apart. Throws HTTP-09 if it has none of the
    /// forms the method allows, HTTP-08 if the authority in it is not valid.
    public init(_ raw: [UInt8], method: Method) throws(HTTPViolation) {
        self.raw = raw
        guard raw.allSatisfy(ASCII.isVisible), !raw.contains(UInt8(ascii: "#")) else {
            throw .http(9)
        }
        if method == .connect {
            guard Authority(raw) != nil else { throw .http(9) }
            form = .authority
            pathRange = 0..<0
        } else if raw.first == UInt8(ascii: "/") {
            form = .origin
            pathRange = 0..<(raw.firstIndex(of: UInt8(ascii: "?")) ?? raw.count)
        } else if raw == [UInt8(ascii: "*")] {
            guard method == .options else { throw .http(9) }
            form = .asterisk
            pathRange = 0..<0
        } else {
            (form, pathRange) = try Self.absolute(raw)
        }
        (isUnambiguous, hasEscapes) = PathReading.judge(raw[pathRange])
    }

    /// The path as received; `/` if an absolute target has none, empty for `*` and `CONNECT`.
    public var path: [UInt8] {
        if pathRange.isEmpty, case .absolute = form { return [UInt8(ascii: "/")] }
        return pathRange == raw.indices ? raw : Array(raw[pathRange])
    }

    /// The path with its escapes decoded once. Meaningful only if `isUnambiguous`.
    public var decodedPath: [UInt8] { hasEscapes ? PathReading.decoded(raw[pathRange]) : path }

    /// What follows the first `?`, as received; nil without a `?`.
    public var query: [UInt8]? {
        guard pathRange.upperBound < raw.count, form != .asterisk, form != .authority else {
            return nil
        }
        return Array(raw[(pathRange.upperBound + 1)...])
    }

    /// Path and query as received, the form a server behind is asked in.
    public var originForm: [UInt8] {
        switch form {
        case .origin, .asterisk, .authority: raw
        case .absolute: path + raw[pathRange.upperBound...]
        }
    }

    /// http or https, `://`, an authority, then path or query or nothing.
    private static func absolute(_ raw: [UInt8]) throws(HTTPViolation) -> (Form, Range<Int>) {
        guard let colon = raw.firstIndex(of: UInt8(ascii: ":")) else { throw .http(9) }
        let https = ASCII.equalsIgnoringCase(raw[..<colon], httpsScheme)
        guard https || ASCII.equalsIgnoringCase(raw[..<colon], httpScheme),
            raw[(colon + 1)...].starts(with: [UInt8(ascii: "/"), UInt8(ascii: "/")])
        else { throw .http(9) }
        let start = colon + 3
        let slashOrQuestion = raw[start...].firstIndex {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?")
        }
        let pathStart = slashOrQuestion ?? raw.count
        guard let authority = Authority(raw[start..<pathStart]) else { throw .http(8) }
        let pathEnd = raw[pathStart...].firstIndex(of: UInt8(ascii: "?")) ?? raw.count
        return (.absolute(authority, https: https), pathStart..<pathEnd)
    }

    private static let httpScheme = Array("http".utf8)
    private static let httpsScheme = Array("https".utf8)
}
