// SPDX-License-Identifier: Apache-2.0
// Feeds octets to the readers in all kinds of pieces and says in words what came out.

import HTTPWire
import Octets
import Testing

/// The octets of a text.
func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The text of octets.
func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

/// A received message and what must become of it.
struct Row: Sendable, CustomTestStringConvertible {
    let raw: [UInt8]
    let outcome: [String]

    init(_ raw: String, _ outcome: String...) {
        self.raw = octets(raw)
        self.outcome = outcome
    }

    init(_ raw: [UInt8], _ outcome: String...) {
        self.raw = raw
        self.outcome = outcome
    }

    var testDescription: String {
        let start = text(Array(raw.prefix(160)))
        return "\(start.debugDescription) -> \(outcome)"
    }
}

/// A POST to the token endpoint with these field lines, each without its line end.
func post(_ lines: String..., body: String = "") -> String {
    "POST /token HTTP/1.1\r\nHost: as.example\r\n"
        + lines.map { $0 + "\r\n" }.joined() + "\r\n" + body
}

/// What a connection makes of `pieces`: a line for each complete request, then `more` if it waits
/// in the middle of one, or the violation that ended it.
func requests(
    in pieces: [ArraySlice<UInt8>], limits: HTTPLimits = HTTPLimits()
) -> [String] {
    var outcome: [String] = []
    var parser = RequestParser(limits: limits)
    var input = InputBuffer()
    var current: (head: RequestHead, reader: BodyReader, body: [UInt8])?
    do throws(HTTPViolation) {
        for piece in pieces {
            input.append(Array(piece))
            progress: while true {
                if current == nil {
                    guard let head = try parser.parse(&input) else { break }
                    let reader = BodyReader(framing: head.framing, limit: limits.body)
                    current = (head, reader, [])
                }
                switch try current?.reader.next(&input) {
                case .data(let data): current?.body += data
                case .end:
                    if let (head, _, body) = current { outcome.append(describe(head, body)) }
                    current = nil
                case .needMore, nil: break progress
                }
            }
        }
        if current != nil || !parser.isBetweenRequests { outcome.append("more") }
    } catch {
        outcome.append("\(error.rule) \(error.status)")
    }
    return outcome
}

private func describe(_ head: RequestHead, _ body: [UInt8]) -> String {
    "\(text(head.method.octets)) \(text(head.target.raw)) \(head.fields.count) "
        + (head.keepAlive ? "keep" : "close") + (head.expectsContinue ? " continue" : "")
        + (body.isEmpty ? "" : " " + text(body))
}

/// What becomes of the answer to a request with `method`, at the end of whose octets the
/// connection ends: its status and body, or the violation.
func response(
    in pieces: [ArraySlice<UInt8>], answering method: HTTPWire.Method = .post,
    limits: HTTPLimits = HTTPLimits()
) -> [String] {
    var parser = ResponseParser(limits: limits, answering: method)
    var input = InputBuffer()
    var current: (head: ResponseHead, reader: BodyReader)?
    var body: [UInt8] = []
    do throws(HTTPViolation) {
        for piece in pieces {
            input.append(Array(piece))
            if current == nil, let head = try parser.parse(&input) {
                current = (
                    head, BodyReader(framing: head.framing, limit: limits.body, from: .server)
                )
            }
            while case .data(let data)? = try current?.reader.next(&input) { body += data }
        }
        guard let head = current?.head else { return ["more"] }
        try current?.reader.finish()
        return [
            "\(head.status) \(head.fields.count) \(head.keepAlive ? "keep" : "close")"
                + (body.isEmpty ? "" : " " + text(body)) + (input.isEmpty ? "" : " and more")
        ]
    } catch {
        return ["\(error.rule) \(error.status)"]
    }
}

/// Runs `read` on the octets whole, octet by octet, and in two pieces cut at every point (at up to
/// `cuts` points of long ones), and expects the same outcome each time.
func expectInEveryPiecing(
    _ row: Row, cuts: Int = 2_000, sourceLocation: SourceLocation = #_sourceLocation,
    _ read: ([ArraySlice<UInt8>]) -> [String]
) {
    let raw = row.raw
    #expect(read([raw[...]]) == row.outcome, "whole", sourceLocation: sourceLocation)
    let single = raw.indices.map { raw[$0...$0] }
    #expect(read(single) == row.outcome, "octet by octet", sourceLocation: sourceLocation)
    for cut in stride(from: 1, to: max(raw.count, 1), by: raw.count / cuts + 1) {
        let outcome = read([raw[..<cut], raw[cut...]])
        if outcome != row.outcome {
            #expect(outcome == row.outcome, "cut at \(cut)", sourceLocation: sourceLocation)
            return
        }
    }
}
