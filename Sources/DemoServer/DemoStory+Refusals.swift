// SPDX-License-Identifier: Apache-2.0
// The third part of the story: what does not get through, and how a client that was refused goes on.

import HTTPWire

extension DemoStory {
    /// POP-03.
    func proofByAnotherKey() async {
        var presentation = Presentation.current(challenge: challenge)
        presentation.proofKey = .stranger
        let step = Step(
            title: "A stolen attestation with a proof by another key",
            request: cast.attested(tokenRequest, as: presentation),
            expected: .refused(rule: "POP-03"), arrival: .staysOutside,
            note: "The attestation is genuine; its cnf.jwk is not the key that signed the proof.",
            error: "invalid_client_attestation")
        await play(step)
    }

    /// ATT-04.
    func expiredAttestation() async {
        var presentation = Presentation.current(challenge: challenge)
        presentation.expiresIn = -600
        let step = Step(
            title: "An attestation that expired ten minutes ago",
            request: cast.attested(tokenRequest, as: presentation),
            expected: .refused(rule: "ATT-04"), arrival: .staysOutside,
            note:
                "The client has to go back to its attester, which may refuse a device gone bad.",
            decodes: [.oauthClientAttestation], error: "invalid_client_attestation")
        await play(step)
    }

    /// REQ-12.
    func clientIDOfSomebodyElse() async {
        let request = DemoRequest.post(
            "/token",
            form: [
                ("grant_type", Array("client_credentials".utf8)),
                ("client_id", DemoCast.earlyClientID),
            ])
        let step = Step(
            title: "The client_id of somebody else beside valid tokens",
            request: cast.attested(request, as: .current(challenge: challenge)),
            expected: .refused(rule: "REQ-12"), arrival: .staysOutside,
            note:
                "A client_id may be left out; if it is there it has to be the sub of the attestation.",
            error: "invalid_client_attestation")
        await play(step)
    }

    /// EP-06.
    func noAttestation() async {
        let request = DemoRequest.post(
            "/token",
            form: [
                ("grant_type", Array("client_credentials".utf8)),
                ("client_id", DemoCast.clientID),
            ])
        let step = Step(
            title: "No attestation, only the client_id",
            request: request, expected: .refused(rule: "EP-06"), arrival: .staysOutside,
            note:
                "The AS alone would give a token for this: nobody may reach it but the gateway.",
            error: "invalid_client")
        await play(step)
    }

    /// FWD-01, FWD-02.
    func spoofedHeaders() async {
        var request = cast.attested(tokenRequest, as: .current(challenge: challenge))
        let spoofed = Array("spoofed".utf8)
        request.fields += [
            (FieldName("X_Attested_Client_Id"), spoofed),
            (FieldName("X-Attested-Client-Id"), spoofed),
            (FieldName("X-Forwarded-For"), spoofed),
        ]
        let step = Step(
            title: "Spoofed headers beside valid tokens", request: request,
            expected: .accepted, arrival: .reachesServer,
            note:
                "The request is good and passes; the headers that only the gateway may set do not.",
            showsAllFields: true)
        await play(step) { outcome in
            let reached = outcome.received.contains { received in
                received.head.fields.contains { received.head.fields.bytes($0.value) == spoofed }
            }
            return reached ? ["a spoofed header reached the AS"] : []
        }
    }

    /// CHAL-20, CHAL-23.
    func missingChallenge() async {
        let step = Step(
            title: "A proof without a challenge",
            request: cast.attested(tokenRequest, as: .current(challenge: nil)),
            expected: .refused(rule: "CHAL-20"), arrival: .staysOutside,
            note: "The refusal brings what was missing: a fresh challenge, in a header.",
            showsFields: [.oauthClientAttestationChallenge], decodes: [.oauthClientAttestationPoP],
            error: "use_attestation_challenge")
        await play(step) { outcome in
            outcome.field(.oauthClientAttestationChallenge).isEmpty
                ? ["expected a fresh challenge"] : []
        }
    }

    /// CHAL-21.
    func retryWithChallenge() async {
        let step = Step(
            title: "The retry, with the challenge that the refusal brought",
            request: cast.attested(tokenRequest, as: .current(challenge: challenge)),
            expected: .accepted, arrival: .reachesServer,
            note:
                "Every answer brings the next challenge, so a client seldom has to ask for one.",
            showsFields: [.oauthClientAttestationChallenge], decodes: [.oauthClientAttestationPoP])
        await play(step)
    }
}
