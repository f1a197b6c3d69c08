// SPDX-License-Identifier: Apache-2.0
// ATT-16: the file of what is suspended. ATT-07: age and the moment before which all is denied.

import ClientAttestation
import Configuration
import Gateway
import JOSE
import Octets
import Testing

private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct DenylistFileTests {
    let workspace: Workspace
    static let text = Sample.edited(adding: "denylist_file: denied")
    static let thumbprint = Array(repeating: UInt8(7), count: 32)
    static let hash = String(repeating: "0a", count: 32)

    init() throws {
        workspace = try Workspace()
    }

    private func remarks(_ list: String) throws -> [String] {
        try workspace.write("denied", list)
        return try workspace.remarks(Self.text)
    }

    @Test("ATT-16: lines of each kind, comments and blank lines are read")
    func list() throws {
        let jkt = Base64URL.encodeToString(Self.thumbprint)
        let list = """
            # suspended
            jkt \(jkt)   # a phone

            \tclient wallet c1\r
            spki \(Self.hash)
            """
        #expect(try remarks(list) == [])
        var expected = Denylist()
        expected.deny(try #require(JWKThumbprint(bytes: Self.thumbprint)))
        expected.deny(attesterID: "wallet", subject: octets("c1"))
        expected.deny(certificateKey: try #require(Hex.decode(octets(Self.hash))))
        let server = try #require(try workspace.settings(Self.text).servers.first)
        #expect(server.policy.denylist == expected)
        try #expect(
            workspace.settings(Sample.base).servers.first?.policy.denylist.isEmpty == true)
    }

    @Test(
        "ATT-16: a line that is not understood is an error at its place",
        arguments: [
            ("jkt abc", "jkt wants a JWK thumbprint, 43 characters of base64url"),
            ("jkt \(hash)", "jkt wants a JWK thumbprint, 43 characters of base64url"),
            ("spki abc", "spki wants a SHA-256 hash, 64 hexadecimal digits"),
            ("spki \(hash)00", "spki wants a SHA-256 hash, 64 hexadecimal digits"),
        ])
    func values(line: String, fault: String) throws {
        try #expect(remarks("# one\n\(line)\n") == ["denied:2:1: \(fault) (ATT-16)"])
    }

    @Test(
        "ATT-16: a line of an unknown kind or with too little or too much is an error",
        arguments: ["jkt", "client wallet", "client wallet c1 c2", "JKT x", "x5c y", "spki a b"])
    func shapes(line: String) throws {
        let kind = line.prefix { $0 != " " }
        try #expect(
            remarks(line) == [
                "denied:1:1: \"\(kind)\": write jkt THUMBPRINT, client ATTESTER CLIENT_ID or spki SHA256 (ATT-16)"
            ])
    }

    @Test("ATT-16: every fault of the list is reported, after those of the configuration")
    func all() throws {
        try workspace.write("denied", "jkt a\n\nspki b\n")
        let text = Self.text.replacing("token: /token", with: "token: token")
        let places = try workspace.remarks(text).map { $0.prefix { $0 != " " } }
        #expect(places == ["7:25:", "denied:1:1:", "denied:3:1:"])
    }

    @Test("ATT-16: an attester that is not there is pointed out, a missing file is an error")
    func attester() throws {
        try #expect(
            remarks("client walet c1") == [
                "denied:1:1: warning: no attester has the id \"walet\", so this line denies nothing; did you mean \"wallet\"?"
            ])
        let text = Sample.edited(adding: "denylist_file: nowhere")
        let remarks = try workspace.remarks(text)
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("there is no such file") == true)
    }
}

@Suite struct AttestationAgeTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    private func server(_ text: String) throws -> VerificationPolicy {
        try #require(try workspace.settings(text).servers.first).policy
    }

    @Test("ATT-07: max_age is off, or a duration, of the AS and of an attester")
    func maxAge() throws {
        #expect(try server(Sample.base).attestation.maxAge == nil)
        let text = Sample.edited(adding: "attestation: { max_age: 24h, require_iat: true }")
        let policy = try server(text)
        #expect(policy.attestation == AttestationPolicy(maxAge: 86_400, requiresIssuedAt: true))
        #expect(policy.attesters.attesters.first?.attestation == nil)
    }

    @Test("ATT-07: what an attester's own demands leave out stays the AS's")
    func inherited() throws {
        let base = Sample.edited(adding: "attestation: { max_age: 24h }")
        let own = { (demands: String) in
            let text = base.replacing(
                "        clients: [c1]",
                with: "        clients: [c1]\n        attestation: \(demands)")
            return try self.server(text).attesters.attesters.first?.attestation
        }
        #expect(
            try own("{ require_iat: true }")
                == AttestationPolicy(maxAge: 86_400, requiresIssuedAt: true))
        #expect(try own("{ max_age: 1h }") == AttestationPolicy(maxAge: 3600))
        #expect(try own("{ max_age: off }") == AttestationPolicy())
    }

    @Test(
        "ATT-07: max_age that is no duration or out of range",
        arguments: ["never", "1s", "9000h", "1.5h"])
    func badAge(value: String) throws {
        let remarks = try workspace.remarks(
            Sample.edited(adding: "attestation: { max_age: \(value) }"))
        #expect(remarks.count == 1)
    }

    @Test(
        "ATT-07: not_before is a date or a time",
        arguments: [
            ("1970-01-01", 0), ("2026-03-01", 1_772_323_200), ("2024-02-29", 1_709_164_800),
            ("2026-03-02T13:38:15Z", 1_772_458_695),
            ("2026-03-02T15:38:15+02:00", 1_772_458_695),
            ("2026-03-02T08:08:15-05:30", 1_772_458_695), ("2000-03-01", 951_868_800),
        ])
    func notBefore(value: String, seconds: Int64) throws {
        for written in [value, "\"\(value)\""] {
            let text = Sample.edited(
                "- client_id: c1", "- client_id: c1\n        not_before: \(written)")
            let client = try server(text).clients[octets("c1")]
            #expect(client?.notBefore == UnixTime(seconds))
        }
    }

    @Test(
        "ATT-07: not_before that is no date or time is refused",
        arguments: [
            "2026-02-29", "2026-13-01", "2026-00-01", "2026-04-31", "26-03-01", "2026-3-1",
            "2026-03-01T00:00:00", "2026-03-01 00:00:00Z", "2026-03-01T24:00:00Z",
            "2026-03-01T00:60:00Z", "2026-03-01T00:00:60Z", "2026-03-01T00:00:00+24:00",
            "2026-03-01T00:00:00.5Z", "1969-12-31", "1970-01-01T00:00:00+01:00", "1772323200",
            "2026-03-01T00:00:00Zx", "-026-03-01", "2026-03-01T", "yesterday",
        ])
    func badMoment(value: String) throws {
        let remarks = try workspace.remarks(
            Sample.edited("- client_id: c1", "- client_id: c1\n        not_before: \"\(value)\""))
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("is no date or time; write it as 2027-03-31") == true)
    }

    @Test("ATT-07: a moment that lies ahead is pointed out")
    func ahead() throws {
        let remarks = try workspace.remarks(
            Sample.edited("- client_id: c1", "- client_id: c1\n        not_before: 2099-01-01"))
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("not_before: lies ahead") == true)
    }
}
