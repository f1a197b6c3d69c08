// SPDX-License-Identifier: Apache-2.0
// Paths that are forwarded unverified, and how they travel.

import ClientAttestation
import EventLoop
import HTTPWire
import Octets

/// Serves one pass-through request: login pages, key sets, the authorization endpoint.
struct PassThrough {
    let worker: Worker
    let server: ProtectedServer
    /// Whether the path is the configured authorization endpoint.
    let isAuthorization: Bool

    /// Judges, forwards and relays. What fits into a form's limit is read whole before the AS is
    /// troubled, so that slow clients hold no connection to it; only longer bodies stream.
    func serve(_ exchange: Exchange) async throws {
        let head = exchange.head
        try ForwardFields.checkConnectionOptions(head, server: server)
        let kind = try PassThroughBody.announced(by: head)
        var (body, isWhole) = try await readStart(exchange, kind)
        let rules = PassThroughRules(
            head: head, kind: kind, body: body, isAuthorization: isAuthorization, server: server)
        let client: ClientSettings?
        do {
            client = try rules.judge()
        } catch {
            if error.rule == .ep(13) { reportUnknownEndpoint() }
            throw error
        }
        var target = head.target.originForm
        if let client, client.isMapped {
            target = MappedClientID.inTarget(target, of: client)
            if kind == .form { body = MappedClientID.inForm(body, of: client) }
        }

        let writer = ForwardFields.passThroughRequest(exchange, target: target, server: server)
        let answer =
            isWhole
            ? try await send(exchange, writer, whole: body)
            : try await stream(exchange, writer, after: body)
        try await ResponseRoad(exchange: exchange, server: server).relayPassThrough(answer)
    }

    /// The body, or as much of a long one that holds no parameters as is read before it streams.
    private func readStart(
        _ exchange: Exchange, _ kind: PassThroughBody
    ) async throws -> (body: [UInt8], isWhole: Bool) {
        guard exchange.head.framing.mayHaveContent else { return ([], true) }
        let limits = exchange.generation.shared.settings.limits
        try exchange.openBody(limit: kind == .opaque ? limits.passThroughBody : limits.body)
        var body: [UInt8] = []
        while body.count <= limits.body {
            guard let part = try await exchange.nextBodyPart() else { return (body, true) }
            body += part
        }
        return (body, false)
    }

    private func reportUnknownEndpoint() {
        worker.generation.journal.event(
            .error, "unknown token endpoint",
            [
                .text("rule", "EP-13"),
                .text("hint", "a pass-through path got a token request: list it in endpoints"),
            ])
    }

    // MARK: On the way

    /// Sends a request whose body is known.
    private func send(
        _ exchange: Exchange, _ head: consuming HeadWriter, whole body: [UInt8]
    ) async throws -> UpstreamAnswer {
        let method = exchange.head.method
        if exchange.head.framing != .none || Self.methodsWithBody.contains(method) {
            head.contentLength(body.count)
        }
        head.end()
        head.body(body)
        let request = UpstreamRequest(method: method, bytes: head.bytes)
        // An AS that answers a HEAD with a body would give it to the next client.
        return try await exchange.generation.pools(of: server).passThrough
            .exchange(request, record: exchange, isLast: !body.isEmpty || method == .head)
    }

    /// Streams a long body as it comes, in our own framing.
    private func stream(
        _ exchange: Exchange, _ head: consuming HeadWriter, after start: [UInt8]
    ) async throws -> UpstreamAnswer {
        var isChunked = false
        if case .length(let length) = exchange.head.framing {
            head.contentLength(length)
        } else {
            head.chunked()
            isChunked = true
        }
        head.end()
        let pool = exchange.generation.pools(of: server).passThrough
        guard pool.beginHold() else { throw Refusal(.http(16), .busy) }
        defer { pool.endHold() }
        let started = Stopwatch()
        let connection: UpstreamConnection
        do { connection = try await pool.checkOut() } catch { throw error.refusal }
        connection.isLast = true
        connection.write(head.bytes)
        do {
            var next: [UInt8]? = start
            while let part = next {
                connection.write(isChunked ? ChunkWriter.chunk(part) : part)
                try await connection.waitForRoom()
                next = try await exchange.nextBodyPart()
            }
            if isChunked { connection.write(ChunkWriter.end) }
        } catch {
            pool.discard(connection)
            throw (error as? UpstreamFailure)?.refusal ?? error
        }
        do {
            return try await pool.answer(
                on: connection, method: exchange.head.method, exchange: exchange, started: started)
        } catch {
            throw error.refusal
        }
    }

    private static let methodsWithBody: Set<Method> = [.post, .put, .patch]
}
