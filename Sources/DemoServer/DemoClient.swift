// SPDX-License-Identifier: Apache-2.0
// The client's end of the demo: one HTTP/1.1 request, one response, over loopback.

import EventLoop
import HTTPWire
import JSON

/// A request the demo's client sends.
struct DemoRequest {
    let method: Method
    let target: [UInt8]
    var fields: [(name: FieldName, value: [UInt8])] = []
    /// The form body; nil for a request without a body.
    var form: [UInt8]?

    /// A POST of a form.
    static func post(_ target: String, form pairs: [(String, [UInt8])]) -> DemoRequest {
        let form = Form(pairs.map { Form.Pair(name: Array($0.utf8), value: $1) })
        return DemoRequest(method: .post, target: Array(target.utf8), form: form.encode())
    }

    /// The octets of the request for `host`.
    func encoded(host: [UInt8]) -> [UInt8] {
        var writer = HeadWriter(reserving: 1024)
        writer.requestLine(method: method, target: target)
        writer.field(.host, host)
        writer.field(.connection, Array("close".utf8))
        for field in fields { writer.field(field.name, field.value) }
        if let form {
            writer.field(.contentType, Array("application/x-www-form-urlencoded".utf8))
            writer.contentLength(form.count)
        } else if method == .post {
            writer.contentLength(0)
        }
        writer.end()
        writer.body(form ?? [])
        return writer.bytes
    }
}

/// A response the demo's client received.
struct DemoResponse {
    let status: Int
    let fields: Fields
    let body: [UInt8]

    /// The string member `name` of a JSON body; nil if there is none.
    func member(_ name: String) -> [UInt8]? {
        guard let value = try? JSONDocument.parse(body) else { return nil }
        return value.object?[name]?.string
    }
}

/// Sends requests to one address; every request on a connection of its own.
struct DemoClient {
    private static let patience: Duration = .seconds(60)

    /// Where the gateway listens.
    let address: SocketAddress
    /// The `Host` it is known by.
    let host: [UInt8]
    let loop: EventLoop

    /// Sends `request` and waits at most ten seconds for the complete answer.
    func send(_ request: DemoRequest) async throws(WireConnection.Failure) -> DemoResponse {
        let deadline = Deadline.after(Self.patience)
        let connection = WireConnection(try await connect(deadline), deadline: deadline)
        defer { connection.stream.close() }
        connection.stream.write(request.encoded(host: host))
        return try await connection.response(to: request.method)
    }

    private func connect(_ deadline: Deadline) async throws(WireConnection.Failure) -> ByteStream {
        do throws(StreamError) {
            return try await ByteStream.connect(to: address, on: loop, deadline: deadline)
        } catch {
            throw .stream(error)
        }
    }
}
