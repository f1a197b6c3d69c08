// SPDX-License-Identifier: Apache-2.0
// RPL-12: a reload opens no window: what a new policy would accept again is behind a fence.

import ClientAttestation
import Octets
import Testing

@Suite("Replays over reloads")
struct ReplayReloadTests {
    /// A policy like `world`'s, altered.
    private static func policy(
        _ world: World, _ change: (inout World) -> Void = { _ in }
    ) throws -> VerificationPolicy {
        var world = world
        change(&world)
        return try world.policy()
    }

    @Test(
        "RPL-12: accepted at 0 s, 300 to 600 s at 430 s, replayed at each second from 440 s: refused"
    )
    func widerWindow() async throws {
        for ahead: Int64 in [0, 60] {
            var world = try World()
            let start = world.now
            let attestation = try world.attestationToken()
            let proof = try world.proofToken(["iat": "\(start + ahead)"])
            let memory = MemoryReplayStore(capacity: 100, began: UnixTime(start - 2000))
            try await world.attest(attestation, proof, in: memory)
            let narrow = try world.policy()
            world.proof.maxAge = 600
            let wide = try world.policy()
            #expect(wide.widens(narrow))
            // Without the fence it would pass: its entry has expired.
            world.now = start + 440
            let unfenced = try world.verify(attestation, proof, fence: memory.fence, policy: wide)
            #expect(unfenced.clientID == octets(World.client))

            var reach = ProofReach()
            reach.include(narrow)
            let fence = StartFence(second: UnixTime(start + 430), reach: reach)
            let store = ScopedReplayStore(memory, fence: fence)
            for second in 430...(800 as Int64) {
                world.now = start + second
                #expect(await world.passes(attestation, proof, store, wide) == false)
            }
            // An honest client: at once with a fresh challenge, else when the fence is past.
            world.now = start + 491
            #expect(await world.passes(attestation, try world.proofToken(), store, wide))
        }
    }

    @Test("RPL-12: a skew that shrinks with the reload does not shrink the fence")
    func shrinkingSkew() async throws {
        var world = try World()
        let start = world.now
        let attestation = try world.attestationToken()
        let proof = try world.proofToken(["iat": "\(start + 60)"])
        let memory = MemoryReplayStore(capacity: 100, began: UnixTime(start - 2000))
        try await world.attest(attestation, proof, in: memory)
        var reach = ProofReach()
        reach.include(try world.policy())
        world.proof.maxAge = 600
        world.proof.clockSkew = 0
        let policy = try world.policy()
        let store = ScopedReplayStore(
            memory, fence: StartFence(second: UnixTime(start), reach: reach))
        for second in 0...(700 as Int64) {
            world.now = start + second
            #expect(await world.passes(attestation, proof, store, policy) == false)
        }
    }

    @Test("RPL-12: fences add up")
    func joined() async throws {
        var world = try World()
        let start = UnixTime(world.now)
        var reach = ProofReach()
        world.proof.clockSkew = 300
        reach.include(try world.policy())
        let old = StartFence(second: start, reach: reach)
        world.proof.clockSkew = 0
        let policy = try world.policy()
        let fence = StartFence(second: start + 10).joined(with: old)
        #expect(fence.second == start + 10)
        let attestation = try world.attestationToken()
        for (iat, passes) in [(start + 11, false), (start + 300, false), (start + 301, true)] {
            world.now = iat.seconds
            let proof = try world.proofToken()
            let request = try? world.verify(attestation, proof, fence: fence, policy: policy)
            #expect((request != nil) == passes)
        }
        #expect(old.joined(with: nil) == old)
    }

