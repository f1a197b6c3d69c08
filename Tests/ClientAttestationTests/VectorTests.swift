// SPDX-License-Identifier: Apache-2.0
// The verdicts on the published tokens and what derives from them (requirements 6.2 and 6.4).

import ClientAttestation
import JOSE
import Octets
import Testing

@Suite("Published tokens")
struct VectorTests {
    static let secondForm =
        "M4Uc4rWVAqaLlmDDUXQKkKPbAQKj0JrTizLgWhZndmYbQzIp0DNBPQv2UEmL"
        + "4ma3xWW_y-Q8rcaUb5h6Rtcwww"
    static let der =
        "MEUCIDOFHOK1lQKmi5Zgw1F0CpCj2wECo9Ca04sy4FoWZ3ZmAiEA5LzN1S_M"
        + "vsP0Ca-2dB2ZR_eBOuHC2vC-X0oySLWL9I4"
    static let trailingBits =
        "M4Uc4rWVAqaLlmDDUXQKkKPbAQKj0JrTizLgWhZndmbkvM3VL8y-w_QJr7Z0"
        + "HZlH94E64cLa8L5fSjJItYv0jh"

    /// The AS of the samples at the samples' time, with challenges off.
    static func world(
        _ profiles: [Profile] = [.abca11], now: Int64 = 1_772_487_600
    ) throws -> World {
        var world = try World(profiles)
        world.now = now
        world.nonceEndpoints = []
        let keys = try JWKSet(parsing: octets(PublishedTokens.attesterKeys))
        world.attesters = [try world.attester(issuers: [], keys: keys)]
        return world
    }

    /// POP10-AS with another third part.
    static func proof10(_ signature: String) -> [UInt8] {
        let end = PublishedTokens.proof10.lastIndex(of: UInt8(ascii: ".")) ?? 0
        return PublishedTokens.proof10[...end] + octets(signature)
    }

    static var signature: String {
        let end = PublishedTokens.proof10.lastIndex(of: UInt8(ascii: ".")) ?? 0
        return String(decoding: PublishedTokens.proof10[(end + 1)...], as: UTF8.self)
    }

