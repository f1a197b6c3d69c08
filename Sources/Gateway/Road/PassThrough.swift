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

    /// Judges, forwards and relays. Forms are read whole, everything else streams.
    func serve(_ exchange: Exchange) async throws {
        let head = exchange.head
        try ForwardFields.checkConnectionOptions(head)
        try refuseRegistration(head)
        let query = head.target.query ?? []
        let isForm = head.fields.values(of: .contentType).contains(where: ContentType.mayBeForm)
        let form = isForm ? try await exchange.readBody(limit: limits.body) : []
        try refuseTokenRequest(query, form)
        try AuthorizationRequest.check(
            query: query, form: form, isEndpoint: isAuthorization, server: server)

        var writer = ForwardFields.passThroughRequest(exchange, server: server)
        let pool = worker.pool(of: server)
        let started = Stopwatch()
        let answer: UpstreamAnswer
        if isForm {
            writer.contentLength(form.count)
            writer.end()
            answer = try await pool.exchange(
                UpstreamRequest(method: head.method, bytes: writer.bytes + form), record: exchange)
        } else {
            answer = try await send(exchange, writer, pool: pool, started: started)
        }
        try await ResponseRoad(exchange: exchange, server: server).relayPassThrough(answer)
    }

    // MARK: What must not pass

    /// EP-13, second line: a token endpoint nobody told us of. The name of the parameter is found
    /// under any spelling that some platform reads as it.
    private func refuseTokenRequest(_ query: [UInt8], _ form: [UInt8]) throws(Refusal) {
        for text in [query, form] where LooseParameters.occur(Self.tokenParameters, in: text) {
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
    private func refuseRegistration(_ head: RequestHead) throws(Refusal) {
        guard head.method == .post || head.method == .put,
            head.target.path != server.settings.registrationPath,
            head.fields.values(of: .contentType).contains(where: Self.namesJSON)
        else { return }
        let segments = head.target.decodedPath.map(ASCII.lowercased)
            .split(separator: UInt8(ascii: "/"))
        if segments.contains(where: { Self.registrationSegments.contains(Array($0)) }) {
            throw Refusal(.ep(10), .http(404))
        }
    }

    // MARK: On the way

    /// Streams the body as it comes, in our own framing.
    private func send(
        _ exchange: Exchange, _ head: consuming HeadWriter, pool: UpstreamPool,
        started: Stopwatch
    ) async throws -> UpstreamAnswer {
        var isChunked = false
        switch exchange.head.framing {
        case .length(let length): head.contentLength(length)
        case .chunked:
            head.chunked()
            isChunked = true
        default: if Self.methodsWithBody.contains(exchange.head.method) { head.contentLength(0) }
        }
        head.end()
        try exchange.openBody(limit: limits.passThroughBody)
        let connection: UpstreamConnection
        do { connection = try await pool.checkOut() } catch { throw error.refusal }
        connection.write(head.bytes)
        do {
            while let part = try await exchange.nextBodyPart() {
                connection.write(isChunked ? ChunkWriter.chunk(part) : part)
                try await connection.waitForRoom()
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
        ["register", "registration", "reg", "clients-registrations"].map {
            $0.octets
        })

    private static func namesJSON(_ value: [UInt8]) -> Bool {
        value.map(ASCII.lowercased).starts(with: "application/json".octets)
    }
}
