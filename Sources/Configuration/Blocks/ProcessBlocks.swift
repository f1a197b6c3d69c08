// SPDX-License-Identifier: Apache-2.0
// The blocks about the process as a whole: `workers`, `limits`, `rate_limits`, `shutdown`, `log`.

import Foundation
import Gateway
import HTTPWire

/// Reads what concerns neither listeners nor authorization servers.
enum ProcessBlocks {
    /// `auto`, one per core, or a number.
    static func workers(_ top: Block) -> Int {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        guard let field = top["workers"], let text = field.text(), text != "auto" else {
            return cores
        }
        guard let number = Field.digits(text), (1...256).contains(number) else {
            field.fail("\(quoted(text)) does not fit; write auto or a number, 1 to 256")
            return cores
        }
        return number
    }

    /// HTTP-16.
    static func limits(_ top: Block) -> HTTPLimits {
        var limits = HTTPLimits()
        guard let block = top["limits"]?.block(.limits) else { return limits }
        let head = 256...(1 << 20)
        let body = 1024...(1 << 24)
        let wait = Duration.milliseconds(100)...Duration.seconds(3600)
        limits.requestLine = block["request_line"]?.size(in: head) ?? limits.requestLine
        limits.headerSection = block["header_section"]?.size(in: head) ?? limits.headerSection
        limits.field = block["field"]?.size(in: head) ?? limits.field
        limits.fieldCount = block["fields"]?.integer(in: 8...1000) ?? limits.fieldCount
        limits.body = block["body"]?.size(in: body) ?? limits.body
        limits.parBody = block["par_body"]?.size(in: body) ?? limits.parBody
        limits.passThroughBody =
            block["pass_through_body"]?.size(in: 1024...(1 << 40)) ?? limits.passThroughBody
        limits.headerTimeout = block["header_timeout"]?.duration(in: wait) ?? limits.headerTimeout
        limits.bodyTimeout = block["body_timeout"]?.duration(in: wait) ?? limits.bodyTimeout
        limits.idleTimeout = block["idle_timeout"]?.duration(in: wait) ?? limits.idleTimeout
        limits.connections = block["connections"]?.integer(in: 1...1_000_000) ?? limits.connections
        if limits.field > limits.headerSection {
            (block["field"] ?? block["header_section"])?.fail(
                "one field may be longer than the whole section; make header_section the larger")
        }
        return limits
    }

    /// CHAL-13. Requests a second.
    static func challengeRate(_ top: Block) -> Int? {
        top["rate_limits"]?.block(.rateLimits)?["challenge"]?.integer(in: 1...1_000_000)
    }

    static func drain(_ top: Block) -> Duration {
        top["shutdown"]?.block(.shutdown)?["drain"]?.duration(in: .zero ... .seconds(3600))
            ?? .seconds(30)
    }

    static func log(_ top: Block) -> LogSettings {
        var settings = LogSettings()
        guard let block = top["log"]?.block(.log) else { return settings }
        settings.level = block["level"]?.choice(LogSettings.Level.self) ?? settings.level
        settings.format = block["format"]?.choice(LogSettings.Format.self) ?? settings.format
        settings.access = block["access"]?.flag() ?? settings.access
        settings.remote = block["remote"]?.choice(LogSettings.Remote.self) ?? settings.remote
        return settings
    }
}
