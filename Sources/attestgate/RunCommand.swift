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

            SIGHUP reads the configuration and everything it names again. With a fault the old \
            one stays, and the log has every fault; else the line `reloaded` appears and the next \
            request is served under the new one. Listener addresses, workers, replay.capacity and \
            replay.state_directory take a restart.

            Example:
              attestgate run --config /etc/attestgate/attestgate.yaml
            """)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String

    func run() async throws {
        switch Self.load(config) {
        case .failure(let errors):
            errors.diagnostics.forEach { Terminal.complain($0.description) }
            throw fail("not started: \(config) has errors")
        case .success(let loaded):
            let notices = loaded.warnings.map(\.description)
            let path = config
            let status = await GatewayProcess.run(loaded.settings, notices: notices) {
                () throws(ReloadFault) in
                switch Self.load(path) {
                case .failure(let errors):
                    throw ReloadFault(reasons: errors.diagnostics.map(\.description))
                case .success(let loaded):
                    return (loaded.settings, loaded.warnings.map(\.description))
                }
            }
            throw ExitCode(status)
        }
    }

    private static func load(_ path: String) -> Result<LoadedConfiguration, ConfigurationErrors> {
        ConfigurationLoader.load(path: path, environment: ProcessInfo.processInfo.environment)
    }
}
