// SPDX-License-Identifier: Apache-2.0
// The rule book: what attestation and proofs say (ATT, POP, DPOP).

import Octets

extension RuleBook {
    static let attestation: [RuleNote] = [
        RuleNote(
            .att(1), "typ is oauth-client-attestation+jwt", "A11 4, 13", .attester,
            "Set `typ` to `oauth-client-attestation+jwt`; the operator lists others in `types`."),
        RuleNote(
            .att(2), "alg is allowed for the attester", "A11 7.1(3)", .attester,
            "Sign with an algorithm of the attester's `algorithms`."),
        RuleNote(
            .att(3), "the signature is the attester's", "A11 7.1(4)", .attester,
            "Sign with the key whose public half the operator has under this `kid`."),
        RuleNote(
            .att(4), "not expired", "A11 4", .client,
            "Fetch a new attestation before the old one expires."),
        RuleNote(
            .att(5), "nbf has come", "A07 5.1; 7519 4.1.5", .attester,
            "Check the clock; do not issue attestations for the future."),
        RuleNote(
            .att(6), "iat is plausible", "A11 4", .attester,
            "Check the clock; `iat` is the moment of signing, and before `exp`."),
        RuleNote(
            .att(7), "issued recently enough", "A11 7.1(6), 7.4", .client,
            "Fetch a new attestation; the operator demands young ones (`attestation.max_age`)."),
        RuleNote(
            .att(9), "sub is one of our clients", "A11 4", .operator,
            "Add the attestation's sub to `clients`, if the AS knows this client."),
        RuleNote(
            .att(10), "aud, if any, is this AS", "7519 4.1.3", .attester,
            "Leave out `aud`, or name the issuer of this AS."),
        RuleNote(
            .att(11), "cnf holds a jwk", "A11 4; 7800 3.1", .attester,
            "Put the instance's public key into `cnf.jwk`, and neither `jwe` nor `jku` beside it."),
        RuleNote(
            .att(12), "cnf.jwk is a sound public key", "A11 7.1(5)", .attester,
            "Check the client's key before it is attested."),
        RuleNote(
            .att(14), "iss is present", "A07 5.1", .attester,
            "Write `iss`, which drafts -05 to -07 demand, or have a later profile enabled."),
        RuleNote(
            .att(16), "the instance is not denied", "gateway", .operator,
            "Take it off the denylist if it may be trusted again."),
    ]

    static let proof: [RuleNote] = [
        RuleNote(
            .pop(1), "typ is oauth-client-attestation-pop+jwt", "A11 5.1", .client,
            "Set the proof's `typ` to `oauth-client-attestation-pop+jwt`."),
        RuleNote(
            .pop(2), "alg is allowed in proofs", "A11 5.1(2)", .client,
            "Sign with an asymmetric algorithm of `proof.algorithms`."),
        RuleNote(
            .pop(3), "signed with the attested key", "A11 5.1(3), 7.2(4)", .client,
            "Sign the proof with the private half of `cnf.jwk` of this very attestation."),
        RuleNote(
            .pop(4), "aud is the issuer of this AS", "A11 7.2(7)", .client,
            "Set `aud` to the AS's issuer exactly: not the endpoint's URL, no `/` added."),
        RuleNote(
            .pop(5), "one audience", "A08 5.2; A09 5.1", .client,
            "Set `aud` to one string."),
        RuleNote(
            .pop(6), "jti is present", "A11 5.1", .client,
            "Put a fresh random `jti` into each proof."),
        RuleNote(
            .pop(7), "iat is present", "A07 5.2", .client,
            "Put the moment of signing into `iat`."),
        RuleNote(
            .pop(8), "iat is within the window", "A11 7.2(6), 10.7", .client,
            "Make the proof just before the request, and check the device's clock."),
        RuleNote(
            .pop(9), "exp has not passed and is not far", "A05 5.2", .client,
            "Set `exp` some minutes ahead, or use a draft without it."),
        RuleNote(
            .pop(10), "nbf has come", "7519 4.1.5", .client,
            "Check the device's clock, or leave out `nbf`."),
        RuleNote(
            .pop(11), "iss is the client", "A06 5.2(4)", .client,
            "Set the proof's `iss` to the attestation's sub."),
        RuleNote(
            .pop(12), "something makes the proof fresh", "A11 7.2(6)", .client,
            "Put `iat` into the proof, and a challenge where one is served."),
        RuleNote(
            .pop(13), "challenge is a string", "A11 7.2(5)", .client,
            "Copy the challenge into the claim as a string."),
        RuleNote(
            .pop(14), "nonce and challenge agree", "A05 5.2", .client,
            "Send one of them, or the same value in both."),
        RuleNote(
            .pop(15), "a proof is used once", "A11 12.1", .client,
            "Make a new proof for each request."),
    ]

