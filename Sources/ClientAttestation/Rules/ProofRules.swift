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
    /// Nothing but the challenge, which step 10 then demands.
    case challenge
}

/// POP-01 to POP-12.
enum ProofRules {
    private static let type = Array("oauth-client-attestation-pop+jwt".utf8)
    private static let unsuffixedType = Array("oauth-client-attestation-pop".utf8)

    /// POP-01.
    static func requireType(_ reader: TokenReader, _ context: RuleContext) throws(Refusal) {
        let type = reader.jws.header.type
        let isUnsuffixed = context.flags.acceptsUnsuffixedProofType && type == unsuffixedType
        guard type == Self.type || isUnsuffixed else { throw reader.refusal(.pop(1)) }
    }

    /// POP-02 and POP-03: made with the instance key, whatever keys the header names. The one
    /// signature check of a request whose attestation is known.
    static func requireSignature(_ reader: TokenReader, _ context: RuleContext) throws(Refusal) {
        let algorithm = try reader.algorithm(in: context.policy.proof.algorithms, .pop(2))
        try reader.requireSignature(by: context.attestation.instanceKey, algorithm, .pop(3))
    }

    /// POP-04 and POP-05: for this AS, and not also for another one served here, where its `jti`
    /// would be new again (RPL-02).
    static func requireAudience(_ claims: ProofClaims, _ context: RuleContext) throws(Refusal) {
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
    static func jwtID(_ claims: ProofClaims) throws(Refusal) -> [UInt8] {
        guard let jwtID = claims.jwtID else { throw refusal(.pop(6)) }
        return jwtID
    }

    /// POP-07 and POP-08, before any look into the replay set.
    static func requireIssueWindow(
        _ claims: ProofClaims, _ context: RuleContext
    ) throws(Refusal) {
        guard let issuedAt = claims.issuedAt?.floor else {
            guard !context.flags.requiresProofIssuedAt else { throw refusal(.pop(7)) }
            return
        }
        guard context.now - context.policy.proof.maxAge - context.skew <= issuedAt,
            issuedAt <= context.now + context.skew
        else { throw refusal(.pop(8)) }
    }

    /// POP-09: required by flag, enforced if present; the cap is `freshnessAnchor`'s.
    static func requireUnexpired(_ claims: ProofClaims, _ context: RuleContext) throws(Refusal) {
        guard let expires = claims.expires else {
            guard !context.flags.requiresProofExpiry else { throw refusal(.pop(9)) }
            return
        }
        guard expires.isAfter(context.now, slack: context.skew) else { throw refusal(.pop(9)) }
    }

    /// POP-10.
    static func requireBegun(_ claims: ProofClaims, _ context: RuleContext) throws(Refusal) {
        guard let notBefore = claims.notBefore else { return }
        guard context.now + context.skew >= notBefore.floor else { throw refusal(.pop(10)) }
    }

    /// POP-11.
    static func requireIssuer(_ claims: ProofClaims, _ context: RuleContext) throws(Refusal) {
        let isRequired = context.flags.requiresProofIssuer
        guard isRequired || context.policy.proof.matchesIssuerIfPresent else { return }
        guard let issuer = claims.issuer else {
            guard !isRequired else { throw refusal(.pop(11)) }
            return
        }
        guard issuer == context.attestation.subject else { throw refusal(.pop(11)) }
    }

    /// POP-12, and POP-09 for an `exp` that is the anchor.
    static func freshnessAnchor(
        _ claims: ProofClaims, _ context: RuleContext
    ) throws(Refusal) -> FreshnessAnchor {
        if let issuedAt = claims.issuedAt { return .issuedAt(issuedAt.floor) }
        if let expires = claims.expires, context.flags.anchorsOnExpiry {
            let cap = context.now + context.policy.proof.expiryCap + context.skew
            guard expires.isAtMost(cap) else { throw refusal(.pop(9)) }
            return .expiry(expires)
        }
        guard context.flags.anchorsOnChallenge else { throw refusal(.pop(12)) }
        return .challenge
    }

    private static func refusal(_ rule: RuleID) -> Refusal {
        Refusal(rule, .attestation, in: .proof)
    }
}
