// SPDX-License-Identifier: Apache-2.0
// KEY-01 to KEY-07, KEY-13, KEY-17 and CFG-03: which key an attestation is verified with.

import ClientAttestation
import JOSE
import Octets
import Testing

@Suite("Key selection")
struct KeySelectionTests {
    static let otherClient = "https://other.example.com"
    static let otherIssuer = "https://attester-two.example.com"

    /// A world with a second attester, for another client.
    static func twoAttesters(
        secondKey: TestKey, issuers: [[String]] = [[World.attesterIssuer], [otherIssuer]],
        secondClients: [String] = [otherClient]
    ) throws -> World {
        var world = try World()
        world.attesters = [
            try world.attester(issuers: issuers[0]),
            try world.attester(
                id: "second", issuers: issuers[1], keys: secondKey.set(), clients: secondClients),
        ]
        return world
    }

    @Test("KEY-01: an attestation of an unknown attester is refused")
    func unknownAttester() throws {
        let world = try World()
        let stranger = try TestKey("99")
        let claims: Edits = ["iss": quoted("https://stranger.example"), "sub": quoted("x")]
        refused(.key(1)) {
            try world.verify(
                world.attestationToken(claims, by: stranger), world.proofToken())
        }
    }

    @Test("KEY-01: by issuer, by key ID without one, by client without either")
    func waysToSelect() throws {
        let second = try TestKey("22")
        let world = try Self.twoAttesters(secondKey: second)
        let proof = { try world.proofToken() }
        try world.verify(world.attestationToken(), proof())
        try world.verify(world.attestationToken(["iss": nil]), proof())
        try world.verify(
            world.attestationToken(["iss": nil], header: ["kid": nil]), proof())
    }

    @Test("KEY-01: a key ID that two attesters have, without issuer, is refused")
    func sharedKeyID() throws {
        let second = try TestKey("11")
        let world = try Self.twoAttesters(secondKey: second)
        refused(.key(1)) {
            try world.verify(world.attestationToken(["iss": nil]), world.proofToken())
        }
        // With the issuer the same attestation is told apart.
        try world.verify(world.attestationToken(), world.proofToken())
    }

    @Test("KEY-01: a client that two attesters vouch for, without issuer or key ID, is refused")
    func sharedClient() throws {
        let second = try TestKey("22")
        let world = try Self.twoAttesters(
            secondKey: second, secondClients: [World.client])
        refused(.key(1)) {
            try world.verify(
                world.attestationToken(["iss": nil], header: ["kid": nil]),
                world.proofToken())
        }
    }

    @Test("KEY-01: an issuer that two attesters share is told apart by the key ID")
    func sharedIssuer() throws {
        let second = try TestKey("22")
        let shared = [World.attesterIssuer]
        let world = try Self.twoAttesters(secondKey: second, issuers: [shared, shared])
        try world.verify(world.attestationToken(), world.proofToken())
        refused(.key(1)) {
            try world.verify(
                world.attestationToken(["sub": nil], header: ["kid": nil]),
                world.proofToken())
        }
    }

    @Test("KEY-02: signed by one attester with the issuer of another")
    func issuerOfAnother() throws {
        let second = try TestKey("22")
        let world = try Self.twoAttesters(
            secondKey: second, secondClients: [World.client, Self.otherClient])
        // The issuer selects the other entry, whose key did not sign and has another ID.
        refused(.key(4)) {
            try world.verify(
                world.attestationToken(["iss": quoted(Self.otherIssuer)]), world.proofToken())
        }
        // Without a key ID the other's only key is tried, once, and fails.
        refused(.att(3)) {
            try world.verify(
                world.attestationToken(
                    ["iss": quoted(Self.otherIssuer)], header: ["kid": nil]),
                world.proofToken())
        }
    }

    @Test("KEY-02: an issuer that the selected attester does not list is refused")
    func unlistedIssuer() throws {
        let world = try World()
        refused(.key(2)) {
            try world.verify(
                world.attestationToken(["iss": quoted("https://elsewhere.example")]),
                world.proofToken())
        }
        refused(.key(2)) {
            try world.verify(
                world.attestationToken(["iss": quoted(World.attesterIssuer + "/")]),
                world.proofToken())
        }
    }

