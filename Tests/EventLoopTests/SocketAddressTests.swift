// SPDX-License-Identifier: Apache-2.0
// The text forms of addresses, and names.
import Testing

@testable import EventLoop

@Suite struct SocketAddressTests {
    @Test(
        "an address reads and prints as written",
        arguments: [
            "127.0.0.1:80", "0.0.0.0:0", "[::1]:65535", "[2001:db8::1]:443", "unix:/run/as.sock",
        ])
    func roundTrip(text: String) throws {
        #expect(try #require(SocketAddress(text)).description == text)
    }

    @Test(
        "anything else is not an address",
        arguments: [
            "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
            "127.0.0.1: 1", "127.0.0.1:000001", "127.1:80", "::1:80", "[::1]", "[::1:80",
            "[127.0.0.1]:80",
            "localhost:80", "unix:", "unix:/", "unix:relative", "unix:/a\u{0}b",
            "unix:/" + String(repeating: "x", count: 107), "127.0.0.1\u{0}:80", "127.0.0.1:٨٠",
        ])
    func refused(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test("a mapped IPv4 peer counts and prints as the IPv4 address it is")
    func mapped() throws {
        let mapped = try #require(SocketAddress("[::ffff:192.0.2.7]:1"))
        #expect(mapped.addressOctets == [192, 0, 2, 7])
        #expect(mapped.hostDescription == "192.0.2.7")
        #expect(mapped.portOrNil == 1)
        #expect(SocketAddress.unix(path: "/x").portOrNil == nil)
    }

    @Test("the host's own names resolve, others give a reason")
    func names() throws {
        let found = try Resolver.resolve(host: "localhost", port: 80)
        #expect(
            found.contains { $0.addressOctets == [127, 0, 0, 1] || $0.addressOctets.last == 1 })
        #expect(throws: ResolverError.self) {
            try Resolver.resolve(host: "no-such-host.invalid", port: 80)
        }
    }
}
