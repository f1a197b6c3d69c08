// SPDX-License-Identifier: Apache-2.0
// What an AS may say about itself, computed from the very policy that is enforced (CFG-09).

public import JOSE

/// What one AS accepts, for the members of its metadata (META-04 to META-09). What is published
/// comes from here and from nothing else, so it cannot differ from what the verifier does.
public struct AdvertisedMethods: Sendable, Equatable {
    /// A value of `token_endpoint_auth_methods_supported` (META-04).
    public enum Authentication: String, Sendable, CaseIterable {
        /// An attestation with a proof of possession.
        case normal = "attest_jwt_client_auth"
        /// An attestation with a DPoP proof in its place.
        case combined = "attest_jwt_client_auth_dpop"
    }

    /// `token_endpoint_auth_methods_supported`, and of other endpoints (META-04).
    public let authentication: [Authentication]
    /// `client_attestation_signing_alg_values_supported` (META-05): the attesters' together.
    public let attestationAlgorithms: [JWSAlgorithm]
    /// `client_attestation_pop_signing_alg_values_supported` (META-05).
    public let proofAlgorithms: [JWSAlgorithm]
    /// `dpop_signing_alg_values_supported` (META-06), as far as the gateway verifies proofs: empty
    /// if it leaves them to the AS, whose list it then is. Whether tokens are bound is the AS's to
    /// say, unless there is combined mode.
    public let dpopAlgorithms: [JWSAlgorithm]
    /// `client_attestation_pop_methods_supported` (META-09).
    public let proofMethods: [ProofMethod]
    /// Whether there is a `challenge_endpoint` (META-07).
    public let servesChallenges: Bool
    /// The endpoints of `client_attestation_pop_nonce_required` (META-08).
    public let nonceEndpoints: [ProtectedEndpoint]

    /// What `policy` enforces.
    public init(_ policy: VerificationPolicy) {
        proofMethods = ProofMethod.allCases.filter { method in
            policy.clients.values.contains { Self.isUsable(method, by: $0, policy) }
        }
        authentication = proofMethods.map { $0 == .dpopCombined ? .combined : .normal }
        attestationAlgorithms = JWSAlgorithm.allCases.filter { algorithm in
            policy.attesters.attesters.contains { Self.accepts(algorithm, from: $0, policy) }
        }
        proofAlgorithms = JWSAlgorithm.signatures.filter(policy.proof.algorithms.contains)
        dpopAlgorithms =
            policy.dpop.owner == .pass
            ? [] : JWSAlgorithm.signatures.filter(policy.dpop.algorithms.contains)
        servesChallenges = policy.servesChallenges
        nonceEndpoints = ProtectedEndpoint.allCases.filter { policy.servesNonces(at: $0) }
    }

    /// ATT-02, JOSE-17: listed, with a key that can verify it, and a MAC only where it is allowed.
    private static func accepts(
        _ algorithm: JWSAlgorithm, from attester: Attester, _ policy: VerificationPolicy
    ) -> Bool {
        guard attester.algorithms.contains(algorithm), attester.source.canVerify(algorithm) else {
            return false
        }
        let profiles = policy.profiles.narrowed(to: attester.profiles)
        return !attester.usesMAC || profiles.flags.allowsMAC
    }

    /// REQ-06, DPOP-22: whether the client may prove its key in this way to some attester's word.
    private static func isUsable(
        _ method: ProofMethod, by client: AttestedClient, _ policy: VerificationPolicy
    ) -> Bool {
        guard client.methods.contains(method) else { return false }
        guard method != .dpopCombined || policy.offersCombined else { return false }
        return policy.attesters.attesters.contains { attester in
            let profiles = policy.profiles.narrowed(to: attester.profiles)
                .narrowed(to: client.profiles)
            let hasMethod = method != .dpopCombined || profiles.flags.combined != .off
            return hasMethod && !profiles.profiles.isEmpty
                && attester.mayVouch(for: client.clientID)
        }
    }
}

extension VerificationPolicy {
    /// What the AS accepts, for its metadata (CFG-09).
    public var advertised: AdvertisedMethods { AdvertisedMethods(self) }
}
