// SPDX-License-Identifier: Apache-2.0
// The limits of HTTP-16 and their defaults.

/// HTTP-16. How much of everything is read, and how long it is waited for. Sizes are octets.
public struct HTTPLimits: Hashable, Sendable {
    /// The request line without its line end, or the status line. Longer: 414.
    public var requestLine = 8 * 1024
    /// All field lines together with their line ends. Longer: 431.
    public var headerSection = 64 * 1024
    /// One field line without its line end. Longer: 431.
    public var field = 24 * 1024
    /// Field lines in a section. More: 431.
    public var fieldCount = 100
    /// The body at a protected endpoint. Longer: 413.
    public var body = 64 * 1024
    /// The body of a pushed authorization request. Longer: 413.
    public var parBody = 256 * 1024
    /// A streamed body on a pass-through path. Longer: 413.
    public var passThroughBody = 16 * 1024 * 1024
    /// From the first octet of a request to the end of its header section. Later: 408.
    public var headerTimeout: Duration = .seconds(10)
    /// From the end of the header section to the end of the body. Later: 408.
    public var bodyTimeout: Duration = .seconds(30)
    /// How long a connection may wait for its next request.
    public var idleTimeout: Duration = .seconds(60)
    /// Client connections open at once, over all workers.
    public var connections = 10_000

    /// The defaults.
    public init() {}
}
