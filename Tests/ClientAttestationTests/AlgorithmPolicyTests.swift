// SPDX-License-Identifier: Apache-2.0
// ATT-02, POP-02, JOSE-10, JOSE-16 and JOSE-19: every algorithm of the table, in both roles.

import ClientAttestation
import Cryptography
import JOSE
import Octets
import Testing

@Suite("Algorithms by role")
struct AlgorithmPolicyTests {
    /// A world whose attester and instance sign with these, and that accepts exactly these lists.
    static func world(
        attester: JWSAlgorithm = .es256, listed: [JWSAlgorithm]? = nil,
        instance: JWSAlgorithm = .es256, proof: [JWSAlgorithm]? = nil
    ) throws -> (world: World, attester: TestKey, instance: TestKey) {
        var world = try World()
        let key = try attester == .es256 ? world.attesterKey : TestKey("11", for: attester)
        let holder = try TestKey(for: instance)
        world.attesters = [
            try world.attester(keys: key.set(), algorithms: listed ?? [attester])
        ]
        world.proof.algorithms = proof ?? [instance]
        return (world, key, holder)
    }

    @Test(
        "ATT-02: every algorithm verifies attestations if listed",
        arguments: JWSAlgorithm.signatures)
    func attestation(algorithm: JWSAlgorithm) throws {
        let (world, key, _) = try Self.world(attester: algorithm)
        try world.verify(world.attestationToken(by: key), world.proofToken())
    }

    @Test(
        "ATT-02: a valid attestation is refused if its algorithm is not listed",
        arguments: JWSAlgorithm.signatures)
    func unlistedAttestation(algorithm: JWSAlgorithm) throws {
        let others = JWSAlgorithm.signatures.filter { $0 != algorithm }
        let (world, key, _) = try Self.world(attester: algorithm, listed: others)
        refused(.att(2)) {
            try world.verify(world.attestationToken(by: key), world.proofToken())
        }
    }

    @Test("ATT-02: the lists are the attesters' own")
    func perAttester() throws {
        var world = try World()
        let second = try TestKey("22", for: .es384)
        world.attesters = [
            try world.attester(),
            try world.attester(
                id: "second", issuers: ["https://two.example"], keys: second.set(),
                algorithms: [.es384]),
        ]
        try world.verify(world.attestationToken(), world.proofToken())
        let iss: Edits = ["iss": quoted("https://two.example")]
        try world.verify(world.attestationToken(iss, by: second), world.proofToken())
        // ES256 is another attester's algorithm.
        refused(.att(2)) {
            try world.verify(world.attestationToken(iss), world.proofToken())
        }
    }

    @Test("POP-02: every algorithm verifies proofs if listed", arguments: JWSAlgorithm.signatures)
    func proof(algorithm: JWSAlgorithm) throws {
        let (world, _, holder) = try Self.world(instance: algorithm)
        try world.verify(world.attestationToken(holder: holder), world.proofToken(by: holder))
    }

    @Test(
        "POP-02: a valid proof is refused if its algorithm is not listed",
        arguments: JWSAlgorithm.signatures)
    func unlistedProof(algorithm: JWSAlgorithm) throws {
        let others = JWSAlgorithm.signatures.filter { $0 != algorithm }
        let (world, _, holder) = try Self.world(instance: algorithm, proof: others)
        refused(.pop(2)) {
            try world.verify(
                world.attestationToken(holder: holder), world.proofToken(by: holder))
        }
    }

    @Test(
        "POP-02, JOSE-17: a MAC is no proof, even if somebody lists it",
        arguments: JWSAlgorithm.macs)
    func macProof(algorithm: JWSAlgorithm) throws {
        var world = try World()
        world.proof.algorithms = [.es256]
        let proof = try world.proofToken(header: ["alg": quoted(algorithm.rawValue)])
        refused(.pop(2)) { try world.verify(world.attestationToken(), proof) }
        world.proof.algorithms = [algorithm]
        refused(.pop(2)) { try world.verify(world.attestationToken(), proof) }
    }

    @Test("JOSE-06, JOSE-27: names that are none, and names not built, are no proof")
    func proofNames() throws {
        let world = try World()
        for name in ["none", "None", "nOnE", "es256", "ES256 ", ""] {
            refused(.jose(6)) {
                try world.verify(
                    world.attestationToken(), world.proofToken(header: ["alg": quoted(name)]))
            }
        }
        for name in ["ML-DSA-44", "ES256K"] {
            refused(.jose(27)) {
                try world.verify(
                    world.attestationToken(), world.proofToken(header: ["alg": quoted(name)]))
            }
        }
    }

