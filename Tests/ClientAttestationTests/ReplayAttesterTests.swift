// SPDX-License-Identifier: Apache-2.0
// RPL-04: one proof under the word of two attesters whose profiles were narrowed apart.

import ClientAttestation
import Octets
import Testing

@Suite("Replays under another attester's word")
struct ReplayAttesterTests {
    /// One attester of draft 05 and one of draft 06, for the same client.
    private static func world(_ client: ProfileSet? = nil) throws -> (World, other: TestKey) {
        var world = try World([.abca05, .abca06], .required)
        let other = try TestKey("12")
        world.attesters = [
            try world.attester(id: "a", issuers: ["https://a"], profiles: ProfileSet([.abca06])),
            try world.attester(
                id: "b", issuers: ["https://b"], keys: other.set(),
                profiles: client == nil ? ProfileSet([.abca05]) : nil),
        ]
        world.client = AttestedClient(clientID: octets(World.client), profiles: client)
        return (world, other)
    }

    private static func proof(_ world: World, exp: Int64) throws -> [UInt8] {
        try world.proofToken([
            "iss": quoted(World.client), "iat": nil, "exp": "\(world.now + exp)",
            "challenge": world.challengeJSON(),
        ])
    }

    @Test("RPL-04: fresh by its challenge for one attester, by its exp for the other: once in all")
    func twoAnchors() async throws {
        var (world, other) = try Self.world()
        let start = world.now
        let one = try world.attestationToken(["iss": quoted("https://a")])
        let two = try world.attestationToken(["iss": quoted("https://b")], by: other)
        let store = MemoryReplayStore(capacity: 100, began: UnixTime(start - 4000))
        let proof = try Self.proof(world, exp: 660)
        // Where no nonce is demanded, draft 05 has no use for the challenge.
        try world.verify(two, proof, at: .revocation)
        try await world.attest(one, proof, in: store)
        for second in 0...1400 as ClosedRange<Int64> {
            world.now = start + second
            for attestation in [one, two] {
                let again = try? await world.attest(
                    attestation, proof, at: .revocation, in: store)
                #expect(again == nil, "at \(second)")
            }
        }
    }

    @Test("POP-09: an exp that the other attester would take later is too far ahead for both")
    func capped() throws {
        let (world, _) = try Self.world()
        let one = try world.attestationToken(["iss": quoted("https://a")])
        try world.verify(one, Self.proof(world, exp: 660))
        refused(.pop(9)) { try world.verify(one, Self.proof(world, exp: 661)) }
    }

    @Test("POP-09: no cap for a client of draft 06 alone, whoever vouches for it")
    func narrowedClient() throws {
        let (world, _) = try Self.world(ProfileSet([.abca06]))
        let one = try world.attestationToken(["iss": quoted("https://a")])
        try world.verify(one, Self.proof(world, exp: 5000))
    }
}
