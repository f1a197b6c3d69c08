// SPDX-License-Identifier: Apache-2.0
// The report for people: the request, the verdict, why, the tokens, the rules.

import ClientAttestation
import Gateway
import HTTPWire
import JSON
import Octets

/// How a report is written for people.
public struct TextStyle: Sendable {
    /// Whether escape sequences for colours are written.
    public var hasColour: Bool
    /// Whether each rule gets a line with its title and source.
    public var listsEachRule: Bool

    /// A style.
    public init(hasColour: Bool, listsEachRule: Bool = false) {
        self.hasColour = hasColour
        self.listsEachRule = listsEachRule
    }
}

extension Report {
    /// The whole text, with a line end at its end.
    public func text(_ style: TextStyle) -> String {
        var page = Page(hasColour: style.hasColour)
        writeRequest(to: &page)
        writeVerdict(to: &page)
        writeCandidates(to: &page)
        for token in view.allTokens { write(token, to: &page) }
        page.line("")
        page.line(page.bold("Rules, in order of evaluation"))
        if style.listsEachRule { writeEachRule(to: &page) } else { writeRuns(to: &page) }
        return page.text
    }

    private func writeRequest(to page: inout Page) {
        let run = view.run
        let method = run.method.map(Shortening.text) ?? "a request that can't be read"
        let path = run.path.map { " " + Shortening.text($0) } ?? ""
        let host = run.host.map { " at \(Shortening.text($0))" } ?? ""
        let endpoint = run.endpoint.map { " (\($0.rawValue))" } ?? ""
        page.line("\(method)\(path)\(host)\(endpoint), judged as of \(Moments.written(view.now))")
    }

    /// The parameters, with the values of those that are no secrets.
    private func parameters(_ form: Form) -> String {
        let open = ["grant_type", "client_id", "scope", "response_type", "redirect_uri"]
        let shown = form.pairs.prefix(32).map { pair in
            let isOpen = open.contains { pair.name == $0.octets }
            let value = isOpen ? Shortening.text(pair.value) : "(\(pair.value.count) octets)"
            return "\(Shortening.text(pair.name))=\(value)"
        }
        return shown.joined(separator: " ")
    }

    private func writeVerdict(to page: inout Page) {
        page.line(page.verdict(headline, isGood: !isRefused))
        writeReasons(to: &page)
        if let form = view.run.parameters, !form.pairs.isEmpty {
            page.row("body", parameters(form))
        }
        for remark in remarks { page.row("note", remark) }
    }

    private func writeReasons(to page: inout Page) {
        guard let refusal else {
            if verdict == "accepted" {
                page.row(
                    "note", "whether the proof was used before, only the gateway knows (RPL-03)")
            }
            return
        }
        page.row("found", finding.found)
        page.row("expected", finding.expected)
        if let note = refusal.note {
            page.row("\(note.party.rawValue) should", note.advice)
            page.row("source", note.source)
        }
        if let answer {
            page.row("answer", "\(answer.status)\(answer.error.map { " \($0)" } ?? "")")
        }
        if let client = view.run.clientID { page.row("client", Shortening.text(client)) }
    }

    // MARK: Tokens

    private func writeCandidates(to page: inout Page) {
        let candidates = Candidate.all(in: view)
        guard !candidates.isEmpty else { return }
        page.line("")
        page.line(page.bold("Attesters"))
        let width = min(40, candidates.map(\.id.count).max() ?? 0) + 1
        for candidate in candidates {
            let key = candidate.key.map { ", key \($0)" } ?? ""
            page.row(candidate.id, candidate.reason + key, labels: width)
        }
    }

    private func write(_ token: DecodedToken, to page: inout Page) {
        let name =
            switch token.role {
            case .attestation: "Client attestation"
            case .proof: "Proof of possession"
            case .dpop: "DPoP proof"
            }
        page.line("")
        page.line(page.bold(name))
        if let problem = token.problem { page.row("malformed", problem) }
        if let header = token.header {
            var writer = JSONWriter()
            Shortening.write(header.object, of: header.text, to: &writer)
            page.row("header", String(decoding: writer.bytes, as: UTF8.self))
        }
        for member in token.claims?.object.members.prefix(32) ?? [] {
            page.row(Shortening.text(member.name), shown(member, of: token.claims))
        }
        if let length = token.signatureLength {
            page.row("signature", "\(length) octets, not shown")
        }
    }

    private static let times: Set<[UInt8]> = ["iat", "exp", "nbf"].reduce(into: []) {
        $0.insert($1.octets)
    }

    private func shown(_ member: JSONObject.Member, of source: DecodedObject?) -> String {
        var writer = JSONWriter()
        Shortening.write(member.value, name: member.name, of: source?.text ?? [], to: &writer)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        guard Self.times.contains(member.name), let date = member.value.number?.numericDate else {
            return text
        }
        return "\(text) (\(Moments.written(UnixTime(date.seconds), from: view.now)))"
    }

    // MARK: Rules

    /// Neighbours of one stage with one result share a line.
    private func writeRuns(to page: inout Page) {
        var stage = ""
        for group in groups() {
            let title = "\(group[0].step) \(group[0].stage)"
            let isWhole =
                group.count
                == rules.count {
                    $0.step == group[0].step && $0.stage == group[0].stage
                }
            let names =
                isWhole && group[0].result == .notApplicable && group.count > 6
                ? ["\(group.count) rules"] : RuleTable.names(group.map(\.id))
            page.rules(
                stage: title == stage ? "" : title, names, group[0].result,
                note: group[0].result == .fail ? RuleBook.note(group[0].id) : nil)
            stage = title
        }
    }

    private func groups() -> [[Rule]] {
        var groups: [[Rule]] = []
        for rule in rules {
            if let last = groups.last?.last, last.result == rule.result, last.step == rule.step,
                last.stage == rule.stage
            {
                groups[groups.count - 1].append(rule)
            } else {
                groups.append([rule])
            }
        }
        return groups
    }

    private func writeEachRule(to page: inout Page) {
        var stage = ""
        for rule in rules {
            let title = "\(rule.step) \(rule.stage)"
            page.rules(
                stage: title == stage ? "" : title, [rule.id.description], rule.result,
                note: RuleBook.note(rule.id))
            stage = title
        }
    }
}

extension RuleTable {
    /// `JOSE-01 to -05` for what follows each other.
    static func names(_ rules: [RuleID]) -> [String] {
        var runs: [[RuleID]] = []
        for rule in rules {
            if let last = runs.last?.last, last.family == rule.family,
                last.number + 1 == rule.number
            {
                runs[runs.count - 1].append(rule)
            } else {
                runs.append([rule])
            }
        }
        return runs.flatMap { run -> [String] in
            guard run.count > 2, let first = run.first, let last = run.last else {
                return run.map(\.description)
            }
            return ["\(first) to \(String(last.description.drop { $0 != "-" }))"]
        }
    }
}
