// SPDX-License-Identifier: Apache-2.0
// RPL-01 to RPL-06, RPL-08, RPL-10: one proof, one request; and the store that sees to it.

import ClientAttestation
import Cryptography
import JOSE
import Octets
import Testing

@Suite("Replay detection")
struct ReplayTests {
    static func store(_ world: World, capacity: Int = 1000) -> MemoryReplayStore {
        // Long ago, so that the start fence is passed.
        MemoryReplayStore(capacity: capacity, began: UnixTime(world.now - 2000))
    }

    @Test("RPL-01: the same request a second time is refused, in every profile")
    func secondTime() async throws {
        for profile in [Profile.abca05, .abca11] {
            var world = try World([profile])
            world.nonceEndpoints = []
            let store = Self.store(world)
            let attestation = try world.attestationToken()
            let proof = try world.proofToken(profile == .abca05 ? world.revision05() : [:])
            let instance = try await world.attest(attestation, proof, in: store)
            #expect(instance.clientID == octets(World.client))
            #expect(instance.attesterID == "provider")
            #expect(instance.method == .attestationPoPJWT)
            #expect(instance.profileGuess == profile)
            for _ in 0..<3 {
                await refused(.rpl(3)) {
                    try await world.attest(attestation, proof, in: store)
                }
            }
        }
    }

    @Test("RPL-02: one jti is new for another key and at another issuer")
    func scope() async throws {
        let world = try World()
        let store = Self.store(world)
        let jti: Edits = ["jti": quoted("one")]
        try await world.attest(world.attestationToken(), world.proofToken(jti), in: store)
        let other = try TestKey()
        try await world.attest(
            world.attestationToken(holder: other), world.proofToken(jti, by: other), in: store)

        var elsewhere = world
        elsewhere.issuer = "https://two.example.com"
        try await elsewhere.attest(
            elsewhere.attestationToken(), elsewhere.proofToken(jti), in: store)
        await refused(.rpl(3)) {
            try await world.attest(world.attestationToken(), world.proofToken(jti), in: store)
        }
    }

    @Test("RPL-02: fields cannot run into each other")
    func framing() throws {
        let jwk = try TestKey()
        let set = try jwk.set()
        let thumbprint = try #require(set.keys.first).thumbprint
        let one = ReplayKey(
            issuer: octets("https://x"), thumbprint: thumbprint, jwtID: octets("ab"))
        let other = ReplayKey(
            issuer: octets("https://xa"), thumbprint: thumbprint, jwtID: octets("b"))
        #expect(one != other)
        var fields = LengthPrefixed()
        fields.append("abca-jti")
        fields.append(octets("https://x"))
        fields.append(thumbprint.bytes)
        fields.append(octets("ab"))
        #expect(one.bytes == Digest.sha256(fields.bytes))
    }

    @Test("RPL-03, RPL-08: a claim that is answered at once is refused like one that waits")
    func claimNow() throws {
        let world = try World()
        let store = MemoryReplayStore(capacity: 1, began: UnixTime(world.now - 4000))
        let attestation = try world.attestationToken()
        let request = try world.verify(attestation, world.proofToken())
        _ = try request.claimNow(in: store, now: UnixTime(world.now))
        refused(.rpl(3)) { try request.claimNow(in: store, now: UnixTime(world.now)) }
        let other = try world.verify(attestation, world.proofToken())
        refused(.rpl(8), .busy) { try other.claimNow(in: store, now: UnixTime(world.now)) }
    }

    @Test("RPL-03: of many identical requests at once exactly one passes")
    func concurrent() async throws {
        let world = try World()
        let store = Self.store(world)
        let request = try world.verify(world.attestationToken(), world.proofToken())
        let now = UnixTime(world.now)
        for _ in 0..<20 {
            let key = ReplayKey(
                issuer: octets(World.newID()), thumbprint: request.thumbprint, jwtID: [1])
            let firsts = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        await store.claim(key, until: now + 10, now: now) == .first
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(firsts == 1)
        }
    }

