// SPDX-License-Identifier: Apache-2.0
// The order of evaluation, steps 6 to 11 of requirements 3.0, as a list of rules.

public import JOSE
public import Octets

/// Decides whether a request proves possession of an attested instance key. Pure: everything it
/// knows is an argument, and it changes nothing but the cache.
public enum Verifier {
    /// Steps 6 to 11. Step 12 is `VerifiedRequest.claim`. Throws the first rule that is not met;
    /// `trace`, if given, learns of every rule on the way.
    public static func verify(
        _ tokens: PresentedTokens, _ facts: RequestFacts, policy: VerificationPolicy,
        cache: AttestationCache, fence: StartFence?, now: UnixTime, trace: RuleTrace? = nil
    ) throws(Refusal) -> VerifiedRequest {
        do {
            return try judge(
                tokens, facts, policy: policy, cache: cache, fence: fence, now: now, trace)
        } catch {
            trace?.finish(error)
            throw error
        }
    }

    private static func judge(
        _ tokens: PresentedTokens, _ facts: RequestFacts, policy: VerificationPolicy,
        cache: AttestationCache, fence: StartFence?, now: UnixTime, _ trace: RuleTrace?
    ) throws(Refusal) -> VerifiedRequest {
        // Step 4, its end: which tokens came together.
        trace?.begin(.req(6))
        let method = try tokens.method()
        guard let token = tokens.attestation else { throw Refusal(.req(6), .attestation) }
        // Step 6, the part that depends on the token alone. JOSE, KEY, ATT; POP-16: first.
        let attestation = try verified(token, policy: policy, cache: cache, trace)
        do {
            // Step 6, the part that depends on time and client. KEY, ATT.
            try AttestationRules.requireNotDenied(attestation, policy, trace)
            try AttestationRules.requireVouched(attestation, trace)
            let client = try AttestationRules.knownClient(attestation, policy, trace)
            let context = try RuleContext(
                policy: policy, facts: facts, now: now, method: method, attestation: attestation,
                client: client, trace: trace)
            return try judge(tokens, context, fence: fence)
        } catch {
            var refusal = error
            refusal.clientID = attestation.subject
            refusal.attesterID = attestation.attester.id
            throw refusal
        }
    }

    private static func judge(
        _ tokens: PresentedTokens, _ context: RuleContext, fence: StartFence?
    ) throws(Refusal) -> VerifiedRequest {
        try AttestationRules.requireMethod(context)
        try AttestationRules.requireMACAllowed(context)
        try AttestationRules.requireIssuer(context)
        try AttestationRules.requireUnexpired(context)
        try AttestationRules.requireBegun(context)
        try AttestationRules.requirePlausibleIssue(context)
        try AttestationRules.requireAudience(context)

        // Step 7. JOSE; POP in normal mode; DPOP in combined mode and for a proof alongside.
        let proof = try tokens.proof.map { (token) throws(Refusal) in
            try ProofRules.proof(token, context)
        }
        let dpop = try tokens.dpop(for: context.policy).map { (token) throws(Refusal) in
            try DPoPRules.proof(token, context)
        }

        // Step 8. REQ-12.
        try IdentityRules.requireSameClient(context)

        // Step 9. ATT-07; status lists (ST) will stand here.
        try AttestationRules.requireFresh(context)

        // Step 10. RPL-07, CHAL, and the nonce of a DPoP proof.
        try ReplayRules.requireBegun(fence, now: context.now, context.trace)
        let replay = try proof.map { (proof) throws(Refusal) in
            let challenge = try ChallengeRules.verified(proof.claims, context)
            try ProofRules.requireVerified(challenge, of: proof, context)
            return try ReplayRules(proof, challenge: challenge, context)
        }
        try replay?.use?.requirePast(fence, context.trace)
        try replay?.requirePast(fence, now: context.now, context.trace)
        let dpopReplay = try dpop.map { (proof) throws(Refusal) in
            try ReplayRules(
                proof, nonce: try DPoPNonceRules.verified(proof, context), context)
        }
        try dpopReplay?.use?.requirePast(fence, context.trace)
        // Alongside, what a challenge proves of the request holds for all of it.
        if replay == nil || replay?.isNewer(than: fence) == false {
            try dpopReplay?.requirePast(fence, now: context.now, context.trace)
        }

        // Step 11. Artifact binding (BIND) will stand here.
        guard let first = replay ?? dpopReplay else {
            // Without either of them nothing was proved: invariant 2.
            throw Refusal(.req(6), .attestation)
        }
        return VerifiedRequest(
            context, proof?.claims.shape, first, alongside: replay == nil ? nil : dpopReplay)
    }

    /// KEY-20: the attestation from the cache, or verified and then kept.
    private static func verified(
        _ token: [UInt8], policy: VerificationPolicy, cache: AttestationCache,
        _ trace: RuleTrace?
    ) throws(Refusal) -> VerifiedAttestation {
        let key = AttestationCache.Key(issuer: policy.issuer, token: token)
        if let known = cache.find(key, generation: policy.generation) { return known }
        let attestation = try AttestationSignature.verify(token, policy, trace)
        cache.store(attestation, key, generation: policy.generation)
        return attestation
    }
}

extension PresentedTokens {
    /// The DPoP proof, if the gateway is to look at it (DPOP-21).
    fileprivate func dpop(for policy: VerificationPolicy) -> [UInt8]? {
        policy.dpop.owner == .pass ? nil : dpop
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
    /// Whether a proof carried a verified challenge or nonce.
    public let hasChallenge: Bool
    /// What must not have been seen before: the identifier of the proof of possession, or in
    /// combined mode of the DPoP proof.
    let replay: ReplayRules
    /// The identifier of a DPoP proof alongside.
    let alongside: ReplayRules?
    /// Whose entries they are (RPL-13).
    let instance: InstanceKey

    fileprivate init(
        _ context: RuleContext, _ shape: ProofShape?, _ replay: ReplayRules,
        alongside: ReplayRules?
    ) {
        clientID = context.attestation.subject
        attesterID = context.attestation.attester.id
        thumbprint = context.attestation.instanceKey.thumbprint
        instance = InstanceKey(issuer: context.policy.issuer, thumbprint: thumbprint)
        method = context.method
        profileGuess = Profile.guess(
            among: context.profiles.profiles, shape ?? ProofShape(isCombined: true))
        self.replay = replay
        self.alongside = alongside
        hasChallenge = replay.hasChallenge || alongside?.hasChallenge == true
    }
}
