// SPDX-License-Identifier: Apache-2.0
// Step 12, and the proof it makes: the value without which nothing is forwarded (design D14).

public import JOSE
public import Octets

/// Proof that this request came from the holder of an attested instance key, for the first time.
/// Made by `VerifiedRequest.claim` and by nothing else.
public struct AttestedInstance: Sendable {
    /// The client: the attestation's `sub` and nothing else (invariant 6).
    public let clientID: [UInt8]
    /// The attester that vouched for it.
    public let attesterID: String
    /// The thumbprint of the instance key.
    public let thumbprint: JWKThumbprint
    /// How the key was proved.
    public let method: ProofMethod
    /// The profile the proof looks like (AMB-01), for the log.
    public let profileGuess: Profile?
    /// Whether the proof carried a verified challenge or nonce.
    public let hasChallenge: Bool

    fileprivate init(_ request: VerifiedRequest) {
        clientID = request.clientID
        attesterID = request.attesterID
        thumbprint = request.thumbprint
        method = request.method
        profileGuess = request.profileGuess
        hasChallenge = request.hasChallenge
    }
}

extension VerifiedRequest {
    /// Step 12 (RPL-03): claims the proof's identifier, the last local step. From here on it is
    /// used up, whatever the AS does (RPL-10). `now` is the security clock's.
    public nonisolated(nonsending)
        func claim(in store: some ReplayStore, now: UnixTime) async throws(Refusal)
        -> AttestedInstance
    {
        try requireClaimable(store.fence, now: now)
        for replay in replays {
            let claim = await store.claim(replay.key, until: replay.heldUntil, now: now)
            try requireFirst(claim, of: replay)
        }
        // A store may find out in answering that it has forgotten (RPL-11).
        try requireClaimable(store.fence, now: now)
        return AttestedInstance(self)
    }

    /// Step 12 with a store in memory, which answers at once.
    public func claimNow(
        in store: MemoryReplayStore, now: UnixTime
    ) throws(Refusal) -> AttestedInstance {
        try requireClaimable(store.fence, now: now)
        for replay in replays {
            let claim = store.claimNow(replay.key, until: replay.heldUntil, now: now)
            try requireFirst(claim, of: replay)
        }
        return AttestedInstance(self)
    }

    /// RPL-03, -06, -08: nobody but the first.
    private func requireFirst(_ claim: ReplayClaim, of replay: ReplayRules) throws(Refusal) {
        switch claim {
        case .first: return
        // RPL-03: DP for a DPoP proof.
        case .replayed: throw refusal(.rpl(3), replay.token.failure)
        case .full: throw refusal(.rpl(8), .busy)
        case .unavailable: throw refusal(.rpl(6), .busy)
        }
    }

    private func refusal(_ rule: RuleID, _ failure: Failure) -> Refusal {
        var refusal = Refusal(rule, failure)
        refusal.clientID = clientID
        refusal.attesterID = attesterID
        return refusal
    }

    /// RPL-04 and RPL-07, judged by the store that is asked, whatever `verify` was told.
    private func requireClaimable(_ fence: StartFence?, now: UnixTime) throws(Refusal) {
        do {
            for replay in replays { try replay.requireTimely(now: now) }
            // As in `Verifier`: what a challenge of the first proves holds for a proof alongside.
            for replay in replays {
                try replay.requirePast(fence, now: now)
                if replay.isNewer(than: fence) { break }
            }
        } catch {
            throw refusal(error.rule, error.failure)
        }
    }
}
