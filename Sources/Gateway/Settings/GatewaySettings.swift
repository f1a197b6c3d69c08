// SPDX-License-Identifier: Apache-2.0
// Everything a gateway is started with, checked before it gets here; `Configuration` makes it (design D17).

import EventLoop
import HTTPWire

/// One gateway process: its listeners, the authorization servers behind it and its bounds.
public struct GatewaySettings: Sendable {
    /// Where clients connect; at least one.
    public var listeners: [ListenerSettings]
    /// The authorization servers, told apart by `Host`; at least one.
    public var servers: [ServerSettings]
    /// Event loops, each on a thread of its own; 1 or more.
    public var workers: Int
    /// Bounds of HTTP-16.
    public var limits: HTTPLimits
    /// The in-memory replay set (RPL-07, -08, -09).
    public var replay: ReplaySettings
    /// Requests a second that one source address may send to a challenge endpoint; nil: no bound
    /// (CHAL-13).
    public var challengeRate: Int?
    /// How long a draining gateway waits for requests in flight after SIGTERM.
    public var drain: Duration
    /// What goes to standard output.
    public var log: LogSettings

    /// Settings with every default of the configuration contract.
    public init(listeners: [ListenerSettings], servers: [ServerSettings]) {
        self.listeners = listeners
        self.servers = servers
        workers = 1
        limits = HTTPLimits()
        replay = ReplaySettings()
        challengeRate = nil
        drain = .seconds(30)
        log = LogSettings()
    }
}

/// The replay set of one process.
public struct ReplaySettings: Sendable {
    /// Live entries it may hold before it answers BUSY (RPL-08).
    public var capacity: Int
    /// Live entries that one instance key may hold (RPL-13); from 10 on.
    public var perKeyMax: Int
    /// How far the clocks of several instances may differ, in seconds (CHAL-21, RPL-11).
    public var clockAllowance: Int64
    /// File that carries the security clock over a restart (RPL-09); nil: not carried over.
    public var clockFile: String?

    /// Four million entries, a thousand of one key, one instance, no file.
    public init(
        capacity: Int = 4_000_000, perKeyMax: Int = 1000, clockAllowance: Int64 = 0,
        clockFile: String? = nil
    ) {
        self.capacity = capacity
        self.perKeyMax = perKeyMax
        self.clockAllowance = clockAllowance
        self.clockFile = clockFile
    }
}
