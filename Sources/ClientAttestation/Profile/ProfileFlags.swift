// SPDX-License-Identifier: Apache-2.0
// What the drafts differ in, as flags that rules read (requirements 0.4), and how flags merge.

/// The differences between drafts that rules read. No rule knows which draft set a flag.
///
/// Flags describe the shape of what a client may send. The invariants of requirements 0.5 are
/// not among them and hold whatever the flags say.
public struct ProfileFlags: Sendable, Equatable {
    /// How the DPoP proof takes the place of the proof of possession (combined mode).
    public enum Combined: Int, Sendable, Comparable {
        /// Not defined.
        case off
        /// Only nonces of RFC 9449 in the `nonce` of the proof.
        case nonce
        /// The challenge in the `nonce` of the proof.
        case challenge

        /// The more tolerant form is the larger.
        public static func < (left: Combined, right: Combined) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    /// `att.iss` required (KEY-02, ATT-14).
    public internal(set) var requiresAttestationIssuer = false
    /// `att.iat` required (ATT-06).
    public internal(set) var requiresAttestationIssuedAt = false
    /// `att.mac_allowed`, as an opt-in of an attester (JOSE-17).
    public internal(set) var allowsMAC = false
    /// `pop.typ` without `+jwt` accepted (POP-01).
    public internal(set) var acceptsUnsuffixedProofType = false
    /// `pop.iss` required and equal to `sub` (POP-11).
    public internal(set) var requiresProofIssuer = false
    /// `pop.exp` required (POP-09).
    public internal(set) var requiresProofExpiry = false
    /// `pop.iat` required (POP-07).
    public internal(set) var requiresProofIssuedAt = false
    /// A capped `exp` may be what makes a proof fresh (POP-12).
    public internal(set) var anchorsOnExpiry = false
    /// A verified challenge may be what makes a proof fresh (POP-12).
    public internal(set) var anchorsOnChallenge = false
    /// `pop.freshness_claim` is `nonce` (POP-14).
    public internal(set) var acceptsNonceClaim = false
    /// `pop.freshness_claim` is `challenge` (POP-13).
    public internal(set) var acceptsChallengeClaim = false
    /// `pop.accept_nonce_alias` may be switched on (POP-14).
    public internal(set) var allowsNonceAlias = false
    /// `pop.aud_array`: an array of any length, not only of one element (POP-05).
    public internal(set) var allowsAudienceArrays = false
    /// `nonce.options`: nonces by `OPTIONS` (CHAL-01, CHAL-06).
    public internal(set) var servesNonces = false
    /// `challenge.endpoint` and `challenge.header` (CHAL-10, CHAL-20).
    public internal(set) var servesChallenges = false
    /// `combined`: DPoP proof instead of a proof of possession.
    public internal(set) var combined = Combined.off
    /// `header.syntax` is a Structured Fields Token instead of token68 (REQ-03).
    public internal(set) var structuredFieldHeaders = false
    /// `errors.specific`: error codes beyond `invalid_client` (ERR-07, design D20).
    public internal(set) var specificErrors = false

    /// Both sets of shapes accepted: a demand stays only if both make it, a permission is enough
    /// from one.
    func merged(with other: ProfileFlags) -> ProfileFlags {
        var merged = ProfileFlags()
        merged.requiresAttestationIssuer =
            requiresAttestationIssuer && other.requiresAttestationIssuer
        merged.requiresAttestationIssuedAt =
            requiresAttestationIssuedAt && other.requiresAttestationIssuedAt
        merged.requiresProofIssuer = requiresProofIssuer && other.requiresProofIssuer
        merged.requiresProofExpiry = requiresProofExpiry && other.requiresProofExpiry
        merged.requiresProofIssuedAt = requiresProofIssuedAt && other.requiresProofIssuedAt
        merged.structuredFieldHeaders = structuredFieldHeaders && other.structuredFieldHeaders

        merged.allowsMAC = allowsMAC || other.allowsMAC
        merged.acceptsUnsuffixedProofType =
            acceptsUnsuffixedProofType || other.acceptsUnsuffixedProofType
        merged.anchorsOnExpiry = anchorsOnExpiry || other.anchorsOnExpiry
        merged.anchorsOnChallenge = anchorsOnChallenge || other.anchorsOnChallenge
        merged.acceptsNonceClaim = acceptsNonceClaim || other.acceptsNonceClaim
        merged.acceptsChallengeClaim = acceptsChallengeClaim || other.acceptsChallengeClaim
        merged.allowsNonceAlias = allowsNonceAlias || other.allowsNonceAlias
        merged.allowsAudienceArrays = allowsAudienceArrays || other.allowsAudienceArrays
        merged.servesNonces = servesNonces || other.servesNonces
        merged.servesChallenges = servesChallenges || other.servesChallenges
        merged.combined = max(combined, other.combined)
        merged.specificErrors = specificErrors || other.specificErrors
        return merged
    }
}
