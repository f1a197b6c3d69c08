// SPDX-License-Identifier: Apache-2.0
// A connected socket, plain or TLS, as straight-line code sees it: read, write, drain, close.
internal import CLibevent
internal import COpenSSL
import Cryptography
import Glibc

/// A connection of one loop. Not `Sendable`: it lives and dies on its loop.
///
/// At most one task reads and one drains at a time. Every wait has a deadline and ends exactly
/// once, also when another task of the loop closes the stream. Cancelling a task does not end its
/// wait: abort the stream.
///
/// Input is read ahead up to some 48 KiB and no further, so a peer that is not listened to is held
/// back by its own window. Output is bounded by its writer, with `drain`.
public final class ByteStream {
    /// How the peer's side ended.
    enum Ending {
        case clean
        case failed(StreamError)
    }

    enum Phase {
        case open
        /// Closed by us: the queued output and the goodbye leave, until the deadline.
        case flushing(Deadline)
        /// Closed by us, goodbye said: late octets of the peer are read and dropped.
        case lingering(Deadline)
        case gone
    }

    /// A task waiting for something to change. It looks for itself what has changed.
    @safe struct Waiter {
        let continuation: UnsafeContinuation<Void, Never>
        let deadline: Deadline
    }

    /// The most that is dropped, and how long, of what a peer still sends after our goodbye.
    static let lingerOctets = 4 * 1024 * 1024
    static let lingerTime = Duration.seconds(2)
    /// Streams of one loop that may linger at once; beyond that a closed stream goes at once.
    public static let closingStreams = 1024

    /// How long `close` lets queued output take to leave.
    public static let defaultCloseLimit = Duration.seconds(5)

    /// The other end.
    public let peer: SocketAddress

    /// Called once, soon after an idle stream (nobody reads) meets its end, whether clean or not.
    /// Not called when we close it ourselves.
    public var onEnd: (() -> Void)?

    let loop: EventLoop
    var transport: Transport?
    var phase = Phase.open
    var ending: Ending?
    var reader: Waiter?
    var drainer: Waiter?
    /// Watches the socket while closing, in place of the bufferevent.
    var watch: SocketWatch?
    /// Octets that may still be dropped while lingering.
    var dropBudget = ByteStream.lingerOctets
    private var alarm: LazyAlarm?

    /// Takes over a connection; with `tls` its handshake starts by itself and the first read waits
    /// for it. Only on the loop. Throws if memory ran out or the socket was already taken.
    public convenience init(
        _ accepted: AcceptedSocket, tls: TLSServerContext?, on loop: EventLoop
    ) throws(StreamError) {
        guard let socket = accepted.take() else { throw .closed }
        var session: OpaquePointer?
        if let tls {
            unsafe session = tls.makeSession()
            guard unsafe session != nil else { throw .failed(ENOMEM, "no memory for TLS") }
        }
        try unsafe self.init(socket, peer: accepted.peer, session: session, on: loop)
    }

    /// Takes over a connected socket and, for TLS, a reference to `session`.
    init(
        _ socket: consuming Descriptor, peer: SocketAddress, session: OpaquePointer?,
        on loop: EventLoop
    ) throws(StreamError) {
        loop.executor.requireOnLoop()
        self.loop = loop
        self.peer = peer
        transport = try unsafe Transport(socket, tls: session, base: loop.executor.base)
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe transport?.start(
            context: context, readable: readableCallback, drained: drainedCallback,
            changed: changedCallback)
        loop.executor.remember(self)
    }

    deinit {
        precondition(
            loop.executor.isOnLoop || loop.executor.hasEnded, "a stream was dropped off its loop")
        loop.executor.forget(ObjectIdentifier(self))
    }

    /// The instant that lies `duration` after the present turn of the loop began: like
    /// `Deadline.after`, but without asking the clock.
    public func deadline(after duration: Duration) -> Deadline { loop.executor.now + duration }

    // MARK: Reading

