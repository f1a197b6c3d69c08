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

/// One key to be claimed, and how it is refused if it is held already.
private struct ReplayEntry {
    let key: ReplayKey
    let heldUntil: UnixTime
    let rule: RuleID
    let failure: Failure

    /// RPL-03: DP for a DPoP proof.
    init(_ replay: ReplayRules) {
        key = replay.key
        heldUntil = replay.heldUntil
        rule = .rpl(3)
        failure = replay.token.failure
    }

    /// CHAL-22.
    init(_ use: ChallengeUse) {
        key = use.key
        heldUntil = use.heldUntil
        rule = .chal(22)
        failure = use.failure
    }
}

extension [ReplayEntry] {
    /// Seconds for which the longest of them is held.
    fileprivate func lifetime(from now: UnixTime) -> Int64 {
        reduce(now) { Swift.max($0, $1.heldUntil) }.seconds - now.seconds
    }
}

extension VerifiedRequest {
    /// Step 12 (RPL-03): claims the identifiers of the proofs and, where it counts once, their
    /// challenge (CHAL-22); the last local step. From here on they are used up, whatever the AS
    /// does (RPL-10).
    ///
    /// - Parameters:
    ///   - store: where they must not be yet.
    ///   - budget: what one instance may put into the store (RPL-13); nil: anything.
    ///   - now: the security clock's second.
    public nonisolated(nonsending)
        func claim(
            in store: some ReplayStore, budget: InstanceBudget? = nil, now: UnixTime
        ) async throws(Refusal) -> AttestedInstance
    {
        let entries = try charged(store.fence, budget, now: now)
        for (made, entry) in entries.enumerated() {
            let answer = await store.claim(entry.key, until: entry.heldUntil, now: now)
            try requireFirst(answer, of: entries, made, budget, now: now)
        }
        // A store may find out in answering that it has forgotten (RPL-11).
        try requireClaimable(store.fence, now: now)
        return AttestedInstance(self)
    }

    /// Step 12 with a store in memory, which answers at once.
    public func claimNow(
        in store: MemoryReplayStore, budget: InstanceBudget? = nil, now: UnixTime
    ) throws(Refusal) -> AttestedInstance {
        let entries = try charged(store.fence, budget, now: now)
        for (made, entry) in entries.enumerated() {
            let answer = store.claimNow(entry.key, until: entry.heldUntil, now: now)
            try requireFirst(answer, of: entries, made, budget, now: now)
        }
        return AttestedInstance(self)
    }

    /// What is claimed, in this order: a proof that is sent again is a replay, whatever became of
    /// its challenge. One value for both proofs is used once.
    private var entries: [ReplayEntry] {
        var entries = [ReplayEntry(replay)]
        if let alongside { entries.append(ReplayEntry(alongside)) }
        if let use = replay.use { entries.append(ReplayEntry(use)) }
        if let use = alongside?.use, use.key != replay.use?.key { entries.append(ReplayEntry(use)) }
        return entries
    }

    /// The entries, if the fence lets them be made and the key may have them (RPL-13).
    private func charged(
        _ fence: StartFence?, _ budget: InstanceBudget?, now: UnixTime
    ) throws(Refusal) -> [ReplayEntry] {
        try requireClaimable(fence, now: now)
        let entries = entries
        guard let budget else { return entries }
        let lifetime = entries.lifetime(from: now)
        guard budget.take(entries.count, heldFor: lifetime, by: instance, now: now) else {
            throw refusal(.rpl(13), .tooManyRequests)
        }
        return entries
    }

    /// RPL-03, -06, -08: nobody but the first. Whoever sends again what another key's holder sent
    /// takes nothing from that key: what was not made is given back.
    private func requireFirst(
        _ answer: ReplayClaim, of entries: [ReplayEntry], _ made: Int, _ budget: InstanceBudget?,
        now: UnixTime
    ) throws(Refusal) {
        guard answer != .first else { return }
        budget?.giveBack(
            entries.count - made, heldFor: entries.lifetime(from: now), by: instance)
        switch answer {
        case .full: throw refusal(.rpl(8), .busy)
        case .unavailable: throw refusal(.rpl(6), .busy)
        case .first, .replayed: throw refusal(entries[made].rule, entries[made].failure)
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
            try replay.requireTimely(now: now)
            try alongside?.requireTimely(now: now)
            try replay.use?.requirePast(fence)
            try alongside?.use?.requirePast(fence)
            try replay.requirePast(fence, now: now)
            // As in `Verifier`: what a challenge of the first proves holds for a proof alongside.
            if !replay.isNewer(than: fence) { try alongside?.requirePast(fence, now: now) }
        } catch {
            throw refusal(error.rule, error.failure)
        }
    }
}
