// SPDX-License-Identifier: Apache-2.0
// RPL-07 and RPL-09 second by second: crashes and clock steps open no window for a replay.

import ClientAttestation
import Octets
import Testing

/// One way a proof may look when it is accepted before a crash or a clock step.
struct AcceptedShape: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let profiles: [Profile]
    let mode: ChallengePolicy.Mode
    var nonceEndpoints: Set<ProtectedEndpoint> = []
    /// The edits of the proof, given the second of its acceptance.
    let edits: @Sendable (World) -> Edits

    static let all = [
        AcceptedShape(
            testDescription: "11, challenge required", profiles: [.abca11], mode: .required,
            edits: { ["challenge": $0.challengeJSON()] }),
        AcceptedShape(
            testDescription: "11, challenge required, iat 59 s ahead", profiles: [.abca11],
            mode: .required,
            edits: { ["challenge": $0.challengeJSON(), "iat": "\($0.now + 59)"] }),
        AcceptedShape(
            testDescription: "11, no challenges", profiles: [.abca11], mode: .off,
            edits: { _ in [:] }),
        AcceptedShape(
            testDescription: "11, no challenges, iat 60 s ahead", profiles: [.abca11],
            mode: .off, edits: { ["iat": "\($0.now + 60).9"] }),
        AcceptedShape(
            testDescription: "05, nonce", profiles: [.abca05], mode: .off,
            nonceEndpoints: [.token],
            edits: { $0.revision05(nonce: $0.challengeJSON(), ["exp": "\($0.now + 660)"]) }),
        AcceptedShape(
            testDescription: "05, no nonce, exp at the cap", profiles: [.abca05], mode: .off,
            edits: { $0.revision05(["exp": "\($0.now + 660)"]) }),
        AcceptedShape(
            testDescription: "05 and 11, a challenge, no iat", profiles: [.abca05, .abca11],
            mode: .required,
            edits: {
                $0.revision05(nil, ["exp": "\($0.now + 660)", "challenge": $0.challengeJSON()])
            }),
        AcceptedShape(
            testDescription: "06, a challenge is the anchor", profiles: [.abca06],
            mode: .required,
            edits: {
                ["iss": quoted(World.client), "iat": nil, "challenge": $0.challengeJSON()]
            }),
    ]

    func world() throws -> World {
        var world = try World(profiles, mode)
        world.nonceEndpoints = nonceEndpoints
        return world
    }
}

extension World {
    fileprivate func revision05(_ nonce: String?, _ more: Edits) -> Edits {
        revision05(nonce: nonce, more)
    }
}

