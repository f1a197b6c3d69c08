// SPDX-License-Identifier: Apache-2.0
// Streams over real sockets: octets, ends, deadlines, back-pressure and closing.
import Testing

@testable import EventLoop

@Suite struct ByteStreamTests {
    static let transports = ["TCP", "Unix"]

    private static func address(_ transport: String, _ directory: TemporaryDirectory) throws
        -> SocketAddress
    {
        try transport == "TCP" ? anyPort() : .unix(path: directory.file("socket"))
    }

    @Test("octets travel both ways and end cleanly", arguments: transports)
    func echo(transport: String) async throws {
        let directory = try TemporaryDirectory()
        try await withLoop { loop in
            let address = try ByteStreamTests.address(transport, directory)
            let pair = try await StreamPair.connected(over: address, on: loop)
            pair.client.write(Array("hello".utf8))
            #expect(try await pair.server.read(exactly: 5) == Array("hello".utf8))
            pair.server.write(Array("good".utf8))
            pair.server.write(Array("bye".utf8))
            pair.server.close()
            #expect(try await pair.client.readToEnd() == Array("goodbye".utf8))
            pair.client.close()
            #expect(pair.client.negotiatedTLS == nil)
        }
    }

    @Test("a read takes what is there without suspending, up to its limit")
    func readLimit() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            pair.client.write(Array("abcdef".utf8))
            #expect(try await pair.server.read(exactly: 1) == Array("a".utf8))
            let rest = try await pair.server.read(atMost: 2, deadline: .after(patience))
            #expect(rest == Array("bc".utf8))
            pair.client.abort()
            pair.server.abort()
        }
    }

    @Test("a half-closed peer still gets its answer")
    func halfClose() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            pair.client.write(Array("request".utf8))
            // `close` ends the sending side only and lingers; it drops what comes, so the answer
            // is seen by the server's drain having nobody to wait for.
            pair.client.close()
            #expect(try await pair.server.readToEnd() == Array("request".utf8))
            pair.server.write(Array("answer".utf8))
            try await pair.server.drain(below: 0, deadline: .after(patience))
            pair.server.close()
        }
    }

    @Test("a read ends at its deadline and not before; the stream stays usable")
    func readDeadline() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            let start = MonotonicClock.nanoseconds()
            await #expect(throws: StreamError.timedOut) {
                try await pair.server.read(deadline: .after(.milliseconds(50)))
            }
            #expect(MonotonicClock.nanoseconds() - start >= 50_000_000)
            pair.client.write([1])
            #expect(try await pair.server.read(exactly: 1) == [1])
            pair.client.abort()
            pair.server.abort()
        }
    }

    @Test("an earlier deadline after a later one still fires, and a past one throws at once")
    func deadlineOrder() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            pair.client.write([1])
            _ = try await pair.server.read(deadline: .after(.seconds(600)))
            pair.client.write([2])
            _ = try await pair.server.read(deadline: .never)
            await #expect(throws: StreamError.timedOut) {
                try await pair.server.read(deadline: .after(.milliseconds(20)))
            }
            pair.client.write([3])
            await #expect(throws: StreamError.timedOut) {
                try await pair.server.read(deadline: .now)
            }
            pair.client.abort()
            pair.server.abort()
        }
    }

    @Test("a connect that nobody answers ends at its deadline, a refused one at once")
    func connectFailures() async throws {
        try await withLoop { loop in
            let listener = try Listener(
                try anyPort(), options: ListenerOptions(backlog: 0), on: loop
            ) { _ in }
            listener.pause()
            // With no room in the kernel's queue further connects stay unanswered.
            var held: [ByteStream] = []
            await #expect(throws: StreamError.timedOut) {
                for _ in 0..<16 {
                    held.append(
                        try await ByteStream.connect(
                            to: listener.boundAddress, on: loop,
                            deadline: .after(.milliseconds(100))))
                }
            }
            let address = listener.boundAddress
            listener.stop()
            for stream in held { stream.abort() }
            do throws(StreamError) {
                _ = try await ByteStream.connect(to: address, on: loop, deadline: .after(patience))
                Issue.record("connected to a closed port")
            } catch {
                guard case .failed(111, _) = error else {
                    Issue.record("not refused but \(error)")
                    return
                }
            }
        }
    }

    @Test("a peer that is not listened to is held back, and nothing is lost")
    func readBackPressure() async throws {
        let total = 48 * 1024 * 1024
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            pair.client.write([UInt8](repeating: 7, count: total))
            await #expect(throws: StreamError.timedOut) {
                try await pair.client.drain(below: 0, deadline: .after(.milliseconds(400)))
            }
            let unread = pair.server.transport?.unread ?? 0
            #expect(unread >= 32_768 && unread <= 49_152)
            pair.client.close(within: .seconds(60))
            var received = 0
            while true {
                let piece = try await pair.server.read(atMost: 65_536, deadline: .after(patience))
                if piece.isEmpty { break }
                #expect(piece.count <= 65_536)
                received += piece.count
            }
            #expect(received == total)
            pair.server.close()
        }
    }

    @Test("a writer that drains never holds more than its bound for a slow reader")
    func writeBackPressure() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            let chunk = [UInt8](repeating: 1, count: 65_536)
            let done = Promise<Int>()
            loop.spawn {
                var most = 0
                for _ in 0..<400 {
                    pair.server.write(chunk)
                    most = max(most, pair.server.queuedOutput)
                    try? await pair.server.drain(below: 65_536, deadline: .after(patience))
                }
                pair.server.close()
                done.fulfil(most)
            }
            #expect(try await pair.client.readToEnd().count == 400 * 65_536)
            #expect(await done.get() <= 2 * 65_536)
            pair.client.close()
        }
    }

    @Test(
        "closing or aborting ends a pending read and a pending drain, each once",
        arguments: [true, false])
    func closeWhileWaiting(gracefully: Bool) async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            pair.server.write([UInt8](repeating: 0, count: 48 * 1024 * 1024))
            let outcomes = Promise<[StreamError?]>()
            var seen: [StreamError?] = []
            func note(_ error: StreamError?) {
                seen.append(error)
                if seen.count == 2 { outcomes.fulfil(seen) }
            }
            loop.spawn {
                do throws(StreamError) {
                    _ = try await pair.server.read(deadline: .never)
                    note(nil)
                } catch { note(error) }
            }
            loop.spawn {
                do throws(StreamError) {
                    try await pair.server.drain(below: 0, deadline: .after(patience))
                    note(nil)
                } catch { note(error) }
            }
            while pair.server.reader == nil || pair.server.drainer == nil {
                await loop.sleep(until: .now)
            }
            if gracefully {
                pair.server.close(within: .milliseconds(1))
            } else {
                pair.server.abort()
            }
            pair.server.abort()
            pair.server.close()
            #expect(await outcomes.get() == [.closed, .closed])
            await #expect(throws: StreamError.closed) {
                try await pair.server.read(deadline: .never)
            }
            pair.client.abort()
        }
    }

    @Test("an idle stream reports its end once; a read one does not")
    func onEnd() async throws {
        try await withLoop { loop in
            let idle = try await StreamPair.connected(on: loop)
            let ended = Promise<Bool>()
            idle.server.onEnd = { ended.fulfil(true) }
            #expect(idle.server.isQuietlyOpen)
            idle.client.close()
            #expect(await ended.get())
            #expect(!idle.server.isQuietlyOpen)
            #expect(idle.server.onEnd == nil)
            idle.server.close()

            let busy = try await StreamPair.connected(on: loop)
            busy.server.onEnd = { Issue.record("a stream with a reader reported its end") }
            loop.spawn { busy.client.close() }
            #expect(try await busy.server.readToEnd().isEmpty)
            busy.server.close()
        }
    }

    @Test("a stream with something unread or an unseen end is not quietly open")
    func quietlyOpen() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            #expect(pair.server.isQuietlyOpen)
            pair.client.write([1])
            pair.client.flush()
            // Not yet seen by the loop, only by the kernel.
            let arrival = Deadline.after(patience)
            while pair.server.isQuietlyOpen, !arrival.isPast {}
            #expect(!pair.server.isQuietlyOpen)
            _ = try await pair.server.read(exactly: 1)
            #expect(pair.server.isQuietlyOpen)
            pair.client.abort()
            // The kernel carries the end over in its own time; the loop gets no turn here.
            let limit = Deadline.after(patience)
            while pair.server.isQuietlyOpen, !limit.isPast {}
            #expect(!pair.server.isQuietlyOpen)
            pair.server.abort()
        }
    }

    @Test("an answer is received in full although its reader keeps sending")
    func lingering() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            let answer = [UInt8](repeating: 42, count: 300_000)
            pair.client.write([UInt8](repeating: 1, count: 1_000_000))
            _ = try await pair.server.read(deadline: .after(patience))
            pair.server.write(answer)
            pair.server.close()
            pair.client.write([UInt8](repeating: 2, count: 1_000_000))
            #expect(try await pair.client.read(exactly: 1000) == Array(answer.prefix(1000)))
            pair.client.write([UInt8](repeating: 3, count: 100_000))
            #expect(try await pair.client.readToEnd().count == answer.count - 1000)
            pair.client.close()
        }
    }

    @Test("a closed stream does not wait for a peer that never goes")
    func lingeringIsBounded() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            pair.server.close()
            // The client neither reads nor goes: this ends only because lingering does.
            while !loop.executor.closing.isEmpty {
                await loop.sleep(until: .after(.milliseconds(20)))
            }
            pair.client.abort()
        }
    }

    @Test("a flood after the goodbye is cut off")
    func lingeringIsFinite() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            pair.server.close()
            pair.client.write([UInt8](repeating: 0, count: 64 * 1024 * 1024))
            await #expect(throws: StreamError.truncated) {
                try await pair.client.drain(below: 0, deadline: .after(patience))
            }
            pair.client.abort()
        }
    }

    @Test("a reset is not a clean end, and what came before it can be read")
    func reset() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            pair.client.write([1, 2, 3])
            pair.server.write([9])
            pair.client.flush()
            pair.server.flush()
            // Unread input makes the kernel answer with a reset.
            pair.client.abort()
            #expect(try await pair.server.read(exactly: 3) == [1, 2, 3])
            await #expect(throws: StreamError.truncated) {
                try await pair.server.read(deadline: .after(patience))
            }
            pair.server.abort()
        }
    }

    @Test("an accepted socket serves one stream and is closed when dropped")
    func acceptedSocket() async throws {
        try await withLoop { loop in
            let accepted = Promise<AcceptedSocket>()
            let listener = try Listener(try anyPort(), on: loop) { accepted.fulfil($0) }
            let client = try await ByteStream.connect(
                to: listener.boundAddress, on: loop, deadline: .after(patience))
            let socket = await accepted.get()
            #expect(socket.peer.hostDescription == "127.0.0.1")
            let server = try ByteStream(socket, tls: nil, on: loop)
            #expect(throws: StreamError.closed) { try ByteStream(socket, tls: nil, on: loop) }
            server.close()
            #expect(try await client.readToEnd().isEmpty)
            client.close()
        }
    }
}
