// SPDX-License-Identifier: Apache-2.0
// A point in time in whole seconds, as token claims and rules count it.

/// Seconds since 1970-01-01T00:00:00Z without leap seconds. Arithmetic saturates, so times that
/// come from a message can be added to without a trap.
public struct UnixTime: Comparable, Hashable, Sendable {
    /// The seconds; negative before 1970.
    public var seconds: Int64

    /// The time `seconds` after the epoch.
    public init(_ seconds: Int64) {
        self.seconds = seconds
    }

    /// The earlier time is the smaller.
    public static func < (left: UnixTime, right: UnixTime) -> Bool {
        left.seconds < right.seconds
    }

    /// The time `seconds` later, the last representable one if there is none.
    public static func + (time: UnixTime, seconds: Int64) -> UnixTime {
        let (sum, overflow) = time.seconds.addingReportingOverflow(seconds)
        return UnixTime(overflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// The time `seconds` earlier, the first representable one if there is none.
    public static func - (time: UnixTime, seconds: Int64) -> UnixTime {
        let (difference, overflow) = time.seconds.subtractingReportingOverflow(seconds)
        return UnixTime(overflow ? (seconds < 0 ? .max : .min) : difference)
    }
}