    @Test("RPL-04: a replay is one up to the last second of the window, which is POP-08's end")
    func retention() async throws {
        for ahead: Int64 in [0, 59, 60] {
            var world = try World()
            let store = Self.store(world)
            let start = world.now
            let attestation = try world.attestationToken()
            let proof = try world.proofToken(["iat": "\(start + ahead).7"])
            try await world.attest(attestation, proof, in: store)
            for second in [1, 299, 300, 359, 360, 361, 418, 419, 420] as [Int64]
            where second <= 360 + ahead {
                world.now = start + second
                // Other claims move the store's clock on and sweep it.
                for _ in 0..<20 {
                    try await world.attest(attestation, world.proofToken(), in: store)
                }
                await refused(.rpl(3)) {
                    try await world.attest(attestation, proof, in: store)
                }
            }
            world.now = start + 360 + ahead + 1
            await refused(.pop(8)) { try await world.attest(attestation, proof, in: store) }
        }
    }

    @Test("RPL-04: where exp is the anchor a replay is one until exp and skew have passed")
    func retentionByExpiry() async throws {
        var world = try World([.abca05])
        world.nonceEndpoints = []
        let start = world.now
        let attestation = try world.attestationToken()
        for exp in ["\(start + 660)", "\(start + 659).25", "\(start + 10)"] {
            world.now = start
            let store = Self.store(world)
            let proof = try world.proofToken(world.revision05(["exp": exp]))
            let request = try world.verify(attestation, proof)
            #expect(await request.answer(store, at: start) == nil)
            var last: Int64 = start
            for second in 1...725 as ClosedRange<Int64> {
                world.now = start + second
                guard let again = try? world.verify(attestation, proof) else { continue }
                last = world.now
                #expect(await again.answer(store, at: world.now) == .rpl(3))
            }
            #expect(last >= start + 69)
        }
    }

    @Test("RPL-04: a claim that comes after the proof's window is refused, not taken for new")
    func lateClaim() async throws {
        let world = try World()
        let store = Self.store(world)
        let request = try world.verify(world.attestationToken(), world.proofToken())
        #expect(await request.answer(store, at: world.now + 361) == .rpl(4))
        #expect(store.count == 0)
        #expect(await request.answer(store, at: world.now + 360) == nil)
    }

