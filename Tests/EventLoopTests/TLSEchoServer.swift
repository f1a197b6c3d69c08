// SPDX-License-Identifier: Apache-2.0
// A TLS server on a loop of its own, for clients that are other programs.
import Cryptography
import Testing

@testable import EventLoop

/// Answers each line with "echo:" and the line. "bye" closes; "download N" sends N times "y" and
/// closes; a stream of "x" is counted. How each stream ended is reported.
final class TLSEchoServer: Sendable {
    let certificate: TestCertificate
    let address: SocketAddress
    private let loop = EventLoop()
    private let listener: LoopBound<Listener>
    private let ends: AsyncStream<String>

    init(patience: Duration = patience) async throws {
        certificate = try TestCertificate()
        let context = try TLSServerContext(
            certificateChainFile: certificate.certificate, privateKeyFile: certificate.key)
        let (ends, report) = AsyncStream.makeStream(of: String.self)
        self.ends = ends
        loop.startThread(name: "tls-echo")
        listener = try await loop.call { loop in
            let listener = try Listener(try anyPort(), on: loop) { socket in
                guard let stream = try? ByteStream(socket, tls: context, on: loop) else { return }
                loop.spawn { report.yield(await TLSEchoServer.serve(stream, patience)) }
            }
            return LoopBound(listener, on: loop)
        }
        address = await loop.call { [listener] loop in listener.value(on: loop).boundAddress }
    }

    func stop() {
        loop.post { [listener] loop in
            listener.value(on: loop).stop()
            loop.stop()
        }
        loop.join()
    }

    /// How the next stream ends.
    func nextEnd() async -> String {
        for await end in ends { return end }
        return "stopped"
    }

    /// Starts s_client against this server.
    func connect(_ options: [String]) throws -> Child {
        try Child(["openssl", "s_client", "-connect", "\(address)"] + options)
    }

    private static func serve(_ stream: ByteStream, _ patience: Duration) async -> String {
        defer { stream.close() }
        var uploaded = 0
        do throws(StreamError) {
            while true {
                let bytes = try await stream.read(atMost: 5_000, deadline: .after(patience))
                if bytes.isEmpty {
                    return uploaded > 0
                        ? "received \(uploaded)" : "clean \(stream.negotiatedTLS ?? "plain")"
                }
                if bytes.first == 120 {
                    uploaded += bytes.count
                    await Task.yield()
                    continue
                }
                let text = String(decoding: bytes, as: UTF8.self)
                if text.hasPrefix("download "), let count = Int(text.dropFirst(9).dropLast()) {
                    try await send(count, to: stream)
                    return "sent"
                }
                stream.write(Array("echo:\(text)".utf8))
                if text == "bye\n" { return "bye" }
            }
        } catch {
            if case .tls(let reason) = error { return "tls: \(reason)" }
            return "\(error)"
        }
    }

    private static func send(_ count: Int, to stream: ByteStream) async throws(StreamError) {
        var left = count
        while left > 0 {
            // Odd sizes, so that pieces and TLS records never coincide.
            let size = min(left, 33_333)
            stream.write([UInt8](repeating: 121, count: size))
            left -= size
            try await stream.drain(below: 50_000, deadline: .after(.seconds(20)))
        }
    }
}
