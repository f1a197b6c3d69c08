// SPDX-License-Identifier: Apache-2.0
// CFG-09: what an AS says about itself is what its verifier does, for every algorithm there is.

import ClientAttestation
import JOSE
import Octets
import Testing

@Suite("Advertised methods")
struct AdvertisedTests {
    /// Lists to enable, those a careless caller could make included.
    static let lists: [[JWSAlgorithm]] =
        [JWSAlgorithm.signatures, JWSAlgorithm.allCases, []]
        + JWSAlgorithm.signatures.map { [$0] }

    /// Whether a valid message is accepted; a refusal must be for `rules`.
    private func accepts(
        _ rules: [RuleID], _ body: () throws -> Any
    ) -> Bool {
        do {
            _ = try body()
            return true
        } catch {
            let rule = (error as? Refusal)?.rule
            #expect(rule.map(rules.contains) == true, "\(error)")
            return false
        }
    }

    @Test(
        "CFG-09: proofs are accepted with exactly the algorithms that are advertised",
        arguments: lists)
    func proofs(list: [JWSAlgorithm]) throws {
        var world = try World()
        world.proof.algorithms = list
        let advertised = try world.policy().advertised.proofAlgorithms
        for algorithm in JWSAlgorithm.allCases {
            let accepted: Bool
            if algorithm.isImplemented {
                let key = try TestKey(for: algorithm)
                let attestation = try world.attestationToken(holder: key)
                accepted = accepts([.pop(2)]) {
                    try world.verify(attestation, world.proofToken(by: key))
                }
            } else {
                accepted = accepts([.pop(2), .jose(27)]) {
                    try world.verify(
                        world.attestationToken(),
                        world.proofToken(header: ["alg": quoted(algorithm.rawValue)]))
                }
            }
            #expect(accepted == advertised.contains(algorithm), "\(algorithm)")
        }
    }

    @Test(
        "CFG-09: DPoP proofs are accepted with exactly the algorithms that are advertised",
        arguments: lists)
    func dpop(list: [JWSAlgorithm]) throws {
        var world = try World()
        world.dpop.algorithms = list
        let advertised = try world.policy().advertised.dpopAlgorithms
        for algorithm in JWSAlgorithm.allCases {
            let accepted: Bool
            if algorithm.isImplemented {
                let key = try TestKey(for: algorithm)
                accepted = accepts([.dpop(5)]) {
                    try world.verify(
                        world.attestationToken(), world.proofToken(),
                        dpop: world.dpopToken(by: key))
                }
            } else {
                accepted = accepts([.dpop(5), .jose(27)]) {
                    try world.verify(
                        world.attestationToken(), world.proofToken(),
                        dpop: world.dpopToken(header: ["alg": quoted(algorithm.rawValue)]))
                }
            }
            #expect(accepted == advertised.contains(algorithm), "\(algorithm)")
        }
    }

    @Test("CFG-09: attestations are accepted with exactly the algorithms that are advertised")
    func attestations() throws {
        let keys = try JWSAlgorithm.signatures.map { try TestKey("key-\($0.rawValue)", for: $0) }
        var world = try World()
        // Three attesters, each with all keys; one lists what another does not.
        for profiles in [[Profile.abca11], [.abca06]] {
            world.profiles = profiles
            for listed in [[JWSAlgorithm.es256, .ps384], [.ed25519], [.edDSA, .es512]] {
                let set = try JWKSet(
                    parsing: octets("{\"keys\":[\(keys.map { $0.jwk() }.joined(separator: ","))]}"))
                world.attesters = [
                    try world.attester(keys: set, algorithms: listed),
                    MACAttesterTests.attester(
                        world, issuers: ["https://mac.example"], algorithms: [.hs256, .hs384]),
                    try world.attester(
                        id: "third", issuers: ["https://third.example"],
                        keys: TestKey("rs", for: .rs256).set(), algorithms: [.rs256, .es384]),
                ]
                world.generation += 1
                try compare(world, keys)
            }
        }
    }

    private func compare(_ world: World, _ keys: [TestKey]) throws {
        let advertised = try world.policy().advertised.attestationAlgorithms
        let refusals: [RuleID] = [.att(2), .jose(27), .jose(17), .key(4), .key(13)]
        for algorithm in JWSAlgorithm.allCases {
            var tokens: [[UInt8]] = []
            if algorithm.mac != nil {
                let mac: Edits = ["iss": quoted("https://mac.example")]
                tokens.append(try MACAttesterTests.token(world, algorithm, claims: mac))
            }
            for key in keys where key.algorithm == algorithm {
                tokens.append(try world.attestationToken(by: key))
                let third: Edits = ["iss": quoted("https://third.example")]
                let rs = try TestKey("rs", for: algorithm)
                tokens.append(try world.attestationToken(third, by: rs))
            }
            let shape: Edits = ["iss": quoted(World.client)]
            let accepted = tokens.map { token in
                accepts(refusals) { try world.verify(token, world.proofToken(shape)) }
            }
            #expect(accepted.contains(true) == advertised.contains(algorithm), "\(algorithm)")
        }
    }

    @Test("CFG-09: methods are advertised if some client may use them")
    func methods() throws {
        var world = try World()
        #expect(try world.policy().advertised.proofMethods == [.attestationPoPJWT])
        #expect(try world.policy().advertised.authentication == [.normal])
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.attestationPoPJWT, .dpopCombined])
        let both = try world.policy().advertised
        #expect(both.proofMethods == [.attestationPoPJWT, .dpopCombined])
        #expect(
            both.authentication.map(\.rawValue)
                == ["attest_jwt_client_auth", "attest_jwt_client_auth_dpop"])
        // The client, the attester or the AS has no combined mode.
        world.profiles = [.abca08, .abca11]
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.attestationPoPJWT, .dpopCombined],
            profiles: ProfileSet([.abca08]))
        #expect(try world.policy().advertised.proofMethods == [.attestationPoPJWT])
        world.client = AttestedClient(clientID: octets(World.client), methods: [.dpopCombined])
        #expect(try world.policy().advertised.proofMethods == [.dpopCombined])
        world.attesters = [try world.attester(profiles: ProfileSet([.abca08]))]
        #expect(try world.policy().advertised.proofMethods == [])
        world.attesters = [try world.attester()]
        world.dpop.owner = .pass
        let passed = try world.policy().advertised
        #expect(passed.proofMethods == [] && passed.dpopAlgorithms == [])
    }

    @Test("CFG-09: challenges and nonces are advertised where they are served")
    func challenges() throws {
        let world = try World([.abca05, .abca11], .required)
        let advertised = try world.policy().advertised
        #expect(advertised.servesChallenges)
        #expect(advertised.nonceEndpoints == [.token, .pushedAuthorizationRequest])
        let without = try World([.abca11]).policy().advertised
        #expect(!without.servesChallenges && without.nonceEndpoints.isEmpty)
    }
}
