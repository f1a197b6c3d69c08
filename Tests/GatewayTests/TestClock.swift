// SPDX-License-Identifier: Apache-2.0
// A wall clock that the test moves.

import Octets
import Synchronization

/// Seconds since 1970, set by hand; forwards, backwards, or not at all.
final class TestClock: Sendable {
    private let seconds: Atomic<Int64>

    init(_ start: Int64 = 1_790_000_000) {
        seconds = Atomic(start)
    }

    /// The time it shows.
    var now: UnixTime {
        get { UnixTime(seconds.load(ordering: .sequentiallyConsistent)) }
        set { seconds.store(newValue.seconds, ordering: .sequentiallyConsistent) }
    }

    /// Moves it by `step` seconds, negative for a step back.
    func step(_ step: Int64) {
        seconds.add(step, ordering: .sequentiallyConsistent)
    }
}
