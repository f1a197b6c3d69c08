// SPDX-License-Identifier: Apache-2.0
// Challenges and nonces, made at the edge from the master key and the clock (CHAL-01 to CHAL-16).

import ClientAttestation
import EventLoop
import HTTPWire
import JSON
import Octets

/// `POST` to the challenge endpoint (draft -06 and later).
enum ChallengeEndpoint {
    /// Octets of a body that are read and ignored (CHAL-10).
    private static let ignoredBody = 1024

    /// CHAL-10, -11, -13: unauthenticated, any body, one HMAC.
    static func answer(
        _ exchange: Exchange, server: ProtectedServer, worker: Worker
    ) async throws -> Reply {
        exchange.allow = "POST"
        try requireMethod(exchange.head)
        if let rate = worker.generation.challengeRate,
            !rate.admits(exchange.connection.peer.addressOctets, now: worker.now())
        {
            throw Refusal(.chal(13), .tooManyRequests)
        }
        _ = try await exchange.readBody(limit: ignoredBody)
        guard let challenge = worker.freshChallenge(of: server) else {
            throw Refusal(.rpl(7), .busy)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("attestation_challenge")
        writer.string(challenge)
        writer.endObject()
        var reply = Reply(200, type: "application/json", body: writer.bytes)
        let policy = server.settings.policy
        // CHAL-12, CHAL-17.
        if policy.issuesDPoPNonces,
            let nonce = policy.sharesChallenges ? challenge : worker.freshDPoPNonce(of: server)
        {
            reply.add(.dpopNonce, nonce)
        }
        return reply
    }
}

extension ChallengeEndpoint {
    /// CHAL-10: `POST` alone.
    static func requireMethod(_ head: RequestHead, trace: RuleTrace? = nil) throws(Refusal) {
        trace?.begin(.chal(10))
        guard head.method == .post else { throw Refusal(.chal(10), .http(405)) }
    }
}

/// `OPTIONS` at a protected endpoint: preflight, nonce (draft -05), or a plain list of methods.
enum OptionsAnswer {
    /// HTTP-19 first, then CHAL-01 to CHAL-04. Never forwarded.
    static func make(
        _ exchange: Exchange, server: ProtectedServer, endpoint: ProtectedEndpoint, cors: CORS
    ) throws(Refusal) -> Reply {
        let head = exchange.head
        if cors.isPreflight { return cors.preflight() }
        let requests = head.fields.count(of: .attestationNonceRequest)
        if requests > 1 || head.framing != .none && head.framing != .length(0) {
            throw Refusal(.chal(4), .http(400))
        }
        var reply = Reply(200)
        reply.add(.allow, "POST, OPTIONS")
        if case .one(let range) = head.fields.lookup(.attestationNonceRequest),
            head.fields.bytes(range) == Self.yes, server.servesNonce(at: endpoint)
        {
            guard let nonce = exchange.connection.worker.freshChallenge(of: server) else {
                throw Refusal(.rpl(7), .busy)
            }
            reply.add(.attestationNonce, nonce)
        }
        return reply
    }

    private static let yes = Array("true".utf8)
}
