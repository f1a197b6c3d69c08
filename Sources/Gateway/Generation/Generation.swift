// SPDX-License-Identifier: Apache-2.0
// What the settings become at start and at each reload: one immutable snapshot for all workers.

import ClientAttestation
import EventLoop
import HTTPWire
import Octets

/// A whole, checked configuration; built once, never changed, and followed by another one when the
/// configuration is read again. What outlives it is in `ProcessState`.
final class Generation: Sendable {
    /// Counts from 1: the epoch of everything that was verified under it (KEY-20).
    let number: UInt64
    let settings: GatewaySettings
    let routes: RouteTable
    let servers: [ProtectedServer]
    let state: ProcessState
    let challengeRate: ChallengeRate?
    let journal: Journal
    /// Client connections that each worker may hold.
    let connectionsPerWorker: Int
    /// What one instance key may put into the replay set (RPL-13).
    let budget: InstanceBudget
    /// The replay set as each AS may use it, in the order of `servers`.
    private let replays: [ScopedReplayStore<MemoryReplayStore>]
    /// What a later generation closes that widens a window (RPL-12).
    private let door: ReplayDoor
    /// How far ahead accepted proofs may lie, in this generation and all before.
    private let reach: ProofReach

    /// The first generation. The replay set begins empty here, so this moment is the start fence
    /// (RPL-07).
    convenience init(
        _ settings: GatewaySettings, clock: SecurityClock, kept: KeptClock?, journal: Journal
    ) {
        self.init(
            settings, number: 1, state: ProcessState(settings.replay, clock: clock, kept: kept),
            journal: journal, previous: nil)
    }

    /// The generation after `previous`. From here on `previous` may have to refuse (RPL-12), so
    /// this one is to be published.
    convenience init(_ settings: GatewaySettings, after previous: Generation) {
        self.init(
            settings, number: previous.number + 1, state: previous.state,
            journal: previous.journal.with(settings.log), previous: previous)
    }

    private init(
        _ settings: GatewaySettings, number: UInt64, state: ProcessState, journal: Journal,
        previous: Generation?
    ) {
        self.settings = settings
        self.number = number
        self.state = state
        self.journal = journal
        servers = settings.servers.enumerated().map { index, server in
            var server = server
            server.policy.generation = number
            return ProtectedServer(server, index: index)
        }
        routes = RouteTable(servers)
        connectionsPerWorker = Self.connectionsPerWorker(settings)
        challengeRate = ChallengeRate.following(
            previous?.challengeRate, perSecond: settings.challengeRate)
        let perKey = settings.replay.perKeyMax
        budget = previous?.budget.with(perKey: perKey) ?? InstanceBudget(perKey: perKey)
        var reach = previous?.reach ?? ProofReach()
        (replays, door) = Self.replays(servers, state: state, reach: reach, previous: previous)
        for server in servers { reach.include(server.settings.policy) }
        self.reach = reach
        state.kept?.keep(reach)
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

    /// The generation's own say in what passes the replay set at `server`.
    func replay(of server: ProtectedServer) -> ScopedReplayStore<MemoryReplayStore> {
        replays[server.index]
    }

    /// Whether the fence's first second is over, so that an honest request can pass (RPL-07).
    var isReady: Bool {
        guard let fence = state.replay.fence else { return true }
        return state.clock.now() > fence.second
    }
}

extension Generation {
    /// RPL-12. An AS that takes proofs again whose entries may be gone gets a fence of the second
    /// of the switch. The door of all AS, and of all generations since it was made, closes before
    /// that second is read: an audience may have moved from one AS to another, and a slow request
    /// may be older than the reload before this one.
    private static func replays(
        _ servers: [ProtectedServer], state: ProcessState, reach: ProofReach, previous: Generation?
    ) -> ([ScopedReplayStore<MemoryReplayStore>], ReplayDoor) {
        guard let previous else {
            let door = ReplayDoor()
            return (servers.map { _ in ScopedReplayStore(state.replay, door: door) }, door)
        }
        let widened = Set(servers.map(\.settings.policy).filter(previous.isWidened).map(\.issuer))
        var raised: StartFence?
        var door = previous.door
        if !widened.isEmpty {
            door.close()
            door = ReplayDoor()
            // Challenges of instances whose clocks are ahead may have been used already.
            let allowance = max(
                previous.settings.replay.clockAllowance,
                servers.map(\.settings.policy.challenge.clockAllowance).max() ?? 0)
            raised = StartFence(second: state.clock.now() + allowance, reach: reach)
        }
        let replays = servers.map { server in
            let earlier = previous.fence(of: server.issuer)
            let isWidened = widened.contains(server.issuer)
            let fence = isWidened ? raised?.joined(with: earlier) ?? earlier : earlier
            return ScopedReplayStore(state.replay, fence: fence, door: door)
        }
        return (replays, door)
    }

    private func isWidened(by policy: VerificationPolicy) -> Bool {
        guard let server = server(of: policy.issuer) else { return true }
        return policy.widens(server.settings.policy)
    }

    private func fence(of issuer: [UInt8]) -> StartFence? {
        server(of: issuer).flatMap { replays[$0.index].raised }
    }

    /// The AS with this issuer identifier.
    func server(of issuer: [UInt8]) -> ProtectedServer? {
        servers.first { $0.issuer == issuer }
    }

    /// The issuers whose fence this generation raised over `previous`.
    func fenced(since previous: Generation) -> [[UInt8]] {
        servers.map(\.issuer).filter { fence(of: $0) != previous.fence(of: $0) }
    }
}
