// SPDX-License-Identifier: Apache-2.0
// Why an AS's metadata can't be published (META-02, META-03, META-11).

import ClientAttestation
import Octets

/// A document that is not published, and what the operator can do about it.
public struct MetadataFault: Error, Equatable, Sendable {
    /// `META-11`: no good document. Others: a good one that contradicts the configuration.
    public let rule: RuleID
    /// The fault and the remedy, one line.
    public let reason: String

    init(_ rule: RuleID, _ reason: String) {
        self.rule = rule
        self.reason = reason
    }

    /// No document that could be read.
    static func garbage(_ reason: String) -> MetadataFault { MetadataFault(.meta(11), reason) }

    /// Whether the AS means something else than the configuration, so that waiting does not help
    /// (CFG-01).
    public var isContradiction: Bool { rule != .meta(11) }

    /// Text of the AS, fit for a log line.
    static func shown(_ octets: [UInt8]) -> String {
        let text = octets.prefix(120).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return "\"\(String(decoding: text, as: UTF8.self))\(octets.count > 120 ? "…" : "")\""
    }
}
