// SPDX-License-Identifier: Apache-2.0
// The loop as Swift sees it: an actor whose jobs run on one thread around libevent.
import Glibc
import Octets

/// One thread with its sockets, timers and tasks.
///
/// Streams, listeners and timers are confined to a loop: they are not `Sendable`, are made on it
/// and never leave it. Tasks started with `spawn` run on it and may use them freely.
public actor EventLoop {
    /// The queue and the libevent base.
    nonisolated let executor = LoopExecutor()

    private nonisolated let threadHandle = Guarded<pthread_t?>(nil)

    /// Jobs of the actor run on the loop's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// A loop that runs nothing until `run` or `startThread`. Work may be posted to it before.
    public init() {}

    /// Whether the caller is on this loop's thread.
    public nonisolated var isCurrent: Bool { executor.isOnLoop }

    /// The monotonic time when the present turn of the loop began. Costs nothing to read; for
    /// deadlines, not for measuring. Only on the loop.
    public nonisolated var now: Deadline { executor.now }

    // MARK: Work

    /// Runs `body` on the loop, in the order of posting. Any thread; wakes the loop. Posts to a
    /// loop that has ended are never run.
    public nonisolated func post(_ body: @escaping @Sendable (isolated EventLoop) -> Void) {
        executor.send { self.assumeIsolated { body($0) } }
    }

    /// Starts a task on this loop. Only on the loop, also from synchronous callbacks there; the
    /// closure may capture objects of the loop.
    public nonisolated func spawn(_ body: @escaping () async -> Void) {
        executor.requireOnLoop()
        // The compiler cannot see that the task runs where `body` was made. It does: we are on the
        // loop's thread, and `perform` is isolated to the loop.
        nonisolated(unsafe) let confined = body
        Task(executorPreference: executor) { await unsafe self.perform(confined) }
    }

    private func perform(_ body: () async -> Void) async {
        await body()
    }

    /// Runs `body` on this loop as part of the calling task, which may be anywhere, and returns
    /// what it returns. Never returns on a loop that has ended before.
    public nonisolated func call<Result: Sendable>(
        _ body: @Sendable (isolated EventLoop) async throws -> Result
    ) async rethrows -> Result {
        try await withTaskExecutorPreference(executor) { try await body(self) }
    }

    /// Suspends the calling task of this loop until the instant. Other tasks run meanwhile.
    public nonisolated func sleep(until deadline: Deadline) async {
        executor.requireOnLoop()
        var timer: LoopTimer?
        unsafe await withUnsafeContinuation { (waiting: UnsafeContinuation<Void, Never>) in
            timer = LoopTimer(on: self, at: deadline) { unsafe waiting.resume() }
        }
        timer?.cancel()
    }

    // MARK: Life

    /// Runs the loop on the calling thread until `stop`. A loop runs once.
    public nonisolated func run() {
        executor.run()
    }

    /// Runs the loop on a thread of its own. Signals stay with the threads the program has.
    ///
    /// - Parameter name: shown by debuggers, at most 15 octets.
    public nonisolated func startThread(name: String) {
        let handle = LoopThread.start(name: name) { self.run() }
        threadHandle.withLock { $0 = handle }
    }

    /// Ends `run` after its current round. Any thread. Streams are aborted; tasks that wait for
    /// anything else, as in `sleep`, are not resumed.
    public nonisolated func stop() {
        executor.stop()
    }

    /// Waits until the thread of `startThread` has ended. Not on the loop itself.
    public nonisolated func join() {
        precondition(!isCurrent, "an event loop cannot wait for itself")
        let handle = threadHandle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let handle { _ = pthread_join(handle, nil) }
    }
}
