// SPDX-License-Identifier: Apache-2.0
// Which algorithms a role may be given, and what is said about those it may not.

import ClientAttestation
import Configuration
import Cryptography
import Gateway
import JOSE
import Minting
import Testing

@Suite struct AlgorithmListTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    private static func names(_ algorithms: [JWSAlgorithm]) -> String {
        algorithms.map(\.rawValue).joined(separator: ", ")
    }

    private func policy(_ text: String) throws -> VerificationPolicy {
        try #require(try workspace.settings(text).servers.first).policy
    }

    @Test("POP-02: proofs may be given every algorithm with a public key; ES256 alone by default")
    func proof() throws {
        #expect(try policy(Sample.base).proof.algorithms == [.es256])
        for algorithm in JWSAlgorithm.signatures {
            let text = Sample.edited(adding: "proof: { algorithms: [\(algorithm.rawValue)] }")
            #expect(try policy(text).proof.algorithms == [algorithm])
        }
        let all = Sample.edited(
            adding: "proof: { algorithms: [\(Self.names(JWSAlgorithm.signatures))] }")
        #expect(try policy(all).proof.algorithms == JWSAlgorithm.signatures)
    }

    @Test(
        "POP-02, JOSE-06, JOSE-17, JOSE-27: what no proof can have is refused with the reason",
        arguments: [
            ("HS256", "HS256 needs a shared secret: only attesters with mac have one; write ES256"),
            ("ML-DSA-44", "ML-DSA-44 is not built yet; write ES256"),
            ("ES256K", "ES256K is not built yet; write ES256"),
            ("none", "\"none\" is unknown; write ES256"),
            ("es256", "\"es256\" is unknown (did you mean \"ES256\"?); write ES256"),
            ("Eddsa", "\"Eddsa\" is unknown (did you mean \"EdDSA\"?); write ES256"),
        ])
    func refusedNames(name: String, reason: String) throws {
        let remarks = try workspace.remarks(
            Sample.edited(adding: "proof: { algorithms: [\(name)] }"))
        #expect(remarks.count == 1)
        let place = "6:27: authorization_servers[0].proof.algorithms[0]: "
        #expect(remarks.first?.hasPrefix(place + reason) == true, "\(remarks)")
    }

    @Test("A list of algorithms has at least one, and none twice")
    func lists() throws {
        for list in ["[]", "[ES256, ES256]", "ES256"] {
            let remarks = try workspace.remarks(
                Sample.edited(adding: "proof: { algorithms: \(list) }"))
            #expect(remarks.count == 1)
        }
    }

    @Test("JOSE-19: the knob for keys that say sign alone is off by default")
    func signOnly() throws {
        #expect(try !policy(Sample.base).proof.acceptsSignOnlyKeys)
        let text = Sample.edited(adding: "proof: { sign_only_keys: true }")
        #expect(try policy(text).proof.acceptsSignOnlyKeys)
    }

    @Test("ATT-02: an attester may be given every algorithm that its keys verify")
    func attester() throws {
        for algorithm in JWSAlgorithm.signatures {
            let key = try SigningKey.generate(algorithm, keyID: Array("1".utf8))
            try workspace.write("attester.jwks.json", octets: key.publicJWKSet)
            let text = Sample.edited(
                "        clients: [c1]",
                "        clients: [c1]\n        algorithms: [\(algorithm.rawValue)]")
            #expect(try workspace.remarks(text) == [])
            #expect(try policy(text).attesters.attesters.first?.algorithms == [algorithm])
        }
    }

    @Test("ATT-02, CFG-09: an algorithm without a key is pointed out; without any it is an error")
    func withoutKey() throws {
        let some = Sample.edited(
            "        clients: [c1]", "        clients: [c1]\n        algorithms: [ES256, RS256]")
        #expect(
            try workspace.remarks(some) == [
                "11:21: warning: authorization_servers[0].attesters[0].algorithms: no key of the set verifies RS256, so it is not advertised (CFG-09)"
            ])
        #expect(try policy(some).advertised.attestationAlgorithms == [.es256])
        let key = try SigningKey.generate(.es384)
        try workspace.write("attester.jwks.json", octets: key.publicJWKSet)
        #expect(
            try workspace.remarks(Sample.base) == [
                "9:20: authorization_servers[0].attesters[0].jwks_file: no key of the set verifies ES256; its keys verify ES384, name what the attester signs with in algorithms (ATT-02)"
            ])
    }
}
