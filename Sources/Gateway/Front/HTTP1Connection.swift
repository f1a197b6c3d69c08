// SPDX-License-Identifier: Apache-2.0
// One client connection speaking HTTP/1.1: reads heads and bodies within their deadlines, in order.

import ClientAttestation
import EventLoop
import HTTPWire
import Octets

/// A client's connection on its worker; one request at a time, pipelined ones wait their turn.
final class HTTP1Connection {
    /// Octets that may wait for a slow client before the gateway stops producing more.
    private static let outputRoom = 64 * 1024

    let worker: Worker
    /// The client's address as it appears in the log (PRIV-03); nil: not shown.
    let remotePseudonym: [UInt8]?
    let peer: SocketAddress
    /// The client's address for `X-Forwarded-For`; nil on a Unix socket.
    let peerText: [UInt8]?
    /// Set when the answer's end can only be told by closing.
    var closesAfterReply = false
    private let stream: ByteStream
    private var limits: HTTPLimits
    private var input = InputBuffer()
    private var body: BodyReader?
    private var bodyDeadline = Deadline.never
    private var awaitsContinue = false
    private(set) var isIdle = true
    private var received = 0
    /// Octets of the requests read so far, heads and framing included.
    var consumed: Int { received - input.count }
    /// Octets of the answers so far, heads and framing included.
    private(set) var written = 0

    init(_ stream: ByteStream, peer: SocketAddress, worker: Worker) {
        self.stream = stream
        self.peer = peer
        peerText = peer.portOrNil == nil ? nil : peer.hostDescription.octets
        self.worker = worker
        limits = worker.generation.settings.limits
        remotePseudonym = worker.remote(of: peer)
    }

    /// Serves requests until either side ends the connection.
    func serve() async {
        while true {
            let (consumedBefore, writtenBefore) = (consumed, written)
            guard let head = await nextHead() else { break }
            isIdle = false
            let exchange = Exchange(head, on: self)
            await worker.road.serve(exchange)
            exchange.record.bytesIn = consumed - consumedBefore
            exchange.record.bytesOut = written - writtenBefore
            exchange.record.totalTime = exchange.started.milliseconds
            worker.account(exchange.record)
            guard exchange.hasReplied, !mustClose(after: head) else { break }
            do { try await waitForRoom() } catch { break }
            body = nil
            isIdle = true
        }
        stream.close()
    }

    /// Ends the connection at once, for example while it waits for a next request.
    func abort() {
        stream.abort()
    }

    // MARK: Output

    /// Queues octets for the client.
    func write(_ bytes: [UInt8]) {
        written += bytes.count
        stream.write(bytes)
    }

    /// Whether the client has taken enough of what is queued.
    var hasRoom: Bool { stream.queuedOutput < Self.outputRoom }

    /// Waits until the client has taken enough of what is queued, at most `limit` or as long as a
    /// connection may idle.
    func waitForRoom(within limit: Duration? = nil) async throws(ClientGone) {
        let limit = min(limit ?? limits.idleTimeout, limits.idleTimeout)
        do {
            try await stream.drain(
                below: Self.outputRoom, deadline: stream.deadline(after: limit))
        } catch {
            closesAfterReply = true
            throw ClientGone()
        }
    }

    /// Whether this connection ends with the answer to `head`: it was asked to, the gateway drains,
    /// or octets of the body are left that nobody will read.
    func mustClose(after head: RequestHead) -> Bool {
        closesAfterReply || !head.keepAlive || worker.isDraining || hasUnreadBody(head)
    }

    private func hasUnreadBody(_ head: RequestHead) -> Bool {
        guard let body else { return head.framing.mayHaveContent }
        return !body.isComplete
    }

    // MARK: Input

    /// The next request's head; nil when the connection is over.
    private func nextHead() async -> RequestHead? {
        var parser = RequestParser(limits: limits)
        var deadline = stream.deadline(
            after: input.isEmpty ? limits.idleTimeout : limits.headerTimeout)
        do {
            while true {
                if let head = try parser.parse(&input) { return head }
                let wasEmpty = input.isEmpty
                let bytes = try await stream.read(deadline: deadline)
                if bytes.isEmpty { return nil }
                if wasEmpty {
                    // The configuration may have changed while the connection waited.
                    limits = worker.generation.settings.limits
                    parser = RequestParser(limits: limits)
                    deadline = stream.deadline(after: limits.headerTimeout)
                }
                received += bytes.count
                input.append(bytes)
            }
        } catch let violation as HTTPViolation {
            refuse(violation.rule, status: violation.status)
        } catch let error as StreamError {
            if error == .timedOut, !input.isEmpty { refuse(.http(16), status: 408) }
        } catch {}
        return nil
    }

    /// Prepares to read the body of `head`, at most `limit` octets (HTTP-16).
    func openBody(_ head: RequestHead, limit: Int) throws {
        guard body == nil else { return }
        body = try BodyReader(of: head, limit: limit)
        bodyDeadline = stream.deadline(after: limits.bodyTimeout)
        awaitsContinue = head.expectsContinue
    }

    /// The next octets of the body, nil at its end.
    func nextBodyPart() async throws -> [UInt8]? {
        while true {
            let event: BodyEvent
            do {
                guard let next = try body?.next(&input) else { return nil }
                event = next
            } catch {
                throw Refusal(error.rule, .http(error.status))
            }
            switch event {
            case .data(let part): return part
            case .end: return nil
            case .needMore: try await readMore()
            }
        }
    }

    private func readMore() async throws {
        if awaitsContinue {
            awaitsContinue = false
            stream.write(HeadWriter.continueResponse)
        }
        do {
            let bytes = try await stream.read(deadline: bodyDeadline)
            if bytes.isEmpty { throw ClientGone() }
            received += bytes.count
            input.append(bytes)
        } catch StreamError.timedOut {
            throw Refusal(.http(16), .http(408))
        } catch {
            closesAfterReply = true
            throw ClientGone()
        }
    }

    /// Answers octets that are no request, and records it.
    private func refuse(_ rule: RuleID, status: Int) {
        let record = AccessRecord(
            requestID: worker.nextRequestID(), remote: remotePseudonym, method: [])
        record.status = status
        record.rule = rule
        var writer = HeadWriter(reserving: 128)
        let reply = ErrorReply.plain(status)
        writer.statusLine(status)
        for field in reply.fields { writer.field(field.name, field.value) }
        writer.contentLength(reply.body.count)
        writer.field(.connection, "close")
        writer.end()
        stream.write(writer.bytes + reply.body)
        worker.account(record)
    }
}
