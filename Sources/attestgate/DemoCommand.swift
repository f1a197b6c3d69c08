// SPDX-License-Identifier: Apache-2.0
// `attestgate demo`: the protocol told by a gateway that runs.

import ArgumentParser
import EventLoop
import Foundation

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See the protocol at work, on loopback, in seconds.",
        discussion: """
            Starts a small built-in authorization server, the gateway in front of it and a client, \
            with throw-away keys in a temporary directory, and shows each exchange: nonce, \
            challenge, token requests, the code flow, and refusals with the rule that was broken.

            With --serve it keeps running afterwards and prints curl lines to play with, until \
            Ctrl-C; then nothing of it is left.

            Exit status: 0 every step went as it should, 1 one did not.

            Example:
              attestgate demo --serve
            """)

    @Flag(help: "Keep it running afterwards and print curl lines.")
    var serve = false

    func run() async throws {
        let workshop = try DemoWorkshop()
        defer { workshop.remove() }
        let screen = LineWriter()
        defer { screen.flush() }
        let loop = EventLoop()
        loop.startThread(name: "demo")
        let stage = DemoStage(workshop: workshop, screen: screen, usesColour: Self.usesColour)
        let wentWell: Bool
        do {
            wentWell = try await loop.perform(stage, serving: serve)
        } catch {
            throw fail("the demo could not be played: \(error)")
        }
        guard wentWell else { throw ExitStatus.failed }
    }

    /// Only on a terminal, and not where NO_COLOR (no-color.org) forbids it.
    private static var usesColour: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
    }
}
