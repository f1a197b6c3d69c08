// SPDX-License-Identifier: Apache-2.0
// The keep-alive connections of one worker to one AS.

import ClientAttestation
import EventLoop
import HTTPWire
import Octets

/// Hands out idle connections, opens new ones within bounds, queues when all are busy.
final class UpstreamPool {
    private final class Waiter {
        var continuation: CheckedContinuation<Bool, Never>?

        /// Wakes the waiter once; true: a place is free.
        func resume(_ granted: Bool) {
            continuation?.resume(returning: granted)
            continuation = nil
        }
    }

    private let settings: UpstreamSettings
    /// Connections this pool may hold.
    private let share: Int
    private let loop: EventLoop
    /// How long an unused connection is trusted without asking the kernel whether the AS has closed
    /// it meanwhile; no AS closes sooner.
    private static let trust = Duration.milliseconds(500)

    private struct Idle {
        let connection: UpstreamConnection
        let trusted: Deadline
        let until: Deadline
    }

    private var idle: [Idle] = []
    private var open = 0
    private var holds = 0
    private var waiters: [Waiter] = []
    private var nextAddress = 0
    private var sweeper: LoopTimer?
    private var isRetired = false

    init(_ settings: UpstreamSettings, share: Int, loop: EventLoop) {
        self.settings = settings
        self.share = max(1, share)
        self.loop = loop
        sweeper = LoopTimer(on: loop, every: settings.idleTimeout / 2) { [unowned self] in
            closeExpired()
        }
    }

    /// Sends a whole request and reads the head of its answer. Never retried (ERR-11). `isLast`:
    /// the connection carries no other request afterwards.
    func exchange(
        _ request: UpstreamRequest, record exchange: Exchange, isLast: Bool = false
    ) async throws(Refusal) -> UpstreamAnswer {
        let started = Stopwatch()
        do {
            let connection = try await checkOut()
            connection.isLast = isLast
            connection.write(request.bytes)
            return try await answer(
                on: connection, method: request.method, exchange: exchange, started: started)
        } catch {
            exchange.record.upstreamTime = started.milliseconds
            throw error.refusal
        }
    }

    /// Reads the head of the answer to a request already written on `connection`.
    func answer(
        on connection: UpstreamConnection, method: Method, exchange: Exchange,
        started: Stopwatch
    ) async throws(UpstreamFailure) -> UpstreamAnswer {
        do {
            let head = try await connection.readHead(method: method)
            exchange.record.upstreamStatus = head.status
            exchange.record.upstreamTime = started.milliseconds
            return UpstreamAnswer(head: head, connection: connection, pool: self)
        } catch {
            discard(connection)
            throw error
        }
    }

    // MARK: Slow clients

    /// Whether an exchange may wait for its client for as long as clients may take. A slow client
    /// holds a connection while it sends or reads a long body; such waits together may hold no
    /// more than half of the connections. Ended by `endHold`.
    func beginHold() -> Bool {
        guard holds < max(1, share / 2) else { return false }
        holds += 1
        return true
    }

    /// Ends what `beginHold` allowed.
    func endHold() {
        holds -= 1
    }

    // MARK: Places

    /// An idle connection, else a new one, else the first that becomes free.
    func checkOut() async throws(UpstreamFailure) -> UpstreamConnection {
        if let connection = takeIdle() { return connection }
        let deadline = Deadline.after(settings.responseTimeout)
        while true {
            if open < share { return try await connect() }
            guard await waitForPlace(until: deadline) else { throw .unreachable }
            if let connection = takeIdle() { return connection }
        }
    }

    /// Takes a connection back after an exchange.
    func checkIn(_ connection: UpstreamConnection) {
        guard !isRetired, connection.isReusable(requestLimit: settings.requests) else {
            discard(connection)
            return
        }
        let now = loop.now
        idle.append(
            Idle(
                connection: connection, trusted: now + Self.trust,
                until: now + settings.idleTimeout))
        wakeOne()
    }

    /// Closes a connection that must not carry another request.
    func discard(_ connection: UpstreamConnection) {
        connection.stream.onEnd = nil
        connection.stream.abort()
        open -= 1
        wakeOne()
    }

    /// Closes what is idle now, and what is in use when it comes back; for an AS that is reached
    /// otherwise from now on, and at the end of the worker.
    func retire() {
        isRetired = true
        while let last = idle.popLast() { discard(last.connection) }
    }

    /// The longest idle are first; the last used are handed out first.
    private func closeExpired() {
        while let first = idle.first, first.until <= loop.now {
            idle.removeFirst()
            discard(first.connection)
        }
    }

    private func takeIdle() -> UpstreamConnection? {
        while let last = idle.popLast() {
            let (connection, now) = (last.connection, loop.now)
            let isOpen = now < last.trusted || connection.stream.isQuietlyOpen
            if isOpen, now < last.until,
                connection.isReusable(requestLimit: settings.requests)
            {
                return connection
            }
            discard(connection)
        }
        return nil
    }

    private func dropIdle(_ connection: UpstreamConnection) {
        guard let index = idle.firstIndex(where: { $0.connection === connection }) else { return }
        idle.remove(at: index)
        discard(connection)
    }

    private func connect() async throws(UpstreamFailure) -> UpstreamConnection {
        open += 1
        let deadline = Deadline.after(settings.connectTimeout)
        for _ in settings.addresses {
            let address = settings.addresses[nextAddress % settings.addresses.count]
            do {
                let stream = try await ByteStream.connect(to: address, on: loop, deadline: deadline)
                let connection = UpstreamConnection(
                    stream, responseTimeout: settings.responseTimeout)
                // A busy connection that ends is found out by who uses it.
                stream.onEnd = { [weak self, unowned connection] in self?.dropIdle(connection) }
                return connection
            } catch {
                // The next address gets its chance within the same deadline.
                nextAddress += 1
            }
        }
        open -= 1
        wakeOne()
        throw .unreachable
    }

    private func waitForPlace(until deadline: Deadline) async -> Bool {
        guard !deadline.isPast else { return false }
        let waiter = Waiter()
        waiters.append(waiter)
        let timer = LoopTimer(on: loop, at: deadline) { [weak self] in
            self?.waiters.removeAll { $0 === waiter }
            waiter.resume(false)
        }
        let granted = await withCheckedContinuation { waiter.continuation = $0 }
        timer.cancel()
        return granted
    }

    private func wakeOne() {
        guard !waiters.isEmpty else { return }
        waiters.removeFirst().resume(true)
    }
}

/// The head of an AS's answer, and the connection its body comes by.
struct UpstreamAnswer {
    let head: ResponseHead
    let connection: UpstreamConnection
    private let pool: UpstreamPool

    init(head: ResponseHead, connection: UpstreamConnection, pool: UpstreamPool) {
        self.head = head
        self.connection = connection
        self.pool = pool
    }

    /// The next octets of the body; nil at its end.
    func nextBodyPart() async throws(UpstreamFailure) -> [UInt8]? {
        try await connection.nextBodyPart()
    }

    /// Waits until `client` has read enough: as long as it may take, or but a moment where slow
    /// clients hold too many connections already.
    func waitForRoom(_ client: HTTP1Connection) async throws(ClientGone) {
        if client.hasRoom { return }
        guard pool.beginHold() else {
            return try await client.waitForRoom(within: .milliseconds(250))
        }
        defer { pool.endHold() }
        try await client.waitForRoom()
    }

    /// Gives the connection back, or closes it where the answer was not read to its end. Called
    /// exactly once.
    func release() {
        pool.checkIn(connection)
    }
}
