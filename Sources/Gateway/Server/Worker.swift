// SPDX-License-Identifier: Apache-2.0
// One event loop's share of the gateway: its connections, pools and caches, touched by no other
// thread.

import ClientAttestation
import Cryptography
import EventLoop
import HTTPWire
import Octets

/// A worker; lives on its loop.
final class Worker {
    /// What requests that begin now are served under.
    private(set) var current: WorkerGeneration
    let loop: EventLoop
    let attestationCache = AttestationCache()
    private(set) var isDraining = false
    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: HTTP1Connection] = [:]
    private var nextID: UInt64
    private var onDrained: (@Sendable () -> Void)?
    private var readiness: Readiness?
    private var silenceWatch: LoopTimer?
    private var date: (second: Int64, text: [UInt8]) = (-1, [])

    init(_ generation: Generation, loop: EventLoop) {
        self.loop = loop
        current = WorkerGeneration(generation, loop: loop)
        nextID = UInt64.random(in: .min ... .max)
    }

    /// The road as this worker walks it.
    var road: RequestRoad { RequestRoad(worker: self) }

    /// The configuration that requests which begin now are served under.
    var generation: Generation { current.shared }

    private var connectionLimit: Int { generation.connectionsPerWorker }

    /// Serves every request that begins from now on under `generation`.
    func adopt(_ generation: Generation) {
        current = WorkerGeneration(generation, loop: loop, after: current)
        guard !isDraining else { return current.retire() }
        if connections.count < connectionLimit {
            listeners.forEach { $0.resume() }
        } else {
            listeners.forEach { $0.pause() }
        }
    }

    /// Logs when requests can pass, and asks silent ASes; for one worker of all.
    func watchReadiness() {
        readiness = Readiness(self)
        silenceWatch = LoopTimer(on: loop, every: .seconds(2)) { [unowned self] in
            askSilentServers()
        }
    }

    /// CFG-01: an AS that was down at start is asked for its metadata until it answers.
    private func askSilentServers() {
        let generation = current
        for server in generation.shared.servers where server.isSilent && !isDraining {
            let cache = generation.metadata(of: server)
            let pool = generation.pools(of: server).passThrough
            loop.spawn { await cache.askSilent(pool, generation.shared.journal) }
        }
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
    /// It will come back to the current configuration, whatever the one of this request.
    func freshChallenge(of server: ProtectedServer) -> [UInt8]? {
        fresh(of: server, isDPoPNonce: false)
    }

    /// A DPoP nonce, likewise (CHAL-30).
    func freshDPoPNonce(of server: ProtectedServer) -> [UInt8]? {
        fresh(of: server, isDPoPNonce: true)
    }

    private func fresh(of server: ProtectedServer, isDPoPNonce: Bool) -> [UInt8]? {
        let now = now()
        let server = generation.server(of: server.issuer)
        guard let server else { return nil }
        if let fence = generation.replay(of: server).fence, now <= fence.second { return nil }
        let policy = server.settings.policy
        return policy.challengeKeys.issue(
            isDPoPNonce ? policy.dpopNoncePurpose : policy.challengePurpose, now: now)
    }

    /// The security clock (RPL-09).
    func now() -> UnixTime { generation.state.clock.now() }

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

    /// Starts serving a connection of the listener at this place in the settings.
    func serve(_ socket: AcceptedSocket, listener: Int) {
        guard !isDraining else { return }
        let tls = generation.settings.listeners[listener].tls
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
        current.retire()
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
