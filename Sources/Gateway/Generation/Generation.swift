// SPDX-License-Identifier: Apache-2.0
// What the settings become at start: one immutable snapshot that every worker shares.

import ClientAttestation
import EventLoop
import HTTPWire
import Octets

/// A whole, checked configuration with the state that all workers share; built once, never changed.
final class Generation: Sendable {
    let settings: GatewaySettings
    let routes: RouteTable
    let servers: [ProtectedServer]
    let replay: MemoryReplayStore
    let clock: SecurityClock
    let challengeRate: ChallengeRate?
    let journal: Journal
    /// Client connections that each worker may hold.
    let connectionsPerWorker: Int

    /// The replay set begins empty here, so this moment is the start fence (RPL-07).
    init(_ settings: GatewaySettings, clock: SecurityClock, journal: Journal) {
        self.settings = settings
        self.clock = clock
        self.journal = journal
        servers = settings.servers.enumerated().map { ProtectedServer($1, index: $0) }
        routes = RouteTable(servers)
        replay = MemoryReplayStore(capacity: settings.replay.capacity, began: clock.now())
        connectionsPerWorker = Self.connectionsPerWorker(settings)
        challengeRate = settings.challengeRate.map(ChallengeRate.init(perSecond:))
    }

    /// HTTP-16. As configured, or as many as leave descriptors for the connections to each AS, for
    /// connections that are closing and for the process itself: a flood of clients that took them
    /// all would leave nobody to be asked for those already here.
    private static func connectionsPerWorker(_ settings: GatewaySettings) -> Int {
        let towardsServers = settings.servers.map(\.upstream.connections).reduce(0, +)
        let own = 64 + settings.workers * (16 + min(towardsServers, 1 << 20))
        let room = max(0, DescriptorLimit.current - own)
        let closing = min(room / 4, settings.workers * ByteStream.closingStreams)
        return max(1, min(settings.limits.connections, room - closing) / settings.workers)
    }

    /// Whether the fence's first second is over, so that an honest request can pass (RPL-07).
    var isReady: Bool {
        guard let fence = replay.fence else { return true }
        return clock.now() > fence.second
    }
}
