// SPDX-License-Identifier: Apache-2.0
// The invariants of requirements 0.5 hold in every set of profiles: whatever is merged towards
// tolerance, the negative case of each is refused.

import ClientAttestation
import Cryptography
import JOSE
import Octets
import Testing

@Suite("Invariants")
struct InvariantTests {
    /// The tokens of one request that no set of profiles may accept.
    struct Attempt {
        let name: String
        let attestation: [UInt8]
        let proof: [UInt8]
        var clientID: String? = nil
    }

    /// An AS that adds no demand of its own.
    static func world() throws -> World {
        var world = try World()
        world.nonceEndpoints = []
        world.foreignAudiences = [octets("https://two.example.com")]
        return world
    }

    static func expectRefusals(
        _ world: World, _ attempts: [Attempt], modes: [ChallengePolicy.Mode] = [.off]
    ) throws {
        var world = world
        for subset in ProfileSubsetTests.subsets {
            world.profiles = subset
            for mode in modes {
                world.challenge.mode = mode
                let policy = try world.policy()
                for attempt in attempts {
                    #expect(throws: Refusal.self, "\(attempt.name) in \(subset), \(mode)") {
                        try world.verify(
                            attempt.attestation, attempt.proof, clientID: attempt.clientID,
                            policy: policy)
                    }
                }
            }
        }
    }

    private static func proof(
        _ world: World, _ edits: Edits = [:], header: Edits = [:], by key: TestKey? = nil
    ) throws -> [UInt8] {
        try world.proofToken(
            ProfileSubsetTests.universal(world, edits), header: header, by: key)
    }

    @Test("ATT-03, KEY-07, POP-03: 1 and 2, keys chosen by configuration, in every set")
    func signatures() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        let proof = try Self.proof(world)
        let stranger = try TestKey("11")
        let embedded: Edits = ["jwk": stranger.jwk()]
        let none: Edits = ["alg": quoted("none")]
        try Self.expectRefusals(
            world,
            [
                Attempt(
                    name: "stranger's attestation",
                    attestation: try world.attestationToken(by: stranger), proof: proof),
                Attempt(
                    name: "stranger's attestation with its key",
                    attestation: try world.attestationToken(header: embedded, by: stranger),
                    proof: proof),
                Attempt(
                    name: "attestation without signature",
                    attestation: try world.attestationToken(header: none), proof: proof),
                Attempt(
                    name: "stranger's proof", attestation: attestation,
                    proof: try Self.proof(world, by: stranger)),
                Attempt(
                    name: "stranger's proof with its key", attestation: attestation,
                    proof: try Self.proof(world, header: embedded, by: stranger)),
                Attempt(
                    name: "attester's proof", attestation: attestation,
                    proof: try Self.proof(world, by: world.attesterKey)),
                Attempt(
                    name: "proof without signature", attestation: attestation,
                    proof: try Self.proof(world, header: none)),
                Attempt(
                    name: "proof under a MAC", attestation: attestation,
                    proof: try macProof(world)),
            ])
    }

    /// The instance's public key taken for a secret.
    private func macProof(_ world: World) throws -> [UInt8] {
        let header = #"{"typ":"oauth-client-attestation-pop+jwt","alg":"HS256"}"#
        let claims = try Self.proof(world)
        let payload = claims.split(separator: UInt8(ascii: "."))[1]
        let input = Base64URL.encode(octets(header)) + octets(".") + Array(payload)
        var secret = octets(world.instance.jwk())
        let key = Secret(wiping: &secret)
        return input + octets(".")
            + Base64URL.encode(try #require(JWSAlgorithm.hs256.mac).tag(key: key, input))
    }

    @Test("ATT-04: 3, the expiry of the attestation, in every set")
    func expiry() throws {
        let world = try Self.world()
        let proof = try Self.proof(world)
        try Self.expectRefusals(
            world,
            try [nil, "\(world.now - 61)", quoted("\(world.now + 100)")].map { exp in
                Attempt(
                    name: "exp \(exp ?? "missing")",
                    attestation: try world.attestationToken(["exp": exp]), proof: proof)
            })
    }

    @Test("POP-04, POP-05: 4, the audience, in every set")
    func audience() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        let audiences: [String?] = [
            nil, quoted("https://two.example.com"), quoted(World.issuer + "/"), "[]",
            #"["https://two.example.com"]"#, #"["https://x","https://y"]"#,
            #"["\#(World.issuer)","https://two.example.com"]"#,
        ]
        try Self.expectRefusals(
            world,
            try audiences.map { audience in
                Attempt(
                    name: "aud \(audience ?? "missing")", attestation: attestation,
                    proof: try Self.proof(world, ["aud": audience]))
            })
    }

    @Test("POP-06, POP-08, POP-12: 5, a freshness anchor and a jti, in every set")
    func freshness() throws {
        let world = try Self.world()
        let now = world.now
        let attestation = try world.attestationToken()
        let foreign = ChallengeKeys(
            try MasterKeys(current: .generate(id: 1)), issuer: octets(World.issuer))
        let value = String(decoding: foreign.issue(.pop, now: UnixTime(now)), as: UTF8.self)
        let edits: [Edits] = [
            ["iat": nil, "exp": nil], ["iat": "\(now - 361)"], ["iat": "\(now + 61)"],
            ["iat": nil, "exp": "\(now + 661)"], ["iat": nil, "exp": "\(now - 61)"],
            ["exp": "\(now - 61)"], ["jti": nil],
            ["iat": nil, "exp": nil, "nonce": quoted(value), "challenge": quoted(value)],
            ["iat": nil, "exp": nil, "challenge": world.challengeJSON(at: now - 301)],
            ["iat": nil, "exp": nil, "nonce": world.challengeJSON(at: now - 301)],
            ["iat": nil, "exp": nil, "challenge": world.challengeJSON(.dpop)],
        ]
        try Self.expectRefusals(
            world,
            try edits.map { edits in
                Attempt(
                    name: "\(edits)", attestation: attestation,
                    proof: try Self.proof(world, edits))
            }, modes: [.off, .optional])
    }

    @Test("RPL-01: 5, the second use, in every set")
    func replay() async throws {
        var world = try Self.world()
        let attestation = try world.attestationToken()
        for subset in ProfileSubsetTests.subsets {
            world.profiles = subset
            let proof = try Self.proof(world)
            let store = MemoryReplayStore(capacity: 10, began: UnixTime(world.now - 2000))
            try await world.attest(attestation, proof, in: store)
            await refused(.rpl(3)) { try await world.attest(attestation, proof, in: store) }
        }
    }

    @Test("REQ-12, ATT-09, KEY-03: 6, the client is sub and nothing else, in every set")
    func identity() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        let proof = try Self.proof(world)
        let other = "https://other.example.com"
        try Self.expectRefusals(
            world,
            [
                Attempt(
                    name: "client_id of another", attestation: attestation, proof: proof,
                    clientID: other),
                Attempt(
                    name: "sub of another",
                    attestation: try world.attestationToken(["sub": quoted(other)]), proof: proof),
                Attempt(
                    name: "no sub", attestation: try world.attestationToken(["sub": nil]),
                    proof: proof, clientID: World.client),
            ])
        let request = try world.verify(attestation, proof)
        #expect(request.clientID == octets(World.client))
    }

    @Test("REQ-06: 7, what is half attested, in every set")
    func presence() throws {
        var world = try Self.world()
        let attestation = try world.attestationToken()
        let proof = try Self.proof(world)
        for subset in ProfileSubsetTests.subsets {
            world.profiles = subset
            for fields in [([attestation], []), ([], [proof]), ([], [])] {
                let tokens = try PresentedTokens.read(
                    attestation: fields.0, proof: fields.1, dpop: [])
                #expect(throws: Refusal.self, "\(subset)") {
                    try Verifier.verify(
                        tokens, RequestFacts(endpoint: .token, clientIDParameter: nil),
                        policy: world.policy(), cache: world.cache, fence: nil,
                        now: UnixTime(world.now))
                }
            }
        }
    }

    @Test("DPOP-17, DPOP-09, DPOP-11, DPOP-13: combined mode keeps them too, in every set")
    func combined() async throws {
        var world = try Self.world()
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.attestationPoPJWT, .dpopCombined])
        let attestation = try world.attestationToken()
        let attempts: [(String, [UInt8], [UInt8])] = [
            ("stranger's proof", attestation, try world.dpopToken(by: try TestKey())),
            ("attester's proof", attestation, try world.dpopToken(by: world.attesterKey)),
            (
                "stranger's proof with our key", attestation,
                try world.dpopToken(header: ["jwk": world.instance.jwk()], by: try TestKey())
            ),
            (
                "expired", try world.attestationToken(["exp": "\(world.now - 61)"]),
                try world.dpopToken()
            ),
            (
                "another URL", attestation,
                try world.dpopToken(["htu": quoted("https://two.example.com/oauth/token")])
            ),
            ("another method", attestation, try world.dpopToken(["htm": quoted("GET")])),
            ("old", attestation, try world.dpopToken(["iat": "\(world.now - 361)"])),
            ("no iat", attestation, try world.dpopToken(["iat": nil])),
            ("no jti", attestation, try world.dpopToken(["jti": nil])),
        ]
        for subset in ProfileSubsetTests.subsets {
            world.profiles = subset
            let policy = try world.policy()
            for (name, attestation, dpop) in attempts {
                #expect(throws: Refusal.self, "\(name) in \(subset)") {
                    try world.verify(attestation, nil, dpop: dpop, policy: policy)
                }
            }
            let dpop = try world.dpopToken()
            guard ProfileSet(subset).flags.combined != .off else {
                refused(.dpop(22)) {
                    try world.verify(attestation, nil, dpop: dpop, policy: policy)
                }
                continue
            }
            let store = MemoryReplayStore(capacity: 10, began: UnixTime(world.now - 2000))
            try await world.attest(attestation, nil, dpop: dpop, in: store, policy: policy)
            await refused(.rpl(3), .dpopProof) {
                try await world.attest(attestation, nil, dpop: dpop, in: store, policy: policy)
            }
        }
    }

    @Test("REQ-06, DPOP-22: no set makes a client of normal mode one of combined mode")
    func downgrade() throws {
        var world = try Self.world()
        let attestation = try world.attestationToken()
        let dpop = try world.dpopToken()
        for subset in ProfileSubsetTests.subsets {
            world.profiles = subset
            refused(.dpop(22)) { try world.verify(attestation, nil, dpop: dpop) }
        }
    }

    @Test("AMB-01: a client or an attester is held to its own drafts within those of the AS")
    func narrowing() throws {
        var world = try World(Profile.allCases, .required)
        let challenge = world.challengeJSON()
        let probes = try Profile.allCases.flatMap { profile in
            let attestation = try ProfileSubsetTests.attestation(profile, world)
            let shape = ProfileSubsetTests.shape(profile, world, challenge: challenge)
            let array: Edits = ["aud": #"["\#(World.issuer)","https://x"]"#]
            return [(attestation, shape), (attestation, shape.merging(array) { $1 })]
        }
        for profile in Profile.allCases {
            let narrow = ProfileSet([profile])
            for (attestation, shape) in probes {
                let proof = try world.proofToken(shape)
                func verdict(
                    _ profiles: [Profile], client: ProfileSet?, attester: ProfileSet?
                ) throws -> RuleID? {
                    world.profiles = profiles
                    world.client = AttestedClient(
                        clientID: octets(World.client), profiles: client)
                    world.attesters = [try world.attester(profiles: attester)]
                    world.generation += 1
                    do {
                        try world.verify(attestation, proof)
                        return nil
                    } catch let refusal as Refusal {
                        return refusal.rule
                    }
                }
                let alone = try verdict([profile], client: nil, attester: nil)
                let all = Profile.allCases
                #expect(try verdict(all, client: narrow, attester: nil) == alone)
                #expect(try verdict(all, client: nil, attester: narrow) == alone)
                #expect(try verdict(all, client: narrow, attester: narrow) == alone)
                // Narrower never means wider than the AS.
                let other = profile == .abca11 ? Profile.abca05 : .abca11
                #expect(try verdict([other], client: narrow, attester: nil) == .req(6))
                #expect(try verdict([other], client: nil, attester: narrow) == .req(6))
            }
        }
    }
}
