// SPDX-License-Identifier: Apache-2.0
// Whether a new policy accepts again what the replay store was told to forget (RPL-12).

import Octets

extension VerificationPolicy {
    /// RPL-12: whether a proof that `previous` accepted, at this AS or at another one, could be
    /// accepted by this policy after its entry was dropped, or under another entry. Errs on the
    /// side of true: the fence that follows costs an honest client one retry.
    public func widens(_ previous: VerificationPolicy) -> Bool {
        proof.maxAge > previous.proof.maxAge
            || proof.clockSkew > previous.proof.clockSkew
            || proof.expiryCap > previous.proof.expiryCap
            // CHAL-26, in either direction: what was held for the life of a challenge alone.
            || proof.challengeSkew != previous.proof.challengeSkew
            || challengesLiveLonger(than: previous)
            || changesAnchors(of: previous)
            || !Set(audiences).isSubset(of: previous.audiences)
            || takesOtherDPoPProofs(than: previous)
    }

    /// What proofs for this AS name: their uniqueness is judged by AS (RPL-02), so an audience that
    /// moved here brings proofs along that were used elsewhere.
    private var audiences: [[UInt8]] { [issuer] + proof.audienceAliases }

    /// Whether DPoP proofs are judged here that were left to the AS, or counted for another URL, and
    /// so are in no entry (DPOP-12).
    private func takesOtherDPoPProofs(than previous: VerificationPolicy) -> Bool {
        guard dpop.owner != .pass else { return false }
        return previous.dpop.owner == .pass
            || endpointURLs.values.contains { !previous.endpointURLs.values.contains($0) }
    }

    /// Where the life of a challenge bounds the life of a proof, or is remembered itself.
    private func challengesLiveLonger(than previous: VerificationPolicy) -> Bool {
        guard challenge.singleUse || profileSets.contains(where: \.flags.anchorsOnChallenge) else {
            return false
        }
        return challenge.lifetime > previous.challenge.lifetime
            || challenge.clockAllowance > previous.challenge.clockAllowance
    }

    /// Whether a proof without `iat` may now be fresh by something else than when it was accepted
    /// (POP-12). Nothing changes where all profiles agree on it, or none was touched.
    private func changesAnchors(of previous: VerificationPolicy) -> Bool {
        if profiles == previous.profiles, narrowings == previous.narrowings { return false }
        return Set((profileSets + previous.profileSets).map(Anchors.init)).count > 1
    }

    /// Everything that may decide a proof's shape here: the profiles of the AS, narrowed by an
    /// attester, by a client, by both.
    private var profileSets: [ProfileSet] {
        let byAttester = [nil] + attesters.attesters.map(\.profiles).filter { $0 != nil }
        let byClient = [nil] + clients.values.map(\.profiles).filter { $0 != nil }
        return byAttester.flatMap { attester in
            byClient.map { profiles.narrowed(to: attester).narrowed(to: $0) }
        }
    }

    /// The profiles of attesters and clients that have their own.
    private var narrowings: [[UInt8]: ProfileSet] {
        var sets: [[UInt8]: ProfileSet] = [:]
        for attester in attesters.attesters { sets[[0] + attester.id.octets] = attester.profiles }
        for client in clients.values { sets[[1] + client.clientID] = client.profiles }
        return sets
    }

    private struct Anchors: Hashable {
        let expiry: Bool
        let challenge: Bool

        init(_ set: ProfileSet) {
            expiry = set.flags.anchorsOnExpiry
            challenge = set.flags.anchorsOnChallenge
        }
    }
}
