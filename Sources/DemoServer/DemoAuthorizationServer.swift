// SPDX-License-Identifier: Apache-2.0
// The demo's legacy authorization server on a socket, and what reached it.

import EventLoop
import HTTPWire

/// A small OAuth 2.0 authorization server on loopback, for demonstration only. It lives on one loop,
/// keeps everything in memory and remembers what it received, so that the story can show it.
public final class DemoAuthorizationServer {
    private static let remembered = 100

    private let loop: EventLoop
    private var oauth: LegacyOAuth
    private var listener: Listener?
    private var received: [ReceivedRequest] = []

    /// A server that knows `clients`; it listens once `start()` was called. `loop` is the loop that
    /// the caller is on.
    public init(clients: [LegacyClient], on loop: EventLoop) {
        self.loop = loop
        oauth = LegacyOAuth(clients: clients)
    }

    /// Listens on a port of 127.0.0.1 that the kernel chooses, and returns the address.
    public func start() throws(ListenError) -> SocketAddress {
        let listener = try Listener(
            .ipv4(octets: [127, 0, 0, 1], port: 0), options: ListenerOptions(), on: loop
        ) { [weak self] accepted in
            self?.accept(accepted)
        }
        self.listener = listener
        return listener.boundAddress
    }

    /// What arrived since the last call, oldest first.
    func takeReceived() -> [ReceivedRequest] {
        defer { received = [] }
        return received
    }

    /// Stops listening; open connections end with their peers.
    public func stop() {
        listener?.stop()
        listener = nil
    }

    private func accept(_ accepted: AcceptedSocket) {
        guard let stream = try? ByteStream(accepted, tls: nil, on: loop) else { return }
        loop.spawn { await self.serve(stream) }
    }

    private func serve(_ stream: ByteStream) async {
        defer { stream.close() }
        let connection = WireConnection(stream, deadline: .never)
        do {
            while let request = try await connection.request() {
                if received.count < Self.remembered { received.append(request) }
                stream.write(Self.encode(oauth.answer(request)))
                if !request.head.keepAlive { return }
            }
        } catch {
            // A broken connection or an unreadable request: the peer gets a closed connection.
        }
    }

    private static func encode(_ reply: LegacyReply) -> [UInt8] {
        var writer = HeadWriter(reserving: 256)
        writer.statusLine(reply.status)
        if let location = reply.location { writer.field(.location, location) }
        if !reply.body.isEmpty {
            writer.field(.contentType, Array("application/json".utf8))
            writer.field(.cacheControl, Array("no-store".utf8))
        }
        if reply.status == 401 {
            writer.field(.wwwAuthenticate, Array("Basic realm=\"demo\"".utf8))
        }
        writer.contentLength(reply.body.count)
        writer.end()
        writer.body(reply.body)
        return writer.bytes
    }
}
