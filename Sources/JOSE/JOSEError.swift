// SPDX-License-Identifier: Apache-2.0
// The refusal of a token, key or claim, under the rule that it breaks.

import JSON
import Octets

/// A rule that does not hold. Two errors are equal if the rule is the same.
public struct JOSEError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The rule.
    public let rule: RuleID
    /// What is wrong, for the operator: fixed texts and positions, never octets of the token.
    public let detail: String

    /// A breach of `rule`.
    public init(_ rule: RuleID, _ detail: String) {
        self.rule = rule
        self.detail = detail
    }

    /// JOSE-03, JOSE-04: a text that is no acceptable JSON.
    init(_ error: JSONError, in part: String) {
        self.init(
            error.code == .duplicateName ? .jose(4) : .jose(3), "\(part): \(error.description)")
    }

    /// Compares the rules.
    public static func == (left: JOSEError, right: JOSEError) -> Bool {
        left.rule == right.rule
    }

    /// The rule and what is wrong.
    public var description: String { "\(rule): \(detail)" }
}
