// SPDX-License-Identifier: Apache-2.0
// Which draft a proof looks like (AMB-01): for the log, so that an operator can narrow; no rule
// depends on it.

/// Which optional members a proof has.
struct ProofShape {
    var hasIssuer = false
    var hasIssuedAt = false
    var hasExpiry = false
    var hasNonce = false
    var hasChallenge = false
    /// A DPoP proof in place of a proof of possession.
    var isCombined = false
}

extension Profile {
    /// The one of `profiles` that a proof of this shape most likely follows: of those whose demands
    /// it meets, the one that leaves the fewest of its members undefined, the newest of equals.
    /// Where it meets the demands of none it was accepted as a mixture: the newest.
    static func guess(among profiles: [Profile], _ shape: ProofShape) -> Profile? {
        if shape.isCombined { return profiles.last { $0.flags.combined != .off } }
        var best = profiles.last
        var fewest = Int.max
        for profile in profiles.reversed() {
            let flags = profile.flags
            let meetsDemands =
                (shape.hasIssuer || !flags.requiresProofIssuer)
                && (shape.hasExpiry || !flags.requiresProofExpiry)
                && (shape.hasIssuedAt || !flags.requiresProofIssuedAt)
            guard meetsDemands else { continue }
            let strangers = shape.undefinedMembers(flags)
            if strangers < fewest { (best, fewest) = (profile, strangers) }
        }
        return best
    }
}

extension ProofShape {
    /// How many of the members the draft with these flags does not know.
    fileprivate func undefinedMembers(_ flags: ProfileFlags) -> Int {
        var count = 0
        if hasIssuer && !flags.requiresProofIssuer { count += 1 }
        if hasExpiry && !flags.requiresProofExpiry { count += 1 }
        if hasChallenge && !flags.acceptsChallengeClaim { count += 1 }
        // The samples of 06 to 09 still say `nonce` (AMB-04).
        if hasNonce && !flags.acceptsNonceClaim && !flags.allowsNonceAlias { count += 1 }
        return count
    }
}
