// SPDX-License-Identifier: Apache-2.0
// The start-up self-checks, rule by rule (requirements section 8).

import Configuration
import Gateway
import Testing

@Suite struct SelfCheckTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    @Test("The sample that all tests edit has no fault")
    func sample() throws {
        try #expect(workspace.remarks(Sample.base) == [])
    }

    @Test(
        "CFG-01: an issuer is https, with a host, without query or fragment",
        arguments: [
            ("http://as.example.com", "is not https"), ("HTTPS://as.example.com", "is not https"),
            ("as.example.com", "is not https"), ("https://as.example.com?x=1", "has a query"),
            ("https://as.example.com/#top", "has a fragment"), ("https://", "has no valid host"),
            ("https://user@as.example.com", "has no valid host"),
            ("https://as.example.com:99999", "has no valid host"),
            ("https://as.example.com/<a>", "has a character that no URL has"),
        ])
    func issuers(issuer: String, fault: String) throws {
        let remarks = try workspace.remarks(
            Sample.edited("https://as.example.com", "\"\(issuer)\""))
        #expect(
            remarks == [
                "4:13: authorization_servers[0].issuer: \"\(issuer)\" \(fault) (CFG-01); write it as clients know it, such as https://as.example.com"
            ])
    }

    @Test("CHAL-26: a clock that may be off with a challenge needs challenges that count once")
    func challengeSkew() throws {
        let place = "    endpoints:"
        func remarks(_ keys: String) throws -> [String] {
            try workspace.remarks(Sample.edited(place, "    \(keys)\n" + place))
        }
        try #expect(remarks("proof: { challenge_skew: 1h }").count == 1)
        try #expect(
            remarks("proof: { challenge_skew: 1h }").first?.hasSuffix(
                "proof.challenge_skew: needs challenge.single_use: true (CHAL-26); add it, or write 0s"
            ) == true)
        try #expect(remarks("proof: { challenge_skew: 0s }").isEmpty)
        try #expect(
            remarks("proof: { challenge_skew: 24h }\n    challenge: { single_use: true }").isEmpty)
        try #expect(
            remarks("proof: { challenge_skew: 25h }\n    challenge: { single_use: true }").count
                == 1)
        try #expect(
            remarks(
                "proof: { challenge_skew: 1h }\n    challenge: { single_use: true, policy: off }"
            ).contains { $0.contains("counts for proofs with a challenge, and none is served") })
    }

    @Test("CFG-01: an issuer must be written")
    func missingIssuer() throws {
        let remarks = try workspace.remarks(
            Sample.edited("  - issuer: https://as.example.com\n    upstream:", "  - upstream:"))
        #expect(
            remarks == [
                "4:5: authorization_servers[0].issuer: missing; write the issuer identifier of the AS, such as https://as.example.com (CFG-01)"
            ])
    }

    @Test("CFG-01: two entries do not share an issuer, nor a Host value (HTTP-08)")
    func sharedIssuer() throws {
        let second = Sample.second.replacing("https://other.", with: "https://as.")
        let remarks = try workspace.remarks(Sample.edited("secrets:", second))
        #expect(
            remarks == [
                "14:13: authorization_servers[1].issuer: is the issuer of authorization_servers[0] too; each AS has its own (CFG-01)",
                "14:13: authorization_servers[1].issuer: as.example.com selects authorization_servers[0] already; several AS behind one host are not built yet (HTTP-08)",
            ])
    }

    @Test("CFG-02: a client that an attester vouches for has a credential entry")
    func clientWithoutEntry() throws {
        try #expect(
            workspace.remarks(Sample.edited("clients: [c1]", "clients: [c1, c2]")) == [
                "10:23: authorization_servers[0].attesters[0].clients[1]: \"c2\" has no entry in clients; add client_id and upstream for it (CFG-02)"
            ])
    }

    @Test("CFG-02: a client entry says how it authenticates at the AS")
    func clientWithoutCredential() throws {
        let old = "{ authentication: client_secret_basic, secret_file: client.secret }"
        try #expect(
            workspace.remarks(Sample.edited(old, "{ body_client_id: true }")) == [
                "13:19: authorization_servers[0].clients[0].upstream.authentication: missing; write none, client_secret_basic, client_secret_post or private_key_jwt (CFG-02)"
            ])
        try #expect(
            workspace.remarks(Sample.edited(", secret_file: client.secret", "")) == [
                "13:19: authorization_servers[0].clients[0].upstream.secret_file: missing; name the file that holds the client secret (CFG-02)"
            ])
    }

    @Test("CFG-02: an attested client is not an unattested one too")
    func attestedAndUnattested() throws {
        try #expect(
            workspace.remarks(Sample.edited(adding: "unattested_clients: [back-office, c1]")) == [
                "6:39: authorization_servers[0].unattested_clients[1]: \"c1\" is an attested client too; it could then skip its attestation. Keep it in one list (CFG-02)"
            ])
    }

    @Test("CFG-02: a client is listed once")
    func clientTwice() throws {
        let text = Sample.base.replacing(
            "secret_file: client.secret }\n",
            with:
                "secret_file: client.secret }\n      - client_id: c1\n        upstream: { authentication: none }\n"
        )
        let remarks = try workspace.remarks(text)
        #expect(
            remarks.first
                == "14:20: authorization_servers[0].clients[1].client_id: \"c1\" is listed twice; keep one entry (CFG-02)"
        )
    }

    @Test("CFG-02: a client that nobody vouches for is pointed out")
    func clientWithoutAttester() throws {
        let text = Sample.base.replacing(
            "secret_file: client.secret }\n",
            with:
                "secret_file: client.secret }\n      - client_id: c2\n        upstream: { authentication: client_secret_basic, secret_file: client.secret }\n"
        )
        try #expect(
            workspace.remarks(text) == [
                "14:20: warning: authorization_servers[0].clients[1].client_id: no attester may vouch for this client; all its requests will be refused"
            ])
    }

    @Test(
        "CFG-03: an attester without a list of clients is refused", arguments: ["", "clients: []"])
    func attesterWithoutClients(clients: String) throws {
        let remarks = try workspace.remarks(Sample.edited("clients: [c1]", clients))
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("authorization_servers[0].attesters[0].clients: ") == true)
        #expect(remarks.first?.contains("(CFG-03)") == true)
    }

    @Test("CFG-03: attesters that cannot be told apart are refused")
    func overlappingAttesters() throws {
        let old = "        clients: [c1]\n"
        let new =
            old
            + "      - id: second\n        jwks_file: attester.jwks.json\n        clients: [c1]\n"
        let remarks = try workspace.remarks(Sample.edited(old, new))
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("(CFG-03)") == true)
        #expect(remarks.first?.contains("second") == true)
    }

    @Test("CFG-03: attesters with issuers of their own are told apart")
    func separateAttesters() throws {
        let old = "        clients: [c1]\n"
        let new =
            "        issuers: [https://a.example]\n        clients: [c1]\n      - id: second\n"
            + "        issuers: [https://b.example]\n        jwks_file: other.jwks.json\n"
            + "        clients: [c1]\n"
        try #expect(workspace.remarks(Sample.edited(old, new)) == [])
    }

    @Test("CFG-06: several instances do not go with a replay set in memory")
    func instances() throws {
        try #expect(
            workspace.remarks(
                Sample.edited("{ state_directory: . }", "{ state_directory: ., instances: 2 }"))
                == [
                    "15:42: replay.instances: several instances cannot share a replay set in memory (CFG-06), and store: redis is not built yet; run one instance"
                ])
    }

    @Test("CFG-07: a master key is named, exists, has 32 octets and is not readable by others")
    func masterKeys() throws {
        var text = Sample.edited("secrets: { master_key_file: master.key }\n", "")
        try #expect(workspace.remarks(text).first?.hasPrefix("1:1: secrets: missing; ") == true)
        text = Sample.edited("{ master_key_file: master.key }", "{ previous_master_key_files: [] }")
        try #expect(
            workspace.remarks(text).first?.hasPrefix("14:10: secrets.master_key_file: missing; ")
                == true)

        try workspace.write("short.key", Workspace.masterKey(1, fill: 0x22, count: 31), mode: 0o600)
        try workspace.write("open.key", Workspace.masterKey(1, fill: 0x22), mode: 0o644)
        try workspace.write("empty.key", "", mode: 0o600)
        for name in ["short.key", "open.key", "empty.key", "absent.key"] {
            let remarks = try workspace.remarks(Sample.edited("master.key", name))
            #expect(remarks.count == 1, "\(name)")
            #expect(remarks.first?.hasPrefix("14:29: secrets.master_key_file: ") == true, "\(name)")
        }
        try #expect(
            workspace.remarks(Sample.edited("master.key", "short.key")).first?.contains("CFG-07")
                == true)
    }

    @Test("CFG-07: two files hold neither one id nor one key")
    func repeatedMasterKeys() throws {
        try workspace.write("same-id.key", Workspace.masterKey(1, fill: 0x22), mode: 0o600)
        try workspace.write("same-octets.key", Workspace.masterKey(2, fill: 0x11), mode: 0o600)
        try workspace.write("older.key", Workspace.masterKey(2, fill: 0x22), mode: 0o600)
        let listing = { (name: String) in
            Sample.edited("master.key }", "master.key, previous_master_key_files: [\(name)] }")
        }
        try #expect(workspace.remarks(listing("older.key")) == [])
        for name in ["same-id.key", "same-octets.key"] {
            let remarks = try workspace.remarks(listing(name))
            #expect(remarks.count == 1, "\(name)")
            #expect(remarks.first?.contains("CFG-07") == true, "\(name)")
        }
    }

    @Test(
        "CFG-08: max_age is at most 10 minutes and clock_skew at most 5",
        arguments: [
            (
                "max_age: 601s",
                "6:23: authorization_servers[0].proof.max_age: 601s does not fit (CFG-08); write whole seconds, 1s to 10m"
            ),
            (
                "clock_skew: 301s",
                "6:26: authorization_servers[0].proof.clock_skew: 301s does not fit (CFG-08); write whole seconds, 0s to 5m"
            ),
        ])
    func windows(entry: String, expected: String) throws {
        try #expect(workspace.remarks(Sample.edited(adding: "proof: { \(entry) }")) == [expected])
        let limit = entry.replacing("1s", with: "0s").replacing("600s", with: "10m")
        try #expect(workspace.remarks(Sample.edited(adding: "proof: { \(limit) }")) == [])
    }

    @Test(
        "CFG-12: no two routes of an AS have one path, or paths that a server may take for one",
        arguments: [
            ("{ token: /token, revocation: /token }", "revocation"),
            ("{ token: /token, authorization: /token }", "authorization"),
            ("{ token: /token, authorization: /TOKEN }", "authorization"),
            ("{ token: /token, introspection: /token/ }", "introspection"),
            ("{ token: /token, revocation: /token.json }", "revocation"),
        ])
    func sharedPaths(endpoints: String, name: String) throws {
        let remarks = try workspace.remarks(Sample.edited("{ token: /token }", endpoints))
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("authorization_servers[0].endpoints.\(name): ") == true)
        #expect(
            remarks.first?.contains(
                "is the path of authorization_servers[0].endpoints.token, or may be taken for it; each has its own (CFG-12)"
            )
                == true)
    }

    @Test("CFG-12: the challenge and registration endpoints have paths of their own")
    func challengePath() throws {
        for line in ["challenge: { endpoint: /token }", "registration: /token"] {
            let remarks = try workspace.remarks(Sample.edited(adding: line))
            #expect(remarks.count == 1)
            #expect(remarks.first?.hasSuffix("each has its own (CFG-12)") == true)
        }
    }

    @Test("CFG-14: an audience alias belongs to one AS")
    func aliases() throws {
        let line = "proof: { audience_aliases: [https://other.example.com] }"
        let both = Sample.edited("secrets:", Sample.second)
            .replacing(
                "    endpoints: { token: /token }\n    attesters:",
                with: "    \(line)\n    endpoints: { token: /token }\n    attesters:")
        let remarks = try workspace.remarks(both)
        #expect(
            remarks == [
                "6:33: authorization_servers[0].proof.audience_aliases[0]: is an audience of authorization_servers[1] already; remove it (CFG-14)",
                "17:33: authorization_servers[1].proof.audience_aliases[0]: is an audience of authorization_servers[0] already; remove it (CFG-14)",
            ])
    }

    @Test(
        "CFG-15: nothing protected is listed as pass-through",
        arguments: [
            "/token", "/Token", "/token.json", "/attestgate/challenge",
        ])
    func protectedPassThrough(path: String) throws {
        let remarks = try workspace.remarks(Sample.edited(adding: "pass_through: [\(path)]"))
        #expect(remarks.count == 1)
        #expect(
            remarks.first?.hasPrefix("6:20: authorization_servers[0].pass_through[0]: ") == true)
        #expect(remarks.first?.hasSuffix("it is routed by itself, remove it here (CFG-15)") == true)
    }

    @Test("CFG-15: the protected endpoints are written down")
    func missingEndpoints() throws {
        try #expect(
            workspace.remarks(Sample.edited("    endpoints: { token: /token }\n", "")) == [
                "4:5: authorization_servers[0].endpoints: missing; write the paths of the AS, at least token: reading them from its metadata is not built yet (CFG-15)"
            ])
        try #expect(
            workspace.remarks(Sample.edited("{ token: /token }", "{ revocation: /revoke }")) == [
                "6:16: authorization_servers[0].endpoints.token: missing; write the path of the AS's token endpoint (CFG-15)"
            ])
    }

    @Test("EP-07: a pass-through prefix over a protected endpoint is pointed out")
    func broadPrefix() throws {
        let text = Sample.edited("/token", "/oauth/token")
            .replacing("    attesters:", with: "    pass_through: [/oauth]\n    attesters:")
        try #expect(
            workspace.remarks(text) == [
                "7:20: warning: authorization_servers[0].pass_through[0]: covers the folder of authorization_servers[0].endpoints.token: whatever else the AS serves there is forwarded unverified; list all its endpoints, or narrower prefixes (EP-07)"
            ])
    }

    @Test("CFG-17: a client_id with a colon does not go with raw Basic credentials")
    func rawBasic() throws {
        let text = Sample.base.replacing("c1", with: "https://c1")
            .replacing(
                "secret_file: client.secret",
                with: "secret_file: client.secret, basic_encoding: raw")
        try #expect(
            workspace.remarks(text) == [
                "12:20: authorization_servers[0].clients[0].client_id: a server that takes Basic credentials raw splits this id at its colon (CFG-17); use basic_encoding: form"
            ])
        try #expect(workspace.remarks(text.replacing("raw", with: "form")) == [])
    }

    @Test("CRED-05: a client that is public at the AS is pointed out (EP-08)")
    func publicClient() throws {
        let old = "{ authentication: client_secret_basic, secret_file: client.secret }"
        try #expect(
            workspace.remarks(Sample.edited(old, "{ authentication: none }")) == [
                "13:37: warning: authorization_servers[0].clients[0].upstream.authentication: the AS takes this client_id without proof: make sure that only the gateway can reach the AS (CRED-05, EP-08)"
            ])
    }

    @Test("CRED-08: a secret comes from a file that is not empty and not readable by others")
    func secretFiles() throws {
        try workspace.write("open.secret", "x", mode: 0o644)
        try workspace.write("empty.secret", "\n", mode: 0o600)
        try workspace.write("lines.secret", "a\nb\n", mode: 0o600)
        for name in ["open.secret", "empty.secret", "lines.secret", "absent.secret"] {
            let remarks = try workspace.remarks(Sample.edited("client.secret", name))
            #expect(remarks.count == 1, "\(name)")
            #expect(
                remarks.first?.hasPrefix(
                    "13:71: authorization_servers[0].clients[0].upstream.secret_file: ") == true,
                "\(name)")
        }
    }

    @Test("RPL-09: without a state directory the security clock is not carried over a restart")
    func stateDirectory() throws {
        let without = Sample.edited("replay: { state_directory: . }\n", "")
        try #expect(
            workspace.remarks(without).first?.hasPrefix("1:1: warning: replay.state_directory: ")
                == true)
        let environment = ["STATE_DIRECTORY": workspace.folder + ":/elsewhere"]
        try #expect(workspace.remarks(without, environment: environment) == [])
        let loaded = try workspace.load(without, environment: environment).get()
        #expect(loaded.settings.replay.clockFile == workspace.folder + "/security-clock")
        let absent = try workspace.remarks(
            Sample.edited("state_directory: .", "state_directory: absent"))
        #expect(absent.first?.hasSuffix("absent does not exist; make the folder") == true)
        try workspace.write("security-clock", "12345")
        #expect(
            try workspace.remarks(Sample.base).first?.hasSuffix(
                "security-clock is damaged; remove it") == true)
    }

    @Test("RPL-07: what an operator without challenges should expect is pointed out")
    func withoutChallenges() throws {
        try #expect(
            workspace.remarks(Sample.edited(adding: "challenge: { policy: off }")) == [
                "6:26: warning: authorization_servers[0].challenge.policy: without challenges every proof is refused for proof.clock_skew after a start that did not follow a clean stop (RPL-07)"
            ])
    }

    @Test("RPL-07: what an operator without nonces should expect is pointed out")
    func withoutNonces() throws {
        let old = Sample.edited(adding: "profiles: [abca-05]\n    nonce: { endpoints: [] }")
        try #expect(
            workspace.remarks(old) == [
                "7:12: warning: authorization_servers[0].nonce: without nonces at the token endpoint a proof of abca-05 is refused there for proof.expiry_cap and twice proof.clock_skew after a start that did not follow a clean stop (RPL-07)"
            ])
        try #expect(workspace.remarks(Sample.edited(adding: "profiles: [abca-05]")) == [])
    }

    @Test("EP-15: what lies below the authorization endpoint may pass through")
    func authorizationPrefix() throws {
        let endpoints = "{ token: /token, authorization: /authorize }"
        let text = Sample.edited("{ token: /token }", endpoints)
        let listed = text.replacing(
            "    attesters:", with: "    pass_through: [/authorize]\n    attesters:")
        try #expect(workspace.remarks(listed) == [])
    }

    @Test("BIND-01: refresh tokens are sealed, and there is nothing to be warned of")
    func refreshTokens() throws {
        let loaded = try workspace.load(Sample.base).get()
        #expect(loaded.warnings.map(\.message) == [])
    }
}