@Suite("Start fence")
struct StartFenceTests {
    @Test(
        "RPL-07: accepted, killed, restarted, replayed at every second of the window: refused",
        arguments: AcceptedShape.all)
    func killAndReplay(shape: AcceptedShape) async throws {
        var world = try shape.world()
        let policy = try world.policy()
        let start = world.now
        let attestation = try world.attestationToken()
        let proof = try world.proofToken(shape.edits(world))
        let first = MemoryReplayStore(capacity: 100, began: UnixTime(start - 2000))
        try await world.attest(attestation, proof, in: first)
        // Restarted in the very second of the acceptance, and later.
        for down: Int64 in [0, 59] {
            let second = MemoryReplayStore(capacity: 100, began: UnixTime(start + down))
            for later in down...(down + 800) {
                world.now = start + later
                #expect(
                    await world.passes(attestation, proof, second, policy) == false,
                    "down \(down) s, replayed after \(later) s")
            }
            #expect(second.count == 0)
        }
    }

    @Test("RPL-07: the claim asks the store's own fence, whatever the verifier was told")
    func claimAsks() async throws {
        let world = try World()
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(world.now - 1))
        let request = try world.verify(
            world.attestationToken(), world.proofToken(), fence: nil)
        #expect(await request.answer(store, at: world.now) == .rpl(7))
        #expect(store.count == 0)
    }

    @Test("RPL-07: a store that finds out while it answers is believed")
    func raisedWhileAnswering() async throws {
        final class Forgetful: ReplayStore {
            let raised = Guarded<StartFence?>(nil)
            var fence: StartFence? { raised.withLock { $0 } }
            nonisolated(nonsending)
                func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
            {
                raised.withLock { $0 = StartFence(second: now - 1) }
                return .first
            }
        }
        let world = try World()
        let request = try world.verify(world.attestationToken(), world.proofToken())
        #expect(await request.answer(Forgetful(), at: world.now) == .rpl(7))
    }

    @Test("RPL-11: a store that forgot fences off what it may have held, also from clocks ahead")
    func forgets() async throws {
        for allowance: Int64 in [0, 5] {
            var world = try World([.abca11], .optional)
            world.challenge.clockAllowance = allowance
            let start = world.now
            let attestation = try world.attestationToken()
            // Accepted with a challenge of an instance whose clock is ahead, then forgotten.
            let proof = try world.proofToken([
                "challenge": world.challengeJSON(at: start + allowance)
            ])
            let store = ForgetfulStore(allowance: allowance)
            try await world.attest(attestation, proof, in: store)
            store.forget()
            // It finds out in answering: that answer does not count.
            await refused(.rpl(7), .busy) {
                try await world.attest(attestation, proof, in: store)
            }
            #expect(store.fence == StartFence(second: UnixTime(start + allowance)))
            for second in 0...(430 as Int64) {
                world.now = start + second
                let policy = try world.policy()
                #expect(await world.passes(attestation, proof, store, policy) == false)
                let fresh = try world.proofToken(["challenge": world.challengeJSON()])
                #expect(
                    await world.passes(attestation, fresh, store, policy) == (second > allowance))
            }
        }
    }

    @Test("RPL-07: BUSY through the first second, then an honest client is in after one retry")
    func honestWithChallenge() async throws {
        for mode in [ChallengePolicy.Mode.required, .optional] {
            var world = try World([.abca11], mode)
            let start = world.now
            let attestation = try world.attestationToken()
            let old = world.challengeJSON(at: start - 5)
            let store = MemoryReplayStore(capacity: 10, began: UnixTime(start))
            await refused(.rpl(7), .busy) {
                try await world.attest(
                    attestation, world.proofToken(["challenge": old]), in: store)
            }
            if mode == .required {
                // Nobody is handed a challenge of this second to come back with.
                await refused(.rpl(7), .busy) {
                    try await world.attest(attestation, world.proofToken(), in: store)
                }
            }
            // A challenge of the fence's own second is from before it, as far as is known.
            let same = world.challengeJSON(at: start)
            world.now = start + 1
            for stale in [old, same] {
                await refused(.rpl(7), .challenge) {
                    try await world.attest(
                        attestation, world.proofToken(["challenge": stale]), in: store)
                }
            }
            try await world.attest(
                attestation, world.proofToken(["challenge": world.challengeJSON()]), in: store)
        }
    }

    @Test("RPL-07: with nonces the fence answers as CHAL-06, and the fresh nonce passes")
    func honestWithNonce() async throws {
        var world = try World([.abca05])
        let start = world.now
        let attestation = try world.attestationToken()
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(start))
        let old = world.challengeJSON(at: start - 5)
        world.now = start + 1
        await refused(.rpl(7), .nonce) {
            try await world.attest(
                attestation, world.proofToken(world.revision05(nonce: old)), in: store)
        }
        try await world.attest(
            attestation, world.proofToken(world.revision05(nonce: world.challengeJSON())),
            in: store)
    }

    @Test("RPL-07: a nonce counts where none is demanded; what is no nonce of ours does not")
    func nonceWhereNoneIsDemanded() async throws {
        var world = try World([.abca05])
        let start = world.now
        let attestation = try world.attestationToken()
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(start))
        let old = world.challengeJSON(at: start - 5)
        world.now = start + 1
        for nonce in [old, #""not-ours""#] {
            await refused(.rpl(7), .attestation) {
                try await world.attest(
                    attestation, world.proofToken(world.revision05(nonce: nonce)), at: .revocation,
                    in: store)
            }
        }
        let fresh = try world.proofToken(world.revision05(nonce: world.challengeJSON()))
        try await world.attest(attestation, fresh, at: .revocation, in: store)
    }

    @Test("RPL-07: without challenges iat must be later than the fence and the skew")
    func withoutChallenges() async throws {
        var world = try World()
        let start = world.now
        let attestation = try world.attestationToken()
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(start))
        for second in [1, 30, 60] as [Int64] {
            world.now = start + second
            await refused(.rpl(7), .attestation) {
                try await world.attest(attestation, world.proofToken(), in: store)
            }
        }
        world.now = start + 61
        try await world.attest(attestation, world.proofToken(), in: store)
        world.now = start + 1
        world.proof.clockSkew = 0
        try await world.attest(attestation, world.proofToken(), in: store)
    }

    @Test("RPL-07: a proof with neither challenge nor iat waits until all before has expired")
    func expiryOnly() async throws {
        var world = try World([.abca05])
        world.nonceEndpoints = []
        let start = world.now
        let attestation = try world.attestationToken()
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(start))
        world.now = start + 720
        await refused(.rpl(7), .attestation) {
            try await world.attest(
                attestation, world.proofToken(world.revision05()), in: store)
        }
        world.now = start + 721
        try await world.attest(attestation, world.proofToken(world.revision05()), in: store)
    }

    @Test("RPL-07: no fence, no delay")
    func noFence() throws {
        let world = try World()
        try world.verify(world.attestationToken(), world.proofToken(), fence: nil)
        refused(.rpl(7)) {
            try world.verify(
                world.attestationToken(), world.proofToken(),
                fence: StartFence(second: UnixTime(world.now - 1)))
        }
    }
}

