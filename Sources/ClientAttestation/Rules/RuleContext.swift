// SPDX-License-Identifier: Apache-2.0
// What every rule of one request may look at once the attestation's signature is verified.

import JOSE
import Octets

/// The request under judgement: policy, facts, time, the verified attestation and its client.
///
/// A class, because every rule is handed it: a structure would be copied, reference by reference.
final class RuleContext {
    let policy: VerificationPolicy
    let facts: RequestFacts
    let now: UnixTime
    let trace: RuleTrace?
    /// How the request proves the instance key.
    let method: ProofMethod
    let attestation: VerifiedAttestation
    let client: AttestedClient
    /// The profiles that apply: the client's within the attester's within the AS's.
    let profiles: ProfileSet

    init(
        policy: VerificationPolicy, facts: RequestFacts, now: UnixTime, method: ProofMethod,
        attestation: VerifiedAttestation, client: AttestedClient, trace: RuleTrace?
    ) throws(Refusal) {
        self.policy = policy
        self.facts = facts
        self.now = now
        self.trace = trace
        self.method = method
        self.attestation = attestation
        self.client = client
        profiles = policy.profiles
            .narrowed(to: attestation.attester.profiles).narrowed(to: client.profiles)
        trace?.begin(.req(6))
        // Without any profile no shape is accepted, not every shape.
        guard !profiles.profiles.isEmpty else {
            throw Refusal(.req(6), .attestation, in: .attestation)
        }
    }

    var flags: ProfileFlags { profiles.flags }
    var skew: Int64 { policy.proof.clockSkew }

    /// The attester's demands if it has its own, else the AS's.
    var attestationPolicy: AttestationPolicy {
        attestation.attester.attestation ?? policy.attestation
    }

    /// Whether this client is served challenges.
    var servesChallenges: Bool { flags.servesChallenges && policy.challenge.mode != .off }

    /// Whether this client is served nonces at this endpoint.
    var servesNonces: Bool {
        flags.servesNonces && policy.nonceEndpoints.contains(facts.endpoint)
    }

    /// Whether this client is served nonces at any endpoint.
    var servesNoncesSomewhere: Bool { flags.servesNonces && !policy.nonceEndpoints.isEmpty }

    /// POP-08 and DPOP-11: whether a proof made at `issuedAt` is neither too old nor from the
    /// future; `extra` seconds more are allowed on both sides (CHAL-26).
    func isTimely(_ issuedAt: UnixTime, extra: Int64 = 0) -> Bool {
        let skew = skew + extra
        return now - policy.proof.maxAge - skew <= issuedAt && issuedAt <= now + skew
    }

    /// How a fault of freshness is answered: with a fresh value wherever one is served.
    var freshnessFailure: Failure {
        if method == .dpopCombined { return dpopFreshnessFailure }
        if servesChallenges { return .challenge }
        return servesNonces ? .nonce : .attestation
    }

    /// The same for a DPoP proof (ERR-04).
    var dpopFreshnessFailure: Failure { policy.issuesDPoPNonces ? .dpopNonce : .attestation }
}
