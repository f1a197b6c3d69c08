// SPDX-License-Identifier: Apache-2.0
// Step 10: the challenge, or the nonce of draft 05, that a proof carries.

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
        guard let text = given.string else { throw refusal(.pop(13), context) }
        guard context.servesChallenges || context.servesNoncesSomewhere else { return nil }
        guard let challenge = recognised(text, context) else {
            // A draft 05 client may send the nonce of the token endpoint to revocation, where none
            // is demanded. If it is ours it counts for the fence (RPL-07), else it means nothing.
            guard context.servesChallenges || context.servesNonces else { return nil }
            throw refusal(.chal(21), context)
        }
        return challenge
    }

    /// CHAL-21: one of ours, and live.
    private static func recognised(_ text: [UInt8], _ context: RuleContext) -> Challenge? {
        let policy = context.policy
        return try? policy.challengeKeys.verify(
            text, accepting: purposes(context.flags), now: context.now,
            lifetime: policy.challenge.lifetime, allowance: policy.challenge.clockAllowance)
    }

    /// POP-14: two freshness claims say the same.
    private static func requireAgreement(
        _ claims: ProofClaims, acceptsNonce: Bool, _ context: RuleContext
    ) throws(Refusal) {
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
        if context.servesChallenges && context.policy.challenge.mode == .required {
            throw refusal(.chal(20), context)
        }
        if context.servesNonces && (!context.flags.servesChallenges || claims.issuedAt == nil) {
            throw refusal(.chal(6), context)
        }
    }

    /// CHAL-17: one value for everything only where drafts 09 and 10 made it so.
    private static func purposes(_ flags: ProfileFlags) -> [ChallengePurpose] {
        flags.combined == .challenge ? [.pop, .any] : [.pop]
    }

    private static func refusal(_ rule: RuleID, _ context: RuleContext) -> Refusal {
        Refusal(rule, context.freshnessFailure, in: .proof)
    }
}
