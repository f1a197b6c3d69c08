// SPDX-License-Identifier: Apache-2.0
// What outlives every reload: the memory of used proofs, and the clock they are judged by.

import ClientAttestation
import Octets

/// State that all generations of one process share.
final class ProcessState: Sendable {
    let replay: MemoryReplayStore
    let clock: SecurityClock
    /// Nil without a state directory.
    let kept: KeptClock?

    init(_ settings: ReplaySettings, clock: SecurityClock, kept: KeptClock?) {
        self.clock = clock
        self.kept = kept
        replay = MemoryReplayStore(
            capacity: settings.capacity, began: clock.now() + settings.clockAllowance,
            after: kept?.bounds)
    }
}
