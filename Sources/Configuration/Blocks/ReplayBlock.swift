// SPDX-License-Identifier: Apache-2.0
// The `replay` block: the memory of used proofs and of the time (CFG-06, RPL-08, RPL-09).

import EventLoop
import Foundation
import Gateway

/// Reads `replay`.
enum ReplayBlock {
    static func read(_ top: Block) -> ReplaySettings {
        let block = top["replay"].flatMap { $0.block(.replay) }
        var settings = ReplaySettings()
        _ = block?["store"]?.choice(["memory"], planned: ["redis"])
        settings.capacity =
            block?["capacity"]?.integer(in: 1000...1_000_000_000) ?? settings.capacity
        if let field = block?["instances"], let instances = field.integer(in: 1...1000),
            instances > 1
        {
            field.fail(
                "several instances cannot share a replay set in memory (CFG-06), and store: "
                    + "redis is not built yet; run one instance"
            )
        }
        settings.perKeyMax =
            block?["per_key_max"]?.integer(in: 10...1_000_000_000) ?? settings.perKeyMax
        settings.clockAllowance = clockAllowance(top)
        settings.clockFile = clockFile(block, top)
        return settings
    }

    /// CHAL-21 and RPL-11: how far the clocks of instances that share a master key may differ. None
    /// for one instance, 5 s for several.
    static func clockAllowance(_ top: Block) -> Int64 {
        let block = top["replay"].flatMap { $0.block(.replay) }
        let instances = block?["instances"]?.integer(in: 1...1000) ?? 1
        return block?["clock_allowance"]?.seconds(in: 0...60) ?? (instances > 1 ? 5 : 0)
    }

    /// RPL-09. `security-clock` in the state directory, which systemd may name.
    private static func clockFile(_ block: Block?, _ top: Block) -> String? {
        if let field = block?["state_directory"] {
            guard let path = field.text().map(field.reading.resolve) else { return nil }
            return clockFile(in: path, fault: field.fail)
        }
        let names = top.reading.environment["STATE_DIRECTORY"]?.split(separator: ":") ?? []
        guard let path = names.first.map(String.init) else {
            top.reading.report.warning(
                "replay.state_directory: without it the security clock does not survive a "
                    + "restart: after a wall clock that was stepped back, used proofs would pass "
                    + "again (RPL-09)",
                at: block?.position ?? top.position)
            return nil
        }
        return clockFile(in: path) { top.fail("replay.state_directory (STATE_DIRECTORY): \($0)") }
    }

    /// The file in a folder that can hold it.
    private static func clockFile(in folder: String, fault: (String) -> Void) -> String {
        let file = folder + "/security-clock"
        if let reason = self.fault(folder) {
            fault("\(folder) \(reason)")
        } else if FileManager.default.fileExists(atPath: file) {
            do throws(FileError) {
                let octets = try Files.read(file, atMost: 8)
                if !octets.isEmpty, octets.count != 8 {
                    fault("\(file) is damaged; remove it")
                }
            } catch {
                fault("\(error); the gateway cannot keep its clock there")
            }
        }
        return file
    }

    private static func fault(_ path: String) -> String? {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else {
            return "does not exist; make the folder"
        }
        guard attributes[.type] as? FileAttributeType == .typeDirectory else {
            return "is no folder; name one"
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            return "is not writable for this user; change its owner"
        }
        return nil
    }
}
