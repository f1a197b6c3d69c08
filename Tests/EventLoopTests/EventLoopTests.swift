// SPDX-License-Identifier: Apache-2.0
// The loop itself: where work runs, in which order, and how it sleeps and ends.
import Synchronization
import Testing

@testable import EventLoop

@Suite struct EventLoopTests {
    @Test("posts from many threads all run on the loop, in order for each sender")
    func crossThreadPosts() async throws {
        final class Tally {
            var last = [Int](repeating: -1, count: 4)
            var inOrder = true
        }
        let loop = EventLoop()
        let tally = try await { () async throws in
            loop.startThread(name: "posts")
            return await loop.call { loop in LoopBound(Tally(), on: loop) }
        }()
        await withTaskGroup { group in
            for sender in 0..<4 {
                group.addTask {
                    for number in 0..<2000 {
                        loop.post { loop in
                            let tally = tally.value(on: loop)
                            if tally.last[sender] != number - 1 || !loop.isCurrent {
                                tally.inOrder = false
                            }
                            tally.last[sender] = number
                        }
                    }
                }
            }
        }
        let result = await loop.call { loop in
            (tally.value(on: loop).last, tally.value(on: loop).inOrder)
        }
        #expect(result.0 == [1999, 1999, 1999, 1999])
        #expect(result.1)
        loop.stop()
        loop.join()
    }

    @Test("a spawned task stays on the loop across suspensions")
    func spawnStays() async throws {
        try await withLoop { loop in
            let done = Promise<Bool>()
            loop.spawn {
                var stayed = loop.isCurrent
                for _ in 0..<100 {
                    await Task.yield()
                    stayed = stayed && loop.isCurrent
                }
                await loop.sleep(until: .after(.milliseconds(1)))
                done.fulfil(stayed && loop.isCurrent)
            }
            #expect(await done.get())
            #expect(loop.isCurrent)
        }
    }

    @Test("work posted before the start runs after it")
    func earlyPost() async throws {
        let loop = EventLoop()
        let ran = Atomic(false)
        loop.post { loop in
            ran.store(true, ordering: .relaxed)
            loop.stop()
        }
        loop.run()
        let hasRun = ran.load(ordering: .relaxed)
        #expect(hasRun)
        #expect(!loop.isCurrent)
    }

    @Test("sleeps end in the order of their deadlines and never early")
    func sleeps() async throws {
        try await withLoop { loop in
            let order = Promise<[Int]>()
            var woken: [Int] = []
            for delay in [60, 20, 40] {
                loop.spawn {
                    let deadline = Deadline.after(.milliseconds(delay))
                    await loop.sleep(until: deadline)
                    #expect(deadline.isPast)
                    woken.append(delay)
                    if woken.count == 3 { order.fulfil(woken) }
                }
            }
            #expect(await order.get() == [20, 40, 60])
        }
    }

    @Test("a cancelled or dropped timer does not fire; a repeating one does until dropped")
    func timers() async throws {
        try await withLoop { loop in
            let cancelled = LoopTimer(on: loop, after: .milliseconds(1)) {
                Issue.record("cancelled")
            }
            cancelled.cancel()
            _ = LoopTimer(on: loop, after: .milliseconds(1)) { Issue.record("dropped") }
            let third = Promise<Bool>()
            var count = 0
            var repeating: LoopTimer?
            repeating = LoopTimer(on: loop, every: .milliseconds(5)) {
                count += 1
                // Dropping a timer from its own action must be harmless.
                if count == 3 {
                    repeating = nil
                    third.fulfil(true)
                }
            }
            #expect(await third.get())
            #expect(repeating == nil)
            await loop.sleep(until: .after(.milliseconds(30)))
            #expect(count == 3)
        }
    }

    @Test("a boxed value dropped on another thread is released on its loop")
    func boxGoesHome() async throws {
        final class Witness {
            let loop: EventLoop
            let released: @Sendable (Bool) -> Void
            init(_ loop: EventLoop, _ released: @escaping @Sendable (Bool) -> Void) {
                self.loop = loop
                self.released = released
            }
            deinit { released(loop.isCurrent) }
        }
        let loop = EventLoop()
        loop.startThread(name: "box")
        let atHome: Bool = await withCheckedContinuation { done in
            Task {
                let box = await loop.call { loop in
                    LoopBound(Witness(loop) { done.resume(returning: $0) }, on: loop)
                }
                withExtendedLifetime(box) {}
            }
        }
        #expect(atHome)
        loop.stop()
        loop.join()
    }

    @Test("stopping a loop ends the waits on its streams")
    func stopEndsWaits() async throws {
        let loop = EventLoop()
        loop.startThread(name: "stop")
        let (ends, report) = AsyncStream.makeStream(of: StreamError.self)
        try await loop.call { loop in
            let pair = try await StreamPair.connected(on: loop)
            loop.spawn {
                do throws(StreamError) {
                    _ = try await pair.server.read(deadline: .never)
                } catch {
                    report.yield(error)
                }
                withExtendedLifetime(pair.client) {}
            }
        }
        loop.stop()
        loop.join()
        for await end in ends {
            #expect(end == .closed)
            break
        }
    }

    @Test("an object of a loop used elsewhere stops the program")
    func confinement() async {
        await #expect(processExitsWith: .failure) {
            let loop = EventLoop()
            loop.startThread(name: "other")
            loop.spawn {}
        }
    }

    @Test("SIGTERM, SIGINT and SIGHUP arrive on the loop, and SIGPIPE kills nobody")
    func signals() async {
        await #expect(processExitsWith: .success) {
            try await withLoop { loop in
                for kind in LoopSignal.Kind.allCases { await receive(kind, on: loop) }
            }
            raiseInProcess(13)
        }
    }

    @Test("deadlines saturate instead of overflowing")
    func deadlineEdges() {
        #expect(Deadline.after(.seconds(Int64.max)) == .never)
        #expect(!Deadline.never.isPast)
        #expect(Deadline.after(.seconds(-5)).isPast)
        #expect(Deadline.after(.seconds(5)) < .after(.seconds(50)))
        #expect(Deadline.after(.seconds(5)).remaining <= .seconds(5))
        #expect(Deadline.now.remaining == .zero)
        #expect(Deadline.never.remaining > .seconds(1_000_000))
    }
}

private func receive(_ kind: LoopSignal.Kind, on loop: EventLoop) async {
    let arrived = Promise<Bool>()
    let signal = LoopSignal(kind, on: loop) { arrived.fulfil(true) }
    raiseInProcess(kind.number)
    #expect(await arrived.get())
    withExtendedLifetime(signal) {}
}
