// SPDX-License-Identifier: Apache-2.0
// The `bind` block, the limit of edited answers, and `ciba` of a client.

import Configuration
import Gateway
import Octets
import Testing

@Suite struct BindConfigurationTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    private func binding(_ yaml: String) throws -> BindingSettings {
        try #require(workspace.settings(yaml).servers.first).binding
    }

    private func remarks(_ value: String) throws -> [String] {
        try workspace.remarks(Sample.edited(adding: "bind: { legacy_refresh: \(value) }")).map {
            $0.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? $0
        }
    }

    @Test("BIND-01, BIND-04, BIND-08, BIND-09: left out, everything is sealed and nothing adopted")
    func defaults() throws {
        let binding = try binding(Sample.base)
        #expect(binding.legacyRefresh == .reject && !binding.sameAttester)
        #expect(binding.sealsDeviceCodes && binding.sealsAuthenticationRequests)
    }

    @Test("BIND-05, BIND-08, BIND-09: the block reaches the settings")
    func block() throws {
        let binding = try binding(
            Sample.edited(
                adding: "bind: { same_attester: true, device_code: false, auth_req_id: false }"))
        #expect(binding.sameAttester)
        #expect(!binding.sealsDeviceCodes && !binding.sealsAuthenticationRequests)
    }

    @Test("BIND-04: adoption has an end, and every start says what it means")
    func adoption() throws {
        let value = "adopt-unrecorded 2026-10-01"
        let yaml = Sample.edited(adding: "bind: { legacy_refresh: \(value) }")
        let end = UnixTime(1_790_812_800)
        try #expect(binding(yaml).legacyRefresh == .adoptUnrecorded(until: end))
        try #expect(
            remarks(value) == [
                "warning: authorization_servers[0].bind.legacy_refresh: until then any instance of a client may bring any unsealed refresh token of it, stolen ones too (BIND-04)"
            ])
        try #expect(
            remarks("adopt-unrecorded 2026-09-01") == [
                "warning: authorization_servers[0].bind.legacy_refresh: is over: unsealed refresh tokens are refused; write reject (BIND-04)"
            ])
    }

    @Test(
        "BIND-04: no adoption without an end, with a far one, or by half a promise",
        arguments: [
            ("adopt", "is neither reject nor"), ("adopt-unrecorded", "is neither reject nor"),
            ("reject 2026-10-01", "is neither reject nor"),
            ("adopt-unrecorded soon", "is no date or time"),
            ("adopt-unrecorded 2027-03-31", "is more than 180 days ahead"),
            ("adopt-until 2026-10-01", "is not built yet"), ("adopt-until", "is not built yet"),
        ])
    func refused(value: String, reason: String) throws {
        let remarks = try remarks(value)
        #expect(remarks.count == 1 && remarks[0].contains(reason), "\(remarks)")
        #expect(remarks.first?.hasPrefix("warning") == false)
    }

    @Test("BIND-09: a client that is notified must know the auth_req_id it is notified of")
    func pinged() throws {
        let ping = { (yaml: String) in
            yaml.replacing("- client_id: c1", with: "- client_id: c1\n        ciba: ping")
        }
        let remarks = try workspace.remarks(ping(Sample.base))
        #expect(remarks.count == 1 && remarks[0].contains("bind: { auth_req_id: false }"))
        let yaml = ping(Sample.edited(adding: "bind: { auth_req_id: false }"))
        try #expect(workspace.remarks(yaml) == [])
        let clients = try #require(workspace.settings(yaml).servers.first).clients
        #expect(clients[Array("c1".utf8)]?.isPinged == true)
        let polled = try #require(workspace.settings(Sample.base).servers.first).clients
        #expect(polled[Array("c1".utf8)]?.isPinged == false)
    }

    @Test("BIND-01: how long an answer may be that has to be edited")
    func editedBody() throws {
        func limit(_ text: String) throws -> Int? {
            try workspace.settings(text).servers.first?.upstream.editedBody
        }
        try #expect(limit(Sample.base) == 1 << 20)
        try #expect(
            limit(Sample.edited(adding: "upstream_limits: { edited_body: 64KiB }")) == 1 << 16)
    }
}
