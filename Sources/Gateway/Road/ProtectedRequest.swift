// SPDX-License-Identifier: Apache-2.0
// Steps 3 to 11 of a protected request without its connection: the same straight line for the road
// and for `explain`, cut only where the body has to be waited for.

import ClientAttestation
import HTTPWire
import Octets

/// A protected `POST` whose head was judged and whose body was not read yet.
struct ProtectedRequest {
    let head: RequestHead
    let server: ProtectedServer
    let endpoint: EndpointSettings
    let tokens: PresentedTokens
    /// Nil for requests in service.
    let trace: RuleTrace?

    /// Judges what the head alone decides; nothing is verified yet.
    init(
        _ head: RequestHead, server: ProtectedServer, endpoint: EndpointSettings,
        trace: RuleTrace? = nil
    ) throws(Refusal) {
        self.head = head
        self.server = server
        self.endpoint = endpoint
        self.trace = trace
        // Step 3. Fields that the client has no say in: HTTP-12; FWD-01..04 by the allow-list of
        // ForwardFields.
        try ForwardFields.checkConnectionOptions(head, server: server, trace: trace)
        // Step 4. REQ-01..08: which proof is presented, each once and well formed.
        tokens = try PresentedTokens.read(head, trace: trace)
        trace?.begin(.req(6))
        if tokens.presence != .none { _ = try tokens.method() }
        // Step 5, before a body is asked for: REQ-14, HTTP-17, BIND-14.
        try TokenRequest.requireReadable(head, trace: trace)
    }

    /// HTTP-10: the method of a protected endpoint, `OPTIONS` apart.
    static func requireMethod(_ head: RequestHead, trace: RuleTrace? = nil) throws(Refusal) {
        trace?.begin(.http(10))
        guard head.method == .post else { throw Refusal(.http(10), .http(405)) }
    }

    /// HTTP-16: octets that the body may have.
    func bodyLimit(_ limits: HTTPLimits) -> Int {
        endpoint.endpoint == .pushedAuthorizationRequest ? limits.parBody : limits.body
    }

    /// Step 5. REQ-08 to -11, -13, -18, -21: the body and its parameters.
    func reading(_ body: [UInt8]) throws(Refusal) -> TokenRequest {
        try TokenRequest(body, of: self)
    }

    /// Whether the request presents tokens at all; EP-06 decides over the others.
    var isAttested: Bool { tokens.presence != .none }

    /// Steps 6 to 10. JOSE, KEY, ATT; POP; REQ-12; CHAL, RPL-07.
    func verify(
        _ facts: RequestFacts, cache: AttestationCache, fence: StartFence?, now: UnixTime
    ) throws(Refusal) -> VerifiedRequest {
        try Verifier.verify(
            tokens, facts, policy: server.settings.policy, cache: cache, fence: fence, now: now,
            trace: trace)
    }
}

extension TokenRequest {
    /// The end of step 5, then steps 6 to 10. REQ-15, -16, -19; JOSE, KEY, ATT; POP, DPOP; REQ-12;
    /// CHAL, RPL-07.
    func verify(
        cache: AttestationCache, fence: StartFence?, now: UnixTime
    ) throws(Refusal) -> VerifiedRequest {
        try requireGrant()
        try requireNoForeignCredential()
        return try start.verify(try facts, cache: cache, fence: fence, now: now)
    }
}

extension PresentedTokens {
    /// The three proof fields of a request, each occurrence seen (REQ-01, REQ-02, DPOP-01).
    static func read(
        _ head: RequestHead, trace: RuleTrace? = nil
    ) throws(Refusal) -> PresentedTokens {
        try read(
            attestation: head.fields.values(of: .oauthClientAttestation),
            proof: head.fields.values(of: .oauthClientAttestationPoP),
            dpop: head.fields.values(of: .dpop), trace: trace)
    }
}
