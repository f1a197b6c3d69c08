// SPDX-License-Identifier: Apache-2.0
// What `explain` says of one request, as plain values that text and JSON are written from.

import ClientAttestation
public import Gateway
import JSON
public import Octets

/// One explained request.
public struct Report {
    /// What became of a rule.
    public enum Result: String, Sendable, CaseIterable {
        /// It held.
        case pass
        /// It refused the request.
        case fail
        /// A rule before it refused the request.
        case notReached = "not_reached"
        /// It has nothing to say of such a request.
        case notApplicable = "not_applicable"
        /// Only the running gateway, or a part that was not captured, could tell.
        case unknown
    }

    /// One rule, applied to the request or to one token.
    public struct Rule: Sendable, Equatable {
        /// The rule.
        public let id: RuleID
        /// The token it is about: `attestation`, `proof`, `dpop`; nil: the request.
        public let token: String?
        /// The step of the evaluation.
        public let step: Int
        /// What that step judges.
        public let stage: String
        /// What became of it.
        public let result: Result
    }

    /// How the request ends: `accepted`, `refused`, `unverified`, `undecided`.
    public let verdict: String
    /// The verdict in one line.
    public let headline: String
    /// The rule that refused, with its note.
    public let refusal: (rule: Rule, note: RuleNote?)?
    /// Which two values did not agree.
    let finding: Finding
    /// Status and OAuth error of the answer; nil for none, or an answer without code.
    public let answer: (status: Int, error: String?)?
    /// The rules in order of evaluation.
    public let rules: [Rule]
    /// What was changed or assumed in reading the capture, and what could not be judged.
    public let remarks: [String]
    let capture: Capture
    let view: RequestView

    /// Explains `capture`, judged as of `now`. `isPresent` says that nobody chose that moment, so
    /// that a request which has merely become old since is told from one that was too old.
    public init(
        _ capture: Capture, settings: GatewaySettings, now: UnixTime, isPresent: Bool = false
    ) {
        self.capture = capture
        let run = RequestExplanation(capture.octets, settings: settings, now: now)
        view = RequestView(run, settings: settings, now: now)
        rules = RuleTable(run).rules
        let hint = isPresent ? [Self.hint(run, view)].compactMap(\.self) : []
        remarks = capture.remarks + Self.remarks(run) + hint
        if case .refused(let refusal) = run.verdict {
            let rule = rules.first { $0.result == .fail }
            let note = RuleBook.note(refusal.rule)
            self.refusal = rule.map { ($0, note) }
            finding = Finding.of(refusal.rule, refusal.token, in: view)
            answer = Self.answer(refusal, run)
        } else {
            refusal = nil
            finding = Finding()
            answer = nil
        }
        (verdict, headline) = Self.verdict(run, refusal)
    }

    /// Whether the gateway would refuse the request, or nobody can tell.
    public var isRefused: Bool { verdict == "refused" || verdict == "undecided" }

    // MARK: Words

    private static func verdict(
        _ run: RequestExplanation, _ refusal: (rule: Rule, note: RuleNote?)?
    ) -> (String, String) {
        switch run.verdict {
        case .accepted:
            let client = run.clientID.map(Shortening.text) ?? ""
            let rest = run.lacksBody ? ", as far as it was captured" : ""
            return ("accepted", "accepted\(rest): goes to the AS as \(client)")
        case .unverified(let kind): return ("unverified", "not verified: \(words(kind))")
        case .undecided:
            return ("undecided", "undecided: without its body nobody knows whose request this is")
        case .refused(let reason):
            let place = refusal.map { " at step \($0.rule.step) (\($0.rule.stage))" } ?? ""
            let title = refusal?.note.map { "; required: \($0.title)" } ?? ""
            return ("refused", "refused by \(reason.rule)\(place)\(title)")
        }
    }

    private static func words(_ kind: RequestExplanation.Unverified) -> String {
        switch kind {
        case .challenge: "the challenge endpoint answers everybody"
        case .options: "an OPTIONS request, which the gateway answers itself"
        case .metadata: "the AS's metadata, published as the configuration says"
        case .passThrough: "a pass-through path, forwarded as it is"
        case .authorization: "the authorization endpoint, forwarded as it is"
        case .listedClient: "a client of unattested_clients, forwarded with its own credential"
        }
    }

    private static func remarks(_ run: RequestExplanation) -> [String] {
        var remarks: [String] = []
        if run.lacksBody {
            remarks.append(
                "the body was not captured: what depends on it is not judged; give --body FILE")
        }
        if run.excess > 0 {
            let octets = run.excess == 1 ? "1 octet" : "\(run.excess) octets"
            remarks.append("\(octets) after the end of the request left out")
        }
        return remarks
    }

    /// A capture of yesterday is refused for its age today.
    private static func hint(_ run: RequestExplanation, _ view: RequestView) -> String? {
        let aging: [RuleID] = [
            .att(4), .att(7), .pop(8), .pop(9), .dpop(11), .chal(6), .chal(21), .dpop(13),
            .dpop(18),
        ]
        guard case .refused(let refusal) = run.verdict, aging.contains(refusal.rule),
            let proof = view.token(.proof) ?? view.token(.dpop),
            let made = proof.claims?.object["iat"]?.number?.numericDate,
            UnixTime(made.seconds) + 5 < view.now
        else { return nil }
        return "judged as of now; for the moment at which the proof was made add --at "
            + Moments.written(UnixTime(made.seconds))
    }

    private static func answer(
        _ refusal: Refusal, _ run: RequestExplanation
    ) -> (status: Int, error: String?)? {
        if let response = run.response(to: refusal) { return (response.status, response.error) }
        if case .http(let status) = refusal.failure { return (status, nil) }
        return nil
    }
}
