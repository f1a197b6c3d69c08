// SPDX-License-Identifier: Apache-2.0
// Reloads with a clock that the test moves: windows that widen, requests in flight, what must stay.

import ClientAttestation
import EventLoop
import Gateway
import Octets
import Testing

@Suite("Reloads")
struct ReloadTests {
    @Test("RPL-12: 300 to 600 s at 430 s, replayed at 440 s and at each second after: refused")
    func widerWindow() async throws {
        let gateway = try await GatewayUnderTest()
        gateway.clock.step(200)
        let request = try gateway.request(iat: gateway.clock.now.seconds, jti: "once")
        #expect(try await gateway.send(request).hasPrefix("HTTP/1.1 200"))
        gateway.clock.step(430)
        let report = try await gateway.reload { $0.servers[0].policy.proof.maxAge = 600 }
        #expect(report?.changes == ["replay fence of https://as.example.com (RPL-12)"])
        // The fence outlives a reload that widens nothing.
        gateway.clock.step(1)
        #expect(try await gateway.reload { _ in }?.changes == [])
        for _ in 431...670 {
            #expect(!(try await gateway.send(request).hasPrefix("HTTP/1.1 200")))
            gateway.clock.step(1)
        }
        #expect(gateway.upstream.received.count == 1)
        let honest = try gateway.request(iat: gateway.clock.now.seconds, jti: "another")
        #expect(try await gateway.send(honest).hasPrefix("HTTP/1.1 200"))
        await gateway.stop()
    }

    @Test("RPL-12: a request in flight over the reload is not held for the shorter time")
    func inFlight() async throws {
        let gateway = try await GatewayUnderTest()
        gateway.clock.step(200)
        let request = try gateway.request(iat: gateway.clock.now.seconds, jti: "slow")
        let slow = try await gateway.begin(Array(request.dropLast(3)))
        // Any worker that answers a later request has read the head.
        _ = try await gateway.send(try gateway.request(iat: 0, jti: "other"))
        try await gateway.reload { $0.servers[0].policy.proof.maxAge = 600 }
        let answer = try await slow.end(Array(request.suffix(3)))
        #expect(answer.hasPrefix("HTTP/1.1 503"))
        #expect(gateway.upstream.received.isEmpty)
        await gateway.stop()
    }

    @Test("RPL-12: nor is one in flight over two reloads, of which the second widens")
    func inFlightOverTwo() async throws {
        let gateway = try await GatewayUnderTest()
        gateway.clock.step(200)
        // As far ahead as the skew allows when the body is there, and past the fence to come.
        let request = try gateway.request(iat: gateway.clock.now.seconds + 62, jti: "slow")
        let slow = try await gateway.begin(Array(request.dropLast(3)))
        _ = try await gateway.send(try gateway.request(iat: 0, jti: "other"))
        try await gateway.reload { $0.servers[0].policy.proof.maxAge = 100 }
        try await gateway.reload { $0.servers[0].policy.proof.maxAge = 600 }
        gateway.clock.step(2)
        let answer = try await slow.end(Array(request.suffix(3)))
        // The first configuration would remember it for 300 s, the third takes it for 600 s.
        #expect(answer.hasPrefix("HTTP/1.1 503"))
        gateway.clock.step(430)
        let accepted = gateway.upstream.received.count
        _ = try await gateway.send(request)
        #expect(accepted == 0 && gateway.upstream.received.count <= 1)
        await gateway.stop()
    }

    @Test("Architecture 8: a request in flight over a reload that widens nothing is served")
    func inFlightServed() async throws {
        let gateway = try await GatewayUnderTest()
        gateway.clock.step(200)
        let request = try gateway.request(iat: gateway.clock.now.seconds, jti: "slow")
        let slow = try await gateway.begin(Array(request.dropLast(3)))
        _ = try await gateway.send(try gateway.request(iat: 0, jti: "other"))
        try await gateway.reload { $0.servers[0].clients = [:] }
        #expect(try await slow.end(Array(request.suffix(3))).hasPrefix("HTTP/1.1 200"))
        await gateway.stop()
    }

    @Test("RPL-12: an issuer that comes back was served by nobody meanwhile: fenced")
    func issuerReturns() async throws {
        let gateway = try await GatewayUnderTest()
        gateway.clock.step(200)
        let request = try gateway.request(iat: gateway.clock.now.seconds, jti: "once")
        #expect(try await gateway.send(request).hasPrefix("HTTP/1.1 200"))
        let servers = gateway.settings.servers
        try await gateway.reload { $0.servers = [] }
        #expect(try await gateway.send(request).hasPrefix("HTTP/1.1 400"))
        let report = try await gateway.reload { $0.servers = servers }
        #expect(report?.changes.contains { $0.hasPrefix("replay fence") } == true)
        for _ in 0...430 {
            #expect(!(try await gateway.send(request).hasPrefix("HTTP/1.1 200")))
            gateway.clock.step(1)
        }
        #expect(gateway.upstream.received.count == 1)
        await gateway.stop()
    }

    @Test("RPL-09, RPL-12: what is bound to the process cannot change by reload, and nothing does")
    func boundToTheProcess() async throws {
        let gateway = try await GatewayUnderTest()
        gateway.clock.step(200)
        let changes: [(String, (inout GatewaySettings) -> Void)] = [
            ("workers", { $0.workers += 1 }),
            ("replay.capacity", { $0.replay.capacity += 1 }),
            ("replay.state_directory", { $0.replay.clockFile = "elsewhere" }),
            ("listeners", { $0.listeners.append(ListenerSettings(address: .anyOnLoopback)) }),
            (
                "listeners[0].address",
                { $0.listeners[0].address = .ipv4(octets: [127, 0, 0, 1], port: 1) }
            ),
            ("listeners[0].mode", { $0.listeners[0].unixMode = 0o666 }),
        ]
        for (key, change) in changes {
            let fault = await #expect(throws: ReloadFault.self) {
                try await gateway.reload {
                    $0.servers = []
                    change(&$0)
                }
            }
            #expect(fault?.reasons.count == 1)
            #expect(fault?.reasons.first?.hasPrefix("\(key): ") == true)
        }
        let request = try gateway.request(iat: gateway.clock.now.seconds, jti: "once")
        #expect(try await gateway.send(request).hasPrefix("HTTP/1.1 200"))
        await gateway.stop()
    }
}
