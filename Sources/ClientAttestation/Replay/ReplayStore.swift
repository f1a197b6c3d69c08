// SPDX-License-Identifier: Apache-2.0
// What the verifier asks of a replay store, wherever it is kept (RPL-03, RPL-06, RPL-08).

public import Octets

/// The answer to one claim.
public enum ReplayClaim: Sendable, Equatable {
    /// The key was absent and is held now.
    case first
    /// The key was present.
    case replayed
    /// No room without forgetting a live key (RPL-08).
    case full
    /// The store could not be reached, answered late or in doubt (RPL-06).
    case unavailable
}

/// A set of replay keys with expiry.
public protocol ReplayStore: Sendable {
    /// The fence of a store that may have forgotten keys; nil if it cannot have. It is asked again
    /// after each claim: a store that finds out in answering that it has forgotten raises it first,
    /// to now and the clock allowance (RPL-11).
    var fence: StartFence? { get }

    /// RPL-03: inserts `key` if absent, in one atomic step, to be held up to and including the
    /// second `until`. `now` is the security clock's.
    nonisolated(nonsending)
        func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
}
