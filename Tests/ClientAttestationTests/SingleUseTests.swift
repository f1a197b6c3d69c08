// SPDX-License-Identifier: Apache-2.0
// CHAL-22 and CHAL-26: challenges that count once, and the clocks that may be a day off with them.

import ClientAttestation
import Octets
import Testing

@Suite("Single-use challenges")
struct SingleUseTests {
    private static func world(
        _ profiles: [Profile] = [.abca11], skew: Int64 = 0
    ) throws -> World {
        var world = try World(profiles, .required)
        world.challenge.singleUse = true
        world.proof.challengeSkew = skew
        return world
    }

    private static func store(_ world: World) -> MemoryReplayStore {
        MemoryReplayStore(capacity: 1000, began: UnixTime(world.now - 4000))
    }

    @Test("CHAL-22: a second use is refused with a fresh challenge, through its last second")
    func secondUse() async throws {
        var world = try Self.world()
        let store = Self.store(world)
        let start = world.now
        let attestation = try world.attestationToken()
        let used = world.challengeJSON()
        try await world.attest(attestation, world.proofToken(["challenge": used]), in: store)
        #expect(store.count == 2)
        for second in [0, 1, 150, 299, 300] as [Int64] {
            world.now = start + second
            for _ in 0..<20 {
                let fresh = try world.proofToken(["challenge": world.challengeJSON()])
                try await world.attest(attestation, fresh, in: store)
            }
            await refused(.chal(22), .challenge) {
                try await world.attest(
                    attestation, world.proofToken(["challenge": used]), in: store)
            }
        }
        world.now = start + 301
        await refused(.chal(21), .challenge) {
            try await world.attest(attestation, world.proofToken(["challenge": used]), in: store)
        }
    }

    @Test("CHAL-22: two uses at the same time: one counts")
    func concurrent() async throws {
        let world = try Self.world()
        let store = Self.store(world)
        let attestation = try world.attestationToken()
        let challenge = world.challengeJSON()
        let requests = try (0..<50).map { _ in
            try world.verify(attestation, world.proofToken(["challenge": challenge]))
        }
        let now = world.now
        let answers = await withTaskGroup(of: RuleID?.self) { group in
            for request in requests { group.addTask { await request.answer(store, at: now) } }
            return await group.reduce(into: [RuleID?]()) { $0.append($1) }
        }
        #expect(answers.count { $0 == nil } == 1)
        #expect(answers.count { $0 == .chal(22) } == 49)
    }

    @Test("CHAL-22: a nonce of draft 05 too; off, a value serves many requests")
    func nonces() async throws {
        var world = try Self.world([.abca05])
        world.challenge.mode = .off
        let attestation = try world.attestationToken()
        let nonce = world.challengeJSON()
        func attest(_ store: MemoryReplayStore) async throws {
            try await world.attest(
                attestation, world.proofToken(world.revision05(nonce: nonce)), in: store)
        }
        let store = Self.store(world)
        try await attest(store)
        await refused(.chal(22), .nonce) { try await attest(store) }
        world.challenge.singleUse = false
        for _ in 0..<3 { try await attest(store) }
    }

    @Test("CHAL-22: a DPoP nonce is answered as one; one value in both proofs is one use")
    func dpopNonces() async throws {
        var world = try Self.world([.abca10])
        world.client = AttestedClient(
            clientID: world.client.clientID, methods: [.attestationPoPJWT, .dpopCombined])
        let store = Self.store(world)
        let attestation = try world.attestationToken()
        let value = world.challengeJSON(.any)
        try await world.attest(
            attestation, nil, dpop: world.dpopToken(["nonce": value]), in: store)
        await refused(.chal(22), .dpopNonce) {
            try await world.attest(
                attestation, nil, dpop: world.dpopToken(["nonce": value]), in: store)
        }
        // The same value as a challenge is used up as well.
        await refused(.chal(22), .challenge) {
            try await world.attest(
                attestation, world.proofToken(["challenge": value]), in: store)
        }
        world.dpop.nonceOwner = .gateway
        let both = world.challengeJSON(.any)
        let count = store.count
        try await world.attest(
            attestation, world.proofToken(["challenge": both]),
            dpop: world.dpopToken(["nonce": both]), in: store)
        #expect(store.count == count + 3)
    }

    @Test("CHAL-22: what is refused before has not used the challenge; a replay is a replay")
    func order() async throws {
        let world = try Self.world()
        let store = Self.store(world)
        let attestation = try world.attestationToken()
        let challenge = world.challengeJSON()
        await refused(.pop(4)) {
            try await world.attest(
                attestation, world.proofToken(["challenge": challenge, "aud": quoted("x")]),
                in: store)
        }
        let proof = try world.proofToken(["challenge": challenge])
        try await world.attest(attestation, proof, in: store)
        await refused(.rpl(3)) { try await world.attest(attestation, proof, in: store) }
    }

