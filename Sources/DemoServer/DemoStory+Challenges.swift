// SPDX-License-Identifier: Apache-2.0
// The first part of the story: how a client gets a challenge, uses it, and cannot use a proof twice.

import HTTPWire

extension DemoStory {
    /// CHAL-01, CHAL-02.
    func nonceByOptions() async {
        let request = DemoRequest(
            method: .options, target: Array("/token".utf8),
            fields: [(.attestationNonceRequest, Array("true".utf8))])
        let step = Step(
            title: "A nonce by OPTIONS, the way of draft -05", request: request,
            expected: .accepted, arrival: .staysOutside,
            note:
                "The gateway answers alone: the nonce comes from its master key, nothing is stored.",
            showsFields: [.attestationNonce])
        let outcome = await play(step) { outcome in
            outcome.field(.attestationNonce).isEmpty ? ["expected a nonce"] : []
        }
        nonce = outcome.field(.attestationNonce)
    }

    /// CHAL-06, CRED-02.
    func tokenRequestOfDraft05() async {
        let step = Step(
            title: "A token request of draft -05, with that nonce in its proof",
            request: cast.attested(tokenRequest, as: .early(nonce: nonce)),
            expected: .accepted, arrival: .reachesServer,
            note:
                "No secret on the left: the AS gets the one it has always known, from the gateway.",
            decodes: [.oauthClientAttestation, .oauthClientAttestationPoP])
        await play(step) { outcome in
            outcome.received.first?.head.fields.contains(.authorization) == true
                ? [] : ["expected the client's secret at the AS"]
        }
    }

    /// CHAL-10, CHAL-11.
    func challengeByEndpoint() async {
        let step = Step(
            title: "A challenge from the challenge endpoint, the way of draft -06 and later",
            request: .post("/attestgate/challenge", form: []),
            expected: .accepted, arrival: .staysOutside,
            note: "The same idea with a path of its own; anybody may ask.")
        let outcome = await play(step) { outcome in
            outcome.member("attestation_challenge").isEmpty ? ["expected a challenge"] : []
        }
        challenge = outcome.member("attestation_challenge")
    }

    /// FWD-04, FWD-06.
    func attestedTokenRequest() async {
        let request = cast.attested(tokenRequest, as: .current(challenge: challenge))
        lastAttested = request
        let step = Step(
            title: "A token request with an attestation and a proof of possession",
            request: request, expected: .accepted, arrival: .reachesServer,
            note:
                "cnf.jwk in the attestation is the key that signed the proof; its sub became client_id.",
            decodes: [.oauthClientAttestation, .oauthClientAttestationPoP])
        await play(step) { outcome in
            outcome.member("access_token").isEmpty ? ["expected an access token"] : []
        }
    }

    /// RPL-03.
    func sameRequestOnceMore() async {
        let step = Step(
            title: "The same request once more", request: lastAttested ?? tokenRequest,
            expected: .refused(rule: "RPL-03"), arrival: .staysOutside,
            note:
                "Octet for octet the request of step 4; the jti of its proof is used up.",
            error: "invalid_client_attestation")
        await play(step)
    }

    /// The plainest request there is: no code, no user.
    var tokenRequest: DemoRequest {
        .post("/token", form: [("grant_type", Array("client_credentials".utf8))])
    }
}