    @Test("KEY-02: an attester that lists no issuer accepts any but another attester's")
    func openIssuer() throws {
        let second = try TestKey("22")
        let third = try TestKey("33")
        var world = try Self.twoAttesters(
            secondKey: second, issuers: [[], [Self.otherIssuer]])
        world.attesters.append(
            try world.attester(
                id: "third", issuers: [Self.otherIssuer], keys: third.set(),
                clients: ["https://third.example"]))
        try world.verify(
            world.attestationToken(["iss": quoted("https://anything.example")]),
            world.proofToken())
        // Two entries list it, so the key ID decides, for one that does not.
        refused(.key(2)) {
            try world.verify(
                world.attestationToken(["iss": quoted(Self.otherIssuer)]), world.proofToken())
        }
    }

    @Test("KEY-03: an attester may vouch only for its own clients")
    func foreignClient() throws {
        let second = try TestKey("22")
        let world = try Self.twoAttesters(secondKey: second)
        let forged = try world.attestationToken(
            ["iss": quoted(Self.otherIssuer)], by: second)
        refused(.key(3)) { try world.verify(forged, world.proofToken()) }
    }

    @Test("KEY-03, REQ-20: the client is compared by octets, not by canonical equivalence")
    func clientOctets() throws {
        var world = try World()
        let composed = "https://caf\u{e9}.example"
        let decomposed = "https://cafe\u{301}.example"
        world.attesters = [try world.attester(clients: [composed])]
        world.client = AttestedClient(clientID: octets(composed))
        try world.verify(
            world.attestationToken(["sub": quoted(composed)]), world.proofToken())
        refused(.key(3)) {
            try world.verify(
                world.attestationToken(["sub": quoted(decomposed)]), world.proofToken())
        }
    }

    @Test(
        "KEY-04: a key ID that is no string of 1 to 256 octets, or that no key has",
        arguments: ["11", "\"\"", "[\"11\"]", "null", "\"../../etc/x\"", "\"1\"", "\"11 \""])
    func keyIDs(kid: String) throws {
        let world = try World()
        refused(.key(4)) {
            try world.verify(
                world.attestationToken(header: ["kid": kid]), world.proofToken())
        }
    }

    @Test("KEY-04: a key ID of 257 octets is refused")
    func longKeyID() throws {
        let world = try World()
        let kid = quoted(String(repeating: "k", count: 257))
        refused(.key(4)) {
            try world.verify(
                world.attestationToken(header: ["kid": kid]), world.proofToken())
        }
    }

