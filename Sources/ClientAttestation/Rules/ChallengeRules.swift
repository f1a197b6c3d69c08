// SPDX-License-Identifier: Apache-2.0
// Step 10: the challenge, or the nonce of draft 05, that a proof of possession carries.

import JOSE
import JSON
import Octets

/// POP-13, POP-14, CHAL-06, CHAL-17, CHAL-20, CHAL-21. Reached only after both signatures
/// verified (CHAL-24).
enum ChallengeRules {
    /// The verified challenge of the proof; nil if none is demanded and none of ours is given.
    static func verified(
        _ claims: ProofClaims, _ context: RuleContext
    ) throws(Refusal) -> Challenge? {
        let flags = context.flags
        let acceptsNonce =
            flags.acceptsNonceClaim
            || (flags.allowsNonceAlias && context.policy.proof.acceptsNonceAlias)
        try requireAgreement(claims, acceptsNonce: acceptsNonce, context)
        let given =
            (flags.acceptsChallengeClaim ? claims.challenge : nil)
            ?? (acceptsNonce ? claims.nonce : nil)
        guard let given else {
            try requireAbsenceAllowed(claims, context)
            return nil
        }
        context.trace?.begin(.pop(13))
        guard let text = given.octets else { throw refusal(.pop(13), context) }
        guard context.servesChallenges || context.servesNoncesSomewhere else { return nil }
        context.trace?.begin(.chal(21), .chal(17))
        guard let challenge = recognised(text, context) else {
            // A draft 05 client may send the nonce of the token endpoint to revocation, where none
            // is demanded. If it is ours it counts for the fence (RPL-07), else it means nothing.
            guard context.servesChallenges || context.servesNonces else { return nil }
            throw refusal(.chal(21), context)
        }
        return challenge
    }

    /// CHAL-21: one of ours, and live. CHAL-17: issued for proofs of possession, or for everything
    /// where the AS has it so.
    private static func recognised(_ text: ArraySlice<UInt8>, _ context: RuleContext) -> Challenge?
    {
        let purposes: [ChallengePurpose] = context.policy.sharesChallenges ? [.pop, .any] : [.pop]
        return context.policy.challenge(text, accepting: purposes, now: context.now)
    }

    /// POP-14: two freshness claims say the same.
    private static func requireAgreement(
        _ claims: ProofClaims, acceptsNonce: Bool, _ context: RuleContext
    ) throws(Refusal) {
        context.trace?.begin(.pop(14))
        guard acceptsNonce, let nonce = claims.nonce, let challenge = claims.challenge else {
            return
        }
        guard let nonce = nonce.string, nonce == challenge.string else {
            throw refusal(.pop(14), context)
        }
    }

    /// CHAL-20 and CHAL-06. Where challenge drafts are enabled too and do not demand one, only a
    /// proof that cannot be theirs, for want of `iat`, needs the nonce of draft 05.
    private static func requireAbsenceAllowed(
        _ claims: ProofClaims, _ context: RuleContext
    ) throws(Refusal) {
        context.trace?.begin(.chal(20), .chal(6))
        if context.servesChallenges && context.policy.challenge.mode == .required {
            throw refusal(.chal(20), context)
        }
        if context.servesNonces && (!context.flags.servesChallenges || claims.issuedAt == nil) {
            throw refusal(.chal(6), context)
        }
    }

    private static func refusal(_ rule: RuleID, _ context: RuleContext) -> Refusal {
        Refusal(rule, context.freshnessFailure, in: .proof)
    }
}

/// DPOP-13 and DPOP-18: the nonce of a DPoP proof.
enum DPoPNonceRules {
    /// The verified nonce of the proof; nil if none is demanded and none is given, or if nonces are
    /// not the gateway's to judge (CHAL-30).
    static func verified(
        _ proof: DPoPProof, _ context: RuleContext
    ) throws(Refusal) -> Challenge? {
        let policy = context.policy
        // DPOP-18: combined mode where the challenge is the nonce.
        let isChallenge =
            context.method == .dpopCombined && context.flags.combined == .challenge
            && policy.sharesChallenges
        let isNonce = policy.dpop.nonceOwner == .gateway
        let rule: RuleID = isChallenge ? .dpop(18) : .dpop(13)
        context.trace?.begin(rule, in: .dpop)
        guard isChallenge || isNonce else { return nil }
        guard let nonce = proof.nonce else {
            let isDemanded =
                isChallenge && policy.challenge.mode == .required
                || isNonce && policy.dpop.requiresNonce
            guard !isDemanded else { throw refusal(rule, context) }
            return nil
        }
        context.trace?.begin(rule, .chal(21), .chal(17), in: .dpop)
        // CHAL-17: a challenge is no nonce unless the AS issues one value for both.
        let purposes: [ChallengePurpose] = policy.sharesChallenges ? [.dpop, .any] : [.dpop]
        guard let text = nonce.octets,
            let challenge = policy.challenge(text, accepting: purposes, now: context.now)
        else { throw refusal(rule, context) }
        return challenge
    }

    private static func refusal(_ rule: RuleID, _ context: RuleContext) -> Refusal {
        Refusal(rule, context.dpopFreshnessFailure, in: .dpop)
    }
}

extension VerificationPolicy {
    /// CHAL-21: the challenge that `text` is, if this AS issued it for one of these purposes and
    /// it is live.
    func challenge(
        _ text: ArraySlice<UInt8>, accepting purposes: [ChallengePurpose], now: UnixTime
    ) -> Challenge? {
        try? challengeKeys.verify(
            text, accepting: purposes, now: now, lifetime: challenge.lifetime,
            allowance: challenge.clockAllowance)
    }
}
