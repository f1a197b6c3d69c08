// SPDX-License-Identifier: Apache-2.0
// The clocks of the process and the monotonic instant by which a waiting operation must be done.
import Glibc

/// The monotonic clock. It never jumps, so that deadlines survive a change of the wall clock.
public enum MonotonicClock {
    /// Nanoseconds since an arbitrary start (CLOCK_MONOTONIC).
    public static func nanoseconds() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// The wall clock. Only the assembly of the program reads it; rules get their time as a parameter.
public enum WallClock {
    /// Whole seconds since 1970 and the milliseconds (0...999) of the current second.
    public static func now() -> (seconds: Int64, milliseconds: Int) {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec), time.tv_nsec / 1_000_000)
    }
}

/// The monotonic time since it was made.
public struct Stopwatch: Sendable {
    private let start = MonotonicClock.nanoseconds()

    /// Starts.
    public init() {}

    /// Whole milliseconds since the start.
    public var milliseconds: Int {
        Int((MonotonicClock.nanoseconds() &- start) / 1_000_000)
    }
}

/// A monotonic instant. Every suspension of this module takes one.
public struct Deadline: Comparable, Hashable, Sendable {
    /// Nanoseconds of `MonotonicClock`.
    @usableFromInline let nanoseconds: Int64

    @usableFromInline
    init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A deadline that never passes.
    public static let never = Deadline(nanoseconds: .max)

    /// This instant: as a deadline it has already passed.
    public static var now: Deadline { Deadline(nanoseconds: MonotonicClock.nanoseconds()) }

    /// The instant that lies `duration` from now. A negative duration gives the present, one too
    /// large to represent gives `never`.
    public static func after(_ duration: Duration) -> Deadline {
        Deadline.now + duration
    }

    /// The instant that lies `duration` later, with the same bounds as `after`.
    public static func + (start: Deadline, duration: Duration) -> Deadline {
        let span = max(0, duration.attoseconds) / 1_000_000_000
        guard let span = Int64(exactly: span) else { return .never }
        let (sum, overflow) = span.addingReportingOverflow(start.nanoseconds)
        return overflow ? .never : Deadline(nanoseconds: sum)
    }

    /// Whether the instant has come.
    public var isPast: Bool {
        nanoseconds != .max && nanoseconds <= MonotonicClock.nanoseconds()
    }

    /// The time left, zero when the instant is past.
    public var remaining: Duration {
        .nanoseconds(max(0, nanoseconds &- MonotonicClock.nanoseconds()))
    }

    /// The earlier instant is the smaller one.
    public static func < (left: Deadline, right: Deadline) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
