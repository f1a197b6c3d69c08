// SPDX-License-Identifier: Apache-2.0
// The drafts as rows of flags, each its predecessor with changes; the only file that names them.

/// One revision of the specification that clients may follow. The wire has no version marker, so
/// the operator says which ones are accepted.
public enum Profile: String, CaseIterable, Sendable {
    /// draft-ietf-oauth-attestation-based-client-auth-05: nonces by `OPTIONS`, `exp` in proofs.
    case abca05 = "abca-05"
    /// Revision 06: challenges; the proof's `exp` is gone.
    case abca06 = "abca-06"
    /// Revision 07: `iat` in proofs is required.
    case abca07 = "abca-07"
    /// Revision 08: no `iss` in either token.
    case abca08 = "abca-08"
    /// Revision 09: one audience; DPoP proofs may replace proofs of possession.
    case abca09 = "abca-09"
    /// Revision 10: DPoP beside a proof of possession is explicit.
    case abca10 = "abca-10"
    /// Revision 11: combined mode uses DPoP nonces only. The default.
    case abca11 = "abca-11"

    /// The default.
    public static let newest = Profile.abca11

    /// The profile's column of requirements 0.4.
    public var flags: ProfileFlags {
        switch self {
        case .abca05: return Self.flags05
        case .abca06: return Self.flags06
        case .abca07: return Self.flags07
        case .abca08: return Self.flags08
        case .abca09: return Self.flags09
        case .abca10: return Self.flags10
        case .abca11: return Self.flags11
        }
    }

    /// The place among all of them, oldest first.
    var place: Int {
        switch self {
        case .abca05: 0
        case .abca06: 1
        case .abca07: 2
        case .abca08: 3
        case .abca09: 4
        case .abca10: 5
        case .abca11: 6
        }
    }

    private static let flags05: ProfileFlags = {
        var flags = ProfileFlags()
        flags.requiresAttestationIssuer = true
        flags.acceptsUnsuffixedProofType = true
        flags.requiresProofIssuer = true
        flags.requiresProofExpiry = true
        flags.anchorsOnExpiry = true
        flags.acceptsNonceClaim = true
        flags.allowsAudienceArrays = true
        flags.servesNonces = true
        return flags
    }()

    private static let flags06: ProfileFlags = {
        var flags = flags05
        flags.acceptsUnsuffixedProofType = false
        flags.requiresProofExpiry = false
        flags.anchorsOnExpiry = false
        flags.anchorsOnChallenge = true
        flags.acceptsNonceClaim = false
        flags.acceptsChallengeClaim = true
        flags.allowsNonceAlias = true
        flags.servesNonces = false
        flags.servesChallenges = true
        flags.specificErrors = true
        return flags
    }()

    private static let flags07: ProfileFlags = {
        var flags = flags06
        flags.allowsMAC = true
        flags.requiresProofIssuedAt = true
        flags.anchorsOnChallenge = false
        return flags
    }()

    private static let flags08: ProfileFlags = {
        var flags = flags07
        flags.requiresAttestationIssuer = false
        flags.requiresProofIssuer = false
        return flags
    }()

    private static let flags09: ProfileFlags = {
        var flags = flags08
        flags.allowsAudienceArrays = false
        flags.combined = .challenge
        return flags
    }()

    private static let flags10: ProfileFlags = {
        var flags = flags09
        flags.allowsNonceAlias = false
        return flags
    }()

    private static let flags11: ProfileFlags = {
        var flags = flags10
        flags.combined = .nonce
        return flags
    }()
}
