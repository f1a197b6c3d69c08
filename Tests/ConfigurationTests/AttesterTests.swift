// SPDX-License-Identifier: Apache-2.0
// What an attester's entry becomes, and which key sets are refused.

import ClientAttestation
import Configuration
import Gateway
import JOSE
import Testing

private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct AttesterTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    private func attester(_ lines: String) throws -> Attester {
        let text = Sample.edited("        clients: [c1]", "        clients: [c1]\n\(lines)")
        let server = try #require(try workspace.settings(text).servers.first)
        return try #require(server.policy.attesters.attesters.first)
    }

    @Test("KEY-03: an attester has its keys, its clients and the defaults of the contract")
    func defaults() throws {
        let attester = try attester("")
        #expect(attester.id == "wallet")
        guard case .publicKeys(let keys) = attester.source else {
            Issue.record("no public keys")
            return
        }
        #expect(keys.keys.map(\.keyID) == [octets("1")])
        #expect(attester.clients == [octets("c1")])
        #expect(attester.issuers.isEmpty && attester.types.isEmpty)
        #expect(attester.algorithms == [.es256])
        #expect(!attester.selfAttested && attester.jku == nil)
        #expect(attester.attestation == nil && attester.profiles == nil)
    }

    @Test("ATT-01: further types are compared as JOSE-05 reads them")
    func types() throws {
        let attester = try attester(
            "        types: [application/Wallet-Attestation+jwt, other+jwt]")
        #expect(attester.types == [octets("wallet-attestation+jwt"), octets("other+jwt")])
    }

    @Test("JOSE-26: a type of other tokens is refused, however it is written")
    func reservedTypes() throws {
        for type in ["JWT", "application/dpop+jwt", "OAuth-Client-Attestation-PoP+jwt"] {
            let text = Sample.edited(
                "        clients: [c1]", "        clients: [c1]\n        types: [\(type)]")
            let remarks = try workspace.remarks(text)
            #expect(remarks.count == 1)
            let place = "11:16: authorization_servers[0].attesters[0].types: attester wallet has "
            #expect(remarks.first?.hasPrefix(place) == true, "\(remarks)")
        }
    }

    @Test("KEY-02, KEY-06, ATT-06: issuers, jku and the demand for iat are the attester's own")
    func ownDemands() throws {
        let attester = try attester(
            """
                    issuers: [https://a.example]
                    jku: https://a.example/jwks
                    attestation: { require_iat: true }
                    self_attested: true
                    profiles: [abca-11]
            """)
        #expect(attester.issuers == [octets("https://a.example")])
        #expect(attester.jku == octets("https://a.example/jwks"))
        #expect(attester.attestation == AttestationPolicy(requiresIssuedAt: true))
        #expect(attester.selfAttested)
        #expect(attester.profiles == ProfileSet([.abca11]))
    }

    @Test("Profiles of an attester or a client are among those of the AS")
    func narrowing() throws {
        let text = Sample.edited(
            "        clients: [c1]", "        clients: [c1]\n        profiles: [abca-05]")
        try #expect(
            workspace.remarks(text) == [
                "11:20: authorization_servers[0].attesters[0].profiles[0]: abca-05 is not enabled at this AS; add it to the profiles of the AS first"
            ])
        let client = Sample.edited(
            "- client_id: c1", "- client_id: c1\n        profiles: [abca-05]")
        try #expect(
            workspace.remarks(client) == [
                "13:20: authorization_servers[0].clients[0].profiles[0]: abca-05 is not enabled at this AS; add it to the profiles of the AS first"
            ])
    }

    @Test(
        "JOSE-20: a key set that is none, has no usable key or a private one is refused",
        arguments: [
            "", "{}", "[]", "{\"keys\":[]}", "{\"keys\":{}}", "{\"keys\":[{\"kty\":\"EC\"}]}",
            "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
            "{\"keys\":[\(Workspace.firstKey.dropLast()),\"d\":\"AAAA\"}]}",
        ])
    func badKeySets(text: String) throws {
        try workspace.write("attester.jwks.json", text)
        let remarks = try workspace.remarks(Sample.base)
        #expect(remarks.count == 1)
        let place = "9:20: authorization_servers[0].attesters[0].jwks_file: "
        #expect(remarks.first?.hasPrefix(place) == true)
    }

    @Test("KEY-13: a key of the set that verifies nothing here is pointed out")
    func unusableKey() throws {
        let other = "{\"kty\":\"future\",\"kid\":\"9\"}"
        try workspace.write("attester.jwks.json", "{\"keys\":[\(Workspace.firstKey),\(other)]}")
        let remarks = try workspace.remarks(Sample.base)
        #expect(remarks.count == 1)
        let place = "9:20: warning: authorization_servers[0].attesters[0].jwks_file: keys[1] "
        #expect(remarks.first?.hasPrefix(place) == true)
    }
}
