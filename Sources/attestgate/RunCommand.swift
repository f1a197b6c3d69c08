// SPDX-License-Identifier: Apache-2.0
// `attestgate run`: load the configuration and serve until told to stop.

import ArgumentParser
import Configuration
import Foundation
import Gateway

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve in the foreground until SIGTERM.",
        discussion: """
            Checks the configuration as `attestgate check` does and refuses to start with a fault. \
            The log goes to standard output: one line `listening` for each listener, then `ready`. \
            SIGTERM or SIGINT lets requests in flight finish (shutdown.drain), a second one stops \
            at once.

            Example:
              attestgate run --config /etc/attestgate/attestgate.yaml
            """)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        switch ConfigurationLoader.load(path: config, environment: environment) {
        case .failure(let errors):
            errors.diagnostics.forEach { Terminal.complain($0.description) }
            throw fail("not started: \(config) has errors")
        case .success(let loaded):
            let notices = loaded.warnings.map(\.description)
            throw ExitCode(await GatewayProcess.run(loaded.settings, notices: notices))
        }
    }
}
