// SPDX-License-Identifier: Apache-2.0
// What a good configuration becomes, key by key.

import ClientAttestation
import Configuration
import Cryptography
import EventLoop
import Foundation
import Gateway
import HTTPWire
import Testing

private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct SettingsTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    private func server(adding line: String) throws -> ServerSettings {
        let settings = try workspace.settings(Sample.edited(adding: line))
        return try #require(settings.servers.first)
    }

    @Test("What is left out has the defaults of the contract")
    func defaults() throws {
        let settings = try workspace.settings(Sample.base)
        #expect(settings.listeners.map(\.address.description) == ["127.0.0.1:0"])
        #expect(settings.listeners.first?.tls == nil)
        #expect(settings.workers == ProcessInfo.processInfo.activeProcessorCount)
        #expect(settings.limits == HTTPLimits())
        #expect(settings.replay.capacity == 4_000_000)
        #expect(settings.challengeRate == nil)
        #expect(settings.drain == .seconds(30))
        #expect(settings.log.level == .info)
        #expect(settings.log.format == .json)
        #expect(settings.log.access)
        #expect(settings.log.remote == .pseudonym)
        let server = try #require(settings.servers.first)
        #expect(server.policy.issuer == octets("https://as.example.com"))
        #expect(server.origin == octets("https://as.example.com"))
        #expect(server.authorities.map(\.octets) == [octets("as.example.com")])
        #expect(server.upstream.host == octets("as.example.com"))
        #expect(server.upstream.addresses.map(\.description) == ["127.0.0.1:8080"])
        #expect(server.policy.profiles == ProfileSet([.abca11]))
        #expect(server.policy.proof == ProofPolicy())
        #expect(server.policy.challenge == ChallengePolicy(mode: .required, lifetime: 300))
        #expect(server.challengePath == octets("/attestgate/challenge"))
        #expect(server.pushesChallenge)
        #expect(server.policy.nonceEndpoints == [])
        #expect(server.policy.errors == ErrorPolicy(specific: true))
        #expect(server.endpoints.map(\.path) == [octets("/token")])
        #expect(server.endpoints.first?.grants == nil)
        #expect(server.passThrough.isEmpty && server.unattestedClients.isEmpty)
        #expect(server.registrationPath == nil && server.authorizationPath == nil)
        #expect(!server.identityHeaders && !server.parRequiresClientID)
        #expect(server.cors.origins.isEmpty && server.cors.maxAge == 600)
        let client = try #require(server.clients[octets("c1")])
        #expect(client.grants == nil && client.scopes == nil)
        #expect(client.responseTypes == [octets("code")])
    }

    @Test("CRED-02: the secret is the file without its final line end")
    func basicCredential() throws {
        let server = try server(adding: "registration: blocked")
        guard case .basic(let credential) = server.clients[octets("c1")]?.credential else {
            Issue.record("no Basic credential")
            return
        }
        let expected = "Basic " + Data("c1:s3cret".utf8).base64EncodedString()
        #expect(credential.fieldValue.bytes == octets(expected))
        #expect(credential.bodyClientID)
    }

    @Test("CHAL-01: with abca-05 the token and PAR endpoints serve nonces")
    func nonces() throws {
        let text = Sample.edited(
            "{ token: /token }",
            "{ token: /token, revocation: /revoke, pushed_authorization_request: /par }")
        let both = text.replacing(
            "    attesters:", with: "    profiles: [abca-05, abca-11]\n    attesters:")
        let server = try #require(try workspace.settings(both).servers.first)
        #expect(server.policy.nonceEndpoints == [.token, .pushedAuthorizationRequest])
        let named = both.replacing(
            "    attesters:", with: "    nonce: { endpoints: [revocation] }\n    attesters:")
        try #expect(workspace.settings(named).servers.first?.policy.nonceEndpoints == [.revocation])
    }

    @Test(
        "CHAL-20: with abca-05 alone there are no challenges, and errors are not specific (ERR-07)")
    func only05() throws {
        let server = try server(adding: "profiles: [abca-05]")
        #expect(server.policy.challenge.mode == .off)
        #expect(server.challengePath == nil)
        #expect(!server.pushesChallenge)
        #expect(!server.policy.errors.specific)
        try #expect(
            workspace.remarks(
                Sample.edited(adding: "profiles: [abca-05]\n    challenge: { policy: required }"))
                == [
                    "7:26: authorization_servers[0].challenge.policy: no enabled profile has challenges; write off, or enable abca-06 or later"
                ])
    }

    @Test("CHAL-14: challenges are pushed when they are required, unless the file says otherwise")
    func push() throws {
        try #expect(!server(adding: "challenge: { policy: optional }").pushesChallenge)
        try #expect(server(adding: "challenge: { policy: optional, push: true }").pushesChallenge)
        try #expect(!server(adding: "challenge: { push: false }").pushesChallenge)
    }

    @Test("Proof, challenge and error keys reach the policy")
    func policy() throws {
        let server = try server(
            adding:
                "proof: { max_age: 2m, clock_skew: 5s, expiry_cap: 7m, audience_aliases: [urn:as], issuer_if_present: match }\n    challenge: { policy: optional, endpoint: /c, lifetime: 1m }\n    errors: { specific: false, attestation_status: 401 }\n    attestation: { require_iat: true }"
        )
        #expect(
            server.policy.proof
                == ProofPolicy(
                    maxAge: 120, clockSkew: 5, expiryCap: 420, audienceAliases: [octets("urn:as")],
                    matchesIssuerIfPresent: true))
        #expect(server.policy.challenge == ChallengePolicy(mode: .optional, lifetime: 60))
        #expect(server.challengePath == octets("/c"))
        #expect(server.policy.errors == ErrorPolicy(specific: false, attestationStatus: 401))
        #expect(server.policy.attestation.requiresIssuedAt)
    }

    @Test("CHAL-22, CHAL-26: single use and the skew that needs it reach the policy")
    func singleUse() throws {
        let server = try server(
            adding: "proof: { challenge_skew: 24h }\n    challenge: { single_use: true }")
        #expect(server.policy.proof == ProofPolicy(challengeSkew: 86_400))
        #expect(server.policy.challenge == ChallengePolicy(mode: .required, singleUse: true))
    }

    @Test("RPL-11, RPL-13, CHAL-21: the allowance of clocks and the share of one key")
    func replayKeys() throws {
        let text = Sample.edited(
            "state_directory: .", "state_directory: ., clock_allowance: 5s, per_key_max: 20")
        let settings = try workspace.settings(text)
        #expect(settings.replay.clockAllowance == 5)
        #expect(settings.replay.perKeyMax == 20)
        #expect(settings.servers[0].policy.challenge.clockAllowance == 5)
        let standard = try workspace.settings(Sample.base)
        #expect(standard.replay.clockAllowance == 0)
        #expect(standard.replay.perKeyMax == 1000)
    }

    @Test("POP-05: each AS knows the audiences of the others")
    func foreignAudiences() throws {
        let both = Sample.edited("secrets:", Sample.second)
        let settings = try workspace.settings(both)
        #expect(
            settings.servers.map(\.policy.foreignAudiences) == [
                [octets("https://other.example.com")], [octets("https://as.example.com")],
            ])
    }

    @Test("FWD-12: Host towards the AS is the public authority, or what the file says")
    func upstreamHost() throws {
        try #expect(
            server(adding: "upstream_host: upstream").upstream.host == octets("127.0.0.1:8080"))
        try #expect(server(adding: "upstream_host: inner:81").upstream.host == octets("inner:81"))
        let text = Sample.edited("https://as.example.com", "https://as.example.com:443/tenant")
        let server = try #require(try workspace.settings(text).servers.first)
        #expect(server.upstream.host == octets("as.example.com"))
        #expect(server.policy.issuer == octets("https://as.example.com:443/tenant"))
    }

    @Test("An upstream is an http URL without a path, or a Unix socket")
    func upstreams() throws {
        let unix = Sample.edited("http://127.0.0.1:8080", "unix:as.sock")
        try #expect(
            workspace.settings(unix).servers.first?.upstream.addresses.first?.description
                == "unix:\(workspace.folder)/as.sock")
        for bad in [
            "http://127.0.0.1:8080/as", "127.0.0.1:8080", "ftp://127.0.0.1", "http://",
            "http://a b",
        ] {
            let remarks = try workspace.remarks(Sample.edited("http://127.0.0.1:8080", bad))
            #expect(remarks.count == 1)
            #expect(remarks.first?.contains("does not say where the AS listens") == true)
        }
        let absent = try workspace.remarks(
            Sample.edited("http://127.0.0.1:8080", "http://no-such-host.invalid"))
        #expect(
            absent.first?.hasPrefix(
                "5:15: authorization_servers[0].upstream: the host \"no-such-host.invalid\" has no address"
            ) == true)
    }

    @Test("Listeners: IPv6, Unix sockets with a mode, TLS with the days that are left")
    func listeners() throws {
        let text = Sample.edited(
            "  - address: \"127.0.0.1:0\"",
            "  - address: \"[::1]:0\"\n  - address: unix:gate.sock\n    mode: 0600\n  - address: 0.0.0.0:8443\n    tls: { certificate: cert.pem, private_key: key.pem }"
        )
        let settings = try workspace.settings(text)
        #expect(
            settings.listeners.map(\.address.description) == [
                "[::1]:0", "unix:\(workspace.folder)/gate.sock", "0.0.0.0:8443",
            ])
        #expect(settings.listeners[1].unixMode == 0o600)
        #expect(settings.listeners[2].tls != nil)
        let soon = try workspace.remarks(text, now: Fixtures.certificateEnd - 5 * 86_400 - 1)
        #expect(
            soon == [
                "6:25: warning: listeners[2].tls.certificate: the certificate expires in 5 days; renew it"
            ])
        let late = try workspace.remarks(text, now: Fixtures.certificateEnd + 1)
        #expect(late.first?.contains("has expired") == true)
    }

    @Test("Listeners: what cannot be listened on is refused")
    func badListeners() throws {
        let cases = [
            (
                "address: \"127.0.0.1:0\"", "address: \"127.0.0.1:0\"\n    mode: 0600",
                "3:11: listeners[0].mode: counts for Unix sockets only; leave it out"
            ),
            (
                "address: \"127.0.0.1:0\"", "address: unix:a\n    mode: rw",
                "3:11: listeners[0].mode: \"rw\" is no file mode; write it in octal, such as 0660"
            ),
            (
                "address: \"127.0.0.1:0\"", "address: 127.0.0.1:80\n  - address: 127.0.0.1:80",
                "3:5: listeners[1]: listens on 127.0.0.1:80 like listeners[0]; keep one"
            ),
            (
                "address: \"127.0.0.1:0\"", "address: 0.0.0.0:80",
                "2:14: warning: listeners[0].address: serves plain HTTP on an address that others can reach; add tls, or let only what ends TLS reach it"
            ),
        ]
        for (old, new, expected) in cases {
            try #expect(workspace.remarks(Sample.edited(old, new)) == [expected])
        }
    }

    @Test("HTTP-18: a certificate that cannot be used is refused at its key")
    func badCertificates() throws {
        for tls in [
            "certificate: absent.pem, private_key: key.pem",
            "certificate: cert.pem, private_key: client.secret",
        ] {
            let old = "address: \"127.0.0.1:0\""
            let remarks = try workspace.remarks(Sample.edited(old, "\(old)\n    tls: { \(tls) }"))
            #expect(remarks.count == 1)
            #expect(remarks.first?.hasPrefix("3:") == true)
        }
    }

    @Test("FWD-09: a field that the gateway sets, removes or judges cannot be let through (FWD-02)")
    func forwardedFields() throws {
        let server = try server(
            adding: "forward: { identity_headers: true, headers: [X-Tenant, Cookie] }")
        #expect(server.identityHeaders)
        #expect(server.forwardedFields == [FieldName("X-Tenant"), FieldName("Cookie")])
        for name in [
            "Host", "Authorization", "X_Attested_Client_Id", "OAuth-Client-Attestation", "DPoP",
            "X-Forwarded-For", "transfer-encoding", "x.ssl.client", "Client-Cert",
        ] {
            let remarks = try workspace.remarks(
                Sample.edited(adding: "forward: { headers: [\(name)] }"))
            #expect(remarks.count == 1, "\(name)")
            #expect(remarks.first?.contains("leave it out (FWD-02)") == true, "\(name)")
        }
    }

    @Test("HTTP-19: origins are written out, without a path")
    func origins() throws {
        let server = try server(adding: "cors: { origins: [https://app.example.com], max_age: 1m }")
        #expect(server.cors.origins == [octets("https://app.example.com")])
        #expect(server.cors.maxAge == 60)
        for bad in [
            "\"*\"", "app.example.com", "https://app.example.com/", "https://App.example.com",
        ] {
            try #expect(
                workspace.remarks(Sample.edited(adding: "cors: { origins: [\(bad)] }")).count == 1,
                "\(bad)")
        }
    }

    @Test(
        "HTTP-09: configured paths read the same to every parser",
        arguments: ["token", "/a//b", "/a/../b", "/a/%62", "/a;b", "/a?b", "/a b", "/é", "/a\\\\b"])
    func paths(path: String) throws {
        let remarks = try workspace.remarks(
            Sample.edited("{ token: /token }", "{ token: \"\(path)\" }"))
        #expect(remarks.count == 1)
        #expect(remarks.first?.hasSuffix("write a plain path, such as /oauth/token") == true)
    }

    @Test("REQ-19: grant types belong to the token endpoint")
    func grants() throws {
        let text = Sample.edited(
            "{ token: /token }", "{ token: { path: /token, grants: [refresh_token] } }")
        let endpoint = try #require(try workspace.settings(text).servers.first?.endpoints.first)
        #expect(endpoint.grants == [octets("refresh_token")])
        let other = Sample.edited(
            "{ token: /token }", "{ token: /token, revocation: { path: /r, grants: [a] } }")
        try #expect(
            workspace.remarks(other).first?.contains("counts at the token endpoint only (REQ-19)")
                == true)
    }

    @Test("CRED-01: a client's grants, scopes and response types (BIND-15)")
    func clientLimits() throws {
        let text = Sample.edited(
            "- client_id: c1",
            "- client_id: c1\n        grants: [refresh_token]\n        scopes: [openid]\n        response_types: [code, code id_token]"
        )
        let client = try #require(try workspace.settings(text).servers.first?.clients[octets("c1")])
        #expect(client.grants == [octets("refresh_token")])
        #expect(client.scopes == [octets("openid")])
        #expect(client.responseTypes == [octets("code"), octets("code id_token")])
        let implicit = Sample.edited(
            "- client_id: c1", "- client_id: c1\n        response_types: [token]")
        try #expect(workspace.remarks(implicit).first?.contains("(BIND-15)") == true)
        let spaced = Sample.edited("- client_id: c1", "- client_id: c1\n        scopes: [a b]")
        try #expect(
            workspace.remarks(spaced).first?.contains("has a space; write one name an item") == true
        )
    }

    @Test("Routes and what passes reach the settings (EP-06, EP-10, REQ-13)")
    func routes() throws {
        let server = try server(
            adding: """
                unattested_clients: [back-office]
                    pass_through: [/login]
                    registration: /register
                    par: { require_client_id: true }
                    authorities: [as.example.com, "as.example.com:8443"]
                    upstream_limits: { connect: 1s, response: 2s, idle: 3s, connections: 4, requests: 5 }
                """)
        #expect(server.unattestedClients == [octets("back-office")])
        #expect(server.passThrough == [octets("/login")])
        #expect(server.registrationPath == octets("/register"))
        #expect(server.parRequiresClientID)
        #expect(server.authorities.map(\.port) == [nil, 8443])
        #expect(server.upstream.connectTimeout == .seconds(1))
        #expect(server.upstream.responseTimeout == .seconds(2))
        #expect(server.upstream.idleTimeout == .seconds(3))
        #expect(server.upstream.connections == 4 && server.upstream.requests == 5)
    }

    @Test("EP-13: a pass-through prefix is written without its final /")
    func prefixes() throws {
        try #expect(
            workspace.remarks(Sample.edited(adding: "pass_through: [/login/]")) == [
                "6:20: authorization_servers[0].pass_through[0]: ends with /; write /login, it covers everything below it"
            ])
    }

    @Test("Process keys reach the settings")
    func process() throws {
        let text =
            Sample.base.replacing("state_directory: .", with: "state_directory: ., capacity: 5000")
                + """
                workers: 3
                limits: { body: 32KiB, header_timeout: 500ms, connections: 10 }
                rate_limits: { challenge: 7 }
                shutdown: { drain: 0s }
                log: { level: debug, format: text, access: false, remote: full }

                """
        let settings = try workspace.settings(text)
        #expect(settings.workers == 3)
        #expect(settings.limits.body == 32 * 1024)
        #expect(settings.limits.headerTimeout == .milliseconds(500))
        #expect(settings.limits.connections == 10)
        #expect(settings.challengeRate == 7)
        #expect(settings.drain == .zero)
        #expect(settings.replay.capacity == 5000)
        #expect(settings.replay.clockFile == workspace.folder + "/./security-clock")
        #expect(settings.log.level == .debug && settings.log.format == .text)
        #expect(!settings.log.access && settings.log.remote == .full)
    }
}
