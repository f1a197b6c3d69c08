// SPDX-License-Identifier: Apache-2.0
// How one authorization server is reached.

import EventLoop

/// Address, `Host` and bounds of the connections to one AS.
public struct UpstreamSettings: Sendable, Equatable {
    /// Where to connect, in order of preference; at least one.
    public var addresses: [SocketAddress]
    /// `Host` on every request to the AS (FWD-12).
    public var host: [UInt8]
    /// Longest wait for a connection.
    public var connectTimeout: Duration
    /// Longest wait for the head of an answer, and between two parts of its body.
    public var responseTimeout: Duration
    /// How long an unused connection is kept.
    public var idleTimeout: Duration
    /// Connections a worker may hold, half of them for protected endpoints; at least one for each
    /// half.
    public var connections: Int
    /// Requests a connection may carry.
    public var requests: Int
    /// Octets of an answer that is held whole, because it may have to be edited.
    public var editedBody: Int

    /// The contract's defaults: 2 s, 30 s, 30 s, 64 connections a worker, 1000 requests each,
    /// 1 MiB.
    public init(addresses: [SocketAddress], host: [UInt8]) {
        self.addresses = addresses
        self.host = host
        connectTimeout = .seconds(2)
        responseTimeout = .seconds(30)
        idleTimeout = .seconds(30)
        connections = 64
        requests = 1000
        editedBody = 1 << 20
    }
}
