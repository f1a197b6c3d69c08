// SPDX-License-Identifier: Apache-2.0
// The trace of a run with the rules around it that were not judged.

import ClientAttestation
import Gateway
import Octets

/// The rules of one run: what the trace has, in its order, and after it what it has not.
struct RuleTable {
    private(set) var rules: [Report.Rule] = []
    private let run: RequestExplanation

    private struct Place: Hashable {
        let rule: RuleID
        let token: TokenRole?
    }

    init(_ run: RequestExplanation) {
        self.run = run
        var judged: Set<Place> = []
        var stage = 0
        for entry in run.entries {
            let token = EvaluationOrder.token(entry.rule, entry.token)
            stage = Self.stage(of: entry.rule, token, from: stage) ?? stage
            judged.insert(Place(rule: entry.rule, token: token))
            // Judged without the parameter, which may be in the body that nobody has, and without
            // a start of the gateway.
            let isGuess = run.lacksBody && entry.rule == .req(12) || entry.rule == .rpl(7)
            let result: Report.Result =
                entry.outcome == .failed ? .fail : isGuess ? .unknown : .pass
            rules.append(Self.rule(entry.rule, token, EvaluationOrder.stages[stage], result))
        }
        addRest(after: stage, judged)
    }

    /// The first stage at or after `start` that has the rule; else the first that has it at all.
    private static func stage(of rule: RuleID, _ token: TokenRole?, from start: Int) -> Int? {
        let holds = { (index: Int) in
            let stage = EvaluationOrder.stages[index]
            let isSame = stage.token == token || stage.token == nil || token == nil
            return isSame && stage.rules.contains(rule)
        }
        let stages = EvaluationOrder.stages.indices
        return stages[start...].first(where: holds) ?? stages.first(where: holds)
    }

    private static func rule(
        _ id: RuleID, _ token: TokenRole?, _ stage: Stage, _ result: Report.Result
    ) -> Report.Rule {
        Report.Rule(
            id: id, token: token?.rawValue, step: stage.step, stage: stage.title, result: result)
    }

    /// Puts every rule that was not judged behind the last judged one of its stage or an earlier
    /// one.
    private mutating func addRest(after last: Int, _ judged: Set<Place>) {
        var listed = judged
        var rest: [(stage: Int, rule: Report.Rule)] = []
        for (index, stage) in EvaluationOrder.stages.enumerated() {
            for id in stage.rules {
                let place = Place(rule: id, token: EvaluationOrder.token(id, stage.token))
                guard listed.insert(place).inserted else { continue }
                let result = result(of: id, stage, isAfter: index >= last)
                rest.append((index, Self.rule(id, place.token, stage, result)))
            }
        }
        for item in rest {
            let step = EvaluationOrder.stages[item.stage].step
            let place =
                rules.lastIndex { $0.step == step && $0.stage == item.rule.stage }
                ?? rules.lastIndex { $0.step <= step }
            rules.insert(item.rule, at: place.map { $0 + 1 } ?? 0)
        }
    }

    private func result(of rule: RuleID, _ stage: Stage, isAfter: Bool) -> Report.Result {
        switch run.verdict {
        case .refused where isAfter && isPresented(stage.token): return .notReached
        case .refused, .unverified: return .notApplicable
        case .undecided: return isAfter ? .unknown : .notApplicable
        case .accepted:
            if stage.step == 12 { return .unknown }
            let needsBody = [5, 8, 11, 13].contains(stage.step)
            return run.lacksBody && needsBody ? .unknown : .notApplicable
        }
    }

    /// Whether the request has the token that a stage is about.
    private func isPresented(_ token: TokenRole?) -> Bool {
        guard let token, let tokens = run.tokens else { return true }
        switch token {
        case .attestation: return tokens.attestation != nil
        case .proof: return tokens.proof != nil
        case .dpop: return tokens.dpop != nil
        }
    }
}