/// A store whose keys may get lost without its noticing until it is asked.
private final class ForgetfulStore: ReplayStore {
    private struct State {
        var keys: Set<ReplayKey> = []
        var hasForgotten = false
        var fence: StartFence?
    }

    private let allowance: Int64
    private let state = Guarded(State())

    init(allowance: Int64) {
        self.allowance = allowance
    }

    var fence: StartFence? { state.withLock { $0.fence } }

    func forget() {
        state.withLock {
            $0.keys = []
            $0.hasForgotten = true
        }
    }

    nonisolated(nonsending)
        func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
    {
        state.withLock {
            if $0.hasForgotten {
                $0.hasForgotten = false
                $0.fence = StartFence(second: now + allowance)
            }
            return $0.keys.insert(key).inserted ? .first : .replayed
        }
    }
}

/// A wall clock that tests move.
final class TestWall: Sendable {
    private let seconds: Guarded<Int64>
    init(_ seconds: Int64) { self.seconds = Guarded(seconds) }
    var now: UnixTime { UnixTime(seconds.withLock { $0 }) }
    func step(_ by: Int64) { seconds.withLock { $0 += by } }
}

/// What a clock told to keep.
final class KeptSecond: Sendable {
    private let seconds = Guarded<[UnixTime]>([])
    var all: [UnixTime] { seconds.withLock { $0 } }
    var second: UnixTime? { all.last }
    @Sendable func keep(_ second: UnixTime) { seconds.withLock { $0.append(second) } }
}

@Suite("Security clock")
struct SecurityClockTests {
    @Test("RPL-09: the clock follows the wall forwards and stands still while it is behind")
    func monotone() {
        let wall = TestWall(1000)
        let clock = SecurityClock(wall: { wall.now })
        #expect(clock.now() == UnixTime(1000))
        wall.step(5)
        #expect(clock.now() == UnixTime(1005))
        #expect(clock.lag == 0)
        wall.step(-100)
        #expect(clock.now() == UnixTime(1005))
        #expect(clock.lag == 100)
        wall.step(99)
        #expect(clock.now() == UnixTime(1005))
        wall.step(2)
        #expect(clock.now() == UnixTime(1006))
        #expect(clock.lag == 0)
    }

    @Test("RPL-09: a value kept by an earlier process is where the next begins")
    func floor() {
        let wall = TestWall(1000)
        let clock = SecurityClock(wall: { wall.now }, floor: UnixTime(1500))
        #expect(clock.now() == UnixTime(1500))
        #expect(clock.lag == 500)
        wall.step(501)
        #expect(clock.now() == UnixTime(1501))
    }

    @Test("RPL-09: every second is told before it is given out, once and in order")
    func onAdvance() {
        let wall = TestWall(1000)
        let told = KeptSecond()
        let clock = SecurityClock(wall: { wall.now }, onAdvance: told.keep)
        #expect(clock.now() == UnixTime(1000))
        #expect(clock.now() == UnixTime(1000))
        wall.step(3)
        #expect(clock.now() == UnixTime(1003))
        wall.step(-3)
        #expect(clock.now() == UnixTime(1003))
        #expect(told.all == [1000, 1003].map { UnixTime($0) })
    }

