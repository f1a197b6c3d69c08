// SPDX-License-Identifier: Apache-2.0
// Puts the demo together: authorization server, gateway, story, and afterwards the curl lines.

import ClientAttestation
import DemoServer
import EventLoop
import Foundation
import Gateway
import Octets

/// What a performance of the demo is given.
struct DemoStage: Sendable {
    let workshop: DemoWorkshop
    let screen: LineWriter
    let usesColour: Bool

    /// Writes a line of text.
    func say(_ line: String) {
        screen.write(Array((line + "\n").utf8))
    }
}

/// Why the demo could not begin.
struct DemoFailure: Error, CustomStringConvertible {
    let description: String
}

extension EventLoop {
    /// Plays the demo on this loop. Returns whether every step went as it should.
    func perform(_ stage: DemoStage, serving: Bool) async throws -> Bool {
        let interruption = DemoInterruption(on: self, cleanUp: stage.workshop.remove)
        let server = DemoAuthorizationServer(clients: stage.workshop.cast.legacyClients, on: self)
        let upstream = try server.start()
        defer { server.stop() }
        let settings = try stage.workshop.settings(upstream: upstream)

        let log = DemoAccessLog()
        let pipe = Pipe()
        pipe.fileHandleForReading.readabilityHandler = { log.append($0.availableData) }
        defer { pipe.fileHandleForReading.readabilityHandler = nil }
        let writer = LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let gateway = try await GatewayServer.start(
            settings, clock: SecurityClock(wall: { UnixTime(WallClock.now().seconds) }),
            journal: Journal(settings.log, writer: writer))
        guard let address = gateway.addresses.first,
            await log.waitUntilReady(.seconds(10), on: self)
        else { throw DemoFailure(description: "the gateway did not get ready") }

        let transcript = Transcript(usesColour: stage.usesColour, emit: stage.say)
        let story = DemoStory(
            cast: stage.workshop.cast,
            gateway: DemoGateway(address: address, log: log, loop: self),
            server: server, transcript: transcript)
        stage.introduce(gateway: address, server: upstream)
        let wentWell = await story.play()
        if serving {
            try stage.invite(gateway: address, server: upstream, challenge: story.latestChallenge)
            log.follow { [screen = stage.screen] in screen.write($0) }
            await interruption.wait()
        }
        await gateway.drain(limit: .seconds(1))
        return wentWell
    }
}

/// Ctrl-C: ends the waiting of `--serve`; before that, the process, leaving nothing behind.
private final class DemoInterruption {
    private var signals: [LoopSignal] = []
    private var waiting: CheckedContinuation<Void, Never>?

    init(on loop: EventLoop, cleanUp: @escaping () -> Void) {
        signals = [LoopSignal.Kind.interrupt, .terminate].map { kind in
            LoopSignal(kind, on: loop) { [unowned self] in
                guard let waiting else {
                    cleanUp()
                    exit(1)
                }
                self.waiting = nil
                waiting.resume()
            }
        }
    }

    func wait() async {
        await withCheckedContinuation { waiting = $0 }
    }
}
