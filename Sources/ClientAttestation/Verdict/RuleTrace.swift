// SPDX-License-Identifier: Apache-2.0
// What the verifier did, rule by rule, for those who ask why.

public import Octets

/// Records the rules of one run in the order in which they were judged.
///
/// Every rule announces itself here as it begins, so the trace is the run and not a second opinion.
/// Requests in service are judged without one.
public final class RuleTrace {
    /// What became of a rule. One that is not in the trace was not reached.
    public enum Outcome: Sendable, Equatable {
        /// It held, or had nothing to object to.
        case passed
        /// It refused the request.
        case failed
    }

    /// One rule, applied to the request or to one of its tokens.
    public struct Entry: Sendable, Equatable {
        /// The rule.
        public let rule: RuleID
        /// The token it was applied to, where the same rule applies to several.
        public let token: TokenRole?
        /// What became of it.
        public fileprivate(set) var outcome: Outcome
    }

    /// The rules judged, in order; each once for a token, at the place where it was last judged.
    public private(set) var entries: [Entry] = []
    /// The attester whose entry was selected (KEY-01).
    public internal(set) var attesterID: String?
    /// The `kid` of the key that was selected, nil if it has none (KEY-04).
    public internal(set) var attesterKeyID: [UInt8]?
    /// The rule of a refusal that had not announced itself: a fault of this program, for tests.
    public private(set) var unannounced: RuleID?
    private var group = 0

    /// An empty trace.
    public init() {}

    /// The rules that are judged next, in this order. Whatever began before them has held.
    public func begin(_ rules: RuleID..., in token: TokenRole? = nil) {
        entries.removeAll { $0.token == token && rules.contains($0.rule) }
        group = entries.count
        entries += rules.map { Entry(rule: $0, token: token, outcome: .passed) }
    }

    /// Ends the trace with the refusal, if there was one: of the rules that began last, those
    /// before the refusal's held, and those after it were not reached.
    public func finish(_ refusal: Refusal?) {
        guard let refusal else { return }
        if let place = entries[group...].firstIndex(where: { $0.rule == refusal.rule }) {
            entries[place].outcome = .failed
            entries.removeSubrange((place + 1)...)
        } else {
            unannounced = refusal.rule
            entries.removeSubrange(group...)
            entries.append(Entry(rule: refusal.rule, token: refusal.token, outcome: .failed))
        }
    }
}
