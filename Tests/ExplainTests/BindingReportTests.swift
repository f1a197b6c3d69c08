// SPDX-License-Identifier: Apache-2.0
// What explain says of sealed values and bound codes (BIND).

import ClientAttestation
import Gateway
import Octets
import Testing

@testable import Explain

@Suite("Reports on what is bound to a key")
struct BindingReportTests {
    private static let secret = "ag1.01.a-value-that-nobody-should-see"

    private func report(
        _ scene: Scene, _ body: String, path: String = "/token", client: String? = nil,
        fields: String = ""
    ) throws -> Report {
        var settings = scene.settings
        settings.servers[0].endpoints += [
            EndpointSettings(.revocation, path: "/revoke".octets),
            EndpointSettings(.introspection, path: "/introspect".octets),
        ]
        settings.servers[0].clients[Scene.clientID.octets]?.bindsCodes = true
        let request = scene.request(
            client == nil ? try scene.attestation() : nil, client == nil ? try scene.proof() : nil,
            path: path, fields: fields,
            body: body + (client.map { "&client_id=\($0)" } ?? ""))
        return Report(
            try Capture(reading: request.octets), settings: settings, now: Scene.now)
    }

    @Test(
        "BIND-02, BIND-03, BIND-10, BIND-14: each is announced where it is judged",
        arguments: [
            ("grant_type=refresh_token&refresh_token=\(secret)", "/token", "BIND-03"),
            ("grant_type=refresh_token&refresh_token=raw", "/token", "BIND-03"),
            ("grant_type=authorization_code&code=\(secret)", "/token", "BIND-02"),
            ("grant_type=authorization_code&code=x", "/token", "BIND-10"),
            ("response_type=code&code_challenge=x", "/par", "BIND-10"),
            ("token=\(secret)", "/revoke", "BIND-03"),
            ("token=\(secret)", "/introspect", "BIND-03"),
        ])
    func announced(body: String, path: String, rule: String) throws {
        let report = try report(Scene(), body, path: path)
        #expect(report.refusal?.rule.id.description == rule, "\(report.headline)")
        #expect(report.refusal?.note != nil && report.view.run.unannounced == nil)
        #expect(report.rules.count { $0.result == .fail } == 1)
        let text = report.text(TextStyle(hasColour: false))
        #expect(!text.contains("nobody-should-see"))
    }

    @Test("BIND-07: an answer that is no error is not told as one")
    func quiet() throws {
        for path in ["/revoke", "/introspect"] {
            let report = try report(Scene(), "token=\(Self.secret)", path: path)
            let run = report.view.run
            guard case .refused(let refusal) = run.verdict else {
                Issue.record("\(run.verdict)")
                continue
            }
            #expect(run.response(to: refusal) == nil)
        }
    }

    @Test("BIND-02, BIND-14: a listed client is told too")
    func listed() throws {
        let body = "grant_type=refresh_token&refresh_token=\(Self.secret)"
        let sealed = try report(Scene(), body, client: "listed")
        #expect(sealed.refusal?.rule.id == .bind(3) && sealed.view.run.unannounced == nil)
        let signed = try report(Scene(), body, fields: "Content-Digest: sha-256=:x:\r\n")
        #expect(signed.refusal?.rule.id == .bind(14) && signed.view.run.unannounced == nil)
        let own = try report(Scene(), "grant_type=refresh_token&refresh_token=x", client: "listed")
        #expect(own.verdict == "unverified")
    }
}
