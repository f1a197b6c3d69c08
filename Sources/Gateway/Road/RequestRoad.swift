// SPDX-License-Identifier: Apache-2.0
// The road of every request, top to bottom, in the order of requirements 3.0. Steps 3 to 5 are
// listed in ProtectedRequest, steps 6 to 12 in ClientAttestation/Verdict/Verifier.swift.

import ClientAttestation
import HTTPWire
import Octets

/// Serves exchanges on one worker.
struct RequestRoad {
    unowned let worker: Worker

    /// Answers `exchange`, whatever happens. The only `catch` on the road.
    func serve(_ exchange: Exchange) async {
        do {
            try await answer(exchange)
        } catch let refusal as Refusal {
            refuse(exchange, refusal)
        } catch let refusal as ArtifactRefusal {
            refuse(exchange, refusal)
        } catch {
            // The client is gone, or an answer broke off half-way: an end that can't be mistaken
            // for a whole answer.
            exchange.connection.abort()
        }
    }

    /// Step 2: which AS, which endpoint.
    private func answer(_ exchange: Exchange) async throws {
        let head = exchange.head
        let routes = try exchange.generation.shared.routes.server(of: head)
        let server = routes.server
        exchange.server = server
        exchange.record.host = server.authority
        switch try routes.route(head) {
        case .protected(let endpoint):
            exchange.enterProtected(endpoint.endpoint.rawValue, endpoint.endpoint)
            try await serveProtected(exchange, server: server, endpoint: endpoint)
        case .challenge:
            exchange.enterProtected("challenge")
            try await serveChallenge(exchange, server: server)
        case .authorization:
            exchange.record.endpoint = "authorization"
            try await PassThrough(worker: worker, server: server, isAuthorization: true)
                .serve(exchange)
        case .metadata:
            exchange.record.endpoint = "metadata"
            exchange.reply(try await MetadataEndpoint.answer(exchange, server: server))
        case .passThrough:
            exchange.record.endpoint = "pass_through"
            try await PassThrough(worker: worker, server: server, isAuthorization: false)
                .serve(exchange)
        }
    }

    /// A protected endpoint (EP-01 to EP-05).
    private func serveProtected(
        _ exchange: Exchange, server: ProtectedServer, endpoint: EndpointSettings
    ) async throws {
        let head = exchange.head
        if head.method == .options {
            try await answerOptions(exchange, server: server, endpoint: endpoint.endpoint)
            return
        }
        try ProtectedRequest.requireMethod(head)
        exchange.pushesChallenge = server.settings.pushesChallenge

        // Steps 3 to 5. HTTP-12, FWD-01..04; REQ-01..08; body, parameters: REQ-09..21.
        let start = try ProtectedRequest(head, server: server, endpoint: endpoint)
        let limit = start.bodyLimit(exchange.generation.shared.settings.limits)
        var request = try start.reading(try await exchange.readBody(limit: limit))
        guard start.isAttested else {
            try await serveUnattested(exchange, request)
            return
        }

        // Foreign credentials, then steps 6 to 10. JOSE, KEY, ATT; POP, DPOP; REQ-12; CHAL,
        // RPL-07.
        let replay = exchange.generation.shared.replay(of: server)
        let verified = try request.verify(
            cache: worker.attestationCache, fence: replay.fence, now: worker.now())
        exchange.note(verified)

        // Step 11. REQ-18, BIND-15; BIND: from here on sealed values are the AS's own.
        try request.requireOneIdentity(verified.clientID)
        let holder = ArtifactHolder(verified)
        let artifacts = try request.open(for: .attested(holder), now: worker.now())
        try request.bindCode(for: holder)

        // Step 12. RPL, CHAL-22: the last local step makes the proof.
        let instance = try await verified.claim(
            in: replay, budget: exchange.generation.shared.budget, now: worker.now())

        // Step 13. CRED, FWD: from here on an AttestedInstance is a parameter.
        let answer = try await send(request, for: instance, exchange)

        // Step 14. FWD-11, ERR-10, ERR-11, BIND, CHAL-14, CHAL-30.
        try await ResponseRoad(exchange: exchange, server: server)
            .relayProtected(answer, isTranslated: true, artifacts)
    }

