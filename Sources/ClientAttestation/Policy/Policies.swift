// SPDX-License-Identifier: Apache-2.0
// The operator's numbers and choices for attestations and challenges; no rule is here.

/// What is demanded of client attestations beyond their own `exp`.
public struct AttestationPolicy: Sendable, Equatable {
    /// `att.max_age`: how old `iat` may be, in seconds; nil is off (ATT-07).
    public var maxAge: Int64?
    /// `att.require_iat` (ATT-06).
    public var requiresIssuedAt: Bool

    /// Both off.
    public init(maxAge: Int64? = nil, requiresIssuedAt: Bool = false) {
        self.maxAge = maxAge
        self.requiresIssuedAt = requiresIssuedAt
    }
}

/// How challenges and nonces are demanded and how long they live.
public struct ChallengePolicy: Sendable, Equatable {
    /// `challenge.policy` (CHAL-20).
    public enum Mode: String, Sendable {
        /// Not served, not looked at.
        case off
        /// Verified if present.
        case optional
        /// A proof without one is refused.
        case required
    }

    /// Whether challenges are demanded.
    public var mode: Mode
    /// `challenge.ttl`, in seconds of the server's own time; for nonces too.
    public var lifetime: Int64
    /// `challenge.single_use`: a challenge counts for one request (CHAL-22).
    public var singleUse: Bool
    /// `instance.clock_allowance`: how far ahead another instance's clock may be, in seconds.
    public var clockAllowance: Int64

    /// Challenges as `mode` says, living five minutes.
    public init(
        mode: Mode, lifetime: Int64 = 300, singleUse: Bool = false, clockAllowance: Int64 = 0
    ) {
        self.mode = mode
        self.lifetime = lifetime
        self.singleUse = singleUse
        self.clockAllowance = clockAllowance
    }
}
