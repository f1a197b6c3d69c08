// SPDX-License-Identifier: Apache-2.0
// A socket bound to its address and listening, with the care a Unix socket's file needs.
import Glibc

/// Owns a listening socket and, for a Unix socket, its file.
final class BoundSocket {
    /// Which file is ours: another process may have replaced it since.
    private struct FileIdentity: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    /// With the port the kernel chose.
    let address: SocketAddress
    private var socket: Descriptor?
    private var file: FileIdentity?

    /// The listening descriptor; nil once closed.
    var number: Int32? { socket?.number }

    init(_ address: SocketAddress, options: ListenerOptions) throws(ListenError) {
        let socket = try BoundSocket.bound(address, reusePort: options.reusePort)
        var file: FileIdentity?
        if case .unix(let path) = address {
            // The mode is set before anybody can connect, which takes `listen`.
            guard unsafe chmod(path, mode_t(options.unixMode)) == 0 else {
                throw ListenError(address, errno)
            }
            file = BoundSocket.identity(path)
        }
        guard listen(socket.number, options.backlog) == 0 else {
            throw BoundSocket.refusal(address, errno)
        }
        let number = socket.number
        let actual = unsafe SocketAddress.fromKernel { unsafe getsockname(number, $0, $1) }
        self.address = address.isTCP ? actual ?? address : address
        self.file = file
        self.socket = consume socket
    }

    deinit {
        close()
    }

    /// A socket bound to `address`, not listening yet.
    static func bound(
        _ address: SocketAddress, reusePort: Bool
    ) throws(ListenError) -> Descriptor {
        guard let socket = address.makeSocket() else { throw ListenError(address, errno) }
        if address.isTCP {
            socket.setOption(SOL_SOCKET, SO_REUSEADDR, to: 1)
            if reusePort { socket.setOption(SOL_SOCKET, SO_REUSEPORT, to: 1) }
            // Accepted sockets inherit it: replies leave at once, they are written whole.
            socket.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, to: 1)
        }
        if address.family == AF_INET6 {
            // [::] means IPv6 only, so that 0.0.0.0 can be configured beside it.
            socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 1)
        }
        if case .unix(let path) = address { try BoundSocket.removeStale(path, address) }
        let bound = unsafe address.withKernelAddress { unsafe bind(socket.number, $0, $1) }
        guard bound == 0 else { throw BoundSocket.refusal(address, errno) }
        return socket
    }

    /// Closes the socket and removes its file, if it is still ours.
    func close() {
        guard socket != nil else { return }
        socket = nil
        if case .unix(let path) = address, let file, BoundSocket.identity(path) == file {
            unsafe unlink(path)
        }
        file = nil
    }

    private static func identity(_ path: String) -> FileIdentity? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return FileIdentity(device: status.st_dev, inode: status.st_ino)
    }

    /// Removes a socket file nobody listens on, as a crash leaves it. Anything else stays.
    private static func removeStale(
        _ path: String, _ address: SocketAddress
    ) throws(ListenError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ListenError(address, EEXIST, "a file that is not a socket has this path")
        }
        guard let probe = address.makeSocket() else { throw ListenError(address, errno) }
        let connected = unsafe address.withKernelAddress { unsafe connect(probe.number, $0, $1) }
        guard connected != 0, errno == ECONNREFUSED else {
            throw ListenError(address, EADDRINUSE, "another process listens there")
        }
        unsafe unlink(path)
    }

    private static func refusal(_ address: SocketAddress, _ code: Int32) -> ListenError {
        switch code {
        case EADDRINUSE: ListenError(address, code, "another process listens there")
        case EACCES: ListenError(address, code, "not permitted; ports below 1024 need a privilege")
        case EADDRNOTAVAIL: ListenError(address, code, "this machine does not have that address")
        default: ListenError(address, code)
        }
    }
}
