// SPDX-License-Identifier: Apache-2.0
// An AS that keeps the exact octets of every request and answers each with a token.

import EventLoop
import HTTPWire
import Octets
import Synchronization

/// A server on loopback that records what reached it.
final class RecordingUpstream: Sendable {
    let address: SocketAddress
    private let loop: EventLoop
    private let listener: LoopBound<Listener>
    private let requests: Recorder

    /// What was received; shared with the loop.
    final class Recorder: Sendable {
        private let bodies = Mutex<[[UInt8]]>([])
        func add(_ request: [UInt8]) { bodies.withLock { $0.append(request) } }
        var all: [[UInt8]] { bodies.withLock { $0 } }
    }

    /// Starts listening on a port of the kernel's choice.
    init() async throws {
        let loop = EventLoop()
        loop.startThread(name: "upstream")
        let recorder = Recorder()
        let bound = try await loop.startUpstream(recorder)
        self.loop = loop
        requests = recorder
        listener = bound.listener
        address = bound.address
    }

    /// Requests so far, each with its head and body.
    var received: [String] { requests.all.map { String(decoding: $0, as: UTF8.self) } }

    /// Ends the server.
    func stop() async {
        await loop.stopListening(listener)
        loop.stop()
        loop.join()
    }
}

extension SocketAddress {
    /// Loopback, the port of the kernel's choice.
    static let anyOnLoopback = SocketAddress.ipv4(octets: [127, 0, 0, 1], port: 0)
}

extension EventLoop {
    fileprivate func startUpstream(
        _ recorder: RecordingUpstream.Recorder
    ) throws -> (listener: LoopBound<Listener>, address: SocketAddress) {
        let listener = try Listener(.anyOnLoopback, options: ListenerOptions(), on: self) {
            [unowned self] in
            guard let stream = try? ByteStream($0, tls: nil, on: self) else { return }
            spawn { await answerAll(stream, recorder) }
        }
        return (LoopBound(listener, on: self), listener.boundAddress)
    }

    fileprivate func stopListening(_ listener: LoopBound<Listener>) {
        listener.value(on: self).stop()
    }
}

/// Reads requests framed by `Content-Length` and answers each.
private func answerAll(
    _ stream: ByteStream, _ recorder: RecordingUpstream.Recorder
) async {
    var input = InputBuffer()
    let answer = Array(
        """
        HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n\
        {"access_token":"t"}
        """.utf8)
    do {
        while true {
            var parser = RequestParser()
            let start = input
            var head = try parser.parse(&input)
            var raw = start.bytes[start.position...].prefix(start.count - input.count)
            while head == nil {
                let more = try await stream.read(deadline: .never)
                if more.isEmpty { return stream.close() }
                raw += more
                input.append(more)
                head = try parser.parse(&input)
            }
            guard let head else { return }
            var body: [UInt8] = []
            var reader = BodyReader(framing: head.framing, limit: 1 << 20)
            reading: while true {
                switch try reader.next(&input) {
                case .data(let part): body += part
                case .end: break reading
                case .needMore: input.append(try await stream.read(deadline: .never))
                }
            }
            recorder.add(Array(raw.prefix { _ in true }) + body)
            stream.write(answer)
        }
    } catch {
        stream.abort()
    }
}