    @Test("JOSE-12, POP-03: CA10 and POP10-AS, both with a high s, are accepted")
    func revision10() throws {
        let world = try Self.world()
        let request = try world.verify(
            PublishedTokens.attestation10, PublishedTokens.proof10, clientID: World.client)
        #expect(request.clientID == octets(World.client))
        #expect(
            request.thumbprint.text == octets("Ak20Cf62SpTybasujYXbaI-Ms655MyvOZCtnnf8y1QU"))
    }

    @Test("CHAL-21: with challenges required the sample's challenge is none of ours")
    func foreignChallenge() throws {
        var world = try Self.world()
        world.challenge.mode = .required
        refused(.chal(21), .challenge) {
            try world.verify(PublishedTokens.attestation10, PublishedTokens.proof10)
        }
    }

    @Test("RPL-05: V1, the second form of POP10-AS, is accepted alone and a replay after it")
    func secondForm() async throws {
        let world = try Self.world()
        let second = Self.proof10(Self.secondForm)
        try world.verify(PublishedTokens.attestation10, second)
        #expect(negatedSignature(PublishedTokens.proof10) == second)
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(world.now - 1000))
        try await world.attest(
            PublishedTokens.attestation10, PublishedTokens.proof10, in: store)
        await refused(.rpl(3)) {
            try await world.attest(PublishedTokens.attestation10, second, in: store)
        }
    }

    @Test("JOSE-02, JOSE-11, JOSE-12, POP-03: V2 to V6, other forms of the signature")
    func otherForms() throws {
        let world = try Self.world()
        let original = try #require(Base64URL.decode(octets(Self.signature)[...]))
        let swapped = Base64URL.encode(Array(original[32...] + original[..<32]))
        let cases: [(RuleID, String)] = [
            (.jose(11), Self.der), (.jose(2), Self.trailingBits),
            (.jose(12), String(repeating: "A", count: 86)), (.jose(2), Self.signature + "=="),
            (.pop(3), String(decoding: swapped, as: UTF8.self)),
        ]
        for (rule, signature) in cases {
            refused(rule) {
                try world.verify(PublishedTokens.attestation10, Self.proof10(signature))
            }
        }
    }

    @Test("POP-04: POP10-RS is for a resource server")
    func resourceServer() throws {
        refused(.pop(4)) {
            try Self.world().verify(
                PublishedTokens.attestation10, PublishedTokens.proof10ForResource)
        }
    }

    @Test("POP-07: POP08 has no iat")
    func revision08() throws {
        refused(.pop(7)) {
            try Self.world().verify(PublishedTokens.attestation10, PublishedTokens.proof08)
        }
    }

    @Test("POP-03, KEY-17: the samples of 05 to 07 are signed with the attester's key")
    func attesterSigned() throws {
        for (attestation, profile) in [
            (PublishedTokens.attestation06, Profile.abca06),
            (PublishedTokens.attestation06, .abca07),
            (PublishedTokens.attestation05, .abca05),
        ] {
            let world = try Self.world([profile], now: 1_300_816_000)
            refused(.pop(3)) { try world.verify(attestation, PublishedTokens.proof05) }
        }
    }

    @Test("POP-07: POP08 has no iat in any draft it was printed in, challenge alias or not")
    func withoutIssueTime() throws {
        for profile in [Profile.abca08, .abca09] {
            var world = try Self.world([profile])
            world.proof.acceptsNonceAlias = true
            refused(.pop(7)) {
                try world.verify(PublishedTokens.attestation10, PublishedTokens.proof08)
            }
        }
    }

    @Test("KEY-01, KEY-07: CAVCI is not trusted for the certificate it brings")
    func certificateAlone() throws {
        let world = try Self.worldVCI(pinned: nil)
        refused(.key(1)) {
            try world.verify(PublishedTokens.attestationVCI, PublishedTokens.proof05)
        }
        let stranger = try Self.worldVCI(pinned: TestKey().jwk())
        refused(.att(3)) {
            try stranger.verify(PublishedTokens.attestationVCI, PublishedTokens.proof05)
        }
    }

    @Test("ATT-03, ATT-14: CAVCI is accepted where the key of its certificate is pinned")
    func pinnedKey() throws {
        for profile in Profile.allCases {
            var world = try Self.worldVCI(pinned: PublishedTokens.attesterKeyVCI)
            world.profiles = [profile]
            // No proof by its instance key is published: what is refused is the proof alone.
            let refusal = #expect(throws: Refusal.self) {
                try world.verify(PublishedTokens.attestationVCI, PublishedTokens.proof05)
            }
            #expect(refusal?.token == .proof && refusal?.rule == .pop(3))
            #expect(refusal?.clientID == octets("https://wallet.example.com"))
            world.now = 1_755_102_745 + 60
            refused(.att(4)) {
                try world.verify(PublishedTokens.attestationVCI, PublishedTokens.proof05)
            }
            world.now = 1_755_023_547 - 61
            refused(.att(5)) {
                try world.verify(PublishedTokens.attestationVCI, PublishedTokens.proof05)
            }
        }
    }

    /// An AS that trusts the wallet provider of OpenID4VCI's appendix, by a pinned key.
    static func worldVCI(pinned: String?) throws -> World {
        var world = try World([.abca07])
        world.now = 1_755_030_000
        world.nonceEndpoints = []
        world.client = AttestedClient(clientID: octets("https://wallet.example.com"))
        if let pinned {
            let keys = try JWKSet(parsing: octets(#"{"keys":[\#(pinned)]}"#))
            world.attesters = [
                try world.attester(
                    issuers: ["https://wallet-provider.example.com"], keys: keys,
                    clients: ["https://wallet.example.com"])
            ]
        }
        return world
    }
}