    /// Up to `limit` octets, as soon as there are any; empty at the clean end of the stream.
    ///
    /// Does not suspend if octets are waiting. A deadline that has passed is an error even then, so
    /// a series of reads with one deadline is bounded in time whatever the peer sends.
    public func read(
        atMost limit: Int = 16_384, deadline: Deadline
    ) async throws(StreamError) -> [UInt8] {
        precondition(reader == nil, "a stream has one reader at a time")
        precondition(limit > 0, "a read of nothing would look like the end of the stream")
        while true {
            guard case .open = phase else { throw .closed }
            if deadline <= loop.executor.now { throw .timedOut }
            if let bytes = transport?.take(atMost: limit) { return bytes }
            switch ending {
            case .clean: return []
            case .failed(let error): throw error
            case nil: break
            }
            unsafe await withUnsafeContinuation { (waiting: UnsafeContinuation<Void, Never>) in
                reader = unsafe Waiter(continuation: waiting, deadline: deadline)
                requireAlarm(deadline)
            }
        }
    }

    // MARK: Writing

    /// Octets written that the kernel has not taken yet.
    public var queuedOutput: Int { transport?.queued ?? 0 }

    /// Queues `bytes`; they leave at the latest when the loop has nothing else to run. Never
    /// suspends and never fails: a broken connection shows at the next `read` or `drain`.
    public func write(_ bytes: [UInt8]) {
        guard case .open = phase else { return }
        if case .failed = ending { return }
        if transport?.append(bytes) == true { loop.executor.flushSoon(self) }
    }

    /// Waits until at most `limit` octets of output are waiting for the peer. This is what bounds
    /// the memory a slow reader costs.
    public func drain(below limit: Int, deadline: Deadline) async throws(StreamError) {
        precondition(drainer == nil, "a stream has one drainer at a time")
        while true {
            guard case .open = phase else { throw .closed }
            if deadline <= loop.executor.now { throw .timedOut }
            flush()
            if case .failed(let error) = ending { throw error }
            if queuedOutput <= limit { return }
            transport?.reportDrained(below: max(0, limit))
            unsafe await withUnsafeContinuation { (waiting: UnsafeContinuation<Void, Never>) in
                drainer = unsafe Waiter(continuation: waiting, deadline: deadline)
                requireAlarm(deadline)
            }
        }
    }

    /// Offers what was written to the socket. The loop calls it before it waits.
    func flush() {
        do throws(StreamError) {
            try transport?.flush()
        } catch {
            ended(.failed(error))
        }
    }

    // MARK: State

    /// The TLS version once the handshake is done, as "TLSv1.3"; nil for a plain stream.
    public var negotiatedTLS: String? { transport?.tlsVersion }

    /// Whether the stream can be used for a new exchange: open, nothing unread, nothing unsent, no
    /// end seen, and none waiting in the kernel. For pools.
    public var isQuietlyOpen: Bool {
        guard case .open = phase, ending == nil else { return false }
        return transport?.isQuiet ?? false
    }

    // MARK: Waiting

    /// Makes sure `alarmRang` comes soon after `deadline`.
    func requireAlarm(_ deadline: Deadline) {
        guard deadline != .never else { return }
        if alarm == nil {
            let context = unsafe Unmanaged.passUnretained(self).toOpaque()
            unsafe alarm = LazyAlarm(
                executor: loop.executor, context: context, callback: alarmCallback)
        }
        alarm?.require(deadline)
    }

    /// The alarm of some wait, perhaps one that is over.
    func alarmRang() {
        alarm?.fired()
        if let waiter = reader {
            if waiter.deadline.isPast { wakeReader() } else { requireAlarm(waiter.deadline) }
        }
        if let waiter = drainer {
            if waiter.deadline.isPast { wakeDrainer() } else { requireAlarm(waiter.deadline) }
        }
        switch phase {
        case .flushing(let deadline), .lingering(let deadline):
            if !deadline.isPast { return requireAlarm(deadline) }
            loop.executor.later { self.finish() }
        case .open, .gone: break
        }
    }

    /// Lets the reader look again. Taking it out first makes the resume happen once.
    func wakeReader() {
        guard let waiter = reader else { return }
        reader = nil
        unsafe waiter.continuation.resume()
    }

    /// Lets the drainer look again.
    func wakeDrainer() {
        guard let waiter = drainer else { return }
        drainer = nil
        unsafe waiter.continuation.resume()
    }

    /// Frees what a closed stream no longer needs.
    func releaseResources() {
        watch = nil
        alarm = nil
        transport = nil
    }
}
