// SPDX-License-Identifier: Apache-2.0
// Step 7: the proof of possession, its signature and what it claims.

import JOSE
import Octets

/// What makes a proof fresh (POP-12, invariant 5), and so how long it could be sent again.
enum FreshnessAnchor {
    /// `iat`, inside its window.
    case issuedAt(UnixTime)
    /// `exp`, below its cap.
    case expiry(NumericDate)
    /// Nothing but the challenge, which step 10 then demands; and the `exp` that may be the anchor
    /// if the same key comes with the word of an attester whose profiles are others.
    case challenge(otherwise: NumericDate?)
}

/// A proof of possession that the instance key made for this AS, at about this time.
struct ProofOfPossession {
    let claims: ProofClaims
    let jwtID: [UInt8]
    let anchor: FreshnessAnchor
}

/// POP-01 to POP-12.
enum ProofRules {
    private static let type = Array("oauth-client-attestation-pop+jwt".utf8)
    private static let unsuffixedType = Array("oauth-client-attestation-pop".utf8)

    /// The proof in `token`, if all of it holds. Its challenge is step 10's, its `jti` step 12's.
    static func proof(
        _ token: [UInt8], _ context: RuleContext
    ) throws(Refusal) -> ProofOfPossession {
        let reader = try TokenReader(token, .proof, context.trace)
        try requireType(reader, context)
        try requireSignature(reader, context)
        let claims = try ProofClaims(reader)
        try requireAudience(claims, context)
        let jwtID = try jwtID(claims, context)
        try requireIssueWindow(claims, context)
        try requireUnexpired(claims, context)
        try requireBegun(claims, context)
        try requireIssuer(claims, context)
        let anchor = try freshnessAnchor(claims, context)
        return ProofOfPossession(claims: claims, jwtID: jwtID, anchor: anchor)
    }

    /// POP-01.
    private static func requireType(_ reader: TokenReader, _ context: RuleContext) throws(Refusal) {
        reader.trace?.begin(.pop(1), .jose(26), in: .proof)
        guard
            reader.jws.header.hasType(type)
                || context.flags.acceptsUnsuffixedProofType
                    && reader.jws.header.hasType(unsuffixedType)
        else { throw reader.refusal(.pop(1)) }
    }

    /// POP-02 and POP-03: made with the instance key, whatever keys the header names. The one
    /// signature check of a request whose attestation is known.
    private static func requireSignature(_ reader: TokenReader, _ context: RuleContext)
        throws(Refusal)
    {
        let algorithm = try reader.algorithm(in: context.policy.proof.algorithms, .pop(2))
        try reader.requireSignature(by: context.attestation.instanceKey, algorithm, .pop(3))
    }

    /// POP-04 and POP-05: for this AS, and not also for another one served here, where its `jti`
    /// would be new again (RPL-02).
    private static func requireAudience(_ claims: ProofClaims, _ context: RuleContext)
        throws(Refusal)
    {
        context.trace?.begin(.pop(4), .pop(5))
        switch claims.audience {
        case nil:
            throw refusal(.pop(4))
        case .one(let audience):
            guard isOurs(audience, context.policy) else { throw refusal(.pop(4)) }
        case .many(let audiences):
            guard context.flags.allowsAudienceArrays || audiences.count == 1 else {
                throw refusal(.pop(5))
            }
            guard audiences.contains(where: { isOurs($0, context.policy) }) else {
                throw refusal(.pop(4))
            }
            guard !audiences.contains(where: context.policy.foreignAudiences.contains) else {
                throw refusal(.pop(5))
            }
        }
    }

    private static func isOurs(_ audience: [UInt8], _ policy: VerificationPolicy) -> Bool {
        audience == policy.issuer || policy.proof.audienceAliases.contains(audience)
    }

