// SPDX-License-Identifier: Apache-2.0
// The one clock of every window, age, fence and expiry: it never runs backwards (RPL-09).

public import Octets
import Synchronization

/// Seconds that follow the wall clock forwards and stand still while it is behind.
///
/// Windows and retention must use the same clock: were retention on a monotonic clock beside
/// windows on the wall clock, a step back would make proofs valid again whose entries are gone.
public final class SecurityClock: Sendable {
    private let wall: @Sendable () -> UnixTime
    private let onAdvance: (@Sendable (UnixTime) -> Void)?
    /// The last second handed out, in seconds of `UnixTime`.
    private let last: Atomic<Int64>
    /// True while one caller moves the clock; nobody waits for it.
    private let isAdvancing = Atomic(false)

    /// A clock over `wall`, never below `floor`, the value an earlier process kept.
    ///
    /// `onAdvance` is called with each new second before any caller receives it, one call at a
    /// time, so that the second can be kept for the next process. Callers meanwhile get the
    /// second before.
    public init(
        wall: @escaping @Sendable () -> UnixTime, floor: UnixTime? = nil,
        onAdvance: (@Sendable (UnixTime) -> Void)? = nil
    ) {
        self.wall = wall
        self.onAdvance = onAdvance
        last = Atomic(floor?.seconds ?? Self.unset)
        if floor == nil {
            // No caller can be given a second before the first one is known.
            let first = wall()
            onAdvance?(first)
            last.store(first.seconds, ordering: .releasing)
        }
    }

    /// The security clock's second: `max(wall clock, its own last value)`.
    public func now() -> UnixTime {
        let wallNow = wall().seconds
        let known = last.load(ordering: .acquiring)
        guard wallNow > known else { return UnixTime(known) }
        guard let onAdvance else {
            return UnixTime(last.max(wallNow, ordering: .acquiringAndReleasing).newValue)
        }
        let isMine = isAdvancing.compareExchange(
            expected: false, desired: true, ordering: .acquiringAndReleasing
        ).exchanged
        guard isMine else { return UnixTime(last.load(ordering: .acquiring)) }
        defer { isAdvancing.store(false, ordering: .releasing) }
        // Another caller may have moved it meanwhile.
        let latest = last.load(ordering: .acquiring)
        guard wallNow > latest else { return UnixTime(latest) }
        onAdvance(UnixTime(wallNow))
        last.store(wallNow, ordering: .releasing)
        return UnixTime(wallNow)
    }

    /// How far the wall clock is behind, in seconds, 0 if it is not. More than the skew ends
    /// readiness (RPL-09).
    public var lag: Int64 {
        let wallNow = wall()
        let difference = UnixTime(last.load(ordering: .acquiring)) - wallNow.seconds
        return max(0, difference.seconds)
    }

    private static let unset = Int64.min
}