    @Test("RPL-09: many threads see one clock that never runs backwards", arguments: [true, false])
    func threads(hasCallback: Bool) async {
        let wall = TestWall(1000)
        let told = KeptSecond()
        let clock = SecurityClock(wall: { wall.now }, onAdvance: hasCallback ? told.keep : nil)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var last = UnixTime(0)
                    for step in 0..<2000 {
                        wall.step(step % 3 == 0 ? -2 : 2)
                        let now = clock.now()
                        #expect(now >= last)
                        if hasCallback { #expect((told.second ?? last) >= now) }
                        last = now
                    }
                }
            }
        }
    }

    @Test(
        "RPL-09: accepted, 600 s later the wall steps back 600 s, replayed for 1200 s: refused",
        arguments: AcceptedShape.all)
    func stepBack(shape: AcceptedShape) async throws {
        var world = try shape.world()
        let policy = try world.policy()
        let wall = TestWall(world.now)
        let clock = SecurityClock(wall: { wall.now })
        let store = MemoryReplayStore(capacity: 5000, began: clock.now() - 2000)
        let attestation = try world.attestationToken()
        let proof = try world.proofToken(shape.edits(world))
        world.now = clock.now().seconds
        try await world.attest(attestation, proof, in: store)
        let request = try world.verify(attestation, proof)
        for second in 0..<1800 {
            if second == 600 { wall.step(-600) }
            wall.step(1)
            world.now = clock.now().seconds
            #expect(
                await world.passes(attestation, proof, store, policy) == false, "after \(second) s")
            // Other traffic keeps sweeping the store.
            for id in 0..<4 {
                let other = ReplayKey(
                    issuer: octets("\(second)/\(id)"), thumbprint: request.thumbprint,
                    jwtID: [1])
                _ = store.claimNow(other, until: clock.now() + 1, now: clock.now())
            }
        }
    }

    @Test(
        "RPL-09: the wall glitches an hour forward and back, replayed all along: refused",
        arguments: AcceptedShape.all)
    func glitchForward(shape: AcceptedShape) async throws {
        var world = try shape.world()
        let policy = try world.policy()
        let wall = TestWall(world.now)
        let clock = SecurityClock(wall: { wall.now })
        let store = MemoryReplayStore(capacity: 100, began: clock.now() - 5000)
        let attestation = try world.attestationToken(["exp": "\(world.now + 20_000)"])
        let proof = try world.proofToken(shape.edits(world))
        try await world.attest(attestation, proof, in: store)
        wall.step(3600)
        world.now = clock.now().seconds
        #expect(await world.passes(attestation, proof, store, policy) == false)
        wall.step(-3600)
        for second in 0..<1200 {
            wall.step(1)
            world.now = clock.now().seconds
            #expect(
                await world.passes(attestation, proof, store, policy) == false, "after \(second) s")
        }
        #expect(clock.lag == 2400)
    }

    @Test(
        "RPL-09: stepped back and restarted with the kept second, replayed at every second: refused",
        arguments: AcceptedShape.all)
    func stepBackAndRestart(shape: AcceptedShape) async throws {
        for back: Int64 in [1, 600, 3600] {
            var world = try shape.world()
            let policy = try world.policy()
            let wall = TestWall(world.now)
            let kept = KeptSecond()
            let clock = SecurityClock(wall: { wall.now }, onAdvance: kept.keep)
            let store = MemoryReplayStore(capacity: 100, began: clock.now() - 2000)
            let attestation = try world.attestationToken(["exp": "\(world.now + 20_000)"])
            let proof = try world.proofToken(shape.edits(world))
            world.now = clock.now().seconds
            try await world.attest(attestation, proof, in: store)

            wall.step(-back)
            let next = SecurityClock(wall: { wall.now }, floor: kept.second)
            let emptied = MemoryReplayStore(capacity: 100, began: next.now())
            for second in stride(from: 0, to: 900 + back, by: back > 600 ? 7 : 1) {
                world.now = next.now().seconds
                #expect(
                    await world.passes(attestation, proof, emptied, policy) == false,
                    "back \(back) s, after \(second) s")
                wall.step(back > 600 ? 7 : 1)
            }
        }
    }
}
