// SPDX-License-Identifier: Apache-2.0
// The one record that every request leaves (design section 6): these fields and no others (PRIV-04).

import ClientAttestation
import EventLoop
import HTTPWire
import Octets

/// What is known of a request when it has been answered.
final class AccessRecord {
    let requestID: [UInt8]
    let remote: [UInt8]?
    let method: [UInt8]
    var host: [UInt8]?
    var endpoint = "none"
    var status = 0
    var clientID: [UInt8]?
    var attester: String?
    var rule: RuleID?
    var profile: Profile?
    var upstreamStatus: Int?
    /// Milliseconds until the head of the AS's answer, or until there was none.
    var upstreamTime: Int?
    /// Milliseconds from the request's head to the end of its answer.
    var totalTime = 0
    /// Octets of the whole request, head and framing included.
    var bytesIn = 0
    /// Octets of the whole answer, head and framing included.
    var bytesOut = 0

    init(requestID: [UInt8], remote: [UInt8]?, method: [UInt8]) {
        self.requestID = requestID
        self.remote = remote
        self.method = method
    }

    /// PRIV-01: a method nobody knows is the client's own text; a compact JWS is a valid token.
    static func name(of method: Method) -> [UInt8] {
        if case .other = method { return otherMethod }
        return method.octets
    }

    private static let otherMethod = "other".octets

    /// How loud the record is: faults of the AS or of this gateway's set-up wake somebody up.
    var level: LogSettings.Level {
        if status >= 500 { return .error }
        return rule == nil ? .info : .warning
    }

    /// The record as one line.
    func line(_ format: LogSettings.Format) -> [UInt8] {
        let now = WallClock.now()
        var line = LogLine(
            format, time: Timestamps.rfc3339(seconds: now.seconds, milliseconds: now.milliseconds),
            level: level, message: "access")
        line.add(Key.requestID, plain: requestID)
        if let remote { line.add(Key.remote, remote) }
        line.add(Key.method, method)
        if let host { line.add(Key.host, host) }
        line.add(Key.endpoint, plain: endpoint.utf8)
        line.add(Key.status, status)
        if let clientID { line.add(Key.clientID, clientID) }
        if let attester { line.add(Key.attester, attester.octets) }
        if let rule { line.add(Key.rule, plain: rule.description.utf8) }
        if let profile { line.add(Key.profile, plain: profile.rawValue.utf8) }
        if let upstreamStatus { line.add(Key.upstreamStatus, upstreamStatus) }
        if let upstreamTime { line.add(Key.upstreamTime, upstreamTime) }
        line.add(Key.totalTime, totalTime)
        line.add(Key.bytesIn, bytesIn)
        line.add(Key.bytesOut, bytesOut)
        return line.finish()
    }

    private enum Key {
        static let requestID = LogKey("request_id")
        static let remote = LogKey("remote")
        static let method = LogKey("method")
        static let host = LogKey("host")
        static let endpoint = LogKey("endpoint")
        static let status = LogKey("status")
        static let clientID = LogKey("client_id")
        static let attester = LogKey("attester")
        static let rule = LogKey("rule")
        static let profile = LogKey("profile")
        static let upstreamStatus = LogKey("upstream_status")
        static let upstreamTime = LogKey("upstream_ms")
        static let totalTime = LogKey("total_ms")
        static let bytesIn = LogKey("bytes_in")
        static let bytesOut = LogKey("bytes_out")
    }
}
