// SPDX-License-Identifier: Apache-2.0
// One connection to the AS: one request at a time, its answer read as strictly as a request.

import EventLoop
import HTTPWire
import Octets

/// A connection of this worker's pool.
final class UpstreamConnection {
    let stream: ByteStream
    private let responseTimeout: Duration
    private var input = InputBuffer()
    private var body: BodyReader?
    private(set) var requestsServed = 0
    /// Whether the answer under way has been read to its framed end.
    private(set) var isComplete = true
    private var keepsAlive = true
    /// What was read of the body before anybody asked for its parts.
    private var ahead: [UInt8]?
    /// Set when nothing may follow: octets of a client's choice went out as a body, and an AS that
    /// overlooks bodies would take them for a request and its answer for the next client's.
    var isLast = false

    init(_ stream: ByteStream, responseTimeout: Duration) {
        self.stream = stream
        self.responseTimeout = responseTimeout
    }

    /// Whether another request may be sent: the last answer was whole, and nobody said a word since.
    func isReusable(requestLimit: Int) -> Bool {
        isComplete && keepsAlive && !isLast && input.isEmpty && requestsServed < requestLimit
            && stream.isEmptyAndOpen
    }

    /// Queues octets of a request.
    func write(_ bytes: [UInt8]) {
        isComplete = false
        stream.write(bytes)
    }

    /// Waits until the AS has taken enough of a long body.
    func waitForRoom() async throws(UpstreamFailure) {
        do {
            try await stream.drain(
                below: 256 * 1024, deadline: stream.deadline(after: responseTimeout))
        } catch {
            throw UpstreamFailure(error)
        }
    }

    /// The head of the answer to a request with `method`.
    func readHead(method: Method) async throws(UpstreamFailure) -> ResponseHead {
        requestsServed += 1
        ahead = nil
        var parser = ResponseParser(answering: method)
        let deadline = stream.deadline(after: responseTimeout)
        while true {
            if let head = try parse(&parser) {
                keepsAlive = head.keepAlive
                let reader = BodyReader(framing: head.framing, limit: .max, from: .server)
                isComplete = reader.isComplete
                body = reader
                return head
            }
            if try await readMore(deadline) == false { throw .broken }
        }
    }

    /// The body, or the beginning of one that is longer than `limit` octets. `nextBodyPart` gives
    /// it all the same.
    func peekBody(atMost limit: Int) async throws(UpstreamFailure) -> [UInt8] {
        var body = ahead ?? []
        ahead = nil
        while body.count <= limit, let part = try await nextBodyPart() { body += part }
        ahead = body
        return body
    }

    /// The next octets of the answer's body; nil at its end.
    func nextBodyPart() async throws(UpstreamFailure) -> [UInt8]? {
        if let part = ahead {
            ahead = nil
            return part
        }
        while true {
            switch try nextEvent() {
            case .data(let part): return part
            case .end:
                isComplete = true
                return nil
            case .needMore:
                if try await readMore(stream.deadline(after: responseTimeout)) == false {
                    try finishBody()
                    return nil
                }
            }
        }
    }

    private func parse(_ parser: inout ResponseParser) throws(UpstreamFailure) -> ResponseHead? {
        do { return try parser.parse(&input) } catch { throw .malformed(.http(13)) }
    }

    private func nextEvent() throws(UpstreamFailure) -> BodyEvent {
        do { return try body?.next(&input) ?? .end } catch { throw .malformed(.http(13)) }
    }

    /// The AS closed: fine where that ends the body, a cut answer elsewhere.
    private func finishBody() throws(UpstreamFailure) {
        keepsAlive = false
        do { try body?.finish() } catch { throw .malformed(.http(13)) }
    }

    private func readMore(_ deadline: Deadline) async throws(UpstreamFailure) -> Bool {
        do {
            let bytes = try await stream.read(deadline: deadline)
            input.append(bytes)
            return !bytes.isEmpty
        } catch {
            throw UpstreamFailure(error)
        }
    }
}
