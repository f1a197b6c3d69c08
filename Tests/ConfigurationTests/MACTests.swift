// SPDX-License-Identifier: Apache-2.0
// KEY-18, JOSE-17, CFG-10: an attester with a secret in the configuration.

import ClientAttestation
import Configuration
import Cryptography
import Gateway
import JOSE
import Testing

@Suite struct MACTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.write("mac.secret", String(repeating: "s", count: 64) + "\n", mode: 0o600)
    }

    private static let place = "authorization_servers[0].attesters[0]"

    /// The sample with a MAC in place of the key set, and more lines.
    private static func text(_ more: String = "", mac: String? = nil) -> String {
        let mac = mac ?? "{ key_id: k1, secret_file: mac.secret }"
        let lines = more.isEmpty ? "" : "\n        \(more)"
        return Sample.edited("jwks_file: attester.jwks.json", "mac: \(mac)\(lines)")
    }

    private func errors(_ text: String) throws -> [String] {
        try workspace.remarks(text).filter { !$0.contains(": warning: ") }
    }

    @Test("KEY-18: the secret is the file without its line end, and the operator is warned")
    func settings() throws {
        let remarks = try workspace.remarks(Self.text())
        #expect(remarks.count == 1)
        #expect(remarks.first?.hasPrefix("9:14: warning: \(Self.place).mac: whoever can") == true)
        #expect(remarks.first?.hasSuffix("(KEY-18)") == true)
        let server = try #require(try workspace.settings(Self.text()).servers.first)
        let attester = try #require(server.policy.attesters.attesters.first)
        guard case .sharedSecret(let shared) = attester.source else {
            Issue.record("no secret")
            return
        }
        #expect(shared.keyID == Array("k1".utf8) && shared.secret.count == 64)
        #expect(attester.algorithms == [.hs256])
        let all = Self.text("algorithms: [HS256, HS384, HS512]")
        #expect(try errors(all) == [])
    }

    @Test("KEY-18: both parts are required, and a secret that others can read is refused")
    func parts() throws {
        #expect(
            try errors(Self.text(mac: "{ secret_file: mac.secret }")) == [
                "9:14: \(Self.place).mac.key_id: missing; write the `kid` of the attester's messages (KEY-18)"
            ])
        #expect(
            try errors(Self.text(mac: "{ key_id: k1 }")) == [
                "9:14: \(Self.place).mac.secret_file: missing; name the file that holds the secret (KEY-18)"
            ])
        try workspace.write("mac.secret", String(repeating: "s", count: 64), mode: 0o644)
        let remarks = try errors(Self.text())
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains(".mac.secret_file: ") == true)
    }

    @Test("KEY-18: a MAC is a key source of its own")
    func exclusive() throws {
        for other in ["jwks_file: attester.jwks.json", "jku: https://a", "self_attested: true"] {
            let key = other.prefix { $0 != ":" }
            let remarks = try errors(Self.text(other))
            #expect(remarks.count == 1)
            #expect(
                remarks.first?.contains(
                    "\(Self.place).\(key): counts for public keys; keep it or mac") == true)
        }
    }

    @Test("JOSE-17: a MAC attester has MACs, and a secret as long as their hash")
    func algorithms() throws {
        #expect(
            try errors(Self.text("algorithms: [ES256]")) == [
                "10:22: \(Self.place).algorithms[0]: ES256 needs a public key, and this attester has mac; write HS256, HS384 or HS512 (JOSE-17)"
            ])
        try workspace.write("mac.secret", String(repeating: "s", count: 47) + "\n", mode: 0o600)
        #expect(try errors(Self.text()) == [])
        #expect(
            try errors(Self.text("algorithms: [HS256, HS384]")) == [
                "9:14: \(Self.place).mac: attester wallet has a secret shorter than the hash of HS384 (CFG-03)"
            ])
        let asymmetric = Sample.edited(
            "        clients: [c1]", "        clients: [c1]\n        algorithms: [HS256]")
        #expect(
            try errors(asymmetric) == [
                "11:22: \(Self.place).algorithms[0]: HS256 needs a shared secret: only attesters with mac have one; write \(Field.names) (JOSE-17)"
            ])
    }

    @Test("CFG-10: profiles without MACs refuse a MAC attester")
    func profiles() throws {
        let fault =
            "\(Self.place).mac: the profiles in force have no MAC (CFG-10); enable abca-07 or a later one, or use jwks_file"
        let server = { (profiles: String, text: String) in
            text.replacing("    endpoints:", with: "    profiles: \(profiles)\n    endpoints:")
        }
        #expect(try errors(server("[abca-05, abca-06]", Self.text())) == ["10:14: \(fault)"])
        #expect(try errors(server("[abca-05, abca-06, abca-07]", Self.text())) == [])
        // The attester's own profiles, and those of all its clients.
        #expect(
            try errors(server("[abca-06, abca-11]", Self.text("profiles: [abca-06]")))
                == ["10:14: \(fault)"])
        let narrowed = Self.text().replacing(
            "- client_id: c1", with: "- client_id: c1\n        profiles: [abca-06]")
        #expect(try errors(server("[abca-06, abca-11]", narrowed)) == ["10:14: \(fault)"])
    }
}

private enum Field {
    static let names =
        JWSAlgorithm.signatures.dropLast().map(\.rawValue).joined(separator: ", ") + " or "
        + (JWSAlgorithm.signatures.last?.rawValue ?? "")
}
