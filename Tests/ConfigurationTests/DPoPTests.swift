// SPDX-License-Identifier: Apache-2.0
// The `dpop` block, combined mode, and the checks that look at both.

import ClientAttestation
import Configuration
import Gateway
import JOSE
import Octets
import Testing

@Suite struct DPoPConfigurationTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    /// The sample with a `dpop` block, profiles, and methods of its client; empty is left out.
    private func sample(
        dpop: String = "", profiles: String = "", methods: String = "", challenge: String = ""
    ) -> String {
        let blocks = [("dpop", dpop), ("profiles", profiles), ("challenge", challenge)]
        let lines = blocks.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1)" }
        let text =
            lines.isEmpty
            ? Sample.base : Sample.edited(adding: lines.joined(separator: "\n    "))
        return methods.isEmpty
            ? text
            : text.replacing(
                "- client_id: c1", with: "- client_id: c1\n        methods: \(methods)")
    }

    private func policy(_ yaml: String) throws -> VerificationPolicy {
        try #require(workspace.settings(yaml).servers.first).policy
    }

    /// The remarks about one key, without their places.
    private func remarks(_ yaml: String, about key: String) throws -> [String] {
        try workspace.remarks(yaml).compactMap { remark in
            let parts = remark.split(separator: ": ", maxSplits: 1)
            guard parts.count == 2, parts[1].contains("].\(key): ") else { return nil }
            return String(parts[1])
        }
    }

    @Test("DPOP-21, CHAL-30: left out, proofs are verified and forwarded, and carry no nonce")
    func defaults() throws {
        let policy = try policy(Sample.base)
        #expect(policy.dpop == DPoPPolicy())
        #expect(policy.dpop.owner == .verifyAndForward && policy.dpop.nonceOwner == .none)
        #expect(!policy.offersCombined && !policy.issuesDPoPNonces)
    }

    @Test("DPOP-21: the block reaches the policy")
    func block() throws {
        let yaml = sample(
            dpop:
                "{ owner: verify-and-strip, nonce_owner: gateway, require_nonce: true, allow_bearer: true }"
        )
        try #expect(workspace.remarks(yaml) == [])
        try #expect(
            policy(yaml).dpop
                == DPoPPolicy(
                    owner: .verifyAndStrip, nonceOwner: .gateway, requiresNonce: true))
        try #expect(policy(sample(dpop: "{ owner: pass, nonce_owner: as }")).dpop.owner == .pass)
        try #expect(
            policy(sample(dpop: "{ nonce_owner: as }")).dpop.nonceOwner == .authorizationServer)
    }

    @Test("DPOP-05: the algorithms of proofs are listed, asymmetric ones alone")
    func algorithms() throws {
        try #expect(
            policy(sample(dpop: "{ algorithms: [ES256, Ed25519, PS256] }")).dpop.algorithms
                == [.es256, .ed25519, .ps256])
        for name in ["HS256", "none", "ES256K"] {
            let yaml = sample(dpop: "{ algorithms: [\(name)] }")
            try #expect(remarks(yaml, about: "dpop.algorithms[0]").count == 1, "\(name)")
            #expect(throws: ConfigurationErrors.self) { try workspace.settings(yaml) }
        }
        let unread = sample(dpop: "{ owner: pass, algorithms: [ES256] }")
        try #expect(remarks(unread, about: "dpop.algorithms").count == 1)
    }

    @Test("DPOP-09: the URL of an endpoint is the issuer's origin and the configured path")
    func endpointURLs() throws {
        let yaml = Sample.edited("https://as.example.com", "https://AS.example.com:443/tenant")
            .replacing("{ token: /token }", with: "{ token: /oauth/token, revocation: /revoke }")
        #expect(
            try policy(yaml).endpointURLs == [
                .token: #require(TargetURI(octets("https://as.example.com/oauth/token"))),
                .revocation: #require(TargetURI(octets("https://as.example.com/revoke"))),
            ])
    }

    @Test("REQ-06: how a client may prove its key is its own")
    func methods() throws {
        let only = try policy(sample(dpop: "{ nonce_owner: gateway }", methods: "[dpop_combined]"))
        #expect(only.clients[octets("c1")]?.methods == [.dpopCombined] && only.offersCombined)
        let both = "[attestation_pop_jwt, dpop_combined]"
        try #expect(
            policy(sample(dpop: "{ nonce_owner: gateway }", methods: both))
                .clients[octets("c1")]?.methods == [.attestationPoPJWT, .dpopCombined])
        try #expect(policy(Sample.base).clients[octets("c1")]?.methods == [.attestationPoPJWT])
        try #expect(
            remarks(sample(methods: "[dpop]"), about: "clients[0].methods[0]").first?
                .contains("\"dpop\" is unknown; write attestation_pop_jwt or dpop_combined") == true
        )
        try #expect(
            remarks(sample(methods: "[]"), about: "clients[0].methods").first?
                .contains("is empty") == true)
    }

    @Test("CFG-04, DPOP-21: combined mode and a gateway that does not look at proofs")
    func combinedAndPass() throws {
        let yaml = sample(dpop: "{ owner: pass }", methods: "[dpop_combined]")
        try #expect(
            remarks(yaml, about: "clients[0].methods[0]").contains(
                "authorization_servers[0].clients[0].methods[0]: the gateway must verify the DPoP proof, and dpop.owner is pass; write verify-and-forward (CFG-04, DPOP-21)"
            ))
        #expect(throws: ConfigurationErrors.self) { try workspace.settings(yaml) }
    }

    @Test("CFG-04, AMB-32: combined mode and an AS that gets no DPoP, unless Bearer is allowed")
    func combinedAndStrip() throws {
        let nonces = "owner: verify-and-strip, nonce_owner: gateway"
        let yaml = sample(dpop: "{ \(nonces) }", methods: "[dpop_combined]")
        let remarks = try remarks(yaml, about: "clients[0].methods[0]")
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("write dpop.allow_bearer: true if yours do not") == true)
        #expect(remarks.first?.contains("(CFG-04)") == true)
        #expect(throws: ConfigurationErrors.self) { try workspace.settings(yaml) }
        try #expect(
            workspace.remarks(
                sample(dpop: "{ \(nonces), allow_bearer: true }", methods: "[dpop_combined]")) == []
        )
        // Without combined mode nobody was promised a bound token.
        try #expect(workspace.remarks(sample(dpop: "{ \(nonces) }")) == [])
    }

    @Test("CFG-04: combined mode needs a profile that has it", arguments: ["05", "06", "07", "08"])
    func combinedWithoutProfile(draft: String) throws {
        let yaml = sample(profiles: "[abca-\(draft)]", methods: "[dpop_combined]")
        try #expect(
            remarks(yaml, about: "clients[0].methods[0]") == [
                "authorization_servers[0].clients[0].methods[0]: no profile of this client has combined mode; enable abca-09, abca-10 or abca-11, or remove it"
            ])
        #expect(throws: ConfigurationErrors.self) { try workspace.settings(yaml) }
        // The client's own profiles decide, not those of the AS.
        let narrowed = sample(
            profiles: "[abca-\(draft), abca-11]",
            methods: "[dpop_combined]\n        profiles: [abca-\(draft)]")
        #expect(throws: ConfigurationErrors.self) { try workspace.settings(narrowed) }
    }

    @Test("CFG-05, CHAL-30: nonces of the gateway in proofs that the AS alone looks at")
    func noncesAndPass() throws {
        let yaml = sample(dpop: "{ owner: pass, nonce_owner: gateway }")
        try #expect(
            remarks(yaml, about: "dpop.nonce_owner") == [
                "authorization_servers[0].dpop.nonce_owner: with owner: pass the AS alone looks at proofs and at their nonces; write as or none (CFG-05)"
            ])
        #expect(throws: ConfigurationErrors.self) { try workspace.settings(yaml) }
    }

    @Test("CFG-05, CHAL-30: nonces of an AS that sees no proof")
    func noncesAndStrip() throws {
        let yaml = sample(dpop: "{ owner: verify-and-strip, nonce_owner: as }")
        try #expect(
            remarks(yaml, about: "dpop.nonce_owner").first?.contains(
                "the AS sees no proof and issues no nonces; write gateway or none (CFG-05)") == true
        )
        #expect(throws: ConfigurationErrors.self) { try workspace.settings(yaml) }
    }

    @Test("CFG-05, DPOP-13: only the gateway's nonces can be demanded", arguments: ["none", "as"])
    func demandedNonces(owner: String) throws {
        let yaml = sample(dpop: "{ nonce_owner: \(owner), require_nonce: true }")
        try #expect(
            remarks(yaml, about: "dpop.require_nonce") == [
                "authorization_servers[0].dpop.require_nonce: only nonces of the gateway can be demanded by it; add nonce_owner: gateway (CFG-05, CHAL-30)"
            ])
        #expect(throws: ConfigurationErrors.self) { try workspace.settings(yaml) }
    }

    @Test(
        "AMB-33, CHAL-30: where the nonce is the challenge, the AS cannot own it",
        arguments: ["abca-09", "abca-10", "abca-09, abca-11"])
    func twoIssuers(profiles: String) throws {
        let nonces = "{ nonce_owner: as }"
        let yaml = sample(dpop: nonces, profiles: "[\(profiles)]", methods: "[dpop_combined]")
        let remarks = try remarks(yaml, about: "clients[0].methods[0]")
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("and dpop.nonce_owner is as; write none or") == true)
        #expect(throws: ConfigurationErrors.self) { try workspace.settings(yaml) }
        // Without challenges there is one issuer, and draft 11 keeps the two apart.
        let off = sample(
            dpop: nonces, profiles: "[\(profiles)]", methods: "[dpop_combined]",
            challenge: "{ policy: off }")
        try #expect(policy(off).offersCombined)
        try #expect(policy(sample(dpop: nonces, methods: "[dpop_combined]")).offersCombined)
    }

    @Test("RPL-07: combined mode without nonces is told what a crash costs")
    func fenceWithoutNonces() throws {
        let remarks = try remarks(
            sample(methods: "[dpop_combined]"), about: "clients[0].methods[0]")
        #expect(remarks.count == 1)
        #expect(remarks.first?.hasPrefix("warning: ") != false)
        #expect(remarks.first?.contains("is refused for proof.clock_skew after a start") == true)
        let shared = sample(profiles: "[abca-10]", methods: "[dpop_combined]")
        try #expect(workspace.remarks(shared) == [])
    }

    @Test("allow_bearer where the AS does DPoP says nothing, and is told so")
    func idleAllowance() throws {
        let remarks = try workspace.remarks(sample(dpop: "{ allow_bearer: true }"))
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("says something with owner: verify-and-strip only") == true)
    }

    private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }
}
