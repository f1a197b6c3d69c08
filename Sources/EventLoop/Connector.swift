// SPDX-License-Identifier: Apache-2.0
// Connecting to a TCP or Unix socket address. TLS towards upstreams will join here.
import Glibc

extension ByteStream {
    /// Connects to `address`. Must be called by a task of `loop`.
    ///
    /// Throws `.timedOut` at the deadline, `.failed` with the system's reason otherwise.
    public static func connect(
        to address: SocketAddress, on loop: EventLoop, deadline: Deadline
    ) async throws(StreamError) -> ByteStream {
        loop.executor.requireOnLoop()
        guard let socket = address.makeSocket() else { throw .system(errno) }
        if address.isTCP { socket.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, to: 1) }
        let status = unsafe address.withKernelAddress { kernelAddress, size in
            unsafe Glibc.connect(socket.number, kernelAddress, size)
        }
        if status != 0 {
            guard errno == EINPROGRESS else { throw .refusal(errno) }
            try await waitUntilConnected(socket.number, on: loop, deadline: deadline)
            let code = socket.pendingError()
            guard code == 0 else { throw .refusal(code) }
        }
        return try unsafe ByteStream(socket, peer: address, session: nil, on: loop)
    }

    private static func waitUntilConnected(
        _ number: Int32, on loop: EventLoop, deadline: Deadline
    ) async throws(StreamError) {
        var outcome: SocketWatch.Outcome?
        while outcome != .ready {
            if deadline.isPast { throw .timedOut }
            var watch: SocketWatch?
            unsafe await withUnsafeContinuation { (waiting: UnsafeContinuation<Void, Never>) in
                watch = SocketWatch(number, .writable, until: deadline, on: loop.executor) {
                    outcome = $0
                    unsafe waiting.resume()
                }
                if watch == nil { unsafe waiting.resume() }
            }
            guard watch != nil else { throw .failed(ENOMEM, "no memory for a connection") }
        }
    }
}

extension StreamError {
    /// The error of a connect, where a reset is not a cut of anything that was there before.
    fileprivate static func refusal(_ code: Int32) -> StreamError {
        .failed(code, unsafe String(cString: strerror(code)))
    }
}