    /// EP-06: a client on the list passes with its own credentials, everybody else is refused.
    private func serveUnattested(
        _ exchange: Exchange, _ request: TokenRequest
    ) async throws {
        var request = request
        let server = request.server
        let clientID = try request.unattestedIdentity()
        exchange.record.clientID = clientID
        try request.requireGrant()
        // BIND-02, BIND-07: what is sealed is never theirs.
        let artifacts = try request.open(for: .listed, now: worker.now())
        let forwarded = try request.untranslated(exchange: exchange)
        let answer = try await exchange.generation.pools(of: server).protected.exchange(
            forwarded, record: exchange)
        try await ResponseRoad(exchange: exchange, server: server)
            .relayProtected(answer, isTranslated: false, artifacts)
    }

    private func answerOptions(
        _ exchange: Exchange, server: ProtectedServer, endpoint: ProtectedEndpoint
    ) async throws {
        let cors = CORS(exchange.head, settings: server.settings.cors)
        exchange.reply(
            try OptionsAnswer.make(exchange, server: server, endpoint: endpoint, cors: cors))
    }

    private func serveChallenge(_ exchange: Exchange, server: ProtectedServer) async throws {
        let cors = CORS(exchange.head, settings: server.settings.cors)
        if cors.isPreflight {
            exchange.reply(cors.preflight())
            return
        }
        exchange.reply(
            try await ChallengeEndpoint.answer(exchange, server: server, worker: worker))
    }

    /// BIND-07: some sealed values get an answer that is no error.
    private func refuse(_ exchange: Exchange, _ refusal: ArtifactRefusal) {
        let rule = refusal.refusal.rule
        switch refusal {
        case .refused(let refusal): refuse(exchange, refusal)
        case .nothingToRevoke:
            exchange.record.rule = rule
            exchange.reply(Reply(200))
        case .inactive:
            exchange.record.rule = rule
            exchange.reply(ErrorReply.inactive())
        }
    }

    /// The one place where a refusal becomes an answer and a rule in the log.
    private func refuse(_ exchange: Exchange, _ refusal: Refusal) {
        exchange.record.rule = refusal.rule
        if let clientID = refusal.clientID { exchange.record.clientID = clientID }
        if let attester = refusal.attesterID { exchange.record.attester = attester }
        guard !exchange.hasReplied else {
            exchange.connection.abort()
            return
        }
        if case .http(let status) = refusal.failure, status == 400 || status == 408 || status == 413
        {
            exchange.connection.closesAfterReply = true
        }
        exchange.reply(ErrorReply.make(refusal, exchange: exchange))
    }
}

extension Exchange {
    /// Marks this exchange as one of the protected family (ERR-02, HTTP-19).
    func enterProtected(_ name: String, _ endpoint: ProtectedEndpoint? = nil) {
        record.endpoint = name
        self.endpoint = endpoint
        isProtected = true
        if let server { cors = CORS(head, settings: server.settings.cors) }
    }

    /// What shapes the answer to a refusal besides the rule (ERR-05, ERR-07).
    func circumstances(_ server: ProtectedServer) -> RefusalResponse.Circumstances {
        guard let endpoint else { return RefusalResponse.Circumstances() }
        return server.settings.policy.circumstances(
            at: endpoint, authorizationPresented: head.fields.contains(.authorization),
            dpopPresented: head.fields.contains(.dpop))
    }

    /// Takes over who was verified, for the access record.
    func note(_ verified: VerifiedRequest) {
        record.clientID = verified.clientID
        record.attester = verified.attesterID
        record.profile = verified.profileGuess
    }
}
