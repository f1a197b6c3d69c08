// SPDX-License-Identifier: Apache-2.0
// State over time, through the socket: what was accepted once is never accepted again, whatever
// becomes of the process or the wall clock.

import ClientAttestation
import Gateway
import Octets
import Testing

@Suite("Replays over restarts and clock steps")
struct RestartTests {
    /// Seconds after which no proof of the scenario can pass anyway.
    private static let window: Int64 = 300 + 2 * 60 + 5

    @Test(
        "RPL-07: after a kill, a replay is refused at each second of the window",
        arguments: [Int64(0), 59])
    func replayAfterKill(ahead: Int64) async throws {
        let gateway = try await GatewayUnderTest()
        gateway.clock.step(200)
        let request = try gateway.request(iat: gateway.clock.now.seconds + ahead, jti: "once")
        #expect(try await gateway.send(request).hasPrefix("HTTP/1.1 200"))
        await gateway.kill()
        try await gateway.start()
        for _ in 0...Self.window {
            #expect(!(try await gateway.send(request).hasPrefix("HTTP/1.1 200")))
            gateway.clock.step(1)
        }
        #expect(gateway.upstream.received.count == 1)
        await gateway.stop()
    }

    @Test("RPL-07: an honest client is through on its retry with the fresh challenge")
    func honestClientAfterKill() async throws {
        let gateway = try await GatewayUnderTest(challenge: .required)
        gateway.clock.step(10)
        let stale = try await gateway.challenge()
        await gateway.kill()
        try await gateway.start()
        gateway.clock.step(1)
        let now = gateway.clock.now.seconds
        let first = try await gateway.send(
            try gateway.request(iat: now, jti: "first", challenge: stale))
        #expect(first.contains("use_attestation_challenge"))
        let fresh = try #require(field("OAuth-Client-Attestation-Challenge", of: first))
        let second = try await gateway.send(
            try gateway.request(iat: now, jti: "second", challenge: fresh))
        #expect(second.hasPrefix("HTTP/1.1 200"))
        await gateway.stop()
    }

    @Test(
        "RPL-09: wall clock steps in both directions open no window",
        arguments: [[Int64(-600)], [3600, -3600], [600, -600], [-3600, 3600]])
    func clockSteps(steps: [Int64]) async throws {
        let gateway = try await GatewayUnderTest()
        gateway.clock.step(200)
        let request = try gateway.request(iat: gateway.clock.now.seconds, jti: "once")
        #expect(try await gateway.send(request).hasPrefix("HTTP/1.1 200"))
        for step in steps {
            gateway.clock.step(step)
            for _ in 0..<Self.window {
                #expect(!(try await gateway.send(request).hasPrefix("HTTP/1.1 200")))
                gateway.clock.step(1)
            }
        }
        #expect(gateway.upstream.received.count == 1)
        await gateway.stop()
    }

    @Test("RPL-09: a step back across a restart opens no window where the second was kept")
    func stepBackAcrossRestart() async throws {
        let gateway = try await GatewayUnderTest(keepsClock: true)
        gateway.clock.step(200)
        let request = try gateway.request(iat: gateway.clock.now.seconds, jti: "once")
        #expect(try await gateway.send(request).hasPrefix("HTTP/1.1 200"))
        await gateway.kill()
        gateway.clock.step(-600)
        try await gateway.start()
        for _ in 0..<(600 + Self.window) {
            #expect(!(try await gateway.send(request).hasPrefix("HTTP/1.1 200")))
            gateway.clock.step(1)
        }
        #expect(gateway.upstream.received.count == 1)
        await gateway.stop()
    }

    @Test("RPL-07: a restart with a smaller skew opens no window where the reach was kept")
    func narrowedAcrossRestart() async throws {
        let gateway = try await GatewayUnderTest(keepsClock: true)
        await gateway.kill()
        gateway.configure { $0.servers[0].policy.proof.clockSkew = 300 }
        try await gateway.start()
        gateway.clock.step(400)
        let request = try gateway.request(iat: gateway.clock.now.seconds + 290, jti: "once")
        #expect(try await gateway.send(request).hasPrefix("HTTP/1.1 200"))
        await gateway.kill()
        // Twice, since what the process before accepted must not be forgotten by one that did not
        // accept anything.
        for _ in 0..<2 {
            gateway.configure { $0.servers[0].policy.proof.clockSkew = 60 }
            try await gateway.start()
            await gateway.kill()
        }
        try await gateway.start()
        for _ in 0..<(2 * 300 + 2 * 60 + 5) {
            #expect(!(try await gateway.send(request).hasPrefix("HTTP/1.1 200")))
            gateway.clock.step(1)
        }
        #expect(gateway.upstream.received.count == 1)
        await gateway.stop()
    }

    private func field(_ name: String, of answer: String) -> String? {
        answer.split(separator: "\r\n").first { $0.hasPrefix(name + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }
}
