// SPDX-License-Identifier: Apache-2.0
// Response heads from octets, as strictly as requests (HTTP-13).

import Octets

/// Reads the head of the answer to one request. Interim answers are skipped, but 101, which nobody
/// asked for. Every error is HTTP-13, 502, and means that the connection must be closed.
public struct ResponseParser: Sendable {
    private enum Step {
        case statusLine, lineFeed
        case fields(FieldSectionScanner)
    }

    /// More than any server sends before its answer.
    private static let mostInterim = 8

    private let limits: HTTPLimits
    private let method: Method
    private var step = Step.statusLine
    private var cursor = 0
    private var interim = 0
    private var status = 0
    private var version = HTTPVersion.http11
    private var reason: [UInt8] = []

    /// A parser of the answer to a request with `method`.
    public init(limits: HTTPLimits = HTTPLimits(), answering method: Method) {
        self.limits = limits
        self.method = method
    }

    /// Reads on; nil if more octets are needed. The head is consumed from `input` when it is
    /// complete. Octets that remain when the body too has ended are an anomaly.
    public mutating func parse(
        _ input: inout InputBuffer
    ) throws(HTTPViolation) -> ResponseHead? {
        do {
            return try read(&input)
        } catch {
            throw .upstream
        }
    }

    private mutating func read(_ input: inout InputBuffer) throws(HTTPViolation) -> ResponseHead? {
        while cursor < input.count {
            switch step {
            case .statusLine:
                try scanStatusLine(input)
            case .lineFeed:
                let start = input.position
                guard input.bytes[start + cursor] == 0x0A else { throw .upstream }
                try readStatusLine(input.bytes[start..<(start + cursor - 1)])
                cursor += 1
                step = .fields(FieldSectionScanner(at: cursor))
            case .fields(var scanner):
                step = .statusLine
                guard try scanner.scan(input.bytes, base: input.position, limits: limits) else {
                    cursor = scanner.cursor
                    step = .fields(scanner)
                    return nil
                }
                if let head = try head(scanner, &input) { return head }
            }
        }
        return nil
    }

    private mutating func scanStatusLine(_ input: InputBuffer) throws(HTTPViolation) {
        let bytes = input.bytes
        let start = input.position
        var index = start + cursor
        while index < bytes.count, !isForbiddenControl(bytes[index]) { index &+= 1 }
        cursor = index - start
        guard cursor <= limits.requestLine else { throw .upstream }
        guard index < bytes.count else { return }
        guard bytes[index] == 0x0D else { throw .upstream }
        cursor += 1
        step = .lineFeed
    }

    /// `HTTP/1.1 200 OK`. The space before a missing reason may be missing too, as some servers
    /// have it.
    private mutating func readStatusLine(_ line: ArraySlice<UInt8>) throws(HTTPViolation) {
        let start = line.startIndex
        guard line.count >= 12, line.starts(with: Self.protocolName), line[start + 8] == 0x20,
            line.count == 12 || line[start + 12] == 0x20
        else { throw .upstream }
        switch line[start + 7] {
        case UInt8(ascii: "0"): version = .http10
        case UInt8(ascii: "1"): version = .http11
        default: throw .upstream
        }
        status = 0
        for octet in line[(start + 9)..<(start + 12)] {
            guard ASCII.isDigit(octet) else { throw .upstream }
            status = status * 10 + Int(octet - 0x30)
        }
        guard (100...599).contains(status), status != 101 else { throw .upstream }
        reason = line.count > 13 ? Array(line[(start + 13)...]) : []
    }

    /// The head that `scanner` has read to its end; nil if it was an interim one.
    private mutating func head(
        _ scanner: FieldSectionScanner, _ input: inout InputBuffer
    ) throws(HTTPViolation) -> ResponseHead? {
        let fields = Fields(storage: input.take(scanner.cursor), entries: scanner.entries)
        cursor = 0
        if status < 200 {
            interim += 1
            let framing = try BodyFraming.declared(by: fields, version: version)
            guard interim <= Self.mostInterim, framing == nil else { throw .upstream }
            return nil
        }
        return try ResponseHead(
            status: status, reason: reason, version: version, fields: fields, answering: method)
    }

    private static let protocolName = Array("HTTP/1.".utf8)
}
