// SPDX-License-Identifier: Apache-2.0
// The order of evaluation, steps 6 to 11 of requirements 3.0, as a list of rules.

public import JOSE
public import Octets

/// Decides whether a request proves possession of an attested instance key. Pure: everything it
/// knows is an argument, and it changes nothing but the cache.
public enum Verifier {
    /// Steps 6 to 11. Step 12 is `VerifiedRequest.claim`. Throws the first rule that is not met.
    public static func verify(
        _ tokens: PresentedTokens, _ facts: RequestFacts, policy: VerificationPolicy,
        cache: AttestationCache, fence: StartFence?, now: UnixTime
    ) throws(Refusal) -> VerifiedRequest {
        try tokens.requireNormal()
        guard let attestationToken = tokens.attestation, let proofToken = tokens.proof else {
            throw Refusal(.req(6), .attestation)
        }
        // Step 6, the part that depends on the token alone. JOSE, KEY, ATT; POP-16: first.
        let attestation = try verified(attestationToken, policy: policy, cache: cache)
        do {
            return try judge(
                attestation, proofToken, facts, policy: policy, fence: fence, now: now)
        } catch {
            var refusal = error
            refusal.clientID = attestation.subject
            refusal.attesterID = attestation.attester.id
            throw refusal
        }
    }

    private static func judge(
        _ attestation: VerifiedAttestation, _ proofToken: [UInt8], _ facts: RequestFacts,
        policy: VerificationPolicy, fence: StartFence?, now: UnixTime
    ) throws(Refusal) -> VerifiedRequest {
        // Step 6, the part that depends on time and client. KEY, ATT.
        try AttestationRules.requireVouched(attestation)
        let client = try AttestationRules.knownClient(attestation, policy)
        let context = try RuleContext(
            policy: policy, facts: facts, now: now, attestation: attestation, client: client)
        try AttestationRules.requireMethod(context)
        try AttestationRules.requireIssuer(context)
        try AttestationRules.requireUnexpired(context)
        try AttestationRules.requireBegun(context)
        try AttestationRules.requirePlausibleIssue(context)
        try AttestationRules.requireAudience(context)

        // Step 7. JOSE, POP.
        let reader = try TokenReader(proofToken, .proof)
        try ProofRules.requireType(reader, context)
        try ProofRules.requireSignature(reader, context)
        let claims = try ProofClaims(reader)
        try ProofRules.requireAudience(claims, context)
        let jwtID = try ProofRules.jwtID(claims)
        try ProofRules.requireIssueWindow(claims, context)
        try ProofRules.requireUnexpired(claims, context)
        try ProofRules.requireBegun(claims, context)
        try ProofRules.requireIssuer(claims, context)
        let anchor = try ProofRules.freshnessAnchor(claims, context)

        // Step 8. REQ-12.
        try IdentityRules.requireSameClient(context)

        // Step 9. ATT-07; status lists (ST) will stand here.
        try AttestationRules.requireFresh(context)

        // Step 10. RPL-07, CHAL.
        try ReplayRules.requireBegun(fence, now: now)
        let challenge = try ChallengeRules.verified(claims, context)
        let replay = try ReplayRules(
            jwtID: jwtID, anchor: anchor, challenge: challenge, context)
        try replay.requirePast(fence, now: now)

        // Step 11. Artifact binding (BIND) will stand here.
        return VerifiedRequest(context, claims, replay, hasChallenge: challenge != nil)
    }

    /// KEY-20: the attestation from the cache, or verified and then kept.
    private static func verified(
        _ token: [UInt8], policy: VerificationPolicy, cache: AttestationCache
    ) throws(Refusal) -> VerifiedAttestation {
        let key = AttestationCache.Key(issuer: policy.issuer, token: token)
        if let known = cache.find(key, generation: policy.generation) { return known }
        let attestation = try AttestationSignature.verify(token, attesters: policy.attesters)
        cache.store(attestation, key, generation: policy.generation)
        return attestation
    }
}

/// A request whose signatures, claims and challenge are in order and whose uniqueness is not yet
/// known. Only `Verifier.verify` makes one; only `claim` turns it into a proof.
public struct VerifiedRequest: Sendable {
    /// The client, from the attestation's `sub`.
    public let clientID: [UInt8]
    /// The attester that vouched for it.
    public let attesterID: String
    /// The thumbprint of the instance key.
    public let thumbprint: JWKThumbprint
    /// How the key was proved.
    public let method: ProofMethod
    /// The profile the proof looks like (AMB-01), for the log.
    public let profileGuess: Profile?
    /// Whether the proof carried a verified challenge or nonce.
    public let hasChallenge: Bool
    let replay: ReplayRules

    fileprivate init(
        _ context: RuleContext, _ claims: ProofClaims, _ replay: ReplayRules, hasChallenge: Bool
    ) {
        clientID = context.attestation.subject
        attesterID = context.attestation.attester.id
        thumbprint = context.attestation.instanceKey.thumbprint
        method = .attestationPoPJWT
        profileGuess = Profile.guess(among: context.profiles.profiles, claims.shape)
        self.hasChallenge = hasChallenge
        self.replay = replay
    }
}
