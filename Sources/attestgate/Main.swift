// SPDX-License-Identifier: Apache-2.0
// The command line: names, help and version; each command has a file of its own.

import ArgumentParser

@main
struct Attestgate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attestgate",
        abstract:
            "Lets attested client instances use an OAuth server that knows nothing of attestation.",
        discussion: """
            The gateway stands before an unmodified authorization server. It verifies the client \
            attestation and its proof of possession on every request, and hands on only what was \
            verified, in the form that server knows.

            First steps:
              attestgate demo                            see it work, in seconds
              attestgate keygen master --out master.key  the gateway's own secret
              attestgate check --config gate.yaml        is the configuration right?
              attestgate run --config gate.yaml          serve
              attestgate explain --config gate.yaml      why is this request refused?

            Exit status: 0 it went well, 1 it did not, 64 the command line was wrong.
            """,
        version: "0.1.0",
        subcommands: [
            Demo.self, Run.self, Check.self, ExplainRequest.self, Keygen.self, Mint.self,
        ])

    func run() async throws {
        throw ValidationError("Say what to do: demo, run, check, explain, keygen or mint.")
    }
}
