// SPDX-License-Identifier: Apache-2.0
// Which of several equal things a thread uses, so that threads seldom wait for each other.

import Glibc

/// A thing that one thread may use at a time is kept `count` times; `current` says which is whose.
/// Two threads may have the same one, so it needs a lock all the same.
enum ThreadLane {
    static let count = 8

    /// The place of the calling thread, below `count`.
    static var current: Int {
        // Threads differ in the upper bits of their handles, which are addresses of their stacks.
        Int(truncatingIfNeeded: pthread_self() >> 16) & (count - 1)
    }
}
