// SPDX-License-Identifier: Apache-2.0
// A replay store as one AS under one configuration may use it (RPL-12).

public import Octets

/// The store behind a fence of the AS's own, and a door that closes for good.
public final class ScopedReplayStore<Base: ReplayStore>: ReplayStore {
    private let base: Base
    private let ownFence: StartFence?
    private let door: ReplayDoor

    /// `base` behind the later of its fence and `fence`, and behind `door`.
    public init(_ base: Base, fence: StartFence? = nil, door: ReplayDoor = ReplayDoor()) {
        self.base = base
        ownFence = fence
        self.door = door
    }

    /// The later of the store's fence and the AS's own; one that nothing passes once closed.
    public var fence: StartFence? {
        if door.isClosed { return .closed }
        return ownFence?.joined(with: base.fence) ?? base.fence
    }

    /// The fence of the AS itself, for the policy that follows.
    public var raised: StartFence? { ownFence }

    /// RPL-03, asked of the store.
    public nonisolated(nonsending)
        func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
    {
        await base.claim(key, until: until, now: now)
    }
}
