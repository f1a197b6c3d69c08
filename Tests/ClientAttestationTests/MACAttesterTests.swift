// SPDX-License-Identifier: Apache-2.0
// JOSE-17, KEY-18, AMB-06: attesters that share a secret with the gateway.

import ClientAttestation
import Cryptography
import JOSE
import Octets
import Testing

@Suite("MAC attesters")
struct MACAttesterTests {
    static let secret = Secret(Array(repeating: 0x5A, count: 64))

    static func attester(
        _ world: World, id: String = "mac", issuers: [String] = [World.attesterIssuer],
        keyID: String = "shared", secret: Secret = secret,
        algorithms: [JWSAlgorithm] = JWSAlgorithm.macs, profiles: ProfileSet? = nil
    ) -> Attester {
        Attester(
            id: id, issuers: issuers.map(octets),
            source: .sharedSecret(SharedSecret(keyID: octets(keyID), secret: secret)),
            algorithms: algorithms, clients: [octets(World.client)], profiles: profiles)
    }

    static func world(
        _ profiles: [Profile] = [.abca11], algorithms: [JWSAlgorithm] = JWSAlgorithm.macs
    ) throws -> World {
        var world = try World(profiles)
        world.attesters = [attester(world, algorithms: algorithms)]
        return world
    }

    /// The attestation under a secret; header and claims edited.
    static func token(
        _ world: World, _ algorithm: JWSAlgorithm = .hs256, secret: Secret = secret,
        claims: Edits = [:], header: Edits = [:]
    ) throws -> [UInt8] {
        let members = [
            ("iss", quoted(World.attesterIssuer)), ("sub", quoted(World.client)),
            ("iat", "\(world.now - 100)"), ("exp", "\(world.now + 3600)"),
            ("cnf", #"{"jwk":\#(world.instance.jwk())}"#),
        ]
        let head = [
            ("typ", quoted("oauth-client-attestation+jwt")),
            ("alg", quoted(algorithm.rawValue)), ("kid", quoted("shared")),
        ]
        let input = TestKey.signingInput(
            header: object(head, header), payload: object(members, claims))
        let tag = try #require(algorithm.mac).tag(key: secret, input)
        return input + [UInt8(ascii: ".")] + Base64URL.encode(tag)
    }

    @Test("JOSE-17: an attestation under the secret is accepted", arguments: JWSAlgorithm.macs)
    func accepted(algorithm: JWSAlgorithm) throws {
        let world = try Self.world()
        for _ in 0..<2 {
            let request = try world.verify(
                Self.token(world, algorithm), world.proofToken())
            #expect(request.attesterID == "mac")
        }
        #expect(world.cache.hits == 1)
    }

    @Test("JOSE-17, ATT-03: another secret, a changed tag and a shortened one are refused")
    func forged() throws {
        let world = try Self.world()
        let other = Secret(Array(repeating: 0x5B, count: 64))
        refused(.att(3)) {
            try world.verify(Self.token(world, secret: other), world.proofToken())
        }
        let token = try Self.token(world)
        let dot = try #require(token.lastIndex(of: UInt8(ascii: ".")))
        refused(.att(3)) { try world.verify(altered(token, at: dot + 4), world.proofToken()) }
        refused(.att(3)) {
            try world.verify(Array(token[...(dot + 20)]), world.proofToken())
        }
    }

    @Test("KEY-18: kid is mandatory and names the secret")
    func keyID() throws {
        let world = try Self.world()
        refused(.key(18)) {
            try world.verify(Self.token(world, header: ["kid": nil]), world.proofToken())
        }
        for kid in ["Shared", "other", "shared "] {
            refused(.key(4)) {
                try world.verify(
                    Self.token(world, header: ["kid": quoted(kid)]), world.proofToken())
            }
        }
    }

    @Test("JOSE-17, ATT-02: a MAC that is not listed is refused", arguments: JWSAlgorithm.macs)
    func unlisted(algorithm: JWSAlgorithm) throws {
        let others = JWSAlgorithm.macs.filter { $0 != algorithm }
        let world = try Self.world(algorithms: others)
        refused(.att(2)) {
            try world.verify(Self.token(world, algorithm), world.proofToken())
        }
    }

    @Test("JOSE-17: no signature is verified with a secret, whoever made it")
    func signature() throws {
        let world = try Self.world()
        let signer = try TestKey("shared")
        refused(.att(2)) {
            try world.verify(world.attestationToken(by: signer), world.proofToken())
        }
    }

    @Test("JOSE-17, JOSE-10: a MAC keyed with what an attester publishes is refused")
    func publicKeyAsSecret() throws {
        let world = try World()
        let keys = [
            octets(world.attesterKey.jwk()), octets("{\(world.attesterKey.members)}"),
            [0x04] + world.attesterKey.key.x + world.attesterKey.key.y,
        ]
        for key in keys {
            for algorithm in JWSAlgorithm.macs {
                refused(.att(2)) {
                    try world.verify(
                        Self.token(
                            world, algorithm, secret: Secret(key), header: ["kid": quoted("11")]),
                        world.proofToken())
                }
            }
        }
    }

    @Test("JOSE-17, AMB-06: only profiles from 07 on know MACs", arguments: Profile.allCases)
    func profiles(profile: Profile) throws {
        let world = try Self.world([profile])
        let judge = { try world.verify(Self.token(world), world.proofToken()) }
        switch profile {
        case .abca05, .abca06: refused(.jose(17)) { try judge() }
        default:
            // Shapes are other rules' business.
            do { _ = try judge() } catch { #expect((error as? Refusal)?.rule.family == .pop) }
        }
    }

    @Test("JOSE-17, KEY-20: profiles narrowed to 05 and 06 refuse a MAC that is known already")
    func narrowed() throws {
        var world = try Self.world([.abca05, .abca06, .abca11])
        let token = try Self.token(world)
        try world.verify(token, world.proofToken())
        world.client = AttestedClient(
            clientID: octets(World.client), profiles: ProfileSet([.abca05, .abca06]))
        refused(.jose(17)) { try world.verify(token, world.proofToken()) }
        #expect(world.cache.hits == 1)
        world.client = AttestedClient(clientID: octets(World.client))
        world.attesters = [Self.attester(world, profiles: ProfileSet([.abca06]))]
        world.generation = 2
        refused(.jose(17)) { try world.verify(token, world.proofToken()) }
    }

    @Test("JOSE-17: MACs and public keys do not mix in one entry")
    func mixed() throws {
        let world = try World()
        #expect(throws: RegistryError.wrongAlgorithm("mac", .es256)) {
            try AttesterRegistry([Self.attester(world, algorithms: [.hs256, .es256])])
        }
        #expect(throws: RegistryError.wrongAlgorithm("provider", .hs256)) {
            try AttesterRegistry([world.attester(algorithms: [.es256, .hs256])])
        }
    }

