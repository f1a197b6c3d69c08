// SPDX-License-Identifier: Apache-2.0
// The fourth part of the story: combined mode, in which one DPoP proof says both things.

import HTTPWire

extension DemoStory {
    /// DPOP-13, ERR-04.
    func combinedWithoutNonce() async {
        let step = Step(
            title: "A DPoP proof in place of the proof of possession, without a nonce",
            request: cast.combined(tokenRequest, as: CombinedPresentation(nonce: nil)),
            expected: .refused(rule: "DPOP-13"), arrival: .staysOutside,
            note: "DPoP has nonces of its own; the refusal brings the first.",
            showsFields: [.dpopNonce], decodes: [.dpop], error: "use_dpop_nonce")
        await play(step) { outcome in
            outcome.field(.dpopNonce).isEmpty ? ["expected a fresh nonce"] : []
        }
    }

    /// DPOP-17, FWD-05.
    func combinedTokenRequest() async {
        let request = cast.combined(tokenRequest, as: CombinedPresentation(nonce: dpopNonce))
        lastCombined = request
        let step = Step(
            title: "The same with that nonce", request: request,
            expected: .accepted, arrival: .reachesServer,
            note:
                "The jwk in it is the attestation's cnf.jwk. This AS knows no DPoP and does not get it.",
            decodes: [.dpop])
        await play(step) { outcome in
            outcome.received.contains { $0.head.fields.contains(.dpop) }
                ? ["the DPoP field reached the AS"] : []
        }
    }

    /// RPL-03, DPOP-12.
    func combinedOnceMore() async {
        let step = Step(
            title: "That request once more", request: lastCombined ?? tokenRequest,
            expected: .refused(rule: "RPL-03"), arrival: .staysOutside,
            note: "Its jti is used up too, whichever way it is presented.",
            error: "invalid_dpop_proof")
        await play(step)
    }

    /// DPOP-17.
    func combinedByAnotherKey() async {
        let presentation = CombinedPresentation(nonce: dpopNonce, proofKey: .stranger)
        let step = Step(
            title: "A stolen attestation with a DPoP proof by another key",
            request: cast.combined(tokenRequest, as: presentation),
            expected: .refused(rule: "DPOP-17"), arrival: .staysOutside,
            note: "A DPoP proof names any key it likes; here it has to be the attested one.",
            error: "invalid_client_attestation")
        await play(step)
    }
}
