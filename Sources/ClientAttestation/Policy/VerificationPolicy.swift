// SPDX-License-Identifier: Apache-2.0
// Everything configuration has decided for one AS, as the verifier reads it.

import Octets

/// The rules' view of one AS. Immutable; a reload makes a new one with a new `generation`.
public struct VerificationPolicy: Sendable {
    /// The issuer identifier: the audience of proofs and the scope of replay (EP-09).
    public let issuer: [UInt8]
    /// The profiles enabled at this AS.
    public let profiles: ProfileSet
    /// Demands on proofs.
    public var proof: ProofPolicy
    /// Demands on attestations; an attester's own take precedence.
    public let attestation: AttestationPolicy
    /// Demands on challenges.
    public var challenge: ChallengePolicy
    /// The endpoints at which nonces are served by `OPTIONS` and demanded (CHAL-01, CHAL-06).
    public let nonceEndpoints: Set<ProtectedEndpoint>
    /// Demands on DPoP proofs.
    public let dpop: DPoPPolicy
    /// The public URL of each endpoint, which DPoP proofs name (DPOP-09); never built from what a
    /// request says.
    public let endpointURLs: [ProtectedEndpoint: TargetURI]
    /// The trusted attesters.
    public let attesters: AttesterRegistry
    /// The attested clients by `client_id` octets.
    public let clients: [[UInt8]: AttestedClient]
    /// What is suspended (ATT-16).
    public let denylist: Denylist
    /// The issuers and audience aliases of the other ASes served here (POP-05).
    public let foreignAudiences: Set<[UInt8]>
    /// The keys of this AS's challenges.
    public let challengeKeys: ChallengeKeys
    /// How refusals are shown.
    public let errors: ErrorPolicy
    /// The epoch of configuration and keys: cached attestations of another one are not used
    /// (KEY-20).
    public var generation: UInt64
    /// Whether any client may use combined mode (DPOP-22).
    public let offersCombined: Bool

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
