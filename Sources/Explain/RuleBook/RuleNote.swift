// SPDX-License-Identifier: Apache-2.0
// What people need to know of one rule.

public import Octets

/// One row of the rule book.
public struct RuleNote: Sendable, Equatable {
    /// Who can do something about a refusal.
    public enum Party: String, Sendable, CaseIterable {
        /// Whoever makes or runs the client.
        case client
        /// Whoever signs its attestations.
        case attester
        /// Whoever runs the gateway.
        case `operator`
    }

    /// The rule.
    public let rule: RuleID
    /// What it demands, in a few words.
    public let title: String
    /// Where the demand comes from: `A11 7.1(3)` is section 7.1 item (3) of draft -11, a number
    /// alone is an RFC, `gateway` is this program's own policy.
    public let source: String
    /// Who is to act.
    public let party: Party
    /// What to do, one sentence.
    public let advice: String

    init(_ rule: RuleID, _ title: String, _ source: String, _ party: Party, _ advice: String) {
        self.rule = rule
        self.title = title
        self.source = source
        self.party = party
        self.advice = advice
    }
}

/// Every rule by which this release can refuse a request, in one table.
public enum RuleBook {
    /// All rows, by family.
    public static let notes: [RuleNote] =
        http + endpoints + shape + jose + keys + attestation + proof + dpop + challenges + replay
        + binding + forwarding

    private static let byRule: [RuleID: RuleNote] = Dictionary(
        notes.map { ($0.rule, $0) }, uniquingKeysWith: { first, _ in first })

    /// The row of a rule.
    public static func note(_ rule: RuleID) -> RuleNote? { byRule[rule] }
}
