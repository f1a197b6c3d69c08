// SPDX-License-Identifier: Apache-2.0
// The line between what a replay store cannot know and what it can (RPL-07, RPL-11, RPL-12).

public import Octets

/// The fence of a replay store that began empty, has forgotten, or remembers for shorter than
/// proofs now live. What may have been accepted before it passes only if it cannot have been
/// (`ReplayRules`).
public struct StartFence: Sendable, Equatable {
    /// F of RPL-07, a second of the security clock. No challenge accepted before it is younger.
    public let second: UnixTime
    /// No `iat` accepted before is later, even under a policy that is no longer in force.
    let latestIssue: UnixTime
    /// What was accepted before without an `iat` has expired after this second.
    let latestExpiry: UnixTime

    /// The fence of a store that began in `second`; `reach` tells how far ahead of it accepted
    /// proofs may lie if policies before were more generous than the one that judges.
    public init(second: UnixTime, reach: ProofReach = ProofReach()) {
        self.second = second
        latestIssue = second + reach.issue
        latestExpiry = second + reach.expiry
    }

    /// The fence of a store that began in `second`, after processes that may have accepted what
    /// `bounds` says.
    public init(second: UnixTime, after bounds: ProofBounds) {
        self.init(
            second, latestIssue: max(second, bounds.latestIssue),
            latestExpiry: max(second, bounds.latestExpiry))
    }

    private init(_ second: UnixTime, latestIssue: UnixTime, latestExpiry: UnixTime) {
        self.second = second
        self.latestIssue = latestIssue
        self.latestExpiry = latestExpiry
    }

    /// The fence that keeps out what either keeps out.
    public func joined(with other: StartFence?) -> StartFence {
        guard let other else { return self }
        return StartFence(
            max(second, other.second), latestIssue: max(latestIssue, other.latestIssue),
            latestExpiry: max(latestExpiry, other.latestExpiry))
    }

    /// Lets nothing pass, ever.
    static let closed = StartFence(second: UnixTime(.max))
}

/// The latest times that an accepted proof may have had.
public struct ProofBounds: Sendable, Equatable {
    /// Of `iat`.
    public let latestIssue: UnixTime
    /// Of the last second of a proof that has no `iat`.
    public let latestExpiry: UnixTime

    /// These times.
    public init(latestIssue: UnixTime, latestExpiry: UnixTime) {
        self.latestIssue = latestIssue
        self.latestExpiry = latestExpiry
    }
}

/// How far ahead of the moment of its acceptance a proof's own times may lie, in seconds; the
/// greatest of all policies that were included.
public struct ProofReach: Sendable, Equatable {
    /// For `iat`.
    public private(set) var issue: Int64 = 0
    /// For the last second of a proof that has no `iat`.
    public private(set) var expiry: Int64 = 0

    /// Nothing accepted yet.
    public init() {}

    /// Takes in what `policy` accepts.
    public mutating func include(_ policy: VerificationPolicy) {
        let proof = policy.proof
        issue = max(issue, proof.clockSkew + proof.challengeSkew)
        expiry = max(expiry, proof.expiryCap + 2 * proof.clockSkew)
    }
}
