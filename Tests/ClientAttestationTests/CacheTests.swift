// SPDX-License-Identifier: Apache-2.0
// KEY-20: what is kept of a verified attestation, for whom, how long, and what is judged anew.

import ClientAttestation
import Octets
import Testing

@Suite("Attestation cache")
struct CacheTests {
    @Test("KEY-20: a second request with the same attestation finds it")
    func hit() throws {
        let world = try World()
        let attestation = try world.attestationToken()
        try world.verify(attestation, world.proofToken())
        #expect(world.cache.hits == 0 && world.cache.count == 1)
        try world.verify(attestation, world.proofToken())
        #expect(world.cache.hits == 1 && world.cache.count == 1)
    }

    @Test("KEY-20: failures are not kept, and a changed octet is another attestation")
    func failures() throws {
        let world = try World()
        let attestation = try world.attestationToken()
        let forged = try world.attestationToken(by: TestKey("11"))
        for _ in 0..<2 {
            refused(.att(3)) { try world.verify(forged, world.proofToken()) }
        }
        #expect(world.cache.count == 0)
        try world.verify(attestation, world.proofToken())
        let dot = try #require(attestation.lastIndex(of: UInt8(ascii: ".")))
        refused(.att(3)) {
            try world.verify(altered(attestation, at: dot + 9), world.proofToken())
        }
    }

    @Test("KEY-20: trust decided for one AS says nothing at another")
    func otherServer() throws {
        let world = try World()
        let attestation = try world.attestationToken()
        try world.verify(attestation, world.proofToken())
        var other = world
        other.issuer = "https://two.example.com"
        let stranger = try TestKey("11")
        other.attesters = [try other.attester(keys: stranger.set())]
        refused(.att(3)) { try other.verify(attestation, other.proofToken()) }
    }

    @Test("KEY-20, KEY-15: a new generation begins with nothing")
    func generations() throws {
        var world = try World()
        let attestation = try world.attestationToken()
        try world.verify(attestation, world.proofToken())
        world.attesters = [try world.attester(keys: TestKey("11").set())]
        world.generation = 2
        refused(.att(3)) { try world.verify(attestation, world.proofToken()) }
    }

    @Test("KEY-20: exp, nbf and iat are judged at every hit")
    func time() throws {
        var world = try World()
        let start = world.now
        let attestation = try world.attestationToken(["exp": "\(start + 10)"])
        try world.verify(attestation, world.proofToken())
        world.now = start + 70
        refused(.att(4)) { try world.verify(attestation, world.proofToken()) }
        // A clock that is behind shows nbf and iat in the future.
        world.now = start
        let begun = try world.attestationToken(["nbf": "\(start)"])
        try world.verify(begun, world.proofToken())
        world.now = start - 61
        refused(.att(5)) { try world.verify(begun, world.proofToken()) }
        world.now = start
        let issued = try world.attestationToken(["iat": "\(start)"])
        try world.verify(issued, world.proofToken())
        world.now = start - 61
        refused(.att(6)) { try world.verify(issued, world.proofToken()) }
        #expect(world.cache.hits == 3)
    }

    @Test("KEY-20: client, method, profile and age are judged at every hit")
    func clientAndProfile() throws {
        var world = try World([.abca05, .abca11])
        let attestation = try world.attestationToken(["iss": nil])
        try world.verify(attestation, world.proofToken())
        world.attestation.maxAge = 30
        refused(.att(7), .staleAttestation) { try world.verify(attestation, world.proofToken()) }
        world.attestation.maxAge = nil
        world.client = AttestedClient(
            clientID: octets(World.client), profiles: ProfileSet([.abca05]))
        refused(.att(14)) { try world.verify(attestation, world.proofToken()) }
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.dpopCombined])
        refused(.req(6)) { try world.verify(attestation, world.proofToken()) }
        world.client = AttestedClient(clientID: octets("https://someone.example"))
        refused(.att(9), .invalidClient) { try world.verify(attestation, world.proofToken()) }
        #expect(world.cache.hits == 4)
    }

    @Test("KEY-20: the cache is bounded and keeps what is in use")
    func bounds() throws {
        let world = try World()
        let used = try world.attestationToken()
        for index in 0..<40 {
            try world.verify(used, world.proofToken())
            try world.verify(
                world.attestationToken(["n": "\(index)"]), world.proofToken())
            #expect(world.cache.count <= 16)
        }
        #expect(world.cache.hits == 39)
    }

    @Test("KEY-20: a cache of nothing keeps nothing")
    func empty() throws {
        let world = try World()
        let cache = AttestationCache(capacity: 0)
        let tokens = try PresentedTokens.read(
            attestation: [world.attestationToken()], proof: [world.proofToken()], dpop: [])
        for _ in 0..<2 {
            _ = try Verifier.verify(
                tokens, RequestFacts(endpoint: .token, clientIDParameter: nil),
                policy: world.policy(), cache: cache, fence: nil, now: UnixTime(world.now))
        }
        #expect(cache.count == 0 && cache.hits == 0)
    }
}
