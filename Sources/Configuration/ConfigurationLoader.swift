// SPDX-License-Identifier: Apache-2.0
// From a configuration file to settings the gateway can start with, or to every reason why not.

import EventLoop
import Gateway
import Octets

/// Settings that passed every check, and what the operator should still know.
public struct LoadedConfiguration: Sendable {
    /// What the gateway is started with.
    public var settings: GatewaySettings
    /// Remarks that do not refuse the start, in reading order.
    public var warnings: [Diagnostic]
}

/// Reads and checks configuration files (design section 4); opens the files they name and looks up
/// the hosts, so it blocks.
public enum ConfigurationLoader {
    /// Largest file that is read.
    static let sizeLimit = 1 << 20

    /// Loads the file at `path`. Of `environment` only `STATE_DIRECTORY`, set by systemd, counts.
    /// A failure holds all errors and warnings at once.
    public static func load(
        path: String, environment: [String: String] = [:],
        now: UnixTime = UnixTime(WallClock.now().seconds)
    ) -> Result<LoadedConfiguration, ConfigurationErrors> {
        let reading = Reading(file: path, environment: environment, now: now)
        let settings = read(reading)
        let diagnostics = reading.report.diagnostics
        guard let settings, !reading.report.hasErrors else {
            return .failure(ConfigurationErrors(diagnostics: diagnostics))
        }
        return .success(LoadedConfiguration(settings: settings, warnings: diagnostics))
    }

    private static func read(_ reading: Reading) -> GatewaySettings? {
        let start = Position(line: 1, column: 1)
        let octets: [UInt8]
        do throws(FileError) {
            octets = try Files.read(reading.report.file, atMost: sizeLimit)
        } catch {
            reading.report.error(error.reason, at: start)
            return nil
        }
        guard let root = YAMLDocument.parse(octets, report: reading.report) else { return nil }
        guard case .block(let entries) = root.kind else {
            reading.report.error(
                "the file is \(root.kindName); write keys such as listeners:", at: root.position)
            return nil
        }
        let top = Block(key: "", position: start, entries: entries, keys: .top, reading: reading)
        return settings(top)
    }

    private static func settings(_ top: Block) -> GatewaySettings {
        let listeners = ListenersBlock.read(top)
        let masterKeys = SecretsBlock.read(top)
        let servers = AuthorizationServersBlock.read(top, masterKeys: masterKeys)
        var settings = GatewaySettings(listeners: listeners, servers: servers)
        settings.workers = ProcessBlocks.workers(top)
        settings.limits = ProcessBlocks.limits(top)
        settings.replay = ReplayBlock.read(top)
        settings.challengeRate = ProcessBlocks.challengeRate(top)
        settings.drain = ProcessBlocks.drain(top)
        settings.log = ProcessBlocks.log(top)
        return settings
    }
}
