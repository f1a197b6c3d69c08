// SPDX-License-Identifier: Apache-2.0
// The `aud` claim in its two shapes.

/// Whom a token is for. Whether an array is allowed is a matter of the profile, so the shapes stay
/// apart.
public enum Audience: Hashable, Sendable {
    /// A string.
    case one([UInt8])
    /// An array of at least one string.
    case many([[UInt8]])

    /// The values in either shape, at least one.
    public var values: [[UInt8]] {
        switch self {
        case .one(let value): [value]
        case .many(let values): values
        }
    }
}