    @Test("JOSE-16: EdDSA and Ed25519 are two names, and one does not accept the other")
    func twoNames() throws {
        let pairs: [(JWSAlgorithm, JWSAlgorithm)] = [(.ed25519, .edDSA), (.edDSA, .ed25519)]
        for (written, listed) in pairs {
            let (world, key, _) = try Self.world(attester: written, listed: [listed])
            refused(.att(2)) {
                try world.verify(world.attestationToken(by: key), world.proofToken())
            }
            let (other, _, holder) = try Self.world(instance: written, proof: [listed])
            refused(.pop(2)) {
                try other.verify(
                    other.attestationToken(holder: holder), other.proofToken(by: holder))
            }
        }
    }

    @Test("JOSE-16: EdDSA means Ed448 for an Ed448 key, Ed25519 does not")
    func curves() throws {
        var world = try World()
        let key = try TestKey(for: .ed448)
        world.proof.algorithms = [.edDSA, .ed25519]
        let attestation = try world.attestationToken(holder: key)
        let edDSA: Edits = ["alg": quoted("EdDSA")]
        try world.verify(attestation, world.proofToken(header: edDSA, by: key))
        refused(.pop(2)) { try world.verify(attestation, world.proofToken(by: key)) }
        refused(.jose(10)) {
            try world.verify(
                attestation, world.proofToken(header: ["alg": quoted("Ed25519")], by: key))
        }
    }

    @Test(
        "JOSE-10: a listed algorithm of another family than the key's is refused",
        arguments: JWSAlgorithm.signatures)
    func otherFamily(algorithm: JWSAlgorithm) throws {
        let all = JWSAlgorithm.signatures
        let (world, key, holder) = try Self.world(
            attester: algorithm, listed: all, instance: algorithm, proof: all)
        let attestation = try world.attestationToken(by: key, holder: holder)
        for other in all where other.scheme(for: key.key.members.kind) == nil {
            let renamed: Edits = ["alg": quoted(other.rawValue)]
            refused(.jose(10)) {
                try world.verify(attestation, world.proofToken(header: renamed, by: holder))
            }
            // The set has no key of that family, whatever kid names.
            refused(.key(13)) {
                try world.verify(
                    world.attestationToken(header: renamed, by: key, holder: holder),
                    world.proofToken(by: holder))
            }
        }
    }

    @Test("JOSE-10, JOSE-15: the same RSA key under another padding or hash is refused")
    func rsaNames() throws {
        let rsa = JWSAlgorithm.signatures.filter { $0.scheme?.keyKind == .rsa }
        let (world, _, holder) = try Self.world(instance: .rs256, proof: rsa)
        let attestation = try world.attestationToken(holder: holder)
        for other in rsa where other != .rs256 {
            refused(.pop(3)) {
                try world.verify(
                    attestation,
                    world.proofToken(header: ["alg": quoted(other.rawValue)], by: holder))
            }
        }
    }

    @Test("JOSE-19: an instance key for another algorithm proves nothing")
    func keyForAnotherAlgorithm() throws {
        let world = try World()
        let confirm = { (extra: String) -> Edits in
            ["cnf": #"{"jwk":\#(world.instance.jwk(extra))}"#]
        }
        refused(.jose(19)) {
            try world.verify(
                world.attestationToken(confirm(#""alg":"ES384""#)), world.proofToken())
        }
        try world.verify(
            world.attestationToken(confirm(#""alg":"ES256""#)), world.proofToken())
    }

    @Test("JOSE-19: key_ops of sign alone are taken from an instance only if the operator says so")
    func signOnly() throws {
        var world = try World()
        let token = { (operations: String) in
            let jwk = world.instance.jwk(#""key_ops":\#(operations)"#)
            return try world.attestationToken(["cnf": #"{"jwk":\#(jwk)}"#])
        }
        refused(.jose(19)) { try world.verify(token(#"["sign"]"#), world.proofToken()) }
        world.proof.acceptsSignOnlyKeys = true
        world.generation = 2
        try world.verify(token(#"["sign"]"#), world.proofToken())
        try world.verify(token(#"["sign","verify"]"#), world.proofToken())
        for operations in [
            #"["sign","sign"]"#, #"["sign","deriveKey"]"#, #"["deriveKey"]"#, "[]", #""sign""#,
            "[7]",
        ] {
            refused(.jose(19)) { try world.verify(token(operations), world.proofToken()) }
        }
        // The knob is for instance keys: an attester's key is for verification.
        let set = try JWKSet(
            parsing: octets(#"{"keys":[\#(world.attesterKey.jwk(#""key_ops":["sign"]"#))]}"#))
        #expect(set.keys.isEmpty)
    }
}
