// SPDX-License-Identifier: Apache-2.0
// `code_binding`, `require_par`, `pkce` of a client, and `par.request_uri_prefix`.

import Configuration
import Gateway
import Octets
import Testing

@Suite struct CodeBindingConfigurationTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    private static let all = "{ token: /t, pushed_authorization_request: /p, authorization: /a }"

    private func sample(_ keys: String, endpoints: String = all) -> String {
        Sample.edited("{ token: /token }", endpoints).replacing(
            "- client_id: c1", with: "- client_id: c1\n        \(keys)")
    }

    private func client(_ yaml: String) throws -> ClientSettings {
        let server = try #require(workspace.settings(yaml).servers.first)
        return try #require(server.clients[Array("c1".utf8)])
    }

    @Test("BIND-10, BIND-11: left out, codes are not bound and requests not pushed")
    func defaults() throws {
        let client = try client(Sample.base)
        #expect(!client.bindsCodes && !client.requiresPAR)
    }

    @Test("BIND-10, BIND-11, CFG-13: bound codes take pushed requests along")
    func bound() throws {
        let yaml = sample("code_binding: true\n        pkce: enforced")
        try #expect(workspace.remarks(yaml) == [])
        let bound = try client(yaml)
        #expect(bound.bindsCodes && bound.requiresPAR)
        let pushed = try client(sample("require_par: true"))
        #expect(!pushed.bindsCodes && pushed.requiresPAR)
    }

    @Test(
        "CFG-13, CFG-15: what would bind nothing is refused",
        arguments: [
            ("code_binding: true", all, "pkce: enforced (CFG-13)"),
            ("code_binding: true\n        pkce: unstated", all, "pkce: enforced (CFG-13)"),
            (
                "code_binding: true\n        pkce: enforced\n        require_par: false", all,
                "leave it out (BIND-11)"
            ),
            (
                "code_binding: true\n        pkce: enforced", "{ token: /t, authorization: /a }",
                "(CFG-13)"
            ),
            (
                "code_binding: true\n        pkce: enforced",
                "{ token: /t, pushed_authorization_request: /p }", "(CFG-15)"
            ),
            (
                "require_par: true", "{ token: /t, pushed_authorization_request: /p }", "(CFG-15)"
            ),
            ("require_par: true", "{ token: /t, authorization: /a }", "(CFG-13)"),
        ])
    func void(keys: String, endpoints: String, end: String) throws {
        let remarks = try workspace.remarks(sample(keys, endpoints: endpoints))
        #expect(remarks.count == 1 && remarks[0].hasSuffix(end), "\(remarks)")
        #expect(remarks.first?.contains("warning") == false)
    }

    @Test("BIND-11: the AS's own prefix of request_uri, which no URL of a stranger has")
    func prefix() throws {
        func prefix(_ text: String) throws -> [UInt8]? {
            try workspace.settings(text).servers.first?.requestURIPrefix
        }
        try #expect(prefix(Sample.base) == Array("urn:ietf:params:oauth:request_uri:".utf8))
        let own = Sample.edited(adding: "par: { request_uri_prefix: \"urn:example:bwc4:\" }")
        try #expect(prefix(own) == Array("urn:example:bwc4:".utf8))
        for value in ["https://as.example.com/", "urn:", "x"] {
            let yaml = Sample.edited(adding: "par: { request_uri_prefix: \"\(value)\" }")
            let remarks = try workspace.remarks(yaml)
            #expect(remarks.count == 1 && remarks[0].contains("BIND-11"), "\(remarks)")
        }
    }
}
