// SPDX-License-Identifier: Apache-2.0
// What the tests of this folder share: a loop for one test, a pair of connected streams.
import Testing

@testable import EventLoop

/// Long enough for a busy machine, short enough to fail a hanging test.
let patience = Duration.seconds(20)

/// Runs `body` on a loop of its own.
func withLoop(
    _ body: @Sendable (isolated EventLoop) async throws -> Void
) async throws {
    let loop = EventLoop()
    loop.startThread(name: "test")
    defer {
        loop.stop()
        loop.join()
    }
    try await loop.call(body)
}

/// An address with a port from the kernel.
func anyPort() throws -> SocketAddress {
    try #require(SocketAddress("127.0.0.1:0"))
}

/// A value that a callback of the loop delivers to a task of the same loop.
final class Promise<Value> {
    private var value: Value?
    private var waiting: CheckedContinuation<Void, Never>?

    func fulfil(_ value: Value) {
        self.value = value
        waiting?.resume()
        waiting = nil
    }

    func get() async -> Value {
        while true {
            if let value { return value }
            await withCheckedContinuation { waiting = $0 }
        }
    }
}

/// Two ends of one connection over loopback, both on `loop`.
struct StreamPair {
    let client: ByteStream
    let server: ByteStream

    static func connected(
        over address: SocketAddress? = nil, on loop: EventLoop
    ) async throws -> StreamPair {
        let accepted = Promise<AcceptedSocket>()
        let listener = try Listener(try address ?? anyPort(), on: loop) { accepted.fulfil($0) }
        let client = try await ByteStream.connect(
            to: listener.boundAddress, on: loop, deadline: .after(patience))
        let server = try ByteStream(await accepted.get(), tls: nil, on: loop)
        listener.stop()
        return StreamPair(client: client, server: server)
    }
}

extension ByteStream {
    /// Reads until the clean end.
    func readToEnd() async throws(StreamError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let piece = try await read(deadline: .after(patience))
            if piece.isEmpty { return all }
            all += piece
        }
    }

    /// Reads exactly `count` octets.
    func read(exactly count: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let piece = try await read(atMost: count - all.count, deadline: .after(patience))
            try #require(!piece.isEmpty, "the stream ended early")
            all += piece
        }
        return all
    }
}
