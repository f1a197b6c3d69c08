// SPDX-License-Identifier: Apache-2.0
// Step 6, what depends on the moment, the AS and the client: judged at every request.

import JOSE
import Octets

/// KEY-03, ATT-04 to ATT-07, ATT-09, ATT-10, ATT-14, ATT-16, JOSE-17 for the profiles, REQ-06 for
/// the client's methods.
enum AttestationRules {
    /// ATT-16: neither the instance nor this attester's client is suspended.
    static func requireNotDenied(
        _ attestation: VerifiedAttestation, _ policy: VerificationPolicy, _ trace: RuleTrace?
    ) throws(Refusal) {
        trace?.begin(.att(16))
        guard !policy.denylist.denies(attestation) else { throw refusal(.att(16)) }
    }

    /// KEY-03: the attester may vouch for this client. Octets, as every identifier (REQ-20).
    static func requireVouched(
        _ attestation: VerifiedAttestation, _ trace: RuleTrace?
    ) throws(Refusal) {
        trace?.begin(.key(3))
        guard attestation.attester.mayVouch(for: attestation.subject) else {
            throw refusal(.key(3))
        }
    }

    /// ATT-09: the client is one of this AS's attested clients.
    static func knownClient(
        _ attestation: VerifiedAttestation, _ policy: VerificationPolicy, _ trace: RuleTrace?
    ) throws(Refusal) -> AttestedClient {
        trace?.begin(.att(9))
        guard let client = policy.clients[attestation.subject] else {
            throw Refusal(.att(9), .invalidClient, in: .attestation)
        }
        return client
    }

    /// REQ-06: the client may prove its key in this way (AMB-03: taking a proof of possession out
    /// of a request makes it no other client's). DPOP-22: combined mode has to be offered at all.
    static func requireMethod(_ context: RuleContext) throws(Refusal) {
        context.trace?.begin(.dpop(22), .req(6))
        if context.method == .dpopCombined {
            guard context.policy.offersCombined else { throw Refusal(.dpop(22), .attestation) }
            guard context.flags.combined != .off else { throw Refusal(.req(6), .attestation) }
        }
        guard context.client.methods.contains(context.method) else {
            throw Refusal(.req(6), .attestation)
        }
    }

    /// JOSE-17, AMB-06: a MAC only where an enabled profile knows one. Judged with the profiles, so
    /// at every request.
    static func requireMACAllowed(_ context: RuleContext) throws(Refusal) {
        context.trace?.begin(.jose(17), in: .attestation)
        guard !context.attestation.attester.usesMAC || context.flags.allowsMAC else {
            throw refusal(.jose(17))
        }
    }

    /// ATT-04, but for the operator who has expired attestations answered as stale ones: then
    /// `requireFresh` refuses them, after the proof (3.0).
    static func requireUnexpired(_ context: RuleContext) throws(Refusal) {
        context.trace?.begin(.att(4))
        guard !hasExpired(context) || context.policy.errors.expiredIsStale else {
            throw refusal(.att(4))
        }
    }

    /// ATT-05.
    static func requireBegun(_ context: RuleContext) throws(Refusal) {
        context.trace?.begin(.att(5))
        guard let notBefore = context.attestation.notBefore else { return }
        guard context.now + context.skew >= notBefore.floor else { throw refusal(.att(5)) }
    }

    /// ATT-06.
    static func requirePlausibleIssue(_ context: RuleContext) throws(Refusal) {
        context.trace?.begin(.att(6))
        let attestation = context.attestation
        guard let issuedAt = attestation.issuedAt else {
            guard
                !context.flags.requiresAttestationIssuedAt
                    && !context.attestationPolicy.requiresIssuedAt
            else { throw refusal(.att(6)) }
            return
        }
        guard issuedAt.floor <= context.now + context.skew,
            issuedAt.floor <= attestation.expires.floor
        else { throw refusal(.att(6)) }
    }

    /// ATT-10: an audience, which no draft defines, must still contain this AS.
    static func requireAudience(_ context: RuleContext) throws(Refusal) {
        context.trace?.begin(.att(10))
        let issuer = context.policy.issuer
        let isAddressed: Bool
        switch context.attestation.audience {
        case nil: isAddressed = true
        case .one(let audience): isAddressed = audience == issuer
        case .many(let audiences): isAddressed = audiences.contains(issuer)
        }
        guard isAddressed else { throw refusal(.att(10)) }
    }

    /// ATT-14.
    static func requireIssuer(_ context: RuleContext) throws(Refusal) {
        context.trace?.begin(.att(14))
        guard !context.flags.requiresAttestationIssuer || context.attestation.issuer != nil else {
            throw refusal(.att(14))
        }
    }

    /// Step 9. ATT-07: not older than policy allows, nor than the moment before which the client's
    /// attestations are denied. Answered as FRESH, and therefore only to the holder of the key
    /// (3.0); without `iat` a fresh attestation would not help.
    static func requireFresh(_ context: RuleContext) throws(Refusal) {
        // ATT-04, deferred by `requireUnexpired`.
        if context.policy.errors.expiredIsStale { context.trace?.begin(.att(4)) }
        guard !hasExpired(context) else { throw stale(.att(4)) }
        context.trace?.begin(.att(7))
        let maxAge = context.attestationPolicy.maxAge
        let notBefore = context.client.notBefore
        guard maxAge != nil || notBefore != nil else { return }
        guard let issuedAt = context.attestation.issuedAt?.floor else { throw refusal(.att(7)) }
        if let maxAge {
            guard context.now <= issuedAt + maxAge + context.skew else { throw stale(.att(7)) }
        }
        if let notBefore {
            guard issuedAt >= notBefore else { throw stale(.att(7)) }
        }
    }

    private static func hasExpired(_ context: RuleContext) -> Bool {
        !context.attestation.expires.isAfter(context.now, slack: context.skew)
    }

    private static func refusal(_ rule: RuleID) -> Refusal {
        Refusal(rule, .attestation, in: .attestation)
    }

    private static func stale(_ rule: RuleID) -> Refusal {
        Refusal(rule, .staleAttestation, in: .attestation)
    }
}
