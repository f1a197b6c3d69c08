// SPDX-License-Identifier: Apache-2.0
// Every key of the configuration contract is either read or refused as not built, never ignored.

import Configuration
import Testing

@Suite struct ContractTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    /// A whole configuration in which each block ends with a place for one more key.
    static let skeleton = """
        @
        listeners:
          - address: "127.0.0.1:0"
            @listener
          - address: "127.0.0.1:1"
            tls:
              certificate: cert.pem
              private_key: key.pem
              @tls
        authorization_servers:
          - issuer: https://as.example.com
            upstream: http://127.0.0.1:8080
            @server
            endpoints:
              revocation: /revoke
              token:
                path: /token
                @endpoint
            bind:
              legacy_refresh: reject
              @bind
            profiles: [abca-05, abca-11]
            challenge:
              policy: required
              @challenge
            nonce:
              endpoints: [token]
              @nonce
            proof:
              max_age: 5m
              @proof
            attestation:
              require_iat: true
              @attestation
            dpop:
              owner: pass
              @dpop
            par:
              require_client_id: true
            forward:
              identity_headers: true
              @forward
            attesters:
              - id: wallet
                jwks_file: attester.jwks.json
                clients: [c1]
                @attester
            clients:
              - client_id: c1
                @client
                upstream:
                  authentication: client_secret_basic
                  secret_file: client.secret
                  @client_upstream
        secrets:
          master_key_file: master.key
        replay:
          state_directory: .
          @replay
        rate_limits:
          challenge: 50
          @rate_limits

        """

    /// The skeleton with `key` at the place `mark`, and without the other places.
    static func with(_ key: String, at mark: String) -> String {
        skeleton.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
            let trimmed = line.drop { $0 == " " }
            guard trimmed.hasPrefix("@") else { return String(line) }
            guard trimmed == "@\(mark)" else { return nil }
            return line.prefix(line.count - trimmed.count) + "\(key): x"
        }.joined(separator: "\n")
    }

    @Test("The skeleton has no fault")
    func faultless() throws {
        try #expect(workspace.remarks(Self.with("", at: "nowhere")) == [])
    }

    @Test(
        "A key of the contract that is not built yet is refused with a message that says so",
        arguments: [
            ("", "", ["admin"]),
            ("listener", "listeners[0].", ["trusted_proxies", "proxy_protocol"]),
            ("tls", "listeners[1].tls.", ["client_anchors_file"]),
            (
                "server", "authorization_servers[0].",
                [
                    "mode", "monitor_until", "introspection_callers", "upstream_addresses",
                    "upstream_tls",
                ]
            ),
            ("endpoint", "authorization_servers[0].endpoints.token.", ["mode", "monitor_until"]),
            ("bind", "authorization_servers[0].bind.", ["signal"]),
            ("nonce", "authorization_servers[0].nonce.", ["bind_endpoint"]),
            (
                "forward", "authorization_servers[0].forward.",
                ["client_status"]
            ),
            (
                "attester", "authorization_servers[0].attesters[0].",
                ["jwks_url", "jwks", "x5c_anchors_file", "x5c", "status"]
            ),
            ("client", "authorization_servers[0].clients[0].", ["mode", "monitor_until"]),
            (
                "client_upstream", "authorization_servers[0].clients[0].upstream.",
                ["certificate", "private_key"]
            ),
            ("replay", "replay.", ["url", "deadline", "password_file", "anchors_file"]),
            ("rate_limits", "rate_limits.", ["address", "client", "attester"]),
        ])
    func notBuiltKeys(mark: String, prefix: String, keys: [String]) throws {
        for key in keys {
            let remarks = try workspace.remarks(Self.with(key, at: mark))
            #expect(remarks.count == 1, "\(prefix)\(key): \(remarks)")
            #expect(
                remarks.first?.hasSuffix(
                    ": \(prefix)\(key): known, but not built yet; leave it out")
                    == true, "\(prefix)\(key): \(remarks)")
        }
    }

    @Test(
        "A value of the contract that is not built yet is refused with a message that says so",
        arguments: [
            ("policy: required", "policy: required", ""),
            ("client_secret_basic", "tls_client_auth", "tls_client_auth"),
            ("http://127.0.0.1:8080", "https://127.0.0.1:8080", "https towards the AS"),
            ("state_directory: .", "store: redis", "redis"),
            ("abca-05, abca-11", "abca-05, abca-06, abca-07, abca-08, abca-09, abca-10", ""),
            ("abca-05, abca-11", "abca-05, abca-11, haip", "haip"),
            ("abca-05, abca-11", "abca-05, abca-11, eudi", "eudi"),
        ])
    func notBuiltValues(old: String, new: String, name: String) throws {
        let text = Self.with("", at: "nowhere").replacing(old, with: new)
        let remarks = try workspace.remarks(text)
        if name.isEmpty {
            #expect(remarks == [])
        } else {
            #expect(
                remarks.contains { $0.contains(": \(name) is not built yet; write ") }, "\(remarks)"
            )
        }
    }

    @Test("Lists of methods and algorithms refuse what is not built")
    func notBuiltItems() throws {
        for (mark, key, name) in [
            ("attester", "algorithms", "ES256K"), ("attester", "algorithms", "ML-DSA-44"),
        ] {
            let text = Self.with(key, at: mark).replacing("\(key): x", with: "\(key): [\(name)]")
            let remarks = try workspace.remarks(text)
            #expect(remarks.count == 1)
            #expect(remarks.first?.contains("[0]: \(name) is not built yet; write ") == true)
        }
    }

    @Test("AMB-10: the answer to an expired attestation cannot be changed yet")
    func expired() throws {
        let remarks = try workspace.remarks(
            Sample.edited(adding: "errors: { expired: use_fresh_attestation }"))
        #expect(
            remarks == [
                "6:24: authorization_servers[0].errors.expired: use_fresh_attestation is not built yet; write invalid_client_attestation"
            ])
    }
}
