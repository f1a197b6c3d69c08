// SPDX-License-Identifier: Apache-2.0
// Step 11, its end: an authorization code is bound to the instance's key by PKCE (BIND-10).

import ClientAttestation
import HTTPWire
import Octets

extension TokenRequest {
    /// Replaces challenge and verifier of a client whose codes are bound: always, since nobody
    /// knows how a code began. What did not begin with a pushed request of this instance then
    /// fails at the AS.
    mutating func bindCode(for holder: ArtifactHolder) throws(Refusal) {
        guard server.settings.clients[holder.clientID]?.bindsCodes == true else { return }
        let rekey = server.settings.rekey
        switch endpoint.endpoint {
        case .pushedAuthorizationRequest:
            start.trace?.begin(.bind(10))
            let pushed = PushedChallenge(
                challenge: form.value(of: .codeChallenge), method: form.value(of: .challengeMethod),
                hasRequestObject: form.has(.request))
            form.set(.codeChallenge, to: try rekey.challenge(replacing: pushed, for: holder))
            form.set(.challengeMethod, to: PKCERekey.method)
        case .token where form.value(of: .grantType) == Self.codeGrant:
            start.trace?.begin(.bind(10))
            let verifier = form.value(of: .codeVerifier)
            form.set(.codeVerifier, to: try rekey.verifier(replacing: verifier, for: holder))
        default: break
        }
    }

    private static let codeGrant = "authorization_code".octets
}
