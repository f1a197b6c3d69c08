// SPDX-License-Identifier: Apache-2.0
// Log lines out of the way of the loops: a bounded queue and a thread that writes it in blocks.
import Dispatch
import Glibc
import Octets
import Synchronization

/// Writes lines to a descriptor from a thread of its own. Any thread may add lines, none waits.
public final class LineWriter: Sendable {
    private let queue: LineQueue

    /// A writer to `descriptor`, which stays open and belongs to the caller.
    ///
    /// - Parameter capacity: octets that may wait. A line that does not fit is dropped and counted.
    public init(descriptor: Int32 = 1, capacity: Int = 4 * 1024 * 1024) {
        let queue = LineQueue(descriptor: descriptor, capacity: capacity)
        self.queue = queue
        _ = LoopThread.start(name: "line-writer", detached: true) { queue.run() }
    }

    deinit {
        queue.finish()
    }

    /// Lines dropped so far, because the reader of the descriptor was too slow or gone.
    public var dropped: Int { queue.dropped.load(ordering: .relaxed) }

    /// Queues `line`, which should end in a line feed. Never waits.
    public func write(_ line: [UInt8]) {
        queue.append(line)
    }

    /// Waits until every line queued before has been written, at most `limit`. Not on a loop that
    /// serves. Returns whether it was all written.
    @discardableResult
    public func flush(within limit: Duration = .seconds(5)) -> Bool {
        queue.flush(until: .after(limit))
    }
}

/// The part the thread keeps alive until its last line is written.
private final class LineQueue: Sendable {
    private struct State {
        var lines: [UInt8] = []
        /// Blocks handed to the thread and blocks it has written.
        var taken = 0
        var written = 0
        var isAsleep = false
        var isFinished = false
        var flushers: [(block: Int, done: DispatchSemaphore)] = []
    }

    /// How long lines gather after a block was written. Under load this makes blocks of many.
    private static let nap = DispatchTimeInterval.milliseconds(3)

    let dropped = Atomic<Int>(0)
    private let descriptor: Int32
    private let capacity: Int
    private let state = Guarded(State())
    private let bell = DispatchSemaphore(value: 0)
    private let snooze = DispatchSemaphore(value: 0)

    init(descriptor: Int32, capacity: Int) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    func append(_ line: [UInt8]) {
        let (fits, wake) = state.withLock { state in
            guard state.lines.count + line.count <= capacity else { return (false, false) }
            state.lines.append(contentsOf: line)
            defer { state.isAsleep = false }
            return (true, state.isAsleep)
        }
        if wake { bell.signal() }
        if !fits { dropped.add(1, ordering: .relaxed) }
    }

    func flush(until deadline: Deadline) -> Bool {
        let done = DispatchSemaphore(value: 0)
        let isWaiting = state.withLock { state in
            let last = state.lines.isEmpty ? state.taken : state.taken + 1
            guard state.written < last else { return false }
            state.flushers.append((last, done))
            return true
        }
        guard isWaiting else { return true }
        snooze.signal()
        let left = deadline.remaining.components
        let nanoseconds = Int(left.seconds) * 1_000_000_000 + Int(left.attoseconds / 1_000_000_000)
        return done.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success
    }

    func finish() {
        let wake = state.withLock { state in
            state.isFinished = true
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wake { bell.signal() }
        snooze.signal()
    }

    // MARK: The thread

    func run() {
        while true {
            let (block, isFinished) = take()
            if block.isEmpty {
                if isFinished { return }
                bell.wait()
                continue
            }
            writeAll(block)
            settle()
            if !isFinished { _ = snooze.wait(timeout: .now() + LineQueue.nap) }
        }
    }

    private func take() -> ([UInt8], isFinished: Bool) {
        state.withLock { state in
            if state.lines.isEmpty {
                state.isAsleep = !state.isFinished
                return ([], state.isFinished)
            }
            let block = state.lines
            state.lines = []
            state.lines.reserveCapacity(min(block.count, 65_536))
            state.taken += 1
            return (block, state.isFinished)
        }
    }

    private func settle() {
        let done = state.withLock { state in
            state.written += 1
            let written = state.written
            let done = state.flushers.filter { $0.block <= written }
            state.flushers.removeAll { $0.block <= written }
            return done.map(\.done)
        }
        for semaphore in done { semaphore.signal() }
    }

    /// Writes a block; what cannot be written, as to a closed pipe, is dropped with a count of one.
    private func writeAll(_ block: [UInt8]) {
        var sent = 0
        while sent < block.count {
            let count = unsafe block.withUnsafeBytes { all in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[sent...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&ready, 1, 100)
            } else if errno != EINTR {
                dropped.add(1, ordering: .relaxed)
                return
            }
        }
    }
}
