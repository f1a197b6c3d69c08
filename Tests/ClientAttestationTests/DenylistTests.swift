// SPDX-License-Identifier: Apache-2.0
// ATT-16 and KEY-15: what the operator withdraws is refused from the next request on.

import ClientAttestation
import JOSE
import Octets
import Testing

@Suite("Denylist and withdrawal")
struct DenylistTests {
    static func thumbprint(_ key: TestKey) throws -> JWKThumbprint {
        try #require(key.set().keys.first).thumbprint
    }

    @Test("ATT-16, KEY-20: a suspended instance is refused between two hits of the cache")
    func instance() throws {
        var world = try World()
        let attestation = try world.attestationToken()
        try world.verify(attestation, world.proofToken())
        world.denylist.deny(try Self.thumbprint(world.instance))
        refused(.att(16)) { try world.verify(attestation, world.proofToken()) }
        #expect(world.cache.hits == 1)
        // In a new generation it is refused all the same.
        world.generation = 2
        refused(.att(16)) { try world.verify(attestation, world.proofToken()) }
        // The client's other instances are not concerned.
        let other = try TestKey()
        try world.verify(world.attestationToken(holder: other), world.proofToken(by: other))
    }

    @Test("ATT-16: a client is denied as one attester's, not as another's")
    func client() throws {
        var world = try World()
        let second = try TestKey("22")
        world.attesters.append(
            try world.attester(id: "second", issuers: ["https://two.example"], keys: second.set()))
        let iss: Edits = ["iss": quoted("https://two.example")]
        let one = try world.attestationToken()
        let two = try world.attestationToken(iss, by: second)
        try world.verify(one, world.proofToken())
        world.denylist.deny(attesterID: "provider", subject: octets(World.client))
        refused(.att(16)) { try world.verify(one, world.proofToken()) }
        try world.verify(two, world.proofToken())
        world.denylist.deny(attesterID: "second", subject: octets(World.client))
        refused(.att(16)) { try world.verify(two, world.proofToken()) }
    }

    @Test("ATT-16: what is near a denied value is not denied")
    func others() throws {
        var world = try World()
        #expect(world.denylist.isEmpty)
        world.denylist.deny(try Self.thumbprint(world.attesterKey))
        world.denylist.deny(attesterID: "provider", subject: octets(World.client + "/"))
        world.denylist.deny(attesterID: "Provider", subject: octets(World.client))
        world.denylist.deny(certificateKey: Array(repeating: 0, count: 32))
        #expect(!world.denylist.isEmpty)
        try world.verify(world.attestationToken(), world.proofToken())
    }

    @Test("ATT-16: only who holds a trusted attestation learns that it is denied")
    func order() throws {
        var world = try World()
        world.denylist.deny(try Self.thumbprint(world.instance))
        let forged = try world.attestationToken(by: TestKey("11"))
        refused(.att(3)) { try world.verify(forged, world.proofToken()) }
    }

    @Test("KEY-15: a key, an issuer, an attester or a client that is gone is refused at once")
    func removal() throws {
        let whole = try World()
        let attestation = try whole.attestationToken()
        let accept = { _ = try whole.verify(attestation, whole.proofToken()) }
        try accept()
        #expect(whole.cache.count == 1)

        var world = whole
        world.generation = 2
        world.attesters = [try world.attester(keys: TestKey("12").set())]
        refused(.key(4)) { try world.verify(attestation, world.proofToken()) }

        world = whole
        world.generation = 3
        world.attesters = [try world.attester(issuers: ["https://new.example"])]
        refused(.key(2)) { try world.verify(attestation, world.proofToken()) }

        world = whole
        world.generation = 4
        let second = try TestKey("22")
        world.attesters = [
            try world.attester(
                id: "second", issuers: ["https://two.example"], keys: second.set(),
                clients: ["https://other.example"])
        ]
        refused(.key(1)) { try world.verify(attestation, world.proofToken()) }

        world = whole
        world.generation = 5
        world.attesters = [try world.attester(clients: ["https://other.example"])]
        refused(.key(3)) { try world.verify(attestation, world.proofToken()) }

        world = whole
        world.generation = 6
        world.client = AttestedClient(clientID: octets("https://other.example"))
        refused(.att(9), .invalidClient) { try world.verify(attestation, world.proofToken()) }

        world = whole
        world.generation = 7
        world.attesters = [
            try world.attester(
                keys: JWKSet(
                    parsing: octets(
                        #"{"keys":[\#(world.attesterKey.jwk()),\#(try TestKey("9", for: .es384).jwk())]}"#
                    )),
                algorithms: [.es384])
        ]
        refused(.att(2)) { try world.verify(attestation, world.proofToken()) }

        // The first generation's policy still stands for requests that hold it.
        try accept()
    }
}
