// SPDX-License-Identifier: Apache-2.0
// Paths that are forwarded unverified: what they may never become, and how they travel
// (EP-10, EP-13, EP-15).

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

    private var limits: HTTPLimits { worker.generation.settings.limits }

    /// Judges, forwards and relays. What fits into a form's limit is read whole before the AS is
    /// troubled, so that slow clients hold no connection to it; only longer bodies stream.
    func serve(_ exchange: Exchange) async throws {
        let head = exchange.head
        try ForwardFields.checkConnectionOptions(head)
        let query = head.target.query ?? []
        let kind = try PassThroughBody.announced(by: head)
        let (body, isWhole) = try await readStart(exchange, kind)
        try refuseTokenRequest(query, kind, body)
        try refuseRegistration(head, kind, body)
        try AuthorizationRequest.check(
            query: query, form: body, body: kind, isEndpoint: isAuthorization, server: server)

        let writer = ForwardFields.passThroughRequest(exchange, server: server)
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
        try exchange.openBody(limit: kind == .opaque ? limits.passThroughBody : limits.body)
        var body: [UInt8] = []
        while body.count <= limits.body {
            guard let part = try await exchange.nextBodyPart() else { return (body, true) }
            body += part
        }
        return (body, false)
    }

    // MARK: What must not pass

    /// EP-13, second line: a token endpoint nobody told us of. The name of the parameter is found
    /// under any spelling that some platform reads as it.
    private func refuseTokenRequest(
        _ query: [UInt8], _ kind: PassThroughBody, _ body: [UInt8]
    ) throws(Refusal) {
        if LooseParameters.occur(Self.tokenParameters, in: query)
            || kind.occur(Self.tokenParameters, in: body)
        {
            worker.generation.journal.event(
                .error, "unknown token endpoint",
                [
                    .text("rule", "EP-13"),
                    .text("hint", "a pass-through path got a token request: list it in endpoints"),
                ])
            throw Refusal(.ep(13), .http(404))
        }
    }

    /// EP-10: dynamic registration (RFC 7591 is a POST of JSON) unless its path was let through.
    /// It is known by its path, or by what every such request says.
    private func refuseRegistration(
        _ head: RequestHead, _ kind: PassThroughBody, _ body: [UInt8]
    ) throws(Refusal) {
        guard kind == .text, head.method != .get,
            head.target.path != server.settings.registrationPath
        else { return }
        let segments = head.target.decodedPath.split(separator: UInt8(ascii: "/"))
            .map { $0.prefix { $0 != UInt8(ascii: ".") }.map(ASCII.lowercased) }
        if segments.contains(where: Self.registrationSegments.contains)
            || kind.occur(Self.registrationMembers, in: body)
        {
            throw Refusal(.ep(10), .http(404))
        }
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
        return try await worker.passThroughPool(of: server)
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
        let pool = worker.passThroughPool(of: server)
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
    private static let tokenParameters: Set<[UInt8]> = [
        ParameterName.grantType.octets, ParameterName.clientAssertion.octets,
    ]
    private static let registrationSegments: Set<[UInt8]> = Set(
        ["register", "registration", "reg", "clients-registrations"].map(\.octets))
    private static let registrationMembers: Set<[UInt8]> = ["redirect_uris".octets]
}
