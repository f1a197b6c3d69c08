// SPDX-License-Identifier: Apache-2.0
// Request heads from octets, strictly and in one pass.

import Octets

/// Reads request heads from one connection, one after the other. It can be fed in any pieces and
/// looks at each octet once, so that a client that sends them one by one gains nothing.
///
/// One empty line before a request is skipped (RFC 9112 section 2.2: some clients send one after a
/// body); a second one is refused, and so is a line end that is not CRLF.
public struct RequestParser: Sendable {
    private enum Step {
        case start, emptyLineFeed, requestLine, lineFeed
        case fields(FieldSectionScanner)
    }

    private struct RequestLine {
        var method: Method
        var target: RequestTarget
        var version: HTTPVersion
    }

    private let limits: HTTPLimits
    private var step = Step.start
    private var skippedEmptyLine = false
    /// The offset of the next octet to look at, from the position of the buffer.
    private var cursor = 0
    private var line: RequestLine?

    /// A parser at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// Whether no octet of a request has been seen since the last one ended. Then the connection is
    /// idle; otherwise the header timeout of HTTP-16 runs.
    public var isBetweenRequests: Bool {
        if case .start = step { return true }
        return false
    }

    /// Reads on; nil if more octets are needed. The head is consumed from `input` when it is
    /// complete, the octets after it stay. After an error neither the parser nor the connection can
    /// be used for another request.
    public mutating func parse(
        _ input: inout InputBuffer
    ) throws(HTTPViolation) -> RequestHead? {
        while cursor < input.count || isScanningFields {
            let octet = cursor < input.count ? input.bytes[input.position + cursor] : 0
            switch step {
            case .start:
                if octet == 0x0D, !skippedEmptyLine {
                    cursor += 1
                    step = .emptyLineFeed
                } else {
                    step = .requestLine
                }
            case .emptyLineFeed:
                guard octet == 0x0A else { throw .http(1) }
                input.consume(2)
                skippedEmptyLine = true
                cursor = 0
                step = .start
            case .requestLine:
                try scanRequestLine(input)
            case .lineFeed:
                guard octet == 0x0A else { throw .http(1) }
                let start = input.position
                line = try Self.requestLine(input.bytes[start..<(start + cursor - 1)])
                step = .fields(FieldSectionScanner(at: cursor + 1))
            case .fields(var scanner):
                step = .start
                let done = try scanner.scan(input.bytes, base: input.position, limits: limits)
                if done { return try head(scanner, &input) }
                cursor = scanner.cursor
                step = .fields(scanner)
                return nil
            }
        }
        return nil
    }

    private var isScanningFields: Bool {
        if case .fields = step { return true }
        return false
    }

    /// HTTP-01, HTTP-09, HTTP-16. Moves to the CR; only SP and visible characters may stand before.
    private mutating func scanRequestLine(_ input: InputBuffer) throws(HTTPViolation) {
        let bytes = input.bytes
        let start = input.position
        var index = start + cursor
        while index < bytes.count, bytes[index] >= 0x20, bytes[index] < 0x7F { index &+= 1 }
        cursor = index - start
        if cursor > limits.requestLine { throw .http(16, 414) }
        guard index < bytes.count else { return }
        if bytes[index] >= 0x80 { throw .http(9) }
        guard bytes[index] == 0x0D else { throw .http(1) }
        cursor += 1
        step = .lineFeed
    }

    /// The head that `scanner` has read to its end.
    private mutating func head(
        _ scanner: FieldSectionScanner, _ input: inout InputBuffer
    ) throws(HTTPViolation) -> RequestHead? {
        guard let line else { return nil }
        let fields = Fields(storage: input.take(scanner.cursor), entries: scanner.entries)
        self.line = nil
        cursor = 0
        skippedEmptyLine = false
        return try RequestHead(
            method: line.method, target: line.target, version: line.version, fields: fields)
    }

    /// Method, target and version with one SP between them.
    private static func requestLine(
        _ line: ArraySlice<UInt8>
    ) throws(HTTPViolation) -> RequestLine {
        guard let first = line.firstIndex(of: 0x20), first > line.startIndex,
            line[..<first].allSatisfy(ASCII.isTokenCharacter)
        else { throw .http(1) }
        let rest = line[(first + 1)...]
        // HTTP-15. A line of two words is HTTP/0.9.
        guard let second = rest.firstIndex(of: 0x20) else { throw .http(15) }
        let version = try version(rest[(second + 1)...])
        let method = Method(Array(line[..<first]))
        if method == .connect || method == .trace { throw .http(15, 501) }
        guard second > rest.startIndex else { throw .http(1) }
        let target = try RequestTarget(Array(rest[..<second]), method: method)
        return RequestLine(method: method, target: target, version: version)
    }

    /// HTTP-15. 1.0 and 1.1; another version of the protocol is 505, another protocol is 400.
    private static func version(_ text: ArraySlice<UInt8>) throws(HTTPViolation) -> HTTPVersion {
        let start = text.startIndex
        guard text.count == 8, text.starts(with: protocolName),
            ASCII.isDigit(text[start + 5]), text[start + 6] == UInt8(ascii: "."),
            ASCII.isDigit(text[start + 7])
        else { throw .http(15) }
        guard text[start + 5] == UInt8(ascii: "1") else { throw .http(15, 505) }
        switch text[start + 7] {
        case UInt8(ascii: "0"): return .http10
        case UInt8(ascii: "1"): return .http11
        default: throw .http(15, 505)
        }
    }

    private static let protocolName = Array("HTTP/".utf8)
}
