// SPDX-License-Identifier: Apache-2.0
// The one error of reading HTTP: which rule was broken and the status that answers it.

public import Octets

/// A message that breaks a rule of framing. After one, where the next message would begin is
/// unknown: the answer, if any, is the last thing on the connection.
public struct HTTPViolation: Error, Hashable, Sendable {
    /// The rule that was broken, for the audit line.
    public let rule: RuleID
    /// The status of the answer: 400, 413, 414, 415, 417, 431, 501 or 505 for a request, 502 for
    /// what an authorization server sent.
    public let status: Int

    /// A violation of `rule`, answered with `status`.
    public init(rule: RuleID, status: Int) {
        self.rule = rule
        self.status = status
    }

    /// A violation of `HTTP-nn`, 400 unless said otherwise.
    static func http(_ number: UInt8, _ status: Int = 400) -> HTTPViolation {
        HTTPViolation(rule: .http(number), status: status)
    }

    /// HTTP-13. Whatever is wrong with a response, the client sees 502 and the connection ends.
    static let upstream = HTTPViolation(rule: .http(13), status: 502)
}
