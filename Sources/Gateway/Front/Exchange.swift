// SPDX-License-Identifier: Apache-2.0
// One request and its one answer; knows the connection it came by, and no policy.

import ClientAttestation
import EventLoop
import HTTPWire
import Octets

/// The client went away, or the connection to it broke: nobody is left to answer.
struct ClientGone: Error {}

/// A request being served: its head, its body as it arrives, and the way back.
final class Exchange {
    let head: RequestHead
    let connection: HTTP1Connection
    /// The configuration this request is served under, to its end.
    let generation: WorkerGeneration
    let started = Stopwatch()
    let record: AccessRecord
    /// Methods for `Allow` if the answer is 405.
    var allow = "POST, OPTIONS"
    /// Decides the `Access-Control-*` fields of every answer; set when the route is known.
    var cors: CORS?
    /// The AS in whose name this is answered; set when the route is known.
    var server: ProtectedServer?
    /// Which protected endpoint was asked; nil elsewhere.
    var endpoint: ProtectedEndpoint?
    /// Whether answers follow ERR-02 and HTTP-19: at protected endpoints and the challenge endpoint.
    var isProtected = false
    /// Whether the answer carries a fresh challenge (CHAL-14, CHAL-23).
    var pushesChallenge = false
    /// Whether the answer carries a fresh DPoP nonce of ours (CHAL-30, ERR-04).
    var pushesDPoPNonce = false
    private(set) var hasReplied = false
    private var writesChunks = false

    init(_ head: RequestHead, on connection: HTTP1Connection) {
        self.head = head
        self.connection = connection
        generation = connection.worker.current
        record = AccessRecord(
            requestID: connection.worker.nextRequestID(), remote: connection.remotePseudonym,
            method: AccessRecord.name(of: head.method))
    }

    /// The whole body (HTTP-16). 413 beyond `limit` octets, 408 after the body deadline.
    func readBody(limit: Int) async throws -> [UInt8] {
        try connection.openBody(head, limit: limit)
        guard var body = try await connection.nextBodyPart() else { return [] }
        while let part = try await connection.nextBodyPart() { body += part }
        return body
    }

    /// Prepares to read the body part by part, at most `limit` octets in all.
    func openBody(limit: Int) throws {
        try connection.openBody(head, limit: limit)
    }

    /// The next part of the body, nil at its end.
    func nextBodyPart() async throws -> [UInt8]? {
        try await connection.nextBodyPart()
    }

    /// Sends a whole answer.
    func reply(_ reply: Reply) {
        var writer = beginHead(status: reply.status)
        writer.field(.date, connection.worker.dateField())
        for field in reply.fields { writer.field(field.name, field.value) }
        let hasBody = reply.status != 204
        if hasBody { writer.contentLength(reply.body.count) }
        endHead(&writer)
        var bytes = writer.bytes
        if hasBody && head.method != .head {
            bytes += reply.body
        }
        connection.write(bytes)
    }

    /// Starts an answer whose fields the caller writes; ends with `endHead`.
    func beginHead(status: Int) -> HeadWriter {
        hasReplied = true
        record.status = status
        var writer = HeadWriter(reserving: 512)
        writer.statusLine(status)
        return writer
    }

    /// Ends the fields of an answer with what the gateway alone decides.
    func endHead(_ writer: inout HeadWriter) {
        if isProtected {
            // ERR-02, CHAL-31: nothing at these endpoints may be kept by a cache.
            writer.field(.cacheControl, "no-store")
            writer.field(.pragma, "no-cache")
        }
        cors?.addFields(to: &writer)
        if pushesChallenge || pushesDPoPNonce { addFreshValues(to: &writer) }
        if connection.mustClose(after: head) {
            writer.field(.connection, "close")
        } else if head.version == .http10 {
            writer.field(.connection, "keep-alive")
        }
        writer.end()
    }

    /// CHAL-14, CHAL-23, CHAL-30. Where challenge and nonce are one, both fields say the same
    /// (CHAL-17).
    private func addFreshValues(to writer: inout HeadWriter) {
        guard let server else { return }
        let challenge = pushesChallenge ? connection.worker.freshChallenge(of: server) : nil
        if let challenge { writer.field(.oauthClientAttestationChallenge, challenge) }
        guard pushesDPoPNonce else { return }
        let shared = server.settings.policy.sharesChallenges ? challenge : nil
        if let nonce = shared ?? connection.worker.freshDPoPNonce(of: server) {
            writer.field(.dpopNonce, nonce)
        }
    }

    /// Starts an answer that is streamed: framed by `length`, else by chunks, else by the end of
    /// the connection for HTTP/1.0.
    func beginStream(_ writer: inout HeadWriter, length: Int?) {
        if let length {
            writer.contentLength(length)
        } else if head.version == .http11 {
            writer.chunked()
            writesChunks = true
        } else {
            connection.closesAfterReply = true
        }
        endHead(&writer)
        connection.write(writer.bytes)
    }

    /// Sends one part of a streamed body.
    func writePart(_ part: [UInt8]) {
        guard !part.isEmpty else { return }
        connection.write(writesChunks ? ChunkWriter.chunk(part) : part)
    }

    /// Ends a streamed body.
    func endStream() {
        if writesChunks { connection.write(ChunkWriter.end) }
    }
}
