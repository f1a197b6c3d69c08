// SPDX-License-Identifier: Apache-2.0
// What a reload may not change, and what it says of what it changed.

import ClientAttestation
import JOSE
import Octets

/// Why a configuration that was read again is not put into force; the one before stays.
public struct ReloadFault: Error, Sendable, CustomStringConvertible {
    /// One line a fault.
    public let reasons: [String]

    /// All of them in one line.
    public var description: String { reasons.joined(separator: "; ") }

    /// The faults, at least one.
    public init(reasons: [String]) {
        self.reasons = reasons
    }

    /// Refuses what is bound to the life of the process.
    static func requireReloadable(
        from old: GatewaySettings, to new: GatewaySettings
    ) throws(ReloadFault) {
        var keys: [String] = []
        if old.workers != new.workers { keys.append("workers") }
        if old.replay.capacity != new.replay.capacity { keys.append("replay.capacity") }
        if old.replay.clockFile != new.replay.clockFile { keys.append("replay.state_directory") }
        if old.listeners.count != new.listeners.count { keys.append("listeners") }
        for (index, pair) in zip(old.listeners, new.listeners).enumerated() {
            if pair.0.address != pair.1.address { keys.append("listeners[\(index)].address") }
            if pair.0.unixMode != pair.1.unixMode { keys.append("listeners[\(index)].mode") }
        }
        guard !keys.isEmpty else { return }
        throw ReloadFault(
            reasons: keys.map { "\($0): cannot change by reload; change it back, or restart" })
    }
}

/// What a reload changed.
public struct ReloadReport: Sendable {
    /// The number of the generation in force, from 1.
    public let generation: UInt64
    /// What changed, in a few words; empty if nothing that is counted did.
    public let changes: [String]

    init(from old: Generation, to new: Generation) {
        generation = new.number
        var changes: [String] = []
        func compare(_ name: String, _ count: (Generation) -> Int) {
            guard count(old) != count(new) else { return }
            changes.append("\(name) \(count(old)) to \(count(new))")
        }
        compare("servers") { $0.servers.count }
        compare("attesters") { generation in
            generation.servers.map(\.settings.policy.attesters.attesters.count).reduce(0, +)
        }
        compare("attester keys") { generation in
            generation.servers.flatMap(\.settings.policy.attesters.attesters)
                .map(\.source.keyCount).reduce(0, +)
        }
        compare("clients") { $0.servers.map(\.settings.clients.count).reduce(0, +) }
        if old.settings.limits != new.settings.limits { changes.append("limits") }
        for server in new.servers {
            let issuer = server.issuer
            guard let before = old.server(of: issuer) else { continue }
            if before.settings.upstream != server.settings.upstream {
                changes.append("upstream of \(String(decoding: issuer, as: UTF8.self))")
            }
        }
        for server in new.servers {
            let before = old.server(of: server.issuer)?.settings.policy.denylist
            guard let before, before != server.settings.policy.denylist else { continue }
            changes.append("denylist of \(String(decoding: server.issuer, as: UTF8.self))")
        }
        for issuer in new.fenced(since: old) {
            changes.append("replay fence of \(String(decoding: issuer, as: UTF8.self)) (RPL-12)")
        }
        self.changes = changes
    }
}
