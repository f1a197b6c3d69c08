// SPDX-License-Identifier: Apache-2.0
// A replay store as one AS under one configuration may use it (RPL-12).

public import Octets
import Synchronization

/// The store behind a fence of the AS's own, and a door that closes for good.
///
/// A reload may lengthen the windows of an AS while requests are under way that the policy before
/// judges: what those claim is held for the shorter time. So the door of the policy before is
/// closed first, then the fence's second is read, then the new policy is in force. A claim whose
/// answer came before the door closed was made in that second or earlier; every other is BUSY.
public final class ScopedReplayStore<Base: ReplayStore>: ReplayStore {
    private let base: Base
    private let ownFence: StartFence?
    private let isClosed = Atomic(false)

    /// `base` behind the later of its fence and `fence`.
    public init(_ base: Base, fence: StartFence? = nil) {
        self.base = base
        ownFence = fence
    }

    /// The later of the store's fence and the AS's own; one that nothing passes once closed.
    public var fence: StartFence? {
        if isClosed.load(ordering: .sequentiallyConsistent) { return .closed }
        return ownFence?.joined(with: base.fence) ?? base.fence
    }

    /// The fence of the AS itself, for the policy that follows.
    public var raised: StartFence? { ownFence }

    /// RPL-12: no request that was judged by this policy is accepted from here on.
    public func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
    }

    /// RPL-03, asked of the store.
    public nonisolated(nonsending)
        func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
    {
        await base.claim(key, until: until, now: now)
    }
}
