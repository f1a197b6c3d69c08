// SPDX-License-Identifier: Apache-2.0
// `attestgate check`: every fault of a configuration, without starting anything.

import ArgumentParser
import Configuration
import Foundation
import Gateway

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration completely, without serving.",
        discussion: """
            Reads the file and everything it names: keys, certificates, secrets, host names. \
            Every fault is printed to standard error as `file:line:column: message`, all at once; \
            warnings too. Run it as the user the gateway runs as, so that it sees the same files.

            Exit status: 0 the gateway would start, 1 it would not.

            Example:
              attestgate check --config /etc/attestgate/attestgate.yaml
            """)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        switch ConfigurationLoader.load(path: config, environment: environment) {
        case .failure(let errors):
            errors.diagnostics.forEach { Terminal.complain($0.description) }
            Terminal.complain("\(config): \(Self.count(errors.diagnostics))")
            throw ExitStatus.failed
        case .success(let loaded):
            loaded.warnings.forEach { Terminal.complain($0.description) }
            Terminal.print("\(config): good; \(Self.summary(loaded))")
        }
    }

    private static func count(_ diagnostics: [Diagnostic]) -> String {
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count - errors
        return plural(errors, "error") + (warnings > 0 ? ", \(plural(warnings, "warning"))" : "")
    }

    private static func summary(_ loaded: LoadedConfiguration) -> String {
        let settings = loaded.settings
        return [
            plural(settings.listeners.count, "listener"),
            plural(settings.servers.count, "authorization server"),
            plural(settings.servers.reduce(0) { $0 + $1.clients.count }, "attested client"),
            plural(loaded.warnings.count, "warning"),
        ].joined(separator: ", ")
    }

    private static func plural(_ count: Int, _ word: String) -> String {
        "\(count) \(word)\(count == 1 ? "" : "s")"
    }
}
