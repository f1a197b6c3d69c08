// SPDX-License-Identifier: Apache-2.0
// Listeners: sharing, refusing, the file of a Unix socket, and rest when descriptors run out.
import Glibc
import Testing

@testable import EventLoop

@Suite struct ListenerTests {
    @Test("workers share a port; the probe sees that it is taken")
    func sharing() async throws {
        try await withLoop { loop in
            let first = try Listener(try anyPort(), on: loop) { _ in }
            let address = first.boundAddress
            #expect(address.portOrNil != 0)
            let second = try Listener(address, on: loop) { _ in }
            #expect(second.boundAddress == address)
            let error = #expect(throws: ListenError.self) { try Listener.probe(address) }
            #expect(error?.code == EADDRINUSE)
            first.stop()
            #expect(throws: ListenError.self) { try Listener.probe(address) }
            second.stop()
        }
    }

    @Test("connections are spread over the loops that share a port, and reach them alive")
    func twoLoops() async throws {
        try await withLoop { loop in
            let accepted = Promise<AcceptedSocket>()
            let listener = try Listener(try anyPort(), on: loop) { accepted.fulfil($0) }
            let client = try await ByteStream.connect(
                to: listener.boundAddress, on: loop, deadline: .after(patience))
            let socket = await accepted.get()
            try await withLoop { other in
                let server = try ByteStream(socket, tls: nil, on: other)
                server.write([5])
                server.close()
            }
            #expect(try await client.read(exactly: 1) == [5])
            client.abort()
        }
    }

    @Test("a Unix socket's file has its mode, replaces a stale one and goes with the listener")
    func unixSocket() async throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddress.unix(path: directory.file("socket"))
        // Bound and gone without removing its file, as after a crash.
        let stale = try BoundSocket.bound(address, reusePort: false)
        _ = consume stale
        unsafe #expect(access(directory.file("socket"), F_OK) == 0)
        try await withLoop { loop in
            let options = ListenerOptions(unixMode: 0o600)
            let listener = try Listener(address, options: options, on: loop) { _ in }
            var status = stat()
            #expect(unsafe stat(directory.file("socket"), &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(throws: ListenError.self) { try Listener(address, on: loop) { _ in } }
            listener.stop()
            #expect(unsafe stat(directory.file("socket"), &status) != 0)
        }
    }

    @Test("an ordinary file in the place of a Unix socket is left alone")
    func unixSocketOverFile() async throws {
        let directory = try TemporaryDirectory()
        try Files.writeNew(directory.file("socket"), [1])
        try await withLoop { loop in
            let address = SocketAddress.unix(path: directory.file("socket"))
            #expect(throws: ListenError.self) { try Listener(address, on: loop) { _ in } }
        }
        #expect(try Files.read(directory.file("socket"), atMost: 1) == [1])
    }

    @Test("a paused listener accepts nothing, a resumed one what has waited")
    func pausing() async throws {
        try await withLoop { loop in
            var count = 0
            let accepted = Promise<AcceptedSocket>()
            let listener = try Listener(try anyPort(), on: loop) {
                count += 1
                accepted.fulfil($0)
            }
            listener.pause()
            let client = try await ByteStream.connect(
                to: listener.boundAddress, on: loop, deadline: .after(patience))
            await loop.sleep(until: .after(.milliseconds(20)))
            #expect(count == 0)
            listener.resume()
            _ = await accepted.get()
            #expect(count == 1)
            listener.stop()
            client.abort()
        }
    }

    @Test(
        "accepting rests on exhaustion and goes on after it",
        arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
    func exhaustionInjected(code: Int32) async throws {
        try await withLoop { loop in
            let accepted = Promise<AcceptedSocket>()
            let listener = try Listener(try anyPort(), on: loop) { accepted.fulfil($0) }
            var attempts = 0
            var reported: [Int32] = []
            listener.onExhaustion = { reported.append($0) }
            listener.acceptNext = { number in
                attempts += 1
                return attempts <= 2 ? .init(failure: code) : Listener.acceptNext(number)
            }
            let client = try await ByteStream.connect(
                to: listener.boundAddress, on: loop, deadline: .after(patience))
            let start = MonotonicClock.nanoseconds()
            _ = await accepted.get()
            #expect(MonotonicClock.nanoseconds() - start >= 150_000_000, "two rests of 100 ms")
            #expect(reported == [code, code])
            #expect(attempts <= 4)
            listener.stop()
            client.abort()
        }
    }

    @Test("a connection that died in the queue does not stop the others")
    func unlucky() async throws {
        try await withLoop { loop in
            let accepted = Promise<AcceptedSocket>()
            let listener = try Listener(try anyPort(), on: loop) { accepted.fulfil($0) }
            var attempts = 0
            listener.acceptNext = { number in
                attempts += 1
                return attempts == 1 ? .init(failure: ECONNABORTED) : Listener.acceptNext(number)
            }
            let client = try await ByteStream.connect(
                to: listener.boundAddress, on: loop, deadline: .after(patience))
            _ = await accepted.get()
            #expect(!listener.isResting)
            listener.stop()
            client.abort()
        }
    }

    @Test("with the descriptors of the process used up, waiting connections are served later")
    func exhaustionReal() async {
        await #expect(processExitsWith: .success) {
            try await withLoop { loop in
                var sockets: [AcceptedSocket] = []
                let all = Promise<Bool>()
                let exhausted = Promise<Int32>()
                let listener = try Listener(try anyPort(), on: loop) {
                    sockets.append($0)
                    if sockets.count == 8 { all.fulfil(true) }
                }
                listener.onExhaustion = { exhausted.fulfil($0) }
                listener.pause()
                var clients: [ByteStream] = []
                for _ in 0..<8 {
                    clients.append(
                        try await ByteStream.connect(
                            to: listener.boundAddress, on: loop, deadline: .after(patience)))
                }
                let before = try descriptorLimit()
                try setDescriptorLimit(3)
                listener.resume()
                let code = await exhausted.get()
                try setDescriptorLimit(before)
                #expect(code == EMFILE)
                #expect(await all.get())
                for client in clients { client.abort() }
                listener.stop()
            }
        }
    }

    @Test("ten thousand connections leave no descriptor behind")
    func manyConnections() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            try await withLoop { loop in
                try await churn(over: anyPort(), times: 5000, on: loop)
                try await churn(over: .unix(path: directory.file("socket")), times: 5000, on: loop)
            }
        }
    }
}

/// Connects, exchanges an octet each way and closes in every order, `times` times.
private func churn(over address: SocketAddress, times: Int, on loop: EventLoop) async throws {
    var next = Promise<AcceptedSocket>()
    let listener = try Listener(address, on: loop) { next.fulfil($0) }
    let before = openDescriptors()
    for round in 0..<times {
        next = Promise()
        let client = try await ByteStream.connect(
            to: listener.boundAddress, on: loop, deadline: .after(patience))
        let server = try ByteStream(await next.get(), tls: nil, on: loop)
        client.write([1])
        _ = try await server.read(exactly: 1)
        server.write([2])
        switch round % 4 {
        case 0:
            server.close()
            _ = try await client.readToEnd()
            client.close()
        case 1:
            client.close()
            _ = try await server.readToEnd()
            server.close()
        case 2: client.abort()
        default: server.abort()
        }
    }
    while !loop.executor.closing.isEmpty { await loop.sleep(until: .after(.milliseconds(10))) }
    #expect(openDescriptors() <= before, "descriptors leaked")
    listener.stop()
}
