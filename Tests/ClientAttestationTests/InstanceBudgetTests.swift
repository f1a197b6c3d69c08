// SPDX-License-Identifier: Apache-2.0
// RPL-13: one instance fills neither the replay set nor the table that counts it.

import Cryptography
import JOSE
import Octets
import Testing

@testable import ClientAttestation

@Suite("Entries of one instance")
struct InstanceBudgetTests {
    private static func key() throws -> InstanceKey {
        InstanceKey(issuer: octets("https://as.example.com"), thumbprint: try thumbprint())
    }

    /// The thumbprint of nobody's key.
    private static func thumbprint() throws -> JWKThumbprint {
        try #require(JWKThumbprint(bytes: Random.bytes(32)))
    }

    /// How many single entries the key gets at once.
    private static func burst(
        _ budget: InstanceBudget, _ key: InstanceKey, held: Int64 = 362, at now: Int64
    ) -> Int {
        var count = 0
        while count < 100_000, budget.take(1, heldFor: held, by: key, now: UnixTime(now)) {
            count += 1
        }
        return count
    }

    @Test(
        "RPL-13: one instance at full speed never holds more than its share",
        arguments: [
            10, 100, 1000, 7919,
        ])
    func fullSpeed(perKey: Int) throws {
        let budget = InstanceBudget(perKey: perKey)
        let key = try Self.key()
        var live: [Int64] = []
        var most = 0
        for second in 0..<(2000 as Int64) {
            live.removeAll { $0 < second }
            let count = Self.burst(budget, key, at: 1_800_000_000 + second)
            live += Array(repeating: second + 362, count: count)
            most = max(most, live.count)
        }
        #expect(most <= perKey)
        #expect(most >= perKey * 9 / 10 - 1)
    }

    @Test("RPL-13: with lifetimes that change the bound holds")
    func mixedLifetimes() throws {
        var random = SystemRandomNumberGenerator()
        let budget = InstanceBudget(perKey: 100)
        let key = try Self.key()
        var live: [Int64] = []
        for second in 0..<(4000 as Int64) {
            live.removeAll { $0 < second }
            for _ in 0..<200 {
                let held = Int64([3, 60, 362, 722].randomElement(using: &random) ?? 3)
                if budget.take(1, heldFor: held, by: key, now: UnixTime(second)) {
                    live.append(second + held)
                }
            }
            #expect(live.count <= 100)
        }
    }

    @Test("RPL-13: the limit is of one key at one AS; the others never notice")
    func others() throws {
        let budget = InstanceBudget(perKey: 100)
        let thumbprint = try Self.thumbprint()
        let greedy = InstanceKey(issuer: octets("https://one"), thumbprint: thumbprint)
        #expect(Self.burst(budget, greedy, at: 1000) == 50)
        let elsewhere = InstanceKey(issuer: octets("https://two"), thumbprint: thumbprint)
        #expect(Self.burst(budget, elsewhere, at: 1000) == 50)
        for _ in 0..<1000 {
            #expect(try budget.take(1, heldFor: 362, by: Self.key(), now: UnixTime(1000)))
        }
        #expect(Self.burst(budget, greedy, at: 1000) == 0)
    }

    @Test("RPL-13: more keys than places: nobody honest is refused, the greedy key stays refused")
    func crowd() throws {
        let budget = InstanceBudget(perKey: 100)
        let greedy = try Self.key()
        #expect(Self.burst(budget, greedy, at: 1000) == 50)
        for _ in 0..<200_000 {
            #expect(try budget.take(1, heldFor: 362, by: Self.key(), now: UnixTime(1000)))
        }
        #expect(Self.burst(budget, greedy, at: 1000) == 0)
    }

    @Test("RPL-13: what was not held is given back")
    func givenBack() throws {
        let budget = InstanceBudget(perKey: 100)
        let key = try Self.key()
        for _ in 0..<1000 {
            #expect(budget.take(2, heldFor: 362, by: key, now: UnixTime(1000)))
            budget.giveBack(2, heldFor: 362, by: key)
        }
        #expect(Self.burst(budget, key, at: 1000) == 50)
        budget.giveBack(0, heldFor: 362, by: key)
        #expect(Self.burst(budget, key, at: 1000) == 0)
        // A new limit counts on with what is held.
        #expect(Self.burst(budget.with(perKey: 1000), key, at: 1000) == 0)
        #expect(Self.burst(budget.with(perKey: 1000), key, at: 1362) == 500)
    }

    @Test("RPL-13: all threads count together")
    func threads() async throws {
        let budget = InstanceBudget(perKey: 1000)
        let key = try Self.key()
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { Self.burst(budget, key, at: 1000) } }
            return await group.reduce(0, +)
        }
        #expect(taken == 500)
    }

    @Test("RPL-13: too many is H429, and a replay by somebody else costs the key nothing")
    func claims() async throws {
        let world = try World()
        let store = MemoryReplayStore(capacity: 1000, began: UnixTime(world.now - 2000))
        let budget = InstanceBudget(perKey: 10)
        let attestation = try world.attestationToken()
        func claim(_ proof: [UInt8]) async throws {
            let request = try world.verify(attestation, proof)
            _ = try await request.claim(in: store, budget: budget, now: UnixTime(world.now))
        }
        let proof = try world.proofToken()
        try await claim(proof)
        for _ in 0..<100 { await refused(.rpl(3)) { try await claim(proof) } }
        for _ in 0..<4 { try await claim(world.proofToken()) }
        #expect(store.count == 5)
        await refused(.rpl(13), .tooManyRequests) { try await claim(world.proofToken()) }
        #expect(store.count == 5)
        let response = RefusalResponse(
            .tooManyRequests, errors: world.errors, RefusalResponse.Circumstances())
        #expect(response.status == 429 && response.retryAfter != nil && response.error == nil)
        // Another instance of the same client.
        let other = try TestKey()
        let request = try world.verify(
            world.attestationToken(holder: other), world.proofToken(by: other))
        _ = try await request.claim(in: store, budget: budget, now: UnixTime(world.now))
    }
}
