// SPDX-License-Identifier: Apache-2.0
// Streams over real sockets: octets, ends, deadlines, back-pressure and closing.
import Testing

@testable import EventLoop

@Suite struct ByteStreamTests {
    @Test("octets travel both ways over TCP and end cleanly")
    func echo() async throws {
        try await withLoop { loop in
            let pair = try await StreamPair.connected(on: loop)
            pair.client.write(Array("hello".utf8))
            #expect(try await pair.server.read(exactly: 5) == Array("hello".utf8))
            pair.server.write(Array("good".utf8))
            pair.server.write(Array("bye".utf8))
            pair.server.close()
            #expect(try await pair.client.readToEnd() == Array("goodbye".utf8))
            pair.client.close()
        }
    }
}
