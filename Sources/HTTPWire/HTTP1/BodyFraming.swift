// SPDX-License-Identifier: Apache-2.0
// The one decision how a body is delimited (HTTP-04 to HTTP-06).

import Octets

/// How the end of a body is told.
public enum BodyFraming: Hashable, Sendable {
    /// There is no body.
    case none
    /// Exactly so many octets, by `Content-Length`.
    case length(Int)
    /// Chunks, by `Transfer-Encoding: chunked`.
    case chunked
    /// Until the connection ends; responses only.
    case untilClose

    /// Whether at least one octet may follow.
    public var mayHaveContent: Bool { self != .none && self != .length(0) }

    /// What the fields say, nil if they say nothing. Nothing here is repaired: two readers of a
    /// repaired message would disagree about where it ends (RFC 9112 section 11.2).
    static func declared(
        by fields: Fields, version: HTTPVersion
    ) throws(HTTPViolation) -> BodyFraming? {
        let codings = fields.count(of: .transferEncoding)
        let lengths = fields.count(of: .contentLength)
        if codings > 0, lengths > 0 { throw .http(4) }
        if codings > 0 {
            try requireChunkedOnly(fields, version: version)
            return .chunked
        }
        if lengths == 0 { return nil }
        guard case .one(let range) = fields.lookup(.contentLength) else { throw .http(6) }
        return .length(try length(fields.slice(range)))
    }

    /// HTTP-05. One field line, exactly `chunked`, not in HTTP/1.0.
    private static func requireChunkedOnly(
        _ fields: Fields, version: HTTPVersion
    ) throws(HTTPViolation) {
        guard version == .http11, case .one(let range) = fields.lookup(.transferEncoding) else {
            throw .http(5)
        }
        let value = fields.slice(range)
        if ASCII.equalsIgnoringCase(value, Self.chunkedToken) { return }
        // A coding nobody here knows is 501; `chunked` twice, or nothing at all, is nonsense.
        let known = value.split(separator: UInt8(ascii: ",")).allSatisfy {
            ASCII.equalsIgnoringCase(trimmingWhitespace($0), Self.chunkedToken)
        }
        throw known ? .http(5) : .http(5, 501)
    }

    /// HTTP-06. 1*DIGIT, and at most 18 of them so that the number fits.
    private static func length(_ value: ArraySlice<UInt8>) throws(HTTPViolation) -> Int {
        guard !value.isEmpty, value.count <= 18 else { throw .http(6) }
        var length = 0
        for octet in value {
            guard ASCII.isDigit(octet) else { throw .http(6) }
            length = length * 10 + Int(octet - 0x30)
        }
        return length
    }

    private static let chunkedToken = Array("chunked".utf8)
}

/// The slice without leading and trailing SP and HTAB.
func trimmingWhitespace(_ slice: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var slice = slice
    while let first = slice.first, first == 0x20 || first == 0x09 { slice.removeFirst() }
    while let last = slice.last, last == 0x20 || last == 0x09 { slice.removeLast() }
    return slice
}
