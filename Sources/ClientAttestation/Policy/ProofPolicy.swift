// SPDX-License-Identifier: Apache-2.0
// The operator's numbers and choices for proofs; no rule is here.

public import JOSE

/// What is demanded of proofs of possession (requirements 0.6).
public struct ProofPolicy: Sendable, Equatable {
    /// `pop.max_age`: how old `iat` may be, in seconds; at most 600 (CFG-08).
    public var maxAge: Int64
    /// `skew`: how far clocks may differ, in seconds; at most 300 (CFG-08).
    public var clockSkew: Int64
    /// `pop.iat_skew_with_challenge`: how much further `iat` may lie from now, in both directions,
    /// if a challenge verified, in seconds; needs single-use challenges (CHAL-26). 0 is off.
    public var challengeSkew: Int64
    /// `pop.exp_cap`: how far ahead an `exp` that is the freshness anchor may lie, in seconds.
    public var expiryCap: Int64
    /// `pop.aud_aliases`: further audiences that mean this AS (POP-05).
    public var audienceAliases: [[UInt8]]
    /// `pop.accept_nonce_alias`: `nonce` read as `challenge` where the profile allows it (POP-14).
    public var acceptsNonceAlias: Bool
    /// `pop.iss_if_present=match`: an optional `iss` must still equal `sub` (POP-11).
    public var matchesIssuerIfPresent: Bool
    /// The algorithms accepted in proofs (POP-02), each by its own name; a MAC is never accepted.
    public var algorithms: [JWSAlgorithm]
    /// `proof.sign_only_keys`: instance keys whose `key_ops` is `sign` alone are taken (JOSE-19).
    public var acceptsSignOnlyKeys: Bool

    /// The defaults of requirements 0.6.
    public init(
        maxAge: Int64 = 300, clockSkew: Int64 = 60, challengeSkew: Int64 = 0,
        expiryCap: Int64 = 600, audienceAliases: [[UInt8]] = [], acceptsNonceAlias: Bool = false,
        matchesIssuerIfPresent: Bool = false, algorithms: [JWSAlgorithm] = [.es256],
        acceptsSignOnlyKeys: Bool = false
    ) {
        self.maxAge = maxAge
        self.clockSkew = clockSkew
        self.challengeSkew = challengeSkew
        self.expiryCap = expiryCap
        self.audienceAliases = audienceAliases
        self.acceptsNonceAlias = acceptsNonceAlias
        self.matchesIssuerIfPresent = matchesIssuerIfPresent
        self.algorithms = algorithms
        self.acceptsSignOnlyKeys = acceptsSignOnlyKeys
    }
}
