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

    /// The replay set begins empty here, so this moment is the start fence (RPL-07).
    init(_ settings: GatewaySettings, clock: SecurityClock, journal: Journal) {
        self.settings = settings
        self.clock = clock
        self.journal = journal
        servers = settings.servers.enumerated().map { ProtectedServer($1, index: $0) }
        routes = RouteTable(servers)
        replay = MemoryReplayStore(capacity: settings.replay.capacity, began: clock.now())
        challengeRate = settings.challengeRate.map(ChallengeRate.init(perSecond:))
    }

    /// Whether the fence's first second is over, so that an honest request can pass (RPL-07).
    var isReady: Bool {
        guard let fence = replay.fence else { return true }
        return clock.now() > fence.second
    }
}
