// SPDX-License-Identifier: Apache-2.0
// A time claim, exact although only whole seconds are kept (JOSE-21).

import Octets

/// A time between 1970 and 9999 as a claim gave it.
public struct NumericDate: Hashable, Sendable {
    /// Whole seconds since the epoch, rounded down: the reading for `iat` and `nbf`.
    public let seconds: Int64
    /// Whether the claim lay after `seconds`, within the same second.
    public let hasFraction: Bool

    /// A time `seconds` after the epoch, or within the second that follows.
    public init(seconds: Int64, hasFraction: Bool = false) {
        self.seconds = seconds
        self.hasFraction = hasFraction
    }

    /// JOSE-21: rounded down.
    public var floor: UnixTime { UnixTime(seconds) }

    /// JOSE-21: whether the exact time is later than `time`, the comparison for `exp`.
    public func isLater(than time: UnixTime) -> Bool {
        seconds > time.seconds || (seconds == time.seconds && hasFraction)
    }
}
