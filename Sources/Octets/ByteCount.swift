// SPDX-License-Identifier: Apache-2.0
// A number of octets as a type, so that limits carry their unit.

/// A size or limit in octets.
public struct ByteCount: Comparable, Hashable, Sendable {
    /// The number of octets, never negative.
    public let bytes: Int

    /// `bytes` octets; negative numbers become zero.
    public init(bytes: Int) {
        self.bytes = max(0, bytes)
    }

    /// `bytes` octets.
    public static func bytes(_ bytes: Int) -> ByteCount { ByteCount(bytes: bytes) }

    /// `count` times 1024 octets, at most `Int.max`.
    public static func kibibytes(_ count: Int) -> ByteCount {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 1024)
        return ByteCount(bytes: overflow ? .max : bytes)
    }

    /// The smaller number of octets is the smaller.
    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}
