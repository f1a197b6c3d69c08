// SPDX-License-Identifier: Apache-2.0
// Steps 10 and 12: the start fence, and how long a proof's identifier must be remembered.

import JOSE
import Octets

/// RPL-04 and RPL-07 for one verified proof.
struct ReplayRules {
    /// RPL-02.
    let key: ReplayKey
    /// The last second in which this proof passes its own windows.
    let lastAccepted: UnixTime
    /// RPL-04: the second up to which the key is held.
    let heldUntil: UnixTime

    private let anchor: FreshnessAnchor
    private let challengeTime: UnixTime?
    private let clockSkew: Int64
    private let expiryCap: Int64
    /// The token whose identifier it is; decides how a replay is answered (RPL-03).
    let token: TokenRole
    private let freshnessFailure: Failure

    /// CHAL-22: the challenge or nonce it carried, where that is used up too.
    let use: ChallengeUse?

    /// RPL-02: of a proof of possession.
    init(
        _ proof: ProofOfPossession, challenge: Challenge?, _ context: RuleContext
    ) throws(Refusal) {
        let key = ReplayKey(
            issuer: context.policy.issuer, thumbprint: context.attestation.instanceKey.thumbprint,
            jwtID: proof.jwtID)
        try self.init(
            key, .proof, proof.anchor, challenge, context.freshnessFailure, context)
    }

    /// DPOP-12: of a DPoP proof.
    init(
        _ proof: DPoPProof, nonce: Challenge?, _ context: RuleContext
    ) throws(Refusal) {
        let key = ReplayKey(
            issuer: context.policy.issuer, thumbprint: proof.key.thumbprint, url: proof.url,
            jwtID: proof.jwtID)
        try self.init(
            key, .dpop, .issuedAt(proof.issuedAt), nonce, context.dpopFreshnessFailure, context)
    }

    private init(
        _ key: ReplayKey, _ token: TokenRole, _ anchor: FreshnessAnchor, _ challenge: Challenge?,
        _ freshnessFailure: Failure, _ context: RuleContext
    ) throws(Refusal) {
        let policy = context.policy
        let proof = policy.proof
        self.key = key
        self.token = token
        self.anchor = anchor
        clockSkew = proof.clockSkew
        expiryCap = proof.expiryCap
        self.freshnessFailure = freshnessFailure
        challengeTime = challenge?.time
        use = ChallengeUse(challenge, failure: freshnessFailure, policy)

        let challengeEnd = challenge.map(policy.challenge.end)
        let longest =
            context.now + 2 * proof.clockSkew + max(proof.maxAge, proof.expiryCap)
        switch anchor {
        case .issuedAt where token == .proof && proof.challengeSkew > 0 && challengeEnd != nil:
            // CHAL-26: nobody can hold an entry for longer than a challenge lives.
            lastAccepted = challengeEnd ?? context.now
            heldUntil = lastAccepted + 2
        case .issuedAt(let issuedAt):
            lastAccepted = issuedAt + proof.maxAge + proof.clockSkew
            heldUntil = max(lastAccepted, min(challengeEnd ?? lastAccepted, longest)) + 2
        case .expiry(let expires):
            lastAccepted = expires.ceiling + proof.clockSkew
            heldUntil = max(lastAccepted, min(challengeEnd ?? lastAccepted, longest)) + 2
        case .challenge(let otherwise):
            // POP-12: then it must be there.
            context.trace?.begin(.pop(12))
            guard let challengeEnd else { throw Refusal(.pop(12), .attestation, in: token) }
            lastAccepted = challengeEnd
            let expiryEnd = otherwise.map { $0.ceiling + proof.clockSkew } ?? challengeEnd
            heldUntil = max(challengeEnd, expiryEnd) + 2
        }
    }

    /// RPL-07: BUSY in the fence's own second, before a challenge is asked for: one of that second
    /// could be from before the start, so a client that got it now would be refused with it.
    static func requireBegun(
        _ fence: StartFence?, now: UnixTime, _ trace: RuleTrace?
    ) throws(Refusal) {
        trace?.begin(.rpl(7))
        guard let fence, now <= fence.second else { return }
        throw Refusal(.rpl(7), .busy)
    }

    /// RPL-07: a proof that may have been accepted before the store began is refused.
    func requirePast(
        _ fence: StartFence?, now: UnixTime, _ trace: RuleTrace? = nil
    ) throws(Refusal) {
        try Self.requireBegun(fence, now: now, trace)
        guard let fence else { return }
        let start = fence.second
        // (a) What was accepted before carried a challenge of `start` or earlier, if any.
        if isNewer(than: fence) { return }
        switch anchor {
        case .issuedAt(let issuedAt):
            // (b) What was accepted before had an `iat` of at most `start` + skew.
            if issuedAt > max(start + clockSkew, fence.latestIssue) { return }
        case .expiry:
            // (c) What was accepted before has expired.
            let end = start + expiryCap + 2 * clockSkew
            if now > max(end, fence.latestExpiry) { return }
        case .challenge: break
        }
        throw Refusal(.rpl(7), freshnessFailure, in: token)
    }

    /// Whether the token carried a verified challenge or nonce.
    var hasChallenge: Bool { challengeTime != nil }

    /// Whether a challenge of ours shows that the proof was made after the store began (RPL-07 a).
    func isNewer(than fence: StartFence?) -> Bool {
        guard let start = fence?.second else { return true }
        return challengeTime.map { $0 > start } ?? false
    }

    /// RPL-04: a claim that comes after the window its proof was judged in would find nothing to
    /// compare with.
    func requireTimely(now: UnixTime) throws(Refusal) {
        guard now <= lastAccepted else { throw Refusal(.rpl(4), token.failure, in: token) }
    }
}
