// SPDX-License-Identifier: Apache-2.0
// `clients[].upstream`: ids and credentials towards the AS (CRED-01 to CRED-09, CFG-02, CFG-17).

import Configuration
import Cryptography
import Foundation
import Gateway
import JOSE
import Minting
import Octets
import Testing

@Suite struct CredentialTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.write("old.secret", "old one\n", mode: 0o600)
        try write("client.jwk", key: .es256)
    }

    @discardableResult
    private func write(
        _ name: String, key algorithm: JWSAlgorithm, mode: Int = 0o600
    ) throws -> SigningKey {
        let key = try SigningKey.generate(algorithm)
        try workspace.write(name, octets: key.privateJWK, mode: mode)
        return key
    }

    /// The sample with `upstream` as its client's block.
    private func sample(_ upstream: String) -> String {
        Sample.edited(
            "{ authentication: client_secret_basic, secret_file: client.secret }",
            "{ \(upstream) }")
    }

    private func client(_ upstream: String) throws -> ClientSettings {
        let settings = try workspace.settings(sample(upstream))
        return try #require(settings.servers.first?.clients["c1".octets])
    }

    /// The sample's `upstream` begins at this place of the file.
    private static let place = "authorization_servers[0].clients[0].upstream."

    // MARK: Secrets

    @Test("CRED-03: client_secret_post takes its secret from a file")
    func post() throws {
        let client = try client("authentication: client_secret_post, secret_file: client.secret")
        guard case .post(let secret) = client.credential else {
            Issue.record("\(client.credential)")
            return
        }
        #expect(secret.bytes == "s3cret".octets)
        #expect(client.upstreamID == client.clientID)
        let without = try workspace.remarks(sample("authentication: client_secret_post"))
        #expect(
            without == [
                "13:19: \(Self.place)secret_file: missing; name the file that holds the client secret (CFG-02)"
            ])
    }

    @Test(
        "A key that counts for another method is refused",
        arguments: [
            ("none", "secret_file: client.secret", "client_secret_basic or client_secret_post"),
            ("none", "previous_secret_file: x", "client_secret_basic or client_secret_post"),
            ("none", "key_file: client.jwk", "private_key_jwt"),
            (
                "client_secret_post, secret_file: client.secret", "basic_encoding: raw",
                "client_secret_basic"
            ),
            (
                "client_secret_post, secret_file: client.secret", "body_client_id: false",
                "client_secret_basic"
            ),
            (
                "client_secret_basic, secret_file: client.secret", "audience: issuer",
                "private_key_jwt"
            ),
            (
                "private_key_jwt, key_file: client.jwk", "secret_file: client.secret",
                "client_secret_basic or client_secret_post"
            ),
        ])  // swift-format-ignore
    func foreignKeys(method: String, entry: String, methods: String) throws {
        let remarks = try workspace.remarks(sample("authentication: \(method), \(entry)"))
        let name = entry.split(separator: ":")[0]
        #expect(
            remarks.contains {
                $0.hasSuffix("\(Self.place)\(name): counts for \(methods) only; leave it out")
            }, "\(remarks)")
    }

    @Test("CRED-08: two secrets during a rotation, and not one twice")
    func rotation() throws {
        let text = "authentication: client_secret_basic, secret_file: client.secret"
        let client = try client("\(text), previous_secret_file: old.secret")
        guard case .basic(let current) = client.credential,
            case .basic(let previous)? = client.previousCredential
        else {
            Issue.record("\(client)")
            return
        }
        #expect(current.fieldValue.bytes != previous.fieldValue.bytes)
        try workspace.write("same.secret", "s3cret", mode: 0o600)
        let same = try workspace.remarks(sample("\(text), previous_secret_file: same.secret"))
        #expect(
            same.map { $0.drop { $0 != " " } } == [
                " \(Self.place)previous_secret_file: holds the same secret as secret_file; leave it out (CRED-08)"
            ])
    }

    @Test(
        "CRED-08: a file that is missing, dangling, a folder or open to others is named with its client",
        arguments: ["secret_file", "previous_secret_file", "key_file"])
    func faultyFiles(key: String) throws {
        try workspace.write("open", "secret", mode: 0o644)
        try workspace.write("empty", "\n", mode: 0o600)
        try workspace.write("lines", "a\nb\n", mode: 0o600)
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: workspace.folder + "/folder", withIntermediateDirectories: false)
        try manager.createSymbolicLink(
            atPath: workspace.folder + "/dangling", withDestinationPath: "nowhere")
        let reasons = [
            "absent": "there is no such file", "dangling": "there is no such file",
            "folder": "it is a directory, not a file", "open": "others may read it",
            "empty": key == "key_file" ? "not JSON" : "it is empty",
            "lines": key == "key_file" ? "not JSON" : "it holds control characters",
        ]
        for (name, reason) in reasons {
            let base =
                switch key {
                case "key_file": "private_key_jwt"
                case "previous_secret_file": "client_secret_post, secret_file: client.secret"
                default: "client_secret_post"
                }
            let remarks = try workspace.remarks(sample("authentication: \(base), \(key): \(name)"))
            #expect(remarks.count == 1, "\(name): \(remarks)")
            #expect(
                remarks.first?.contains("\(Self.place)\(key): \(name) (\"c1\"): \(reason)") == true,
                "\(name): \(remarks)")
        }
    }

    // MARK: Keys

    @Test("CRED-04: the key's thumbprint is its name, and the issuer its audience, unless written")
    func assertion() throws {
        let key = try write("own.jwk", key: .es256)
        guard
            case .assertion(let plain) = try client(
                "authentication: private_key_jwt, key_file: own.jwk"
            ).credential,
            case .assertion(let named) = try client(
                "authentication: private_key_jwt, key_file: own.jwk, key_id: k1, audience: endpoint"
            ).credential
        else {
            Issue.record("no key")
            return
        }
        #expect(plain.keyID == key.thumbprint.text)
        let other = try SigningKey.generate(.es256, keyID: "of its file".octets)
        try workspace.write("own.jwk", octets: other.privateJWK, mode: 0o600)
        let text = "authentication: private_key_jwt, key_file: own.jwk"
        guard case .assertion(let credential) = try client(text).credential else { return }
        #expect(credential.keyID == "of its file".octets)
        #expect(plain.audience == .issuer)
        #expect(plain.key.algorithm == .es256)
        #expect(named.keyID == "k1".octets)
        #expect(named.audience == .endpoint)
    }

    @Test("CRED-04: the algorithm is ES256 unless written, and the key's")
    func algorithms() throws {
        try write("rsa.jwk", key: .ps256)
        try write("p384.jwk", key: .es384)
        let text = "authentication: private_key_jwt, key_file:"
        for (rest, expected) in [
            ("rsa.jwk, algorithm: PS256", ""), ("p384.jwk, algorithm: ES384", ""),
            ("rsa.jwk", "the key does not sign with ES256; write algorithm: PS256"),
            ("p384.jwk", "the key does not sign with ES256; write algorithm: ES384"),
            ("p384.jwk, algorithm: ES256", "the key does not sign with ES256"),
            ("rsa.jwk, algorithm: none", "\"none\" is unknown"),
            ("rsa.jwk, algorithm: HS256", "\"HS256\" is unknown"),
            ("rsa.jwk, algorithm: ES256K", "ES256K is not built yet"),
        ] {
            let remarks = try workspace.remarks(sample("\(text) \(rest)"))
            if expected.isEmpty {
                #expect(remarks == [], "\(rest)")
            } else {
                #expect(remarks.count == 1, "\(rest): \(remarks)")
                #expect(remarks.first?.contains(expected) == true, "\(rest): \(remarks)")
            }
        }
    }

    @Test("CRED-04: a key that does not sign is refused")
    func unusableKeys() throws {
        try workspace.write("public.jwk", Workspace.firstKey, mode: 0o600)
        let text = "authentication: private_key_jwt, key_file:"
        let remarks = try workspace.remarks(sample("\(text) public.jwk"))
        #expect(remarks.count == 1)
        #expect(
            remarks.first?.hasSuffix(
                "public.jwk (\"c1\"): no private key that belongs to the public one; write the private key as a JWK"
            ) == true, "\(remarks)")
        try #expect(
            workspace.remarks(sample("authentication: private_key_jwt")).first?.contains(
                "key_file: missing; name the file with the private key") == true)
    }

    /// Two AS whose clients have these `upstream` blocks.
    private func two(_ first: String, _ second: String) -> String {
        sample(first).replacing(
            "secrets:",
            with: Sample.second.replacing(
                "{ authentication: client_secret_basic, secret_file: client.secret }",
                with: "{ \(second) }"))
    }

    @Test("CFG-17: one private_key_jwt key is not for two AS, however its file is called")
    func sharedKey() throws {
        let other = try write("other.jwk", key: .es256)
        try workspace.write("copy.jwk", octets: other.privateJWK, mode: 0o600)
        let text = "authentication: private_key_jwt, key_file:"
        try #expect(workspace.remarks(two("\(text) client.jwk", "\(text) other.jwk")) == [])
        for second in ["other.jwk", "copy.jwk, key_id: another"] {
            let remarks = try workspace.remarks(two("\(text) other.jwk", "\(text) \(second)"))
            #expect(remarks.count == 1, "\(remarks)")
            #expect(
                remarks.first?.hasSuffix(
                    "authorization_servers[1].clients[0].upstream.key_file: is the key for authorization_servers[0] too; make one for each AS: `attestgate keygen client` (CFG-17)"
                ) == true, "\(remarks)")
        }
    }

    @Test("CFG-17: raw Basic credentials do not go with a colon in the upstream id")
    func rawMapped() throws {
        let text =
            "authentication: client_secret_basic, secret_file: client.secret, basic_encoding: raw"
        let remarks = try workspace.remarks(sample("\(text), client_id: \"urn:x\""))
        #expect(remarks.filter { $0.contains("(CFG-17)") }.count == 1, "\(remarks)")
        let plain = try workspace.remarks(sample("\(text), client_id: x"))
        #expect(!plain.contains { $0.contains("(CFG-17)") }, "\(plain)")
    }

    // MARK: Ids

    private static let second = """
        secret_file: client.secret }
              - client_id: c2
                upstream: { authentication: client_secret_basic, secret_file: client.secret, OTHER }
        """

    /// The sample with a second client; both have these further keys.
    private func pair(_ first: String, _ second: String) -> String {
        Sample.edited(
            "secret_file: client.secret }",
            Self.second.replacing(" }\n", with: ", \(first) }\n").replacing("OTHER", with: second)
        ).replacing("clients: [c1]", with: "clients: [c1, c2]")
    }

    @Test(
        "CRED-09: no two clients are one to the AS",
        arguments: [
            ("client_id: x", "client_id: x", "clients[1]", "\"x\" is the id of \"c1\""),
            ("body_client_id: true", "client_id: c1", "clients[1]", "\"c1\" is the id of \"c1\""),
            ("client_id: c2", "body_client_id: true", "clients[0]", "\"c2\" is the id of \"c2\""),
            // Not even in exchange: a name that means one client here and another there.
            ("client_id: c2", "client_id: c1", "clients[0]", "\"c2\" is the id of \"c2\""),
        ])
    func injective(first: String, second: String, place: String, message: String) throws {
        let remarks = try workspace.remarks(pair(first, second))
        #expect(
            remarks.contains {
                $0.contains("\(place).upstream.client_id: \(message) at the AS")
                    && $0.hasSuffix("(CRED-09)")
            }, "\(remarks)")
    }

    @Test("CRED-07: a client has another id at the AS; what the AS signs is pointed out")
    func mapped() throws {
        let text = pair("client_id: x", "client_id: y")
        let remarks = try workspace.remarks(text)
        #expect(remarks.count == 2 && remarks.allSatisfy { $0.hasSuffix("(CRED-07)") })
        let clients = try workspace.settings(text).servers[0].clients
        #expect(clients["c1".octets]?.upstreamID == "x".octets)
        #expect(clients["c2".octets]?.upstreamID == "y".octets)
        #expect(clients["x".octets] == nil)
        // Its own name is no mapping.
        try #expect(workspace.remarks(pair("client_id: c1", "client_id: c2")) == [])
    }

    @Test("CFG-02: the upstream id of an attested client is not listed as unattested")
    func listedUpstreamID() throws {
        let text = pair("client_id: x", "client_id: y").replacing(
            "    endpoints:", with: "    unattested_clients: [y]\n    endpoints:")
        let remarks = try workspace.remarks(text)
        #expect(
            remarks.filter { $0.contains("(CFG-02, CRED-09)") }.count == 1
                && remarks.contains { $0.contains("clients[1].upstream.client_id: \"y\" is in") },
            "\(remarks)")
    }

    @Test("CRED-07: a mapped id does not go with introspection, whose answers name it")
    func mappedIntrospection() throws {
        let text = pair("client_id: x", "body_client_id: true").replacing(
            "{ token: /token }", with: "{ token: /token, introspection: /introspect }")
        let remarks = try workspace.remarks(text)
        #expect(remarks.count == 1, "\(remarks)")
        #expect(remarks.first?.contains("leave out endpoints.introspection") == true)
    }

    // MARK: The gateway's own fields

    @Test("EP-08: the gateway's secret is visible ASCII in a field of its own")
    func gatewaySecret() throws {
        try workspace.write("gate.secret", "0123456789abcdef\n", mode: 0o600)
        try workspace.write("spaced.secret", "0123 456", mode: 0o600)
        try workspace.write("open.secret", "0123", mode: 0o644)
        func remarks(_ block: String, headers: String = "[]") throws -> [String] {
            try workspace.remarks(
                Sample.edited(
                    adding: "forward: { headers: \(headers), gateway_secret: { \(block) } }"))
        }
        try #expect(remarks("header: X-Gateway, secret_file: gate.secret") == [])
        let settings = try workspace.settings(
            Sample.edited(
                adding:
                    "forward: { gateway_secret: { header: X-Gateway, secret_file: gate.secret } }"
            ))
        let secret = settings.servers[0].gatewaySecret
        #expect(secret?.value.bytes == "0123456789abcdef".octets)
        for name in [
            "Authorization", "Cookie", "DPoP", "X-Attested-Jkt", "x_forwarded_for", "Host",
        ] {
            let said = try remarks("header: \(name), secret_file: gate.secret")
            #expect(
                said.count == 1 && said[0].contains("gateway_secret.header: \(name) is a field"))
        }
        let twice = try remarks(
            "header: X-Gateway, secret_file: gate.secret", headers: "[X_Gateway]")
        #expect(
            twice.count == 1 && twice[0].contains("gateway_secret.header: X-Gateway is a field"))
        for name in ["spaced.secret", "open.secret", "absent.secret"] {
            let said = try remarks("header: X-Gateway, secret_file: \(name)")
            #expect(said.count == 1 && said[0].contains("gateway_secret.secret_file: \(name)"))
        }
        try #expect(remarks("secret_file: gate.secret").first?.contains("header: missing") == true)
        try #expect(remarks("header: X-Gateway").first?.contains("secret_file: missing") == true)
    }

    @Test("FWD-07: the key of identity assertions is no client's")
    func identityKey() throws {
        let key = try write("identity.jwk", key: .ps256)
        let line = "forward: { assertion_key_file: identity.jwk }"
        let settings = try workspace.settings(Sample.edited(adding: line))
        #expect(settings.servers[0].identityKey?.thumbprint == key.thumbprint)
        let shared = sample(
            "authentication: private_key_jwt, key_file: identity.jwk, algorithm: PS256"
        ).replacing("    endpoints:", with: "    \(line)\n    endpoints:")
        let remarks = try workspace.remarks(shared)
        #expect(remarks.count == 1, "\(remarks)")
        #expect(remarks.first?.contains("assertion_key_file: is a client's key_file too") == true)
    }

    @Test("FWD-04: tokens that are kept for the AS are pointed out")
    func kept() throws {
        let remarks = try workspace.remarks(Sample.edited(adding: "forward: { attestation: keep }"))
        #expect(remarks.count == 1)
        #expect(
            remarks.first?.contains("warning: authorization_servers[0].forward.attestation: ")
                == true)
        try #expect(
            workspace.remarks(Sample.edited(adding: "forward: { attestation: strip }")) == [])
    }
}
