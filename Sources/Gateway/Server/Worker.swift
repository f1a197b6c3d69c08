// SPDX-License-Identifier: Apache-2.0
// One event loop's share of the gateway: its connections, pools and caches, touched by no other
// thread.

import ClientAttestation
import Crypto
import EventLoop
import HTTPWire
import Octets

/// A worker; lives on its loop.
final class Worker {
    let generation: Generation
    let loop: EventLoop
    let attestationCache = AttestationCache()
    private(set) var isDraining = false
    private let pools: [(protected: UpstreamPool, passThrough: UpstreamPool)]
    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: HTTP1Connection] = [:]
    private let connectionLimit: Int
    private var nextID: UInt64
    private var onDrained: (@Sendable () -> Void)?
    private var readiness: Readiness?
    private var date: (second: Int64, text: [UInt8]) = (-1, [])

    init(_ generation: Generation, loop: EventLoop) {
        self.generation = generation
        self.loop = loop
        pools = generation.servers.map { server in
            let upstream = server.settings.upstream
            let share = upstream.connections / 2
            return (
                UpstreamPool(upstream, share: upstream.connections - share, loop: loop),
                UpstreamPool(upstream, share: share, loop: loop)
            )
        }
        connectionLimit = generation.connectionsPerWorker
        nextID = UInt64.random(in: .min ... .max)
    }

    /// The road as this worker walks it.
    var road: RequestRoad { RequestRoad(worker: self) }

    /// The connections of this worker to `server` for verified and listed requests.
    func protectedPool(of server: ProtectedServer) -> UpstreamPool {
        pools[server.index].protected
    }

    /// Those for what passes unverified. Kept apart: slow pages of the AS take no place from token
    /// requests, and nothing left on a connection there can become the answer of one (HTTP-13).
    func passThroughPool(of server: ProtectedServer) -> UpstreamPool {
        pools[server.index].passThrough
    }

    /// Logs when requests can pass.
    func watchReadiness() {
        readiness = Readiness(generation, on: loop)
    }

    /// The value of `Date`, made once a second.
    func dateField() -> [UInt8] {
        let second = WallClock.now().seconds
        if date.second != second { date = (second, Timestamps.imfFixdate(UnixTime(second))) }
        return date.text
    }

    /// A challenge or nonce, never issued before (CHAL-16, CHAL-23).
    ///
    /// Nil in the fence's own second: a challenge of that second would be refused (RPL-07).
    func freshChallenge(of server: ProtectedServer) -> [UInt8]? {
        let now = now()
        if let fence = generation.replay.fence, now <= fence.second { return nil }
        return server.settings.policy.challengeKeys.issue(
            server.settings.policy.challengePurpose, now: now)
    }

    /// The security clock (RPL-09).
    func now() -> UnixTime { generation.clock.now() }

    // MARK: Connections

    /// Accepts on `address` until the worker drains; returns the address that was bound.
    func listen(
        _ settings: ListenerSettings, at address: SocketAddress,
        deal: @escaping (AcceptedSocket) -> Void
    ) throws -> SocketAddress {
        let listener = try Listener(
            address, options: ListenerOptions(reusePort: true, unixMode: settings.unixMode),
            on: loop, accept: deal)
        listeners.append(listener)
        return listener.boundAddress
    }

    /// Starts serving a connection.
    func serve(_ socket: AcceptedSocket, tls: TLSServerContext?) {
        guard !isDraining else { return }
        let peer = socket.peer
        guard let stream = try? ByteStream(socket, tls: tls, on: loop) else { return }
        let connection = HTTP1Connection(stream, peer: peer, worker: self)
        connections[ObjectIdentifier(connection)] = connection
        if connections.count >= connectionLimit { listeners.forEach { $0.pause() } }
        // Without a capture list: with one, Swift 6.3 forgets that the closure stays on the loop,
        // and every wait costs two more trips through its queue.
        loop.spawn {
            await connection.serve()
            self.ended(connection)
        }
    }

    private func ended(_ connection: HTTP1Connection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.count == connectionLimit - 1, !isDraining {
            listeners.forEach { $0.resume() }
        }
        reportIfDrained()
    }

    // MARK: Drain

    /// Stops accepting, ends idle connections, lets requests in flight finish.
    func drain(onDrained: @escaping @Sendable () -> Void) {
        isDraining = true
        self.onDrained = onDrained
        closeListeners()
        for connection in connections.values where connection.isIdle { connection.abort() }
        reportIfDrained()
    }

    /// Cuts what is left when the time to drain is over. Requests that wait for the AS are not
    /// waited for: the end of the loop ends them.
    func abortAll() {
        for connection in connections.values { connection.abort() }
        reportDrained()
    }

    /// Stops accepting.
    func closeListeners() {
        listeners.forEach { $0.stop() }
        listeners = []
    }

    private func reportIfDrained() {
        if isDraining, connections.isEmpty { reportDrained() }
    }

    private func reportDrained() {
        guard let report = onDrained else { return }
        onDrained = nil
        for pool in pools {
            pool.protected.closeIdle()
            pool.passThrough.closeIdle()
        }
        report()
    }

    // MARK: Account

    /// A request id, unique within this process.
    func nextRequestID() -> [UInt8] {
        nextID &+= 1
        return Hex.encode(nextID)
    }

    /// A client's address as the log may show it (PRIV-03).
    func remote(of peer: SocketAddress) -> [UInt8]? {
        switch generation.settings.log.remote {
        case .off: nil
        case .full: Array(peer.description.utf8)
        case .pseudonym:
            generation.journal.pseudonyms.pseudonym(
                peer.addressOctets, now: WallClock.now().seconds)
        }
    }

    /// Writes the access record of an answered request.
    func account(_ record: AccessRecord) {
        generation.journal.access(record)
    }
}
