// SPDX-License-Identifier: Apache-2.0
// Timers of a loop: the public one with a closure, and the alarm a stream re-arms lazily.
internal import CLibevent
import Glibc

extension LoopExecutor {
    /// Starts or restarts the timeout of `event`. libevent takes its time from a clock that may be
    /// a tick behind, so a timeout can come early: who is woken looks at the clock.
    func arm(_ event: OpaquePointer, for deadline: Deadline) {
        let left = max(1_000_000, deadline.nanoseconds &- MonotonicClock.nanoseconds())
        var time = timeval(
            tv_sec: Int(left / 1_000_000_000), tv_usec: Int(left % 1_000_000_000 / 1000))
        _ = unsafe event_add(event, &time)
    }
}

/// A one-shot or repeating timer of a loop. Cancelled when the last reference goes.
@safe public final class LoopTimer {
    private let loop: EventLoop
    private var event: OpaquePointer?
    private var deadline: Deadline
    private let interval: Duration?
    private let action: () -> Void

    /// A timer that fires once at `deadline`. Only on the loop.
    public convenience init(
        on loop: EventLoop, at deadline: Deadline, action: @escaping () -> Void
    ) {
        self.init(loop: loop, deadline: deadline, interval: nil, action: action)
    }

    /// A timer that fires once after `delay`. Only on the loop.
    public convenience init(
        on loop: EventLoop, after delay: Duration, action: @escaping () -> Void
    ) {
        self.init(loop: loop, deadline: .after(delay), interval: nil, action: action)
    }

    /// A timer that fires every `interval`, first after one interval. Only on the loop. A round
    /// that comes late does not make the following ones come in a burst.
    public convenience init(
        on loop: EventLoop, every interval: Duration, action: @escaping () -> Void
    ) {
        self.init(loop: loop, deadline: .after(interval), interval: interval, action: action)
    }

    private init(
        loop: EventLoop, deadline: Deadline, interval: Duration?, action: @escaping () -> Void
    ) {
        loop.executor.requireOnLoop()
        self.loop = loop
        self.deadline = deadline
        self.interval = interval
        self.action = action
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe event = event_new(
            loop.executor.base, -1, 0,
            { _, _, context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<LoopTimer>.fromOpaque(context).takeUnretainedValue().fired()
            }, context)
        arm()
    }

    deinit {
        cancel()
    }

    /// Stops the timer for good; harmless when it has fired.
    public func cancel() {
        guard let held = unsafe event else { return }
        precondition(
            loop.executor.isOnLoop || loop.executor.hasEnded, "a timer was dropped off its loop")
        unsafe event_free(held)
        unsafe event = nil
    }

    private func arm() {
        guard let event = unsafe event, deadline != .never else { return }
        unsafe loop.executor.arm(event, for: deadline)
    }

    private func fired() {
        guard deadline.isPast else { return arm() }
        if let interval {
            deadline = .after(interval)
            arm()
        }
        // Deferred: the action may drop or cancel this timer, and libevent is still inside it.
        loop.executor.later { [weak self] in self?.perform() }
    }

    private func perform() {
        if unsafe event != nil { action() }
    }
}

/// One timeout event that serves many waits: it is moved only when a wait ends sooner than what is
/// armed, never when a wait is over. A wait that finishes in time so costs no timer work.
@safe struct LazyAlarm: ~Copyable {
    private let executor: LoopExecutor
    private let event: OpaquePointer
    private var armed = Deadline.never

    /// `callback` gets `context`; nil when memory ran out.
    init?(
        executor: LoopExecutor, context: UnsafeMutableRawPointer,
        callback: @convention(c) (Int32, Int16, UnsafeMutableRawPointer?) -> Void
    ) {
        guard let event = unsafe event_new(executor.base, -1, 0, callback, context) else {
            return nil
        }
        self.executor = executor
        unsafe self.event = event
    }

    deinit {
        unsafe event_free(event)
    }

    /// Makes sure the callback comes at or soon after `deadline`, perhaps also before.
    mutating func require(_ deadline: Deadline) {
        guard deadline < armed else { return }
        armed = deadline
        unsafe executor.arm(event, for: deadline)
    }

    /// To be called first thing in the callback.
    mutating func fired() {
        armed = .never
    }
}
