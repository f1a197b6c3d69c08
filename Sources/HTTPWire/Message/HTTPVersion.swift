// SPDX-License-Identifier: Apache-2.0
// The two versions that are spoken on these bytes.

/// The version of a message.
public enum HTTPVersion: Hashable, Sendable {
    /// HTTP/1.0: no chunks, no `Expect`, closes unless asked not to.
    case http10
    /// HTTP/1.1.
    case http11
}