    @Test("RPL-04: an entry does not stay longer than a replay could come, and two seconds")
    func release() async throws {
        let world = try World()
        let recorder = Recorder()
        let now = world.now
        func heldUntil(_ claims: Edits, _ world: World) async throws -> Int64 {
            let request = try world.verify(world.attestationToken(), world.proofToken(claims))
            _ = try await request.claim(in: recorder, now: UnixTime(now))
            return recorder.until.withLock { $0.seconds }
        }
        #expect(try await heldUntil([:], world) == now + 362)
        #expect(try await heldUntil(["iat": "\(now + 60)"], world) == now + 422)
        #expect(try await heldUntil(["iat": "\(now - 360).5"], world) == now + 2)

        var challenged = try World([.abca11], .required)
        challenged.challenge.lifetime = 300
        let old = challenged.challengeJSON(at: now - 10)
        #expect(
            try await heldUntil(["iat": "\(now - 300)", "challenge": old], challenged)
                == now + 292)
        // Never beyond 2 * skew + max(max_age, exp_cap) from now, and the rounding.
        challenged.challenge.lifetime = 86_400
        #expect(
            try await heldUntil(["iat": "\(now - 300)", "challenge": old], challenged)
                == now + 722)

        var old05 = try World([.abca05])
        old05.nonceEndpoints = []
        let exp = old05.revision05(["exp": "\(now + 100).5"])
        #expect(try await heldUntil(exp, old05) == now + 163)
    }

    @Test("RPL-06: a store that cannot answer is BUSY, never a pass")
    func unavailable() async throws {
        struct Broken: ReplayStore {
            let fence: StartFence? = nil
            let answer: ReplayClaim
            nonisolated(nonsending)
                func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
            { answer }
        }
        let world = try World()
        let request = try world.verify(world.attestationToken(), world.proofToken())
        let now = UnixTime(world.now)
        await refused(.rpl(6), .busy) {
            try await request.claim(in: Broken(answer: .unavailable), now: now)
        }
        await refused(.rpl(8), .busy) {
            try await request.claim(in: Broken(answer: .full), now: now)
        }
        await refused(.rpl(3)) {
            try await request.claim(in: Broken(answer: .replayed), now: now)
        }
        _ = try await request.claim(in: Broken(answer: .first), now: now)
    }

    @Test("RPL-08: a full store refuses what is new and forgets nothing that lives")
    func full() async throws {
        let world = try World()
        let store = Self.store(world, capacity: 100)
        let attestation = try world.attestationToken()
        var proofs: [[UInt8]] = []
        for _ in 0..<100 {
            let proof = try world.proofToken()
            try await world.attest(attestation, proof, in: store)
            proofs.append(proof)
        }
        #expect(store.count == 100)
        for _ in 0..<10 {
            await refused(.rpl(8), .busy) {
                try await world.attest(attestation, world.proofToken(), in: store)
            }
        }
        for proof in proofs {
            await refused(.rpl(3)) { try await world.attest(attestation, proof, in: store) }
        }
        #expect(store.count == 100)
    }

    @Test("RPL-08: when entries have expired there is room again")
    func roomAgain() async throws {
        var world = try World()
        let store = Self.store(world, capacity: 2000)
        let request = try world.verify(world.attestationToken(), world.proofToken())
        func claims(_ count: Int) -> Int {
            let now = UnixTime(world.now)
            return (0..<count).count { _ in
                let key = ReplayKey(
                    issuer: Random.bytes(8), thumbprint: request.thumbprint, jwtID: [1])
                return store.claimNow(key, until: now + 100, now: now) == .first
            }
        }
        #expect(claims(2000) == 2000)
        #expect(claims(50) == 0)
        world.now += 100
        #expect(claims(50) == 0)
        world.now += 1
        // Refused claims sweep as they go: soon everything is free.
        #expect(claims(3000) >= 1500)
        #expect(store.count <= 2000)
    }

    @Test("RPL-10: a claimed jti is used up, whatever the AS did; errors before use up nothing")
    func consumption() async throws {
        let world = try World([.abca11], .required)
        let store = Self.store(world)
        let attestation = try world.attestationToken()
        let jti: Edits = ["jti": quoted("one")]
        await refused(.chal(20), .challenge) {
            try await world.attest(attestation, world.proofToken(jti), in: store)
        }
        await refused(.pop(4)) {
            try await world.attest(
                attestation, world.proofToken(["jti": quoted("one"), "aud": quoted("x")]),
                in: store)
        }
        #expect(store.count == 0)
        let proof = try world.proofToken([
            "jti": quoted("one"), "challenge": world.challengeJSON(),
        ])
        try await world.attest(attestation, proof, in: store)
        await refused(.rpl(3)) { try await world.attest(attestation, proof, in: store) }
        // The same jti in another proof, with a later iat and another challenge.
        await refused(.rpl(3)) {
            try await world.attest(
                attestation,
                world.proofToken([
                    "jti": quoted("one"), "iat": "\(world.now + 50)",
                    "challenge": world.challengeJSON(),
                ]), in: store)
        }
    }

    @Test("RPL-05: the other valid form of the signature is the same proof")
    func malleated() async throws {
        let world = try World()
        let store = Self.store(world)
        let attestation = try world.attestationToken()
        let proof = try world.proofToken()
        try await world.attest(attestation, proof, in: store)
        let other = try #require(negatedSignature(proof))
        #expect(other != proof)
        try world.verify(attestation, other)
        await refused(.rpl(3)) { try await world.attest(attestation, other, in: store) }
    }
}

/// A store that remembers what it was last asked.
final class Recorder: ReplayStore {
    let fence: StartFence? = nil
    let until = Guarded(UnixTime(0))

    nonisolated(nonsending)
        func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
    {
        self.until.withLock { $0 = until }
        return .first
    }
}