    @Test("RPL-12: what is judged by the policy before is BUSY once its door is closed")
    func closedDoor() async throws {
        let world = try World()
        let memory = MemoryReplayStore(capacity: 100, began: UnixTime(world.now - 2000))
        let door = ReplayDoor()
        let store = ScopedReplayStore(memory, door: door)
        let request = try world.verify(world.attestationToken(), world.proofToken())
        door.close()
        #expect(await request.answer(store, at: world.now) == .rpl(7))
        #expect(memory.count == 0)
        await refused(.rpl(7), .busy) {
            try await world.attest(world.attestationToken(), world.proofToken(), in: store)
        }
        #expect(await request.answer(ScopedReplayStore(memory), at: world.now) == nil)
    }

    @Test("RPL-12: a door that closes while the store answers is closed for that answer too")
    func closedWhileAnswering() async throws {
        final class Slow: ReplayStore {
            let fence: StartFence? = nil
            let door = ReplayDoor()
            nonisolated(nonsending)
                func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
            {
                door.close()
                return .first
            }
        }
        let world = try World()
        let slow = Slow()
        let store = ScopedReplayStore(slow, door: slow.door)
        let request = try world.verify(world.attestationToken(), world.proofToken())
        #expect(await request.answer(store, at: world.now) == .rpl(7))
    }

    @Test("RPL-12: each setting that lengthens a window widens; the same and a narrower one do not")
    func whatWidens() throws {
        let world = try World([.abca11], .required)
        let before = try world.policy()
        let wider: [(inout World) -> Void] = [
            { $0.proof.maxAge += 1 },
            { $0.proof.clockSkew += 1 },
            { $0.proof.expiryCap += 1 },
            { $0.proof.audienceAliases = [octets("https://other.example.com")] },
            { $0.profiles = [.abca05, .abca11] },
            { $0.profiles = [.abca06] },
        ]
        for change in wider { #expect(try Self.policy(world, change).widens(before)) }
        let unverified = try Self.policy(world) { $0.dpop.owner = .pass }
        #expect(try Self.policy(world).widens(unverified))
        #expect(try !Self.policy(world) { $0.dpop.owner = .pass }.widens(before))
        let notWider: [(inout World) -> Void] = [
            { _ in },
            { $0.generation += 1 },
            { $0.proof.maxAge -= 1 },
            { $0.proof.clockSkew -= 1 },
            { $0.proof.expiryCap -= 1 },
            { $0.challenge.lifetime += 1 },
            { $0.challenge.mode = .optional },
            // Other drafts with the same anchor.
            { $0.profiles = [.abca10, .abca11] },
        ]
        for change in notWider { #expect(try !Self.policy(world, change).widens(before)) }
        let aliased = try Self.policy(world) { $0.proof.audienceAliases = [octets("x")] }
        #expect(!before.widens(aliased))
    }

    @Test("RPL-12: where a challenge is the anchor, its life is the window")
    func challengeLives() throws {
        for profiles: [Profile] in [[.abca06], [.abca06, .abca11]] {
            let world = try World(profiles, .required)
            let before = try world.policy()
            #expect(try Self.policy(world) { $0.challenge.lifetime += 1 }.widens(before))
            #expect(try Self.policy(world) { $0.challenge.clockAllowance += 1 }.widens(before))
            #expect(try !Self.policy(world) { $0.challenge.lifetime -= 1 }.widens(before))
        }
    }

    @Test("RPL-12: a mixture of anchors that stays as it is does not widen, a changed one does")
    func anchors() throws {
        let world = try World([.abca05, .abca06, .abca11], .required)
        let before = try world.policy()
        #expect(!before.widens(before))
        let clientNarrowed: (inout World) -> Void = {
            $0.client = AttestedClient(
                clientID: $0.client.clientID, profiles: ProfileSet([.abca11]))
        }
        #expect(try Self.policy(world, clientNarrowed).widens(before))
        #expect(try Self.policy(world) { $0.profiles = [.abca06, .abca11] }.widens(before))
    }
}

extension World {
    /// Whether the request passes all steps at this second.
    func passes(
        _ attestation: [UInt8], _ proof: [UInt8], _ store: some ReplayStore,
        _ policy: VerificationPolicy
    ) async -> Bool {
        (try? await attest(attestation, proof, in: store, policy: policy)) != nil
    }
}
