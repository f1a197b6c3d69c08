// SPDX-License-Identifier: Apache-2.0
// Everything configuration has decided for one AS, as the verifier reads it.

import Octets

/// The rules' view of one AS; a reload makes a new one with a new `generation`.
///
/// One reference inside, because it is handed to every request and to many rules.
public struct VerificationPolicy: Sendable {
    private var parts: Parts

    /// The issuer identifier: the audience of proofs and the scope of replay (EP-09).
    public var issuer: [UInt8] { parts.issuer }
    /// The profiles enabled at this AS.
    public var profiles: ProfileSet { parts.profiles }
    /// Demands on proofs.
    public var proof: ProofPolicy {
        get { parts.proof }
        set { parts = parts.with(proof: newValue) }
    }
    /// Demands on attestations; an attester's own take precedence.
    public var attestation: AttestationPolicy { parts.attestation }
    /// Demands on challenges.
    public var challenge: ChallengePolicy {
        get { parts.challenge }
        set { parts = parts.with(challenge: newValue) }
    }
    /// The endpoints at which nonces are served by `OPTIONS` and demanded (CHAL-01, CHAL-06).
    public var nonceEndpoints: Set<ProtectedEndpoint> { parts.nonceEndpoints }
    /// Demands on DPoP proofs.
    public var dpop: DPoPPolicy { parts.dpop }
    /// The public URL of each endpoint, which DPoP proofs name (DPOP-09); never built from what a
    /// request says.
    public var endpointURLs: [ProtectedEndpoint: TargetURI] { parts.endpointURLs }
    /// The trusted attesters.
    public var attesters: AttesterRegistry { parts.attesters }
    /// The attested clients by `client_id` octets.
    public var clients: [[UInt8]: AttestedClient] { parts.clients }
    /// What is suspended (ATT-16).
    public var denylist: Denylist { parts.denylist }
    /// The issuers and audience aliases of the other ASes served here (POP-05).
    public var foreignAudiences: Set<[UInt8]> { parts.foreignAudiences }
    /// The keys of this AS's challenges.
    public var challengeKeys: ChallengeKeys { parts.challengeKeys }
    /// How refusals are shown.
    public var errors: ErrorPolicy { parts.errors }
    /// The epoch of configuration and keys: cached attestations of another one are not used
    /// (KEY-20).
    public var generation: UInt64 {
        get { parts.generation }
        set { parts = parts.with(generation: newValue) }
    }
    /// Whether any client may use combined mode (DPOP-22).
    public var offersCombined: Bool { parts.offersCombined }

    /// The policy of one AS.
    public init(
        issuer: [UInt8], profiles: ProfileSet, proof: ProofPolicy = ProofPolicy(),
        attestation: AttestationPolicy = AttestationPolicy(), challenge: ChallengePolicy,
        nonceEndpoints: Set<ProtectedEndpoint> = [.token, .pushedAuthorizationRequest],
        dpop: DPoPPolicy = DPoPPolicy(), endpointURLs: [ProtectedEndpoint: TargetURI] = [:],
        attesters: AttesterRegistry, clients: [[UInt8]: AttestedClient],
        denylist: Denylist = Denylist(), foreignAudiences: Set<[UInt8]> = [],
        challengeKeys: ChallengeKeys, errors: ErrorPolicy, generation: UInt64
    ) {
        parts = Parts(
            issuer: issuer, profiles: profiles, proof: proof, attestation: attestation,
            challenge: challenge, nonceEndpoints: nonceEndpoints, dpop: dpop,
            endpointURLs: endpointURLs, attesters: attesters, clients: clients, denylist: denylist,
            foreignAudiences: foreignAudiences, challengeKeys: challengeKeys, errors: errors,
            generation: generation)
    }

    /// Whether the AS serves challenges at all (CHAL-10, CHAL-20).
    public var servesChallenges: Bool {
        profiles.flags.servesChallenges && challenge.mode != .off
    }

    /// Whether `endpoint` serves nonces by `OPTIONS` (CHAL-01).
    public func servesNonces(at endpoint: ProtectedEndpoint) -> Bool {
        profiles.flags.servesNonces && nonceEndpoints.contains(endpoint)
    }

