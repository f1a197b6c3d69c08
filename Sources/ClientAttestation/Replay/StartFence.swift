// SPDX-License-Identifier: Apache-2.0
// The line between what an empty replay store cannot know and what it can (RPL-07).

public import Octets

/// The start fence: the security-clock second in which a replay store began empty. What may have
/// been accepted before it passes only if it cannot have been (`ReplayRules`).
public struct StartFence: Sendable, Equatable {
    /// F of RPL-07.
    public let second: UnixTime

    /// The fence of a store that began in `second`.
    public init(second: UnixTime) {
        self.second = second
    }
}
