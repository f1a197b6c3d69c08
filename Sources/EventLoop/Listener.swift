// SPDX-License-Identifier: Apache-2.0
// Accepting connections on TCP and Unix sockets, and pausing when descriptors run out.
internal import CLibevent
import Glibc

/// Settings of a listener.
public struct ListenerOptions: Sendable {
    /// Whether other listeners of this process may bind the same TCP address, one per worker.
    public var reusePort: Bool
    /// Connections the kernel keeps waiting until they are accepted.
    public var backlog: Int32
    /// Permissions of a Unix socket's file.
    public var unixMode: UInt16

    /// The defaults suit one listener per worker.
    public init(reusePort: Bool = true, backlog: Int32 = 1024, unixMode: UInt16 = 0o660) {
        self.reusePort = reusePort
        self.backlog = backlog
        self.unixMode = unixMode
    }
}

/// Why a listener cannot be opened.
public struct ListenError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address as configured.
    public let address: SocketAddress
    /// The system's error.
    public let code: Int32
    /// What it means here.
    public let reason: String

    /// Address and reason, for the operator.
    public var description: String { "cannot listen on \(address): \(reason)" }

    init(_ address: SocketAddress, _ code: Int32, _ reason: String? = nil) {
        self.address = address
        self.code = code
        self.reason = reason ?? (unsafe String(cString: strerror(code)))
    }
}

/// An open listening socket of one loop. Not `Sendable`. Stopped when dropped.
public final class Listener {
    /// Connections accepted before other sockets of the loop get their turn.
    private static let acceptsPerTurn = 64
    /// How long accepting rests when descriptors or memory have run out.
    private static let exhaustionPause = Duration.milliseconds(100)

    /// The address with the port the kernel chose.
    public let boundAddress: SocketAddress

    /// Called with the system's error whenever descriptors or memory have run out, so that
    /// accepting rests for a moment. New connections wait in the kernel meanwhile.
    public var onExhaustion: ((Int32) -> Void)?

    private let loop: EventLoop
    private let socket: BoundSocket
    private let accept: (AcceptedSocket) -> Void
    private var watch: SocketWatch?
    private var restTimer: LoopTimer?
    private var isPaused = false

    /// Takes the next connection of a listening socket; replaced by tests.
    var acceptNext: (Int32) -> AcceptResult = Listener.acceptNext

    /// Binds and listens, and calls `accept` on the loop for each connection. Only on the loop.
    public init(
        _ address: SocketAddress, options: ListenerOptions = ListenerOptions(),
        on loop: EventLoop, accept: @escaping (AcceptedSocket) -> Void
    ) throws(ListenError) {
        loop.executor.requireOnLoop()
        socket = try BoundSocket(address, options: options)
        boundAddress = socket.address
        self.loop = loop
        self.accept = accept
        try startWatching()
    }

    deinit {
        precondition(
            loop.executor.isOnLoop || loop.executor.hasEnded, "a listener was dropped off its loop")
        stop()
    }

    /// Shows that nobody else holds `address`, by binding it for a moment without sharing it. To
    /// be called before the workers bind it together: a second gateway must fail, not take half of
    /// the connections. Blocks no loop; any thread.
    public static func probe(_ address: SocketAddress) throws(ListenError) {
        guard address.isTCP else { return }
        _ = try BoundSocket.bound(address, reusePort: false)
    }

    /// Closes the socket for good and removes the file of a Unix socket.
    public func stop() {
        watch = nil
        restTimer = nil
        socket.close()
    }

    /// Stops accepting until `resume`. Connections wait in the kernel's queue.
    public func pause() {
        isPaused = true
        watch = nil
        restTimer = nil
    }

    /// Accepts again after `pause`.
    public func resume() {
        guard isPaused else { return }
        isPaused = false
        restart()
    }

    /// Whether the listener rests because descriptors or memory ran out.
    var isResting: Bool { restTimer != nil }

    private func startWatching() throws(ListenError) {
        guard let number = socket.number else { return }
        watch = SocketWatch(number, .readable, on: loop.executor) { [unowned self] _ in
            self.acceptWaiting()
        }
        if watch == nil { throw ListenError(boundAddress, ENOMEM) }
    }

    private func restart() {
        restTimer = nil
        do throws(ListenError) {
            try startWatching()
        } catch {
            rest(error.code)
        }
    }

    private func acceptWaiting() {
        for _ in 0..<Listener.acceptsPerTurn {
            // The callback may have paused or stopped us.
            guard watch != nil, let number = socket.number else { return }
            switch acceptNext(number) {
            case .connection(let connection): accept(connection)
            case .nothing: return
            case .unlucky: continue
            case .exhausted(let code): return rest(code)
            }
        }
    }

    /// Without this rest the waiting connection would wake the loop at once, again and again.
    private func rest(_ code: Int32) {
        watch = nil
        restTimer = LoopTimer(on: loop, after: Listener.exhaustionPause) { [unowned self] in
            self.restart()
        }
        onExhaustion?(code)
    }
}

extension Listener {
    /// What one accept brought.
    enum AcceptResult {
        case connection(AcceptedSocket)
        /// Nobody waits.
        case nothing
        /// The connection was gone before it was taken; there may be others.
        case unlucky
        /// No descriptor or no memory for it.
        case exhausted(Int32)

        /// The meaning of an error of accept4. Linux also reports errors of the network that hit
        /// the waiting connection; they concern that one alone.
        init(failure code: Int32) {
            switch code {
            case EAGAIN: self = .nothing
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: self = .exhausted(code)
            case EBADF, EINVAL, ENOTSOCK, EFAULT: self = .exhausted(code)
            default: self = .unlucky
            }
        }
    }

    static func acceptNext(_ listening: Int32) -> AcceptResult {
        var number: Int32 = -1
        let peer = unsafe SocketAddress.fromKernel { address, size in
            let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            number = unsafe accept4(listening, address, size, flags)
            return number
        }
        guard number >= 0 else { return AcceptResult(failure: errno) }
        let socket = Descriptor(owning: number)
        return .connection(AcceptedSocket(socket, peer: peer ?? .unix(path: "")))
    }
}
