// SPDX-License-Identifier: Apache-2.0
// Whole HTTP/1.1 messages over one byte stream, for both ends of the demo.

import EventLoop
import HTTPWire

/// One connection of the demo, on one loop: reads a complete request or response at a time.
final class WireConnection {
    /// What ends a connection before its message is complete.
    enum Failure: Error {
        case stream(StreamError)
        case message(HTTPViolation)
        case ended
    }

    private static let bodyLimit = 1 << 20

    let stream: ByteStream
    private let deadline: Deadline
    private var input = InputBuffer()

    /// `deadline` is for everything that is read on this connection.
    init(_ stream: ByteStream, deadline: Deadline) {
        self.stream = stream
        self.deadline = deadline
    }

    /// The next request with its body; nil when the peer is done.
    func request() async throws(Failure) -> ReceivedRequest? {
        var parser = RequestParser(limits: HTTPLimits())
        while true {
            if let head = try parsed({ () throws(HTTPViolation) in try parser.parse(&input) }) {
                return ReceivedRequest(
                    head: head, body: try await body(head.framing, from: .client))
            }
            guard try await readMore() else {
                if parser.isBetweenRequests { return nil }
                throw .ended
            }
        }
    }

    /// The response to a request with `method`, with its body.
    func response(to method: Method) async throws(Failure) -> DemoResponse {
        var parser = ResponseParser(answering: method)
        while true {
            if let head = try parsed({ () throws(HTTPViolation) in try parser.parse(&input) }) {
                return DemoResponse(
                    status: head.status, fields: head.fields,
                    body: try await body(head.framing, from: .server))
            }
            guard try await readMore() else { throw .ended }
        }
    }

    private func body(
        _ framing: BodyFraming, from sender: BodyReader.Sender
    ) async throws(Failure) -> [UInt8] {
        var reader = BodyReader(framing: framing, limit: Self.bodyLimit, from: sender)
        var body: [UInt8] = []
        while true {
            switch try parsed({ () throws(HTTPViolation) in try reader.next(&input) }) {
            case .data(let part): body += part
            case .end: return body
            case .needMore:
                if try await readMore() { continue }
                _ = try parsed { () throws(HTTPViolation) in try reader.finish() }
                return body
            }
        }
    }

    private func readMore() async throws(Failure) -> Bool {
        do throws(StreamError) {
            let octets = try await stream.read(deadline: deadline)
            input.append(octets)
            return !octets.isEmpty
        } catch {
            throw .stream(error)
        }
    }

    private func parsed<Result>(
        _ parse: () throws(HTTPViolation) -> Result
    ) throws(Failure) -> Result {
        do { return try parse() } catch { throw .message(error) }
    }
}