    @Test("CHAL-22: a challenge from before the fence may have been used: a fresh one is asked for")
    func fence() async throws {
        var world = try Self.world()
        let start = world.now
        let old = world.challengeJSON()
        let store = MemoryReplayStore(capacity: 100, began: UnixTime(start))
        world.now = start + 100
        let attestation = try world.attestationToken()
        // By its `iat` the proof is new, its challenge may not be.
        await refused(.rpl(7), .challenge) {
            try await world.attest(attestation, world.proofToken(["challenge": old]), in: store)
        }
        let fresh = try world.proofToken(["challenge": world.challengeJSON()])
        try await world.attest(attestation, fresh, in: store)
    }

    @Test("RPL-07, CHAL-22: the verifier asks the fence too, before the store is asked")
    func fenceAtOnce() throws {
        var world = try Self.world()
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.attestationPoPJWT, .dpopCombined])
        world.dpop.nonceOwner = .gateway
        let (challenge, nonce) = (world.challengeJSON(), world.challengeJSON(.dpop))
        let fence = StartFence(second: UnixTime(world.now))
        world.now += 100
        let attestation = try world.attestationToken()
        let proof = try world.proofToken(["challenge": challenge])
        let dpop = try world.dpopToken(["nonce": nonce])
        try world.verify(attestation, proof)
        try world.verify(attestation, nil, dpop: dpop)
        refused(.rpl(7), .challenge) { try world.verify(attestation, proof, fence: fence) }
        refused(.rpl(7), .dpopNonce) {
            try world.verify(attestation, nil, dpop: dpop, fence: fence)
        }
    }

    @Test("CHAL-16, CHAL-22: two issuer and purpose pairs whose concatenation is equal")
    func concatenation() async throws {
        let one = try Self.world([.abca11])
        var two = one
        // "https://x/d" and "pop" make the text of "https://x/" and "dpop".
        var first = one
        first.issuer = "https://x/d"
        two.issuer = "https://x/"
        let value = first.challengeJSON(.pop)
        refused(.chal(21), .challenge) {
            try two.verify(two.attestationToken(), two.proofToken(["challenge": value]))
        }
        var dpop = two
        dpop.profiles = [.abca11]
        dpop.dpop.nonceOwner = .gateway
        refused(.dpop(13), .dpopNonce) {
            try dpop.verify(
                dpop.attestationToken(),
                dpop.proofToken(["challenge": dpop.challengeJSON()]),
                dpop: dpop.dpopToken(["nonce": value]))
        }
        try first.verify(first.attestationToken(), first.proofToken(["challenge": value]))
        // And in the replay set: one random value used at one AS is unused at the other.
        let store = Self.store(one)
        try await first.attest(
            first.attestationToken(), first.proofToken(["challenge": value]), in: store)
        try await two.attest(
            two.attestationToken(), two.proofToken(["challenge": two.challengeJSON()]), in: store)
    }

    // MARK: CHAL-26

    @Test(
        "CHAL-26: with a verified challenge the clock may be off as far as is allowed, no further")
    func widened() async throws {
        let world = try Self.world(skew: 86_400)
        let store = Self.store(world)
        let attestation = try world.attestationToken()
        func answer(_ iat: Int64, _ more: Edits = [:]) async throws -> RuleID? {
            var edits = more
            edits["iat"] = "\(world.now + iat)"
            if edits["challenge"] == nil { edits["challenge"] = world.challengeJSON() }
            do {
                try await world.attest(attestation, world.proofToken(edits), in: store)
                return nil
            } catch let refusal as Refusal {
                return refusal.rule
            }
        }
        for iat in [0, -360, 60, 86_460, -86_760] as [Int64] {
            #expect(try await answer(iat) == nil, "\(iat)")
        }
        for iat in [86_461, -86_761] as [Int64] {
            #expect(try await answer(iat) == .pop(8), "\(iat)")
        }
        // A challenge that is not ours opens nothing.
        #expect(try await answer(3600, ["challenge": quoted("not-ours")]) == .chal(21))
    }

    @Test("CHAL-26: without a challenge the window is the plain one, an unverified one is refused")
    func unchallenged() throws {
        var world = try Self.world(skew: 3600)
        world.challenge.mode = .optional
        let attestation = try world.attestationToken()
        try world.verify(attestation, world.proofToken(["iat": "\(world.now + 60)"]))
        refused(.pop(8)) {
            try world.verify(attestation, world.proofToken(["iat": "\(world.now + 61)"]))
        }
        // A client that is not served challenges cannot widen its window by sending something.
        var old = try Self.world([.abca05, .abca11], skew: 3600)
        old.client = AttestedClient(
            clientID: old.client.clientID, profiles: ProfileSet([.abca05]))
        refused(.chal(26), .attestation) {
            try old.verify(
                old.attestationToken(),
                old.proofToken(
                    old.revision05(
                        nonce: nil,
                        [
                            "iat": "\(old.now)", "challenge": old.challengeJSON(),
                        ])), at: .revocation)
        }
    }

    @Test("CHAL-26: a nonce that is expired is not ignored where none is demanded")
    func ignoredNonce() async throws {
        var world = try Self.world([.abca05], skew: 86_400)
        world.challenge.mode = .off
        world.nonceEndpoints = [.token]
        world.challenge.lifetime = 60
        let start = world.now
        let store = Self.store(world)
        let proof = try world.proofToken(
            world.revision05(
                nonce: world.challengeJSON(),
                ["iat": "\(start + 40_000)", "exp": "\(start + 80_000)"]))
        let attestation = try world.attestationToken(["exp": "\(start + 80_000)"])
        try await world.attest(attestation, proof, in: store)
        for second in [61, 63, 39_940, 40_000, 40_360] as [Int64] {
            world.now = start + second
            await refused(.chal(26), .attestation) {
                try await world.attest(attestation, proof, at: .revocation, in: store)
            }
        }
    }

    @Test("RPL-04, CHAL-26: the entry lives as long as the challenge, not as the widened iat")
    func retention() async throws {
        var world = try Self.world(skew: 86_400)
        let now = world.now
        let recorder = Keeper()
        for iat in [-86_000, 0, 86_000] as [Int64] {
            let request = try world.verify(
                world.attestationToken(),
                world.proofToken([
                    "iat": "\(now + iat)", "challenge": world.challengeJSON(at: now - 10),
                ]))
            _ = try await request.claim(in: recorder, now: UnixTime(now))
        }
        #expect(recorder.ends == Array(repeating: UnixTime(now + 292), count: 6))
        // And every second of it the replay is one.
        let store = Self.store(world)
        let attestation = try world.attestationToken()
        let proof = try world.proofToken([
            "iat": "\(now + 86_000)", "challenge": world.challengeJSON(),
        ])
        try await world.attest(attestation, proof, in: store)
        for second in 1...(600 as Int64) {
            world.now = now + second
            await refused(
                second <= 300 ? .rpl(3) : .chal(21), second <= 300 ? .attestation : .challenge
            ) { try await world.attest(attestation, proof, in: store) }
        }
    }

    @Test("RPL-07, CHAL-26: only a younger challenge passes the fence")
    func fenceWithSkew() async throws {
        var world = try Self.world(skew: 86_400)
        let start = world.now
        let attestation = try world.attestationToken()
        let proof = try world.proofToken([
            "iat": "\(start + 80_000)", "challenge": world.challengeJSON(),
        ])
        let store = MemoryReplayStore(capacity: 100, began: UnixTime(start))
        for second in 1...(400 as Int64) {
            world.now = start + second
            #expect(await world.passes(attestation, proof, store, try world.policy()) == false)
        }
        let fresh = try world.proofToken(["challenge": world.challengeJSON()])
        try await world.attest(attestation, fresh, in: store)
    }

    @Test("RPL-12, CHAL-26: switched on or off, there is a fence; off, it reaches a day ahead")
    func switched() throws {
        let world = try Self.world(skew: 86_400)
        let with = try world.policy()
        var off = world
        off.proof.challengeSkew = 0
        off.challenge.mode = .off
        let without = try off.policy()
        #expect(with.widens(without) && without.widens(with))
        var reach = ProofReach()
        reach.include(with)
        let fence = StartFence(second: UnixTime(world.now), reach: reach)
        for (ahead, rule) in [(80_000, .rpl(7)), (86_460, .rpl(7)), (86_461, nil)]
            as [(Int64, RuleID?)]
        {
            off.now = world.now + ahead
            let attestation = try off.attestationToken()
            let proof = try off.proofToken()
            if let rule {
                refused(rule) { try off.verify(attestation, proof, fence: fence) }
            } else {
                try off.verify(attestation, proof, fence: fence)
            }
        }
    }

    @Test("RPL-12, CHAL-22: a longer life of challenges that count once widens")
    func longerLife() throws {
        var world = try Self.world()
        let before = try world.policy()
        world.challenge.lifetime += 1
        #expect(try world.policy().widens(before))
        #expect(try !before.widens(world.policy()))
    }
}

/// A store that remembers until when it was asked to hold.
private final class Keeper: ReplayStore {
    let fence: StartFence? = nil
    private let asked = Guarded<[UnixTime]>([])
    var ends: [UnixTime] { asked.withLock { $0 } }

    nonisolated(nonsending)
        func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
    {
        asked.withLock { $0.append(until) }
        return .first
    }
}
