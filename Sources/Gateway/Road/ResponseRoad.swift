// SPDX-License-Identifier: Apache-2.0
// The way back: the AS's answer to the client, filtered, and unread by the gateway where no rule
// needs it (FWD-11, ERR-10, ERR-11).

import ClientAttestation
import HTTPWire
import JSON
import Octets

/// Relays one answer.
struct ResponseRoad {
    /// Octets of a protected endpoint's answer that are read before any are sent on.
    static let heldBody = 64 * 1024

    let exchange: Exchange
    let server: ProtectedServer

    /// An answer of a protected endpoint. `isTranslated`: the credential in the request was ours.
    func relayProtected(
        _ answer: UpstreamAnswer, isTranslated: Bool, _ artifacts: RequestArtifacts
    ) async throws {
        defer { answer.release() }
        let status = answer.head.status
        if status >= 500 {
            throw Refusal(.err(11), status == 504 ? .upstreamTimeout : .upstream)
        }
        // HTTP-13: an answer that breaks off is found out before the client sees any of it, as
        // long as it is as short as OAuth's answers are.
        let isHeld = artifacts.needsWholeAnswer
        let start = isHeld ? try await readWhole(answer) : try await readStart(of: answer)
        if status >= 400 {
            try requireClientFault(status, Self.error(in: start), isTranslated: isTranslated)
        }
        // BIND-01, -08, -09, -12, -13: what is the AS's own stays here.
        let edited = isHeld ? try sealed(start, of: answer.head, artifacts) : nil
        // CHAL-30: who proved a key with DPoP here will need a nonce again.
        let hasDPoP = isTranslated && exchange.head.fields.contains(.dpop)
        exchange.pushesDPoPNonce = hasDPoP && server.settings.policy.issuesDPoPNonces
        if let edited {
            send(edited, in: answer.head)
        } else {
            try await stream(answer, isProtected: true, after: start)
        }
    }

    /// An answer of a pass-through path: as it came.
    func relayPassThrough(_ answer: UpstreamAnswer) async throws {
        defer { answer.release() }
        try await stream(answer, isProtected: false)
    }

    /// Streams the answer with back-pressure; `start` is what was already read of its body.
    private func stream(
        _ answer: UpstreamAnswer, isProtected: Bool, after start: [UInt8]? = nil
    ) async throws {
        let head = answer.head
        var writer = exchange.beginHead(status: head.status)
        ForwardFields.copyResponse(head, isProtected: isProtected, server: server, to: &writer)
        guard head.framing != .none else {
            // To a HEAD, the length that a GET would have had.
            if let length = head.fields.single(.contentLength) {
                writer.field(.contentLength, length)
            }
            exchange.endHead(&writer)
            exchange.connection.write(writer.bytes)
            return
        }
        var length: Int?
        if case .length(let declared) = head.framing { length = declared }
        exchange.beginStream(&writer, length: length)
        if let start { exchange.writePart(start) }
        while let part = try await answer.nextBodyPart() {
            exchange.writePart(part)
            try await answer.waitForRoom(exchange.connection)
        }
        exchange.endStream()
    }

    /// The body, or the first part of one that is longer than OAuth's answers are.
    private func readStart(of answer: UpstreamAnswer) async throws(Refusal) -> [UInt8] {
        var body: [UInt8] = []
        do {
            while body.count <= Self.heldBody, let part = try await answer.nextBodyPart() {
                body += part
            }
        } catch {
            throw error.refusal
        }
        return body
    }

    /// BIND-01: the whole body of an answer that may have to be edited.
    private func readWhole(_ answer: UpstreamAnswer) async throws(Refusal) -> [UInt8] {
        let limit = server.settings.upstream.editedBody
        if case .length(let length) = answer.head.framing, length > limit {
            throw Refusal(.bind(1), .upstream)
        }
        var body: [UInt8] = []
        do {
            while let part = try await answer.nextBodyPart() {
                body += part
                if body.count > limit { break }
            }
        } catch {
            throw error.refusal
        }
        guard body.count <= limit else { throw Refusal(.bind(1), .upstream) }
        return body
    }

    /// The body to send in place of `body`; nil: that one.
    private func sealed(
        _ body: [UInt8], of head: ResponseHead, _ artifacts: RequestArtifacts
    ) throws(Refusal) -> [UInt8]? {
        let fields = head.fields
        let facts = AnswerFacts(
            status: head.status, contentTypes: fields.values(of: .contentType),
            contentEncodings: fields.values(of: .contentEncoding),
            fieldValues: fields.map { fields.slice($0.value) })
        let now = exchange.connection.worker.now()
        let edited = try artifacts.answer(body, facts, seal: server.settings.seal, now: now)
        if edited != nil, artifacts.adopted != nil { reportAdoption() }
        return edited
    }

    /// BIND-13: an answer with another body than the AS's.
    private func send(_ body: [UInt8], in head: ResponseHead) {
        var writer = exchange.beginHead(status: head.status)
        ForwardFields.copyResponse(
            head, isProtected: true, server: server, isEdited: true, to: &writer)
        writer.contentLength(body.count)
        exchange.endHead(&writer)
        exchange.connection.write(writer.bytes + body)
    }

    /// BIND-04: nobody but the operator can tell whether it was the right instance.
    private func reportAdoption() {
        let record = exchange.record
        exchange.connection.worker.generation.journal.event(
            .warning, "an unsealed refresh token was adopted",
            [
                .text("rule", "BIND-04"),
                .text("request_id", String(decoding: record.requestID, as: UTF8.self)),
                .text("client_id", String(decoding: record.clientID ?? [], as: UTF8.self)),
            ])
    }

    /// Whether the client can do something about what the AS refused; if not, it is not told that
    /// it is at fault.
    private func requireClientFault(
        _ status: Int, _ error: [UInt8]?, isTranslated: Bool
    ) throws(Refusal) {
        // CHAL-30: two issuers of nonces. No proof satisfies both.
        if error == Self.useDPoPNonce, server.settings.policy.issuesDPoPNonces {
            reportForeignNonces()
            throw Refusal(.chal(30), .upstream)
        }
        // ERR-10: our own credential was refused.
        if isTranslated, Self.deniesCredential(status, error) {
            throw Refusal(.err(10), .upstream)
        }
    }

    /// Whether an answer of the AS with this status and OAuth error refuses the credential.
    static func deniesCredential(_ status: Int, _ error: [UInt8]?) -> Bool {
        // What some AS answer with 401, though it is about the client's own proof.
        if error == useDPoPNonce || error == invalidDPoPProof { return false }
        return status == 401 || error == invalidClient
    }

    private func reportForeignNonces() {
        exchange.connection.worker.generation.journal.event(
            .error, "the authorization server demands DPoP nonces of its own",
            [
                .text("rule", "CHAL-30"),
                .text("hint", "write dpop.nonce_owner: as, or switch them off at the server"),
            ])
    }

    /// The OAuth error that a body names.
    static func error(in body: [UInt8]) -> [UInt8]? {
        (try? JSONDocument.parse(body))?.object?["error"]?.string
    }

    private static let invalidClient = "invalid_client".octets
    private static let useDPoPNonce = "use_dpop_nonce".octets
    private static let invalidDPoPProof = "invalid_dpop_proof".octets
}