    @Test(
        "JOSE-17: a secret is as long as the hash of each of its algorithms",
        arguments: JWSAlgorithm.macs)
    func secretLength(algorithm: JWSAlgorithm) throws {
        let world = try World()
        let size = try #require(algorithm.mac).size
        let build = { (count: Int) in
            try AttesterRegistry([
                Self.attester(
                    world, secret: Secret(Array(repeating: 1, count: count)),
                    algorithms: [algorithm])
            ])
        }
        #expect(throws: RegistryError.shortSecret("mac", algorithm)) { try build(size - 1) }
        _ = try build(size)
    }

    @Test("KEY-18: one entry for each attester: neither secret nor issuer is shared")
    func oneEntry() throws {
        let world = try World()
        #expect(throws: RegistryError.sharedSecret("mac", "two")) {
            try AttesterRegistry([
                Self.attester(world),
                Self.attester(world, id: "two", issuers: ["https://b.example"], keyID: "b"),
            ])
        }
        let other = Secret(Array(repeating: 7, count: 64))
        for second in [
            Self.attester(world, id: "two", keyID: "b", secret: other),
            try world.attester(id: "two"),
        ] {
            #expect(
                throws: RegistryError.sharedMACIssuer("mac", "two", issuer: World.attesterIssuer)
            ) {
                try AttesterRegistry([Self.attester(world), second])
            }
        }
        _ = try AttesterRegistry([
            Self.attester(world),
            Self.attester(
                world, id: "two", issuers: ["https://b.example"], keyID: "b", secret: other),
        ])
    }

    @Test("KEY-01, KEY-18: the name of a secret selects its entry, and a shared name must not")
    func selection() throws {
        var world = try Self.world()
        world.attesters.append(
            try world.attester(id: "second", issuers: ["https://two.example"]))
        try world.verify(Self.token(world, claims: ["iss": nil]), world.proofToken())
        #expect(throws: RegistryError.sharedKeyID("mac", "second", keyID: "11")) {
            try AttesterRegistry([
                Self.attester(world, keyID: "11"),
                world.attester(id: "second", issuers: []),
            ])
        }
    }

    @Test("POP-02: an attester with a MAC does not make one of its instances' proofs")
    func proof() throws {
        let world = try Self.world()
        let input = TestKey.signingInput(
            header: object(
                [("typ", quoted("oauth-client-attestation-pop+jwt")), ("alg", quoted("HS256"))],
                [:]),
            payload: object(
                [
                    ("aud", quoted(World.issuer)), ("iat", "\(world.now)"), ("jti", quoted("j")),
                ], [:]))
        let proof =
            input + [UInt8(ascii: ".")]
            + Base64URL.encode(HMAC.sha256(key: Self.secret, input))
        refused(.pop(2)) { try world.verify(Self.token(world), proof) }
    }
}
