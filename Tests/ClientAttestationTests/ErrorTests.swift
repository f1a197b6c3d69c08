// SPDX-License-Identifier: Apache-2.0
// ERR-03, ERR-05, ERR-07, CHAL-23 and requirements 0.3: what each failure becomes on the wire.

import ClientAttestation
import Testing

@Suite("Refusal responses")
struct ErrorTests {
    static func response(
        _ failure: Failure, specific: Bool = true, status: Int = 400,
        _ circumstances: RefusalResponse.Circumstances = .init(
            endpoint: .token, servesChallenges: true, servesNonces: true)
    ) -> RefusalResponse {
        RefusalResponse(
            failure, errors: ErrorPolicy(specific: specific, attestationStatus: status),
            circumstances)
    }

    @Test(
        "ERR-03: the status and code of every failure",
        arguments: [
            (Failure.invalidRequest, 400, "invalid_request"),
            (.invalidClient, 400, "invalid_client"),
            (.attestation, 400, "invalid_client_attestation"),
            (.staleAttestation, 400, "use_fresh_attestation"),
            (.challenge, 400, "use_attestation_challenge"),
            (.nonce, 400, "invalid_client"),
            (.dpopProof, 400, "invalid_dpop_proof"),
            (.grant, 400, "invalid_grant"),
            (.unsupportedGrantType, 400, "unsupported_grant_type"),
            (.unauthorizedClient, 400, "unauthorized_client"),
            (.invalidScope, 400, "invalid_scope"),
            (.busy, 503, "temporarily_unavailable"),
            (.upstream, 502, "server_error"),
            (.upstreamTimeout, 504, "temporarily_unavailable"),
            (.tooManyRequests, 429, nil),
            (.http(414), 414, nil),
        ] as [(Failure, Int, String?)])
    func table(failure: Failure, status: Int, code: String?) {
        let response = Self.response(failure)
        #expect(response.status == status)
        #expect(response.error == code)
        #expect(response.authenticate == false)
        let retries: [Failure] = [.busy, .tooManyRequests]
        #expect((response.retryAfter != nil) == retries.contains(failure))
    }

    @Test("CHAL-23, CHAL-06: only faults of freshness carry a fresh value, where one is served")
    func freshValues() {
        #expect(Self.response(.challenge).freshChallenge)
        #expect(Self.response(.challenge).freshNonce)
        #expect(Self.response(.nonce).freshNonce)
        #expect(!Self.response(.nonce).freshChallenge)
        let none = RefusalResponse.Circumstances(endpoint: .token)
        #expect(!Self.response(.challenge, none).freshChallenge)
        #expect(!Self.response(.nonce, none).freshNonce)
        for failure in [Failure.attestation, .invalidClient, .staleAttestation, .busy] {
            #expect(!Self.response(failure).freshChallenge)
            #expect(!Self.response(failure).freshNonce)
        }
    }

    @Test("ERR-07: without specific errors everything about attestation is invalid_client")
    func unspecific() {
        for failure in [Failure.attestation, .staleAttestation, .challenge, .nonce] {
            let response = Self.response(failure, specific: false, status: 401)
            #expect(response.error == "invalid_client")
            #expect(response.status == 400)
        }
        // The challenge header stays.
        #expect(Self.response(.challenge, specific: false).freshChallenge)
        #expect(Self.response(.invalidRequest, specific: false).error == "invalid_request")
        #expect(Self.response(.dpopProof, specific: false).error == "invalid_dpop_proof")
    }

    @Test("ERR-05: 401 where introspection or an Authorization field forces it, with a challenge")
    func unauthorized() {
        let introspection = RefusalResponse.Circumstances(
            endpoint: .introspection, servesChallenges: true)
        #expect(Self.response(.invalidClient, introspection).status == 401)
        #expect(Self.response(.invalidClient, introspection).authenticate)
        #expect(Self.response(.attestation, introspection).status == 401)
        #expect(Self.response(.challenge, introspection).status == 400)
        #expect(Self.response(.invalidRequest, introspection).status == 400)
        let basic = RefusalResponse.Circumstances(
            endpoint: .token, authorizationPresented: true)
        #expect(Self.response(.invalidClient, basic).status == 401)
        #expect(Self.response(.invalidRequest, basic).status == 400)
    }

    @Test("ERR-05: the status of invalid_client_attestation is the operator's choice")
    func attestationStatus() {
        #expect(Self.response(.attestation, status: 401).status == 401)
        #expect(Self.response(.attestation, status: 401).authenticate)
        #expect(Self.response(.challenge, status: 401).status == 400)
        #expect(Self.response(.invalidClient, status: 401).status == 400)
    }

    @Test("ERR-07: what the gateway serves follows from policy and endpoint")
    func circumstances() throws {
        let both = try World([.abca05, .abca11], .required).policy()
        #expect(both.circumstances(at: .token).servesChallenges)
        #expect(both.circumstances(at: .token).servesNonces)
        #expect(!both.circumstances(at: .revocation).servesNonces)
        let old = try World([.abca05], .required).policy()
        #expect(!old.servesChallenges)
        let off = try World([.abca11], .off).policy()
        #expect(!off.servesChallenges && !off.servesNonces(at: .token))
    }
}