    static let dpop: [RuleNote] = [
        RuleNote(
            .dpop(1), "DPoP once", "9449 4.3(1); A11 7.3(2)", .client,
            "Send one DPoP field with one JWT."),
        RuleNote(
            .dpop(2), "a well-formed JWT", "9449 4.3(2)", .client,
            "Send a signed JWT in compact form."),
        RuleNote(
            .dpop(3), "typ, alg, jwk, jti, htm, htu, iat are present", "9449 4.2, 4.3(3)", .client,
            "Write all of them into the DPoP proof."),
        RuleNote(
            .dpop(4), "typ is dpop+jwt", "9449 4.3(4)", .client, "Set `typ` to `dpop+jwt`."),
        RuleNote(
            .dpop(5), "alg is allowed in DPoP proofs", "9449 4.3(5)", .client,
            "Sign with an asymmetric algorithm of `dpop.algorithms`."),
        RuleNote(
            .dpop(6), "signed with the key in its header", "9449 4.3(6)", .client,
            "Sign with the private half of the header's `jwk`."),
        RuleNote(
            .dpop(7), "the header's jwk is a sound public key", "9449 4.3(7)", .client,
            "Put the public key, and only that, into `jwk`."),
        RuleNote(
            .dpop(8), "htm is the method", "9449 4.3(8)", .client, "Set `htm` to `POST`."),
        RuleNote(
            .dpop(9), "htu is the endpoint's public URL", "9449 4.3(9)", .client,
            "Set `htu` to the URL of the endpoint as the metadata has it, without query."),
        RuleNote(
            .dpop(11), "iat is within the window", "9449 4.3(11), 11.1", .client,
            "Make the DPoP proof just before the request, and check the device's clock."),
        RuleNote(
            .dpop(12), "a DPoP proof is used once", "9449 11.1", .client,
            "Make a new DPoP proof with a new `jti` for each request."),
        RuleNote(
            .dpop(13), "nonce is a live one of ours", "9449 8; A11 7.3(3)", .client,
            "Retry once with the `DPoP-Nonce` of the answer."),
        RuleNote(
            .dpop(14), "ath matches the access token", "9449 4.2", .client,
            "Set `ath` to the hash of the access token that is sent."),
        RuleNote(
            .dpop(15), "dpop_jkt is the proof's key", "9449 10.1", .client,
            "Set `dpop_jkt` to the thumbprint of the DPoP key."),
        RuleNote(
            .dpop(16), "no proof of possession in combined mode", "A11 7.3(1)", .client,
            "Send either a proof of possession or a DPoP proof as the proof of the instance key."),
        RuleNote(
            .dpop(17), "the DPoP key is the attested key", "A11 7.3(4)", .client,
            "Sign the DPoP proof with the key in `cnf.jwk`, or send a proof of possession too."),
        RuleNote(
            .dpop(18), "nonce is a live challenge", "A10 7.3(5)", .client,
            "Retry once with the challenge of the answer as `nonce`."),
        RuleNote(
            .dpop(19), "dpop_jkt is no proof", "A10 5.2", .client,
            "Send a DPoP proof, not its thumbprint alone."),
        RuleNote(
            .dpop(20), "a DPoP proof beside a proof of possession holds too", "A10 5.2, 7", .client,
            "Make the DPoP proof valid, or leave it out."),
        RuleNote(
            .dpop(22), "combined mode is enabled", "A11 7", .operator,
            "Add `dpop_combined` to `methods` of the client, or have it send a proof of possession."
        ),
    ]
}
