// SPDX-License-Identifier: Apache-2.0
// The rule book: challenges, replay, and the way to the AS (CHAL, RPL, CRED, ERR).

import Octets

extension RuleBook {
    static let challenges: [RuleNote] = [
        RuleNote(
            .chal(4), "a nonce request has no body", "A05 8", .client,
            "Send OPTIONS without a body and `attestation-nonce-request` once."),
        RuleNote(
            .chal(6), "the nonce of draft -05", "A05 8, 11.1", .client,
            "Fetch a nonce by OPTIONS with `attestation-nonce-request: true` and put it into the "
                + "proof's `nonce`."),
        RuleNote(
            .chal(10), "challenges are fetched by POST", "A11 6.3", .client,
            "Use POST at the challenge endpoint."),
        RuleNote(
            .chal(13), "not too many challenges", "gateway", .client,
            "Fetch a challenge once for each flow; the operator can raise the rate."),
        RuleNote(
            .chal(17), "the challenge was issued for this", "A11 5.2; A10 7.3", .client,
            "Put challenges into proofs of possession and DPoP nonces into DPoP proofs."),
        RuleNote(
            .chal(20), "a challenge is demanded", "A11 7.2(5)", .client,
            "Fetch a challenge from the challenge endpoint, or take the one in the answer, and put "
                + "it into the proof's `challenge`."),
        RuleNote(
            .chal(21), "the challenge is a live one of ours", "A11 6.1", .client,
            "Retry once with the challenge in the answer; always use the newest."),
        RuleNote(
            .chal(22), "the challenge is used once", "A11 6", .client,
            "Use each challenge for one proof."),
        RuleNote(
            .chal(26), "what widens the window was verified", "A11 12.1", .client,
            "Fetch a challenge as this AS serves it, and put it into a new proof."),
        RuleNote(
            .chal(30), "one issuer of DPoP nonces", "9449 8; A11 6.3", .operator,
            "Write `dpop.nonce_owner: as`, or switch nonces off at the AS."),
    ]

    static let replay: [RuleNote] = [
        RuleNote(
            .rpl(3), "the proof was not used before", "A10 9.7", .client,
            "Make a new proof, with a new `jti`, for each request and each retry."),
        RuleNote(
            .rpl(4), "the proof is still good when it is claimed", "A11 10.7", .client,
            "Make the proof just before the request."),
        RuleNote(
            .rpl(6), "the replay store answers", "gateway", .operator,
            "Check the replay store; requests are refused until it answers."),
        RuleNote(
            .rpl(7), "nothing from before the start", "gateway", .client,
            "Retry once with a new proof and the challenge of the answer."),
        RuleNote(
            .rpl(8), "the replay store has room", "gateway", .operator,
            "Raise `replay.capacity`, or find out who sends that many requests."),
        RuleNote(
            .rpl(11), "the replay store forgot nothing", "gateway", .operator,
            "Check the replay store for restarts and eviction."),
        RuleNote(
            .rpl(13), "one instance does not fill the store", "gateway", .client,
            "Send fewer requests a minute."),
    ]

    static let forwarding: [RuleNote] = [
        RuleNote(
            .cred(1), "the client may use this grant and scope", "gateway", .operator,
            "Add the grant or scope to the client's entry, if it may use it."),
        RuleNote(
            .cred(4), "the client assertion could be signed", "7523 3; 7521 4.2", .operator,
            "Check the client's `key_file`; the client did nothing wrong."),
        RuleNote(
            .cred(7), "the client's id can be rewritten", "gateway", .operator,
            "Send parameters instead of a request object, or have the AS know the client by its "
                + "`sub`."),
        RuleNote(
            .fwd(7), "the identity assertion could be signed", "gateway", .operator,
            "Check `forward.assertion_key_file`; the client did nothing wrong."),
        RuleNote(
            .err(10), "the AS takes the gateway's credential", "gateway", .operator,
            "Check the client's `secret_file`; the client did nothing wrong."),
        RuleNote(
            .err(11), "the AS answers", "9110 9.2.2", .operator,
            "Check the AS; the client did nothing wrong."),
        RuleNote(
            .meta(1), "the AS publishes metadata there", "8414 3; OIDC Discovery 4", .operator,
            "Ask with GET at the issuer's well-known path; the operator can write "
                + "`metadata.document_file` for an AS without."),
        RuleNote(
            .meta(2), "the AS names the configured issuer", "8414 3.3", .operator,
            "Configure the public issuer at the AS, or see to it that it can derive it from Host "
                + "and X-Forwarded-Proto."),
        RuleNote(
            .meta(3), "the AS's metadata names public URLs", "8414 2", .operator,
            "Let the AS name its public URLs, or map internal prefixes in `metadata.urls`; compare "
                + "`endpoints` with what it names."),
        RuleNote(
            .meta(11), "the AS's metadata is one JSON object", "8414 3.2", .operator,
            "Ask the AS for the document: 200, application/json, at most 1 MiB, no name twice."),
        RuleNote(
            .http(13), "the AS's answer is well-formed", "9112 11.2", .operator,
            "Check the AS; the client did nothing wrong."),
    ]
}