    /// Whether one value is challenge and DPoP nonce at once, as some profiles with combined mode
    /// have it (CHAL-17). The AS's profiles decide, not those of a client: what is issued does not
    /// depend on who will use it.
    public var sharesChallenges: Bool {
        offersCombined && profiles.flags.combined == .challenge && servesChallenges
            && dpop.nonceOwner != .authorizationServer
    }

    /// What challenges are issued for (CHAL-17).
    public var challengePurpose: ChallengePurpose { sharesChallenges ? .any : .pop }

    /// What DPoP nonces are issued for (CHAL-17).
    public var dpopNoncePurpose: ChallengePurpose { sharesChallenges ? .any : .dpop }

    /// Whether the gateway issues values for the `nonce` of DPoP proofs (CHAL-30).
    public var issuesDPoPNonces: Bool {
        dpop.owner != .pass && (dpop.nonceOwner == .gateway || sharesChallenges)
    }

    /// The circumstances of a refusal at `endpoint` of this AS; `dpopPresented`: of a request with
    /// a DPoP proof, or of one of which that is not known.
    public func circumstances(
        at endpoint: ProtectedEndpoint, authorizationPresented: Bool = false,
        dpopPresented: Bool = true
    ) -> RefusalResponse.Circumstances {
        RefusalResponse.Circumstances(
            endpoint: endpoint, servesChallenges: servesChallenges,
            servesNonces: servesNonces(at: endpoint), sharesChallenges: sharesChallenges,
            usesDPoPNonces: dpopPresented && issuesDPoPNonces,
            authorizationPresented: authorizationPresented)
    }
}

/// What a policy says, documented there. Never changed once it is made.
private final class Parts: Sendable {
    let issuer: [UInt8]
    let profiles: ProfileSet
    let proof: ProofPolicy
    let attestation: AttestationPolicy
    let challenge: ChallengePolicy
    let nonceEndpoints: Set<ProtectedEndpoint>
    let dpop: DPoPPolicy
    let endpointURLs: [ProtectedEndpoint: TargetURI]
    let attesters: AttesterRegistry
    let clients: [[UInt8]: AttestedClient]
    let denylist: Denylist
    let foreignAudiences: Set<[UInt8]>
    let challengeKeys: ChallengeKeys
    let errors: ErrorPolicy
    let generation: UInt64
    let offersCombined: Bool

    init(
        issuer: [UInt8], profiles: ProfileSet, proof: ProofPolicy, attestation: AttestationPolicy,
        challenge: ChallengePolicy, nonceEndpoints: Set<ProtectedEndpoint>, dpop: DPoPPolicy,
        endpointURLs: [ProtectedEndpoint: TargetURI], attesters: AttesterRegistry,
        clients: [[UInt8]: AttestedClient], denylist: Denylist, foreignAudiences: Set<[UInt8]>,
        challengeKeys: ChallengeKeys, errors: ErrorPolicy, generation: UInt64
    ) {
        self.issuer = issuer
        self.profiles = profiles
        self.proof = proof
        self.attestation = attestation
        self.challenge = challenge
        self.nonceEndpoints = nonceEndpoints
        self.dpop = dpop
        self.endpointURLs = endpointURLs
        self.attesters = attesters
        self.clients = clients
        self.denylist = denylist
        self.foreignAudiences = foreignAudiences
        self.challengeKeys = challengeKeys
        self.errors = errors
        self.generation = generation
        offersCombined =
            profiles.flags.combined != .off && dpop.owner != .pass
            && clients.values.contains { $0.methods.contains(.dpopCombined) }
    }

    /// The same with other numbers.
    func with(
        proof: ProofPolicy? = nil, challenge: ChallengePolicy? = nil, generation: UInt64? = nil
    ) -> Parts {
        Parts(
            issuer: issuer, profiles: profiles, proof: proof ?? self.proof,
            attestation: attestation, challenge: challenge ?? self.challenge,
            nonceEndpoints: nonceEndpoints, dpop: dpop, endpointURLs: endpointURLs,
            attesters: attesters, clients: clients, denylist: denylist,
            foreignAudiences: foreignAudiences, challengeKeys: challengeKeys, errors: errors,
            generation: generation ?? self.generation)
    }
}
