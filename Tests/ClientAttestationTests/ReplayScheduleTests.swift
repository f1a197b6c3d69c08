// SPDX-License-Identifier: Apache-2.0
// Random schedules of requests, replays, clock steps, restarts and reloads against one oracle:
// nothing is accepted twice.

import ClientAttestation
import Octets
import Testing

/// How a request proves its key, and what makes it fresh.
struct ScheduleMode: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let prepare: @Sendable (inout World) -> Void
    /// A new proof of possession or DPoP proof.
    let proofs: @Sendable (World) throws -> (proof: [UInt8]?, dpop: [UInt8]?)

    static let all = [
        ScheduleMode(
            testDescription: "05, nonce", prepare: { $0.profiles = [.abca05] },
            proofs: {
                (try $0.proofToken($0.revision05(nonce: $0.challengeJSON())), nil)
            }),
        ScheduleMode(
            testDescription: "06, a challenge is the anchor", prepare: { $0.profiles = [.abca06] },
            proofs: {
                let edits: Edits = [
                    "iss": quoted(World.client), "iat": nil, "challenge": $0.challengeJSON(),
                ]
                return (try $0.proofToken(edits), nil)
            }),
        ScheduleMode(
            testDescription: "11, challenge", prepare: { _ in },
            proofs: { (try $0.proofToken(["challenge": $0.challengeJSON()]), nil) }),
        ScheduleMode(
            testDescription: "11, no challenges, a minute ahead",
            prepare: { $0.challenge.mode = .off },
            proofs: { (try $0.proofToken(["iat": "\($0.now + 60)"]), nil) }),
        ScheduleMode(
            testDescription: "11, challenges that count once and clocks that are off",
            prepare: {
                $0.challenge.singleUse = true
                $0.proof.challengeSkew = 3600
            },
            proofs: {
                (
                    try $0.proofToken([
                        "iat": "\($0.now + 3000)", "challenge": $0.challengeJSON(),
                    ]), nil
                )
            }),
        ScheduleMode(
            testDescription: "10, combined",
            prepare: {
                $0.profiles = [.abca10]
                $0.allowCombined()
            }, proofs: { (nil, try $0.dpopToken(["nonce": $0.challengeJSON(.any)])) }),
        ScheduleMode(
            testDescription: "11, combined, nonces of the gateway",
            prepare: {
                $0.allowCombined()
                $0.dpop.nonceOwner = .gateway
            }, proofs: { (nil, try $0.dpopToken(["nonce": $0.challengeJSON(.dpop)])) }),
        ScheduleMode(
            testDescription: "11, combined, no nonces",
            prepare: {
                $0.challenge.mode = .off
                $0.allowCombined()
            }, proofs: { (nil, try $0.dpopToken(["iat": "\($0.now + 60)"])) }),
    ]
}

extension World {
    fileprivate mutating func allowCombined() {
        client = AttestedClient(
            clientID: client.clientID, methods: [.attestationPoPJWT, .dpopCombined])
    }
}

/// One gateway's life: clock, replay set, policy, and all that was ever sent to it.
private struct Life {
    private struct Sent {
        let attestation: [UInt8]
        let proof: [UInt8]?
        let dpop: [UInt8]?
        var accepted = false
    }

    private let mode: ScheduleMode
    private var world: World
    private var random: SplitMix
    private let wall: TestWall
    private var clock: SecurityClock
    private var memory: MemoryReplayStore
    private var store: ScopedReplayStore<MemoryReplayStore>
    private var door = ReplayDoor()
    private var reach = ProofReach()
    private var sent: [Sent] = []
    private var pending:
        [(index: Int, request: VerifiedRequest, store: ScopedReplayStore<MemoryReplayStore>)] = []
    private(set) var acceptedTwice = 0
    var accepted: Int { sent.count { $0.accepted } }

    init(_ mode: ScheduleMode, seed: UInt64) throws {
        self.mode = mode
        random = SplitMix(state: seed)
        world = try World([.abca11], .required)
        mode.prepare(&world)
        let wall = TestWall(world.now)
        self.wall = wall
        clock = SecurityClock(wall: { wall.now })
        memory = MemoryReplayStore(capacity: 10_000, began: clock.now())
        store = ScopedReplayStore(memory, door: door)
        reach.include(try world.policy())
    }

    /// The next event.
    mutating func step() async throws {
        world.now = clock.now().seconds
        switch Int.random(in: 0..<100, using: &random) {
        case ..<25: try await send()
        case ..<65: await replay()
        case ..<82: wall.step(pick([1, 1, 5, 60, 200, 430]))
        case ..<85: wall.step(-pick([1, 60, 300]))
        case ..<87: restart()
        case ..<92: try reload()
        default: await finishPending()
        }
    }

    private mutating func pick(_ values: [Int64]) -> Int64 {
        values.randomElement(using: &random) ?? 1
    }

    private mutating func send() async throws {
        let proofs = try mode.proofs(world)
        sent.append(
            Sent(
                attestation: try world.attestationToken(), proof: proofs.proof, dpop: proofs.dpop))
        await attempt(sent.count - 1)
    }

    private mutating func replay() async {
        guard !sent.isEmpty else { return }
        await attempt(Int.random(in: max(0, sent.count - 12)..<sent.count, using: &random))
    }

    /// Judges a request and claims it, now or after what else happens meanwhile.
    private mutating func attempt(_ index: Int) async {
        let one = sent[index]
        let request = try? world.verify(
            one.attestation, one.proof, dpop: one.dpop, fence: store.fence)
        guard let request else { return }
        pending.append((index, request, store))
        if Int.random(in: 0..<4, using: &random) > 0 { await finishPending() }
    }

    private mutating func finishPending() async {
        for one in pending {
            let answer = await one.request.answer(one.store, at: clock.now().seconds)
            guard answer == nil else { continue }
            if sent[one.index].accepted { acceptedTwice += 1 }
            sent[one.index].accepted = true
        }
        pending = []
    }

    /// Killed and started again with the second it kept; what was in flight is gone.
    private mutating func restart() {
        let wall = wall
        clock = SecurityClock(wall: { wall.now }, floor: clock.now())
        memory = MemoryReplayStore(capacity: 10_000, began: clock.now())
        door = ReplayDoor()
        store = ScopedReplayStore(memory, door: door)
        pending = []
    }

    /// Other windows, wider or narrower; what is in flight keeps the policy it was judged by.
    private mutating func reload() throws {
        let before = try world.policy()
        world.proof.maxAge = pick([120, 300, 600])
        world.challenge.lifetime = pick([60, 300, 1200])
        world.generation += 1
        let after = try world.policy()
        var fence = store.raised
        if after.widens(before) {
            door.close()
            door = ReplayDoor()
            fence = StartFence(second: clock.now(), reach: reach).joined(with: fence)
        }
        store = ScopedReplayStore(memory, fence: fence, door: door)
        reach.include(after)
    }
}

/// A generator that gives the same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

@Suite("Replays under random schedules")
struct ReplayScheduleTests {
    @Test(
        "RPL-03, RPL-07, RPL-09, RPL-12, DPOP-12: never a second acceptance",
        arguments: ScheduleMode.all, [1, 2, 3, 4] as [UInt64])
    func neverTwice(mode: ScheduleMode, seed: UInt64) async throws {
        var life = try Life(mode, seed: seed)
        for _ in 0..<400 { try await life.step() }
        #expect(life.acceptedTwice == 0, "seed \(seed)")
        #expect(life.accepted >= 3)
    }
}