@Suite("Memory replay store")
struct MemoryReplayStoreTests {
    @Test("RPL-03, RPL-04, RPL-08: the store agrees with a plain dictionary over time")
    func model() throws {
        let store = MemoryReplayStore(capacity: 300, began: UnixTime(1000))
        let set = try TestKey().set()
        let thumbprint = try #require(set.keys.first).thumbprint
        var generator = SystemRandomNumberGenerator()
        var model: [Int: Int64] = [:]
        var now: Int64 = 1001
        for step in 0..<40_000 {
            if step % 25 == 0 { now += Int64.random(in: 0...3, using: &generator) }
            let id = Int.random(in: 0..<2000, using: &generator)
            let until = now + Int64.random(in: 0...60, using: &generator)
            let key = ReplayKey(
                issuer: [], thumbprint: thumbprint, jwtID: octets("\(id)"))
            let answer = store.claimNow(key, until: UnixTime(until), now: UnixTime(now))
            let isLive = model[id].map { $0 >= now } ?? false
            switch answer {
            case .first:
                #expect(!isLive, "a live key was forgotten")
                model[id] = until
            case .replayed:
                #expect(isLive, "an expired key was held")
            case .full:
                #expect(!isLive)
                #expect(store.count == 300)
            case .unavailable:
                Issue.record("there is an answer to every claim in time")
            }
            #expect(store.count <= 300)
        }
    }

    @Test("RPL-04: a key is held through its last second")
    func lastSecond() throws {
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(1000))
        let key = ReplayKey(
            issuer: [], thumbprint: try #require(try TestKey().set().keys.first).thumbprint,
            jwtID: [1])
        #expect(store.claimNow(key, until: UnixTime(1010), now: UnixTime(1001)) == .first)
        #expect(store.claimNow(key, until: UnixTime(1020), now: UnixTime(1010)) == .replayed)
        #expect(store.claimNow(key, until: UnixTime(1020), now: UnixTime(1011)) == .first)
        #expect(store.count == 1)
    }

    @Test("RPL-06: a claim after its own end has no answer, nor has one of an impossible time")
    func outOfTime() throws {
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(1_000_000))
        let key = ReplayKey(
            issuer: [], thumbprint: try #require(try TestKey().set().keys.first).thumbprint,
            jwtID: [1])
        let claim: (Int64, Int64) -> ReplayClaim = {
            store.claimNow(key, until: UnixTime($0), now: UnixTime($1))
        }
        #expect(claim(1_000_005, 1_000_006) == .unavailable)
        #expect(claim(.max, 1_000_000) == .unavailable)
        #expect(claim(.min, 1_000_000) == .unavailable)
        #expect(claim(1_000_000 + 1 << 33, 1_000_000) == .unavailable)
        #expect(claim(1_000_007, 1_000_006) == .first)
        // A thread that was long asleep brings an old time: the store knows better.
        #expect(claim(1_000_005, 1_000_001) == .unavailable)
    }

    @Test("RPL-03: many keys, each first once, while the tables grow")
    func growth() throws {
        let store = MemoryReplayStore(capacity: 100_000, began: UnixTime(1000))
        let thumbprint = try #require(try TestKey().set().keys.first).thumbprint
        let keys = (0..<20_000).map {
            ReplayKey(issuer: [], thumbprint: thumbprint, jwtID: octets("\($0)"))
        }
        let now = UnixTime(2000)
        #expect(keys.allSatisfy { store.claimNow($0, until: now + 60, now: now) == .first })
        #expect(store.count == 20_000)
        #expect(keys.allSatisfy { store.claimNow($0, until: now + 60, now: now) == .replayed })
    }
}

extension VerifiedRequest {
    /// The rule by which a claim is refused, nil if it is not.
    func answer(_ store: some ReplayStore, at now: Int64) async -> RuleID? {
        do {
            _ = try await claim(in: store, now: UnixTime(now))
            return nil
        } catch {
            return error.rule
        }
    }
}

/// The token with n - s in place of s, which verifies as well.
func negatedSignature(_ token: [UInt8]) -> [UInt8]? {
    guard let dot = token.lastIndex(of: UInt8(ascii: ".")),
        var signature = Base64URL.decode(token[(dot + 1)...]), signature.count == 64
    else { return nil }
    let order = Hex.decode(
        octets("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"))
    guard let order else { return nil }
    var borrow = 0
    for index in stride(from: 31, through: 0, by: -1) {
        var digit = Int(order[index]) - Int(signature[32 + index]) - borrow
        borrow = digit < 0 ? 1 : 0
        if digit < 0 { digit += 256 }
        signature[32 + index] = UInt8(digit)
    }
    return token[...dot] + Base64URL.encode(signature)
}
