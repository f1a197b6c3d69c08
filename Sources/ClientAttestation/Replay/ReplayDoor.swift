// SPDX-License-Identifier: Apache-2.0
// What a reload closes before it lengthens a window (RPL-12).

import Synchronization

/// The way to the replay store for all policies since the last one that lengthened a window.
///
/// A reload may lengthen the windows of an AS while requests are under way that a policy before
/// judges, the one just before or one of earlier reloads: what those claim is held for the shorter
/// time. So their door is closed first, then the fence's second is read, then the new policy is in
/// force, with a new door. A claim whose answer came before the door closed was made in that second
/// or earlier; every other is BUSY.
public final class ReplayDoor: Sendable {
    private let closed = Atomic(false)

    /// An open door.
    public init() {}

    /// RPL-12: no request of a policy behind this door is accepted from here on.
    public func close() {
        closed.store(true, ordering: .sequentiallyConsistent)
    }

    var isClosed: Bool { closed.load(ordering: .sequentiallyConsistent) }
}