    @Test("KEY-04: a key ID twice in a set, or none with two keys, is refused")
    func ambiguousKeys() throws {
        var world = try World()
        let other = try TestKey("11")
        let twice = try JWKSet(
            parsing: octets(#"{"keys":[\#(world.attesterKey.jwk()),\#(other.jwk())]}"#))
        world.attesters = [try world.attester(keys: twice)]
        refused(.key(4)) { try world.verify(world.attestationToken(), world.proofToken()) }
        refused(.key(4)) {
            try world.verify(
                world.attestationToken(header: ["kid": nil]), world.proofToken())
        }
    }

    @Test("KEY-05: the key that kid names is tried and no other, so another key's signature fails")
    func oneAttempt() throws {
        var world = try World()
        let second = try TestKey("22")
        let set = try JWKSet(
            parsing: octets(#"{"keys":[\#(world.attesterKey.jwk()),\#(second.jwk())]}"#))
        world.attesters = [try world.attester(keys: set)]
        refused(.att(3)) {
            try world.verify(
                world.attestationToken(header: ["kid": quoted("11")], by: second),
                world.proofToken())
        }
        try world.verify(world.attestationToken(by: second), world.proofToken())
    }

    @Test("KEY-06: jku is compared where the attester's entry demands one, and ignored elsewhere")
    func keyURL() throws {
        var world = try World()
        let url = "https://attester.example.com/jwks"
        try world.verify(
            world.attestationToken(header: ["jku": quoted("https://evil.example/jwks")]),
            world.proofToken())
        world.attesters = [try world.attester(jku: url)]
        world.generation = 2
        let refusedURLs = [
            quoted("https://evil.example/jwks"), quoted(url + "/x"),
            quoted("http://attester.example.com/jwks"), "7", nil,
        ]
        for jku in refusedURLs {
            refused(.key(6)) {
                try world.verify(
                    world.attestationToken(header: ["jku": jku]), world.proofToken())
            }
        }
        try world.verify(
            world.attestationToken(header: ["jku": quoted(url)]), world.proofToken())
    }

    @Test("KEY-07: a key embedded in the header supplies no trust")
    func embeddedKey() throws {
        let world = try World()
        let attacker = try TestKey("11")
        let header: Edits = [
            "jwk": attacker.jwk(), "x5u": quoted("https://evil.example/cert"),
            "x5c": "[\"AAAA\"]",
        ]
        refused(.att(3)) {
            try world.verify(
                world.attestationToken(header: header, by: attacker), world.proofToken())
        }
        try world.verify(world.attestationToken(header: header), world.proofToken())
    }

    @Test(
        "KEY-13: a key of the set that is for encryption, or for another algorithm",
        arguments: [#""use":"enc""#, #""alg":"ES384""#, #""key_ops":["deriveKey"]"#])
    func keyUse(extra: String) throws {
        var world = try World()
        let good = try TestKey("22")
        let set = try JWKSet(
            parsing: octets(#"{"keys":[\#(world.attesterKey.jwk(extra)),\#(good.jwk())]}"#))
        world.attesters = [try world.attester(keys: set)]
        refused(.key(13)) { try world.verify(world.attestationToken(), world.proofToken()) }
        try world.verify(world.attestationToken(by: good), world.proofToken())
    }

    @Test("KEY-17: the attester's own key is no instance key unless its entry says so")
    func selfAttested() throws {
        var world = try World()
        let attestation = try world.attestationToken(holder: world.attesterKey)
        let proof = { try world.proofToken(by: world.attesterKey) }
        refused(.key(17)) { try world.verify(attestation, proof()) }
        world.attesters = [try world.attester(selfAttested: true)]
        try world.verify(attestation, proof())
    }
}

@Suite("Attester registry")
struct AttesterRegistryTests {
    static func build(_ attesters: [Attester]) throws -> AttesterRegistry {
        try AttesterRegistry(attesters)
    }

    @Test("CFG-03: an attester needs clients, keys and algorithms")
    func incomplete() throws {
        let world = try World()
        #expect(throws: RegistryError.noClients("provider")) {
            try Self.build([world.attester(clients: [])])
        }
        let none = try JWKSet(parsing: octets(#"{"keys":[]}"#))
        #expect(throws: RegistryError.noKeys("provider")) {
            try Self.build([world.attester(keys: none)])
        }
        let keys = try world.attesterKey.set()
        #expect(throws: RegistryError.noAlgorithms("a")) {
            try Self.build([Attester(id: "a", keys: keys, algorithms: [], clients: [[97]])])
        }
    }

    @Test(
        "CFG-03, JOSE-26, ATT-01: an attester's own type is not that of another token",
        arguments: [
            "dpop+jwt", "jwt", "at+jwt", "oauth-client-attestation-pop+jwt",
            "oauth-client-attestation-pop", "",
        ])
    func reservedTypes(type: String) throws {
        let world = try World()
        #expect(throws: RegistryError.reservedType("provider", type: type)) {
            try Self.build([world.attester(types: ["wallet-attestation+jwt", type])])
        }
    }

    @Test("CFG-03: two attesters with one id")
    func duplicateID() throws {
        let world = try World()
        #expect(throws: RegistryError.duplicateID("provider")) {
            try Self.build([world.attester(), world.attester(issuers: ["https://b.example"])])
        }
    }

    @Test("CFG-03: a key ID in two attesters needs disjoint issuers")
    func sharedKeyID() throws {
        let world = try World()
        let other = try TestKey("11").set()
        #expect(throws: RegistryError.sharedKeyID("provider", "b", keyID: "11")) {
            try Self.build([
                world.attester(),
                world.attester(id: "b", issuers: [], keys: other, clients: ["https://b.example"]),
            ])
        }
        _ = try Self.build([
            world.attester(),
            world.attester(
                id: "b", issuers: ["https://b.example"], keys: other,
                clients: ["https://b.example"]),
        ])
    }

    @Test("CFG-03: a client in two attesters, one with a nameless key, needs disjoint issuers")
    func sharedClient() throws {
        let world = try World()
        let nameless = try TestKey().set()
        #expect(
            throws: RegistryError.sharedClient("provider", "b", client: World.client)
        ) {
            try Self.build([
                world.attester(issuers: []), world.attester(id: "b", issuers: [], keys: nameless),
            ])
        }
        _ = try Self.build([
            world.attester(issuers: []),
            world.attester(
                id: "b", issuers: [], keys: nameless, clients: ["https://b.example"]),
        ])
    }
}
