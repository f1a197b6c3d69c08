// SPDX-License-Identifier: Apache-2.0
// Who plays in the demo: the attester, the two clients, their keys and the tokens they make.

import Cryptography
import HTTPWire
import Minting
import Octets

/// The attester and the client instances of the demo, with throw-away keys.
public struct DemoCast: Sendable {
    /// The issuer that the gateway stands for.
    public static let issuer = Array("https://as.example.com".utf8)
    /// Its authority, which every request carries as `Host`.
    public static let authority = Array("as.example.com".utf8)
    /// Who vouches for both clients.
    public static let attesterID = Array("https://attester.example.com".utf8)
    /// The client of draft -11; a public one at the AS.
    public static let clientID = Array("https://client.example.com".utf8)
    /// The client that still speaks draft -05; it has a secret at the AS.
    public static let earlyClientID = Array("https://early.example.com".utf8)
    /// Where the AS sends the user's browser.
    static let redirectURI = Array("https://client.example.com/callback".utf8)

    /// Signs the attestations.
    public let attesterKey: SigningKey
    /// The key of the instance of either client.
    public let instanceKey: SigningKey
    /// What the AS knows the early client by; its instance never sees it.
    public let earlyClientSecret: [UInt8]
    private let strangerKey: SigningKey
    private let now: @Sendable () -> UnixTime

    /// A cast with fresh keys. `now` is the clock by which it dates its tokens.
    public init(now: @escaping @Sendable () -> UnixTime) throws(MintingError) {
        attesterKey = try .generate(keyID: Array("attester-1".utf8))
        instanceKey = try .generate()
        strangerKey = try .generate()
        earlyClientSecret = Base64URL.encode(Random.bytes(24))
        self.now = now
    }

    /// The two clients as the AS knows them.
    public var legacyClients: [LegacyClient] {
        [
            LegacyClient(clientID: Self.clientID, redirectURI: Self.redirectURI),
            LegacyClient(
                clientID: Self.earlyClientID, secret: earlyClientSecret,
                redirectURI: Self.redirectURI),
        ]
    }

    /// A fresh attestation of the client of draft -11 and a proof with `challenge`.
    public func tokens(
        challenge: [UInt8]
    ) throws(MintingError) -> (attestation: [UInt8], proof: [UInt8]) {
        try tokens(for: .current(challenge: challenge))
    }

    /// `request` with an attestation and a proof. Without them if they can't be signed, which the
    /// step's verdict then shows.
    func attested(_ request: DemoRequest, as presentation: Presentation) -> DemoRequest {
        guard let tokens = try? tokens(for: presentation) else { return request }
        var request = request
        request.fields.append((.oauthClientAttestation, tokens.attestation))
        request.fields.append((.oauthClientAttestationPoP, tokens.proof))
        return request
    }

    /// `request` with an attestation and, in place of a proof of possession, a DPoP proof.
    func combined(_ request: DemoRequest, as presentation: CombinedPresentation) -> DemoRequest {
        let now = now()
        let attestation = AttestationMint.Parameters.forProfile(
            .abca11, subject: Self.clientID, issuer: Self.attesterID,
            instanceKey: instanceKey.publicJWK, now: now)
        let proof = DPoPMint.Parameters(
            url: Self.issuer + request.target, now: now, nonce: presentation.nonce)
        let proofKey = key(of: presentation.proofKey)
        guard let first = try? AttestationMint.token(attestation, key: attesterKey),
            let second = try? DPoPMint.token(proof, key: proofKey)
        else { return request }
        var request = request
        request.fields += [(.oauthClientAttestation, first), (.dpop, second)]
        return request
    }

    private func tokens(
        for presentation: Presentation
    ) throws(MintingError) -> (attestation: [UInt8], proof: [UInt8]) {
        let now = now()
        var attestation = AttestationMint.Parameters.forProfile(
            presentation.profile, subject: presentation.clientID, issuer: Self.attesterID,
            instanceKey: key(of: presentation.instance).publicJWK, now: now,
            lifetime: presentation.expiresIn)
        attestation.issuedAt = min(now, now + (presentation.expiresIn - 3600))
        let proof = ProofMint.Parameters.forProfile(
            presentation.profile, clientID: presentation.clientID, audience: Self.issuer,
            challenge: presentation.challenge, now: now)
        let proofKey = key(of: presentation.proofKey ?? presentation.instance)
        return (
            try AttestationMint.token(attestation, key: attesterKey),
            try ProofMint.token(proof, key: proofKey)
        )
    }

    private func key(of holder: KeyHolder) -> SigningKey {
        holder == .instance ? instanceKey : strangerKey
    }

    static func freshCodeVerifier() -> [UInt8] { Base64URL.encode(Random.bytes(32)) }

    static func codeChallenge(of verifier: [UInt8]) -> [UInt8] {
        Base64URL.encode(Digest.sha256(verifier))
    }
}

/// How the client of draft -11 presents itself by DPoP (combined mode).
struct CombinedPresentation {
    /// The newest DPoP nonce; nil: left out.
    let nonce: [UInt8]?
    var proofKey = KeyHolder.instance
}

/// Whose key it is.
enum KeyHolder {
    case instance, stranger
}

/// How a client of the demo presents itself in one request.
struct Presentation {
    let clientID: [UInt8]
    let profile: MintingProfile
    /// The challenge of draft -11, the nonce of draft -05; nil: left out.
    let challenge: [UInt8]?
    /// Whose key is attested.
    var instance = KeyHolder.instance
    /// Whose key signs the proof, if not that one.
    var proofKey: KeyHolder?
    /// Seconds from now to the end of the attestation.
    var expiresIn: Int64 = 3600

    /// The client of draft -11.
    static func current(challenge: [UInt8]?) -> Presentation {
        Presentation(clientID: DemoCast.clientID, profile: .abca11, challenge: challenge)
    }

    /// The client that still speaks draft -05.
    static func early(nonce: [UInt8]) -> Presentation {
        Presentation(clientID: DemoCast.earlyClientID, profile: .abca05, challenge: nonce)
    }
}
