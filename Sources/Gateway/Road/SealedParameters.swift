// SPDX-License-Identifier: Apache-2.0
// Step 11 of a protected request: sealed values become the AS's own (BIND-02 to BIND-09).

import ClientAttestation
import HTTPWire
import Octets

extension TokenRequest {
    /// Opens what is sealed in the parameters and puts the AS's values into their places. What
    /// comes back is held against the AS's answer.
    mutating func open(
        for caller: ArtifactCaller, now: UnixTime
    ) throws(ArtifactRefusal) -> RequestArtifacts {
        announce()
        let artifacts = try RequestArtifacts(
            opening: form.pairs.map { ($0.name, $0.value) }, at: endpoint.endpoint, from: caller,
            policy: server.settings.artifactPolicy(for: caller, now: now),
            seal: server.settings.seal)
        for replacement in artifacts.replacements {
            form.set(replacement.name, replacement.value)
        }
        return artifacts
    }

    private func announce() {
        switch endpoint.endpoint {
        case .token: start.trace?.begin(.bind(2), .bind(3), .bind(8), .bind(9), .bind(5))
        case .revocation, .introspection: start.trace?.begin(.bind(2), .bind(3), .bind(7), .bind(5))
        case .backchannelAuthentication: start.trace?.begin(.bind(2), .bind(9))
        case .pushedAuthorizationRequest, .deviceAuthorization: start.trace?.begin(.bind(2))
        }
    }
}

extension ServerSettings {
    /// What is configured, for this client and at this moment.
    fileprivate func artifactPolicy(for caller: ArtifactCaller, now: UnixTime) -> ArtifactPolicy {
        var policy = ArtifactPolicy()
        guard case .attested(let holder) = caller else { return policy }
        if case .adoptUnrecorded(let end) = binding.legacyRefresh, now < end {
            policy.rawRefreshTokens = .adopted
        }
        policy.sameAttester = binding.sameAttester
        policy.sealsDeviceCodes = binding.sealsDeviceCodes
        policy.sealsAuthenticationRequests = binding.sealsAuthenticationRequests
        policy.isPinged = clients[holder.clientID]?.isPinged ?? false
        return policy
    }
}