    /// POP-06.
    private static func jwtID(
        _ claims: ProofClaims, _ context: RuleContext
    ) throws(Refusal) -> [UInt8] {
        context.trace?.begin(.pop(6))
        guard let jwtID = claims.jwtID else { throw refusal(.pop(6)) }
        return jwtID
    }

    /// POP-07 and POP-08, before any look into the replay set.
    private static func requireIssueWindow(
        _ claims: ProofClaims, _ context: RuleContext
    ) throws(Refusal) {
        context.trace?.begin(.pop(7), .pop(8))
        guard let issuedAt = claims.issuedAt?.floor else {
            guard !context.flags.requiresProofIssuedAt else { throw refusal(.pop(7)) }
            return
        }
        let extra = claims.hasFreshnessClaim ? context.policy.proof.challengeSkew : 0
        guard context.isTimely(issuedAt, extra: extra) else { throw refusal(.pop(8)) }
    }

    /// CHAL-26: the wider window of POP-08 is for proofs whose challenge verified. One whose
    /// challenge does not is refused wherever it is sent: its entry lived as long as that challenge.
    static func requireVerified(
        _ challenge: Challenge?, of proof: ProofOfPossession, _ context: RuleContext
    ) throws(Refusal) {
        guard context.policy.proof.challengeSkew > 0 else { return }
        context.trace?.begin(.chal(26))
        guard challenge != nil || !proof.claims.hasFreshnessClaim else {
            throw Refusal(.chal(26), context.freshnessFailure, in: .proof)
        }
    }

    /// POP-09: required by flag, enforced if present; the cap is `freshnessAnchor`'s.
    private static func requireUnexpired(_ claims: ProofClaims, _ context: RuleContext)
        throws(Refusal)
    {
        context.trace?.begin(.pop(9))
        guard let expires = claims.expires else {
            guard !context.flags.requiresProofExpiry else { throw refusal(.pop(9)) }
            return
        }
        guard expires.isAfter(context.now, slack: context.skew) else { throw refusal(.pop(9)) }
    }

    /// POP-10.
    private static func requireBegun(_ claims: ProofClaims, _ context: RuleContext) throws(Refusal)
    {
        context.trace?.begin(.pop(10))
        guard let notBefore = claims.notBefore else { return }
        guard context.now + context.skew >= notBefore.floor else { throw refusal(.pop(10)) }
    }

    /// POP-11.
    private static func requireIssuer(_ claims: ProofClaims, _ context: RuleContext) throws(Refusal)
    {
        context.trace?.begin(.pop(11))
        let isRequired = context.flags.requiresProofIssuer
        guard isRequired || context.policy.proof.matchesIssuerIfPresent else { return }
        guard let issuer = claims.issuer else {
            guard !isRequired else { throw refusal(.pop(11)) }
            return
        }
        guard issuer == context.attestation.subject else { throw refusal(.pop(11)) }
    }

    /// POP-12, and POP-09 for an `exp` that is the anchor, or would be if another attester
    /// vouched for the key: attesters may be narrowed apart, and no proof says whose word it is for.
    private static func freshnessAnchor(
        _ claims: ProofClaims, _ context: RuleContext
    ) throws(Refusal) -> FreshnessAnchor {
        context.trace?.begin(.pop(9), .pop(12))
        if let issuedAt = claims.issuedAt { return .issuedAt(issuedAt.floor) }
        let anyAttester = context.policy.profiles.narrowed(to: context.client.profiles)
        let expires = anyAttester.flags.anchorsOnExpiry ? claims.expires : nil
        if let expires {
            let cap = context.now + context.policy.proof.expiryCap + context.skew
            guard expires.isAtMost(cap) else { throw refusal(.pop(9)) }
            if context.flags.anchorsOnExpiry { return .expiry(expires) }
        }
        guard context.flags.anchorsOnChallenge else { throw refusal(.pop(12)) }
        return .challenge(otherwise: expires)
    }

    private static func refusal(_ rule: RuleID) -> Refusal {
        Refusal(rule, .attestation, in: .proof)
    }
}
