// SPDX-License-Identifier: Apache-2.0
// The report for machines. The shape is documented in the README; members are added, never changed.

import ClientAttestation
import Gateway
import JSON
import Octets

extension Report {
    /// One JSON object, compact.
    public var json: [UInt8] {
        var writer = JSONWriter(reserving: 16 * 1024)
        writer.beginObject()
        writer.member("version", 1)
        writer.member("verdict", verdict)
        writer.member("summary", headline)
        writer.member("at", Moments.written(view.now))
        if let refusal { write(refusal.rule, refusal.note, to: &writer) }
        writeRequest(to: &writer)
        writeAttesters(to: &writer)
        writeTokens(to: &writer)
        writer.name("rules")
        writer.beginArray()
        for rule in rules { write(rule, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private func write(_ rule: Rule, _ note: RuleNote?, to writer: inout JSONWriter) {
        writer.name("refusal")
        writer.beginObject()
        writer.member("rule", rule.id.description)
        writer.member("step", rule.step)
        writer.member("stage", rule.stage)
        writer.member("token", rule.token)
        writer.member("title", note?.title)
        writer.member("source", note?.source)
        writer.member("found", finding.found)
        writer.member("expected", finding.expected)
        writer.member("party", note?.party.rawValue)
        writer.member("advice", note?.advice)
        writer.member("status", answer?.status)
        writer.member("error", answer?.error)
        writer.endObject()
    }

    private func writeRequest(to writer: inout JSONWriter) {
        writer.name("request")
        writer.beginObject()
        writer.member("form", capture.form.rawValue)
        writer.member("method", view.run.method.map(Shortening.text))
        writer.member("path", view.run.path.map(Shortening.text))
        writer.member("host", view.run.host.map(Shortening.text))
        writer.member("issuer", view.server.map { Shortening.text($0.policy.issuer) })
        writer.member("endpoint", view.run.endpoint?.rawValue)
        writer.member("client_id", view.run.clientID.map(Shortening.text))
        writer.member("profile", view.run.profile?.rawValue)
        writer.name("remarks")
        writer.beginArray()
        for remark in remarks { writer.string(remark) }
        writer.endArray()
        writer.endObject()
    }

    private func writeAttesters(to writer: inout JSONWriter) {
        writer.name("attesters")
        writer.beginArray()
        for candidate in Candidate.all(in: view) {
            writer.beginObject()
            writer.member("id", candidate.id)
            writer.name("selected")
            writer.bool(candidate.isSelected)
            writer.member("key", candidate.key)
            writer.member("reason", candidate.reason)
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeTokens(to writer: inout JSONWriter) {
        writer.name("tokens")
        writer.beginArray()
        for token in view.allTokens {
            writer.beginObject()
            writer.member("token", token.role.rawValue)
            writer.name("header")
            write(token.header, to: &writer)
            writer.name("claims")
            write(token.claims, to: &writer)
            writer.member("signature_octets", token.signatureLength)
            writer.member("problem", token.problem)
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(_ decoded: DecodedObject?, to writer: inout JSONWriter) {
        guard let decoded else {
            writer.null()
            return
        }
        Shortening.write(decoded.object, of: decoded.text, to: &writer)
    }

    private func write(_ rule: Rule, to writer: inout JSONWriter) {
        let note = RuleBook.note(rule.id)
        writer.beginObject()
        writer.member("id", rule.id.description)
        writer.member("token", rule.token)
        writer.member("step", rule.step)
        writer.member("stage", rule.stage)
        writer.member("result", rule.result.rawValue)
        writer.member("title", note?.title)
        writer.member("source", note?.source)
        writer.endObject()
    }
}

extension JSONWriter {
    /// A member with a string; left out if there is none.
    fileprivate mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        self.name(name)
        string(value)
    }

    /// A member with a number; left out if there is none.
    fileprivate mutating func member(_ name: String, _ value: Int?) {
        guard let value else { return }
        self.name(name)
        number(value)
    }
}
