// SPDX-License-Identifier: Apache-2.0
// The one record that every request leaves (design section 6): these fields and no others (PRIV-04).

import ClientAttestation
import EventLoop
import HTTPWire
import Octets

/// What is known of a request when it has been answered.
struct AccessRecord {
    var requestID: [UInt8]
    var remote: [UInt8]?
    var method: [UInt8]
    var host: [UInt8]?
    var endpoint: String
    var status: Int
    var clientID: [UInt8]?
    var attester: String?
    var rule: RuleID?
    var profile: Profile?
    var upstreamStatus: Int?
    var upstreamTime: Duration?
    var bytesIn: Int
    var bytesOut: Int

    init(requestID: [UInt8], remote: [UInt8]?, method: [UInt8]) {
        self.requestID = requestID
        self.remote = remote
        self.method = method
        endpoint = "none"
        status = 0
        bytesIn = 0
        bytesOut = 0
    }

    /// How loud the record is: faults of the AS or of this gateway's set-up wake somebody up.
    var level: LogSettings.Level {
        if status >= 500 { return .error }
        return rule == nil ? .info : .warning
    }

    /// The record as one line.
    func line(_ format: LogSettings.Format, total: Duration) -> LogLine {
        let now = WallClock.now()
        var line = LogLine(format)
        line.add(
            "time",
            .text(Timestamps.rfc3339(seconds: now.seconds, milliseconds: now.milliseconds)))
        line.add("level", .text(Array(level.rawValue.utf8)))
        line.add("msg", .text("access".octets))
        line.add("request_id", .text(requestID))
        if let remote { line.add("remote", .text(remote)) }
        line.add("method", .text(method))
        if let host { line.add("host", .text(host)) }
        line.add("endpoint", .text(endpoint.octets))
        line.add("status", .number(Int64(status)))
        if let clientID { line.add("client_id", .text(clientID)) }
        if let attester { line.add("attester", .text(Array(attester.utf8))) }
        if let rule { line.add("rule", .text(Array(rule.description.utf8))) }
        if let profile { line.add("profile", .text(Array(profile.rawValue.utf8))) }
        if let upstreamStatus { line.add("upstream_status", .number(Int64(upstreamStatus))) }
        if let upstreamTime { line.add("upstream_ms", .number(upstreamTime.milliseconds)) }
        line.add("total_ms", .number(total.milliseconds))
        line.add("bytes_in", .number(Int64(bytesIn)))
        line.add("bytes_out", .number(Int64(bytesOut)))
        return line
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
