// SPDX-License-Identifier: Apache-2.0
// The verifier as a server that is no gateway uses it: one object for one AS, in memory.

import Octets
import Synchronization

/// Authenticates the clients of one authorization server by their attestations.
///
/// It holds what `Verifier` wants handed in: the policy, a cache of attestations, a set of proofs
/// already used, and the clock. The set is this process's own. Several processes that serve one
/// issuer need a shared `ReplayStore`, and call `Verifier.verify` and `VerifiedRequest.claim`
/// themselves.
///
/// The set begins empty, so what a process before this one accepted must not pass again (RPL-07):
/// in its first second every request is answered as busy, and afterwards a proof passes if its
/// challenge is of this process, or, where no challenges are served, if it was made later than the
/// tolerated clock skew after the start.
public final class ClientAuthenticator: Sendable {
    /// What the AS trusts and demands.
    public let policy: VerificationPolicy
    let clock: SecurityClock
    private let proofs: MemoryReplayStore
    private let budget = InstanceBudget(perKey: 1000)
    private let caches: [Cache]

    /// A cache and its lock, which is held for the check of a signature.
    private final class Cache: Sendable {
        let attestations: Mutex<AttestationCache>

        init(capacity: Int) {
            attestations = Mutex(AttestationCache(capacity: capacity))
        }
    }

    /// An AS with the given policy. `capacity` is the most proofs remembered at once, at 16 octets
    /// each, at most a thousand of one instance (RPL-13); `clock` gives the seconds since 1970.
    public init(
        policy: VerificationPolicy, capacity: Int = 1_000_000,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.policy = policy
        self.clock = SecurityClock(wall: { UnixTime(clock()) })
        // RPL-07: a challenge of an instance whose clock is ahead may have been used already.
        proofs = MemoryReplayStore(
            capacity: capacity, began: self.clock.now() + policy.challenge.clockAllowance)
        caches = (0..<16).map { _ in Cache(capacity: 256) }
    }

    /// An AS with the defaults of the specification, whose clients are those that `attesters` may
    /// vouch for. `issuer` is the audience of its proofs; `clock` gives the seconds since 1970.
    ///
    /// Challenges are demanded unless `challenges` says otherwise, under a key that ends with the
    /// object. DPoP proofs are left to the caller. Throws if two attesters cannot be told apart or
    /// one has no clients (CFG-03).
    public convenience init(
        issuer: String, profiles: [Profile] = [.newest], attesters: [Attester],
        challenges: ChallengePolicy.Mode = .required, clock: @escaping @Sendable () -> Int64
    ) throws(RegistryError) {
        let profiles = ProfileSet(profiles)
        var clients: [[UInt8]: AttestedClient] = [:]
        for client in attesters.flatMap(\.clients) {
            clients[client] = AttestedClient(clientID: client)
        }
        let policy = VerificationPolicy(
            issuer: issuer.octets, profiles: profiles,
            challenge: ChallengePolicy(mode: challenges), dpop: DPoPPolicy(owner: .pass),
            attesters: try AttesterRegistry(attesters), clients: clients,
            challengeKeys: ChallengeKeys(.ephemeral(), issuer: issuer.octets),
            errors: ErrorPolicy(specific: profiles.flags.specificErrors), generation: 1)
        self.init(policy: policy, clock: clock)
    }

    /// Steps 4 and 6 to 12 for one request: who is asking, proved by its key, for the first time.
    ///
    /// The first three are the values of all fields of the names `OAuth-Client-Attestation`,
    /// `OAuth-Client-Attestation-PoP` and `DPoP`, as they came: none, one, or too many.
    /// `clientID` is the form's `client_id` parameter, if there is one. A refusal says which rule
    /// was not met, for the log alone; `answer(to:at:)` is what the client is told.
    public func authenticate(
        attestation: [String], proof: [String], dpop: [String] = [],
        at endpoint: ProtectedEndpoint = .token, clientID: String? = nil
    ) throws(Refusal) -> AttestedInstance {
        let tokens = try PresentedTokens.read(
            attestation: attestation.map(\.octets), proof: proof.map(\.octets),
            dpop: dpop.map(\.octets))
        let facts = RequestFacts(endpoint: endpoint, clientIDParameter: clientID?.octets)
        let now = clock.now()
        // The signature's last character: any spread does, requests of one token should meet.
        let place = Int(tokens.attestation?.last ?? 0) % caches.count
        let request = try caches[place].attestations.withLock { cache throws(Refusal) in
            try Verifier.verify(
                tokens, facts, policy: policy, cache: cache, fence: proofs.fence, now: now)
        }
        return try request.claimNow(in: proofs, budget: budget, now: now)
    }

    /// A fresh challenge, for the challenge endpoint and for any answer's
    /// `OAuth-Client-Attestation-Challenge`; in draft 05 the nonce. Refused as busy in the first
    /// second (RPL-07).
    public func challenge() throws(Refusal) -> String {
        let now = clock.now()
        try ReplayRules.requireBegun(proofs.fence, now: now, nil)
        let challenge = policy.challengeKeys.issue(policy.challengePurpose, now: now)
        return String(decoding: challenge, as: UTF8.self)
    }
}
