// SPDX-License-Identifier: Apache-2.0
// One use of a challenge or nonce, where each may be used but once (CHAL-22).

import Octets

/// CHAL-22: what is remembered of a challenge that was used.
struct ChallengeUse {
    let key: ReplayKey
    /// The second up to which it could be used again, rounded like RPL-04.
    let heldUntil: UnixTime
    /// How a second use is answered: with a fresh value.
    let failure: Failure
    private let time: UnixTime

    /// The use of `challenge`; nil where challenges may be used again.
    init?(_ challenge: Challenge?, failure: Failure, _ policy: VerificationPolicy) {
        guard policy.challenge.singleUse, let challenge else { return nil }
        key = ReplayKey(issuer: policy.issuer, challenge: challenge.random)
        heldUntil = policy.challenge.end(of: challenge) + 2
        time = challenge.time
        self.failure = failure
    }

    /// RPL-07: one that may have been used before the store began counts as used. With CHAL-26,
    /// which needs this, nothing but a younger challenge shows that a proof is new.
    func requirePast(_ fence: StartFence?, _ trace: RuleTrace? = nil) throws(Refusal) {
        trace?.begin(.rpl(7))
        guard let fence, time <= fence.second else { return }
        throw Refusal(.rpl(7), failure)
    }
}

extension ChallengePolicy {
    /// The last second in which `challenge` may be accepted, by any instance's clock.
    func end(of challenge: Challenge) -> UnixTime { challenge.time + lifetime + clockAllowance }
}
