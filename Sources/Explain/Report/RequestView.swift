// SPDX-License-Identifier: Apache-2.0
// One judged request with the configuration beside it, as reports look at it.

import ClientAttestation
import Gateway
import HTTPWire
import JOSE
import JSON
import Octets

/// A run, its settings, and its tokens decoded.
struct RequestView {
    let run: RequestExplanation
    let settings: GatewaySettings
    let now: UnixTime
    private let tokens: [DecodedToken]

    init(_ run: RequestExplanation, settings: GatewaySettings, now: UnixTime) {
        self.run = run
        self.settings = settings
        self.now = now
        let presented: [(TokenRole, [UInt8]?)] = [
            (.attestation, run.tokens?.attestation), (.proof, run.tokens?.proof),
            (.dpop, run.tokens?.dpop),
        ]
        tokens = presented.compactMap { role, token in
            token.map { DecodedToken($0, role) }
        }
    }

    /// The tokens presented, in the order in which they are judged.
    var allTokens: [DecodedToken] { tokens }

    func token(_ role: TokenRole) -> DecodedToken? { tokens.first { $0.role == role } }
    var attestation: DecodedToken? { token(.attestation) }

    /// The AS that `Host` selects.
    var server: ServerSettings? { run.server.map { settings.servers[$0] } }

    /// The protected endpoint that was asked.
    var endpoint: EndpointSettings? {
        server?.endpoints.first { $0.endpoint == run.endpoint }
    }

    /// The selected attester.
    var attester: Attester? {
        server?.policy.attesters.attesters.first { $0.id == run.attesterID }
    }

    /// The credential map's row of the attestation's client.
    var client: ClientSettings? {
        attestation?.string("sub").flatMap { server?.clients[$0] }
    }

    /// What came together.
    var presented: String {
        let names = tokens.map { token in
            switch token.role {
            case .attestation: "attestation"
            case .proof: "proof of possession"
            case .dpop: "DPoP proof"
            }
        }
        return names.isEmpty ? "no token" : names.joined(separator: ", ")
    }

    /// The key that attestations are verified with.
    var selectedKey: String {
        guard let id = run.attesterID else { return "the attester" }
        let key = run.attesterKeyID.map { "key \(Shortening.text($0))" } ?? "the one key"
        return "\(key) of \(id)"
    }

    func text(_ authority: Authority) -> String {
        Shortening.text(authority.octets)
    }
}

extension Attester {
    /// The key IDs it is known by.
    var keyNames: [String] {
        switch source {
        case .publicKeys(let set):
            set.keys.map { $0.keyID.map(Shortening.text) ?? "a key without kid" }
        case .sharedSecret(let secret): [Shortening.text(secret.keyID)]
        }
    }
}
