// SPDX-License-Identifier: Apache-2.0
// The executor behind an event loop: one thread, one libevent base, one queue of Swift jobs.
internal import CLibevent
import Glibc
import Octets
import Synchronization

/// Runs the jobs of one loop on one thread, between two rounds of libevent.
///
/// It is both the serial executor of the `EventLoop` actor and the task executor its tasks prefer.
/// With the serial half alone every resume takes a trip through the global pool, some 30 µs.
///
/// `@unchecked Sendable`: `inbox`, `thread` and `stopping` are synchronised; everything else is
/// touched by the loop's thread alone, or, after it has ended, by the last owner.
@safe final class LoopExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// `@unchecked Sendable`: what other threads put in is a job or a `@Sendable` closure; other
    /// closures come from the loop's own thread. All run there.
    private enum Work: @unchecked Sendable {
        case job(UnownedJob)
        case call(() -> Void)
    }

    /// No thread has run the loop yet, and the loop has ended: not valid thread identifiers.
    private static let notStarted: UInt = 0
    private static let ended: UInt = .max

    /// Rounds of jobs made ready by jobs before sockets and timers get their turn again.
    private static let roundsBeforePolling = 16

    /// The event base. Used on the loop's thread only.
    let base: OpaquePointer
    private let wakeDescriptor: Int32
    private let wakeEvent: OpaquePointer

    private let inbox = Guarded<[Work]>([])
    private let thread = Atomic<UInt>(LoopExecutor.notStarted)
    private let stopping = Atomic<Bool>(false)

    /// The monotonic time when this turn of the loop began, at most a turn behind the clock.
    private(set) var now = Deadline.now

    private var ready: [Work] = []
    private var running: [Work] = []
    private var unflushed: [ByteStream] = []

    /// Every stream of the loop that is not finished, so that stopping can end their waits.
    private var streams: [ObjectIdentifier: Unmanaged<ByteStream>] = unsafe [:]

    /// Streams that were closed by their owner and still deliver their last octets.
    var closing: [ObjectIdentifier: ByteStream] = [:]

    init() {
        LibraryStart.once()
        guard let (base, descriptor, event) = unsafe LoopExecutor.makeBase() else {
            fatalError("an event loop needs two descriptors and some memory, errno \(errno)")
        }
        unsafe self.base = base
        wakeDescriptor = descriptor
        unsafe wakeEvent = event
    }

    deinit {
        unsafe event_free(wakeEvent)
        unsafe event_base_free(base)
        close(wakeDescriptor)
    }

    /// A base without locks, since one thread uses it, and an eventfd that interrupts its wait.
    /// The eventfd is edge triggered: each write wakes, and nobody needs to read it.
    private static func makeBase() -> (OpaquePointer, Int32, OpaquePointer)? {
        guard let configuration = unsafe event_config_new() else { return nil }
        defer { unsafe event_config_free(configuration) }
        let flag = EVENT_BASE_FLAG_NOLOCK.rawValue
        guard unsafe event_config_set_flag(configuration, Int32(flag)) == 0,
            let base = unsafe event_base_new_with_config(configuration)
        else { return nil }
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        let what = Int16(EV_READ | EV_PERSIST | EV_ET)
        guard descriptor >= 0,
            let event = unsafe event_new(base, descriptor, what, { _, _, _ in }, nil),
            unsafe event_add(event, nil) == 0
        else { return nil }
        return unsafe (base, descriptor, event)
    }

    // MARK: Where am I

    /// Whether the caller is on the loop's thread.
    var isOnLoop: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Whether the loop's thread has ended, so that its objects belong to whoever holds them.
    var hasEnded: Bool { thread.load(ordering: .acquiring) == LoopExecutor.ended }

    /// Traps unless the caller is on the loop's thread: a programmer error, never a matter of input.
    func requireOnLoop() {
        precondition(isOnLoop, "an object of an event loop was used away from its loop")
    }

    func checkIsolated() { requireOnLoop() }

    func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    // MARK: Queue

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnLoop {
            ready.append(.job(job))
        } else {
            receive(.job(job))
        }
    }

    /// Runs `body` soon on the loop; the caller is on it. For callbacks of C that must not run
    /// foreign code, nor free their own object, while the library is still inside them.
    func later(_ body: @escaping () -> Void) {
        requireOnLoop()
        ready.append(.call(body))
    }

    /// Runs `body` soon on the loop, from any thread.
    func send(_ body: @escaping @Sendable () -> Void) {
        if isOnLoop {
            ready.append(.call(body))
        } else {
            receive(.call(body))
        }
    }

    private func receive(_ work: Work) {
        let wasEmpty = inbox.withLock { inbox in
            inbox.append(work)
            return inbox.count == 1
        }
        if wasEmpty { wake() }
    }

    private func wake() {
        eventfd_write(wakeDescriptor, 1)
    }

    /// Has what was written to `stream` sent before the loop waits again: pieces written one after
    /// the other leave in one system call.
    func flushSoon(_ stream: ByteStream) {
        unflushed.append(stream)
    }

    /// A new stream, until `forget`.
    func remember(_ stream: ByteStream) {
        unsafe streams[ObjectIdentifier(stream)] = .passUnretained(stream)
    }

    /// A stream that has finished or is being dropped.
    func forget(_ stream: ObjectIdentifier) {
        unsafe streams[stream] = nil
    }

    private func abortStreams() {
        for stream in unsafe streams.values.map({ unsafe $0.takeUnretainedValue() }) {
            stream.abort()
        }
    }

    // MARK: Running

    /// Runs until `stop`, on the calling thread.
    func run() {
        let (won, _) = thread.compareExchange(
            expected: LoopExecutor.notStarted, desired: UInt(pthread_self()),
            ordering: .acquiringAndReleasing)
        precondition(won, "an event loop runs once")
        while !stopping.load(ordering: .acquiring) {
            drain()
            let flags = ready.isEmpty ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK
            _ = unsafe event_base_loop(base, flags)
        }
        drain()
        abortStreams()
        drain()
        thread.store(LoopExecutor.ended, ordering: .releasing)
    }

    /// Ends `run` after its current round. Any thread. Streams are aborted, which ends the waits
    /// on them; tasks that wait for anything else are never resumed.
    func stop() {
        stopping.store(true, ordering: .releasing)
        wake()
    }

    private func drain() {
        now = .now
        collectInbox()
        var rounds = 0
        while !ready.isEmpty, rounds < LoopExecutor.roundsBeforePolling {
            swap(&ready, &running)
            for work in running { perform(work) }
            running.removeAll(keepingCapacity: true)
            rounds += 1
        }
        flushStreams()
    }

    private func collectInbox() {
        inbox.withLock { inbox in
            guard !inbox.isEmpty else { return }
            ready.append(contentsOf: inbox)
            inbox.removeAll(keepingCapacity: true)
        }
    }

    private func flushStreams() {
        guard !unflushed.isEmpty else { return }
        let streams = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for stream in streams { stream.flush() }
    }

    private func perform(_ work: Work) {
        switch work {
        case .job(let job):
            unsafe job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        case .call(let body):
            body()
        }
    }
}

/// What libevent and the process need once, before the first loop.
private enum LibraryStart {
    private static let started: Bool = {
        // A write to a closed connection is an error to be returned, not a reason to die.
        _ = signal(SIGPIPE, SIG_IGN)
        return evthread_use_pthreads() == 0
    }()

    static func once() {
        precondition(started, "libevent cannot use threads")
    }
}
