// SPDX-License-Identifier: Apache-2.0
// Nonces of DPoP proofs: who issues them, what they are good for, what a fault answers.

import ClientAttestation
import Octets
import Testing

@Suite struct DPoPNonceTests {
    @discardableResult
    static func combined(_ world: World, _ nonce: String?) throws -> VerifiedRequest {
        var claims: Edits = [:]
        if let nonce { claims["nonce"] = nonce }
        return try world.verify(
            try world.attestationToken(), nil, dpop: try world.dpopToken(claims))
    }

    static func owner(_ profiles: [Profile] = [.abca11]) throws -> World {
        var world = try DPoPTests.world(profiles)
        world.dpop.nonceOwner = .gateway
        world.dpop.requiresNonce = true
        return world
    }

    @Test("DPOP-13, ERR-04: combined mode with gateway nonces asks for use_dpop_nonce, never CHAL")
    func required() throws {
        var world = try Self.owner()
        world.challenge.mode = .required
        let policy = try world.policy()
        #expect(policy.dpopNoncePurpose == .dpop)
        #expect(policy.issuesDPoPNonces)
        refused(.dpop(13), .dpopNonce) { try Self.combined(world, nil) }
        for nonce in [
            quoted(""), quoted("made-up"), "7", "[]",
            world.challengeJSON(at: world.now - 301, .dpop), world.challengeJSON(.pop),
            world.challengeJSON(.any),
        ] {
            refused(.dpop(13), .dpopNonce) { try Self.combined(world, nonce) }
        }
        #expect(try Self.combined(world, world.challengeJSON(.dpop)).hasChallenge)
        let response = RefusalResponse(
            .dpopNonce, errors: ErrorPolicy(specific: true), policy.circumstances(at: .token))
        #expect(response.error == "use_dpop_nonce" && response.status == 400)
        #expect(response.freshDPoPNonce && !response.freshChallenge && !response.freshNonce)
    }

    @Test("DPOP-13: a nonce of another issuer is not ours")
    func otherIssuer() throws {
        let world = try Self.owner()
        let other = ChallengeKeys(world.master, issuer: octets("https://other.example.com"))
        let nonce = other.issue(.dpop, now: UnixTime(world.now))
        refused(.dpop(13), .dpopNonce) {
            try Self.combined(world, quoted(String(decoding: nonce, as: UTF8.self)))
        }
    }

    @Test("CHAL-30: with a challenge and a nonce to fetch, alongside is through after one retry")
    func oneRetry() async throws {
        var world = try Self.owner()
        world.challenge.mode = .required
        let policy = try world.policy()
        let attestation = try world.attestationToken()
        refused(.chal(20), .challenge) {
            try world.verify(attestation, world.proofToken(), dpop: world.dpopToken())
        }
        let response = RefusalResponse(
            .challenge, errors: world.errors, policy.circumstances(at: .token))
        #expect(response.freshChallenge && response.freshDPoPNonce)
        try world.verify(
            attestation, world.proofToken(["challenge": world.challengeJSON()]),
            dpop: world.dpopToken(["nonce": world.challengeJSON(.dpop)]))
        let without = RefusalResponse(
            .challenge, errors: world.errors,
            policy.circumstances(at: .token, dpopPresented: false))
        #expect(without.freshChallenge && !without.freshDPoPNonce)
        // Nobody else's business.
        world.dpop = DPoPPolicy(nonceOwner: .authorizationServer)
        let foreign = RefusalResponse(
            .challenge, errors: world.errors, try world.policy().circumstances(at: .token))
        #expect(foreign.freshChallenge && !foreign.freshDPoPNonce)
    }

    @Test("DPOP-13: it is demanded alongside too, and optional where it is not required")
    func alongside() throws {
        var world = try Self.owner()
        let attestation = try world.attestationToken()
        refused(.dpop(13), .dpopNonce) {
            try world.verify(attestation, try world.proofToken(), dpop: try world.dpopToken())
        }
        try world.verify(attestation, try world.proofToken())
        world.dpop.requiresNonce = false
        try world.verify(attestation, try world.proofToken(), dpop: try world.dpopToken())
        refused(.dpop(13), .dpopNonce) { try Self.combined(world, quoted("made-up")) }
    }

    @Test("CHAL-30: a nonce that is not the gateway's to judge is not looked at")
    func notOurs() throws {
        var world = try DPoPTests.world()
        try Self.combined(world, quoted("of-the-AS"))
        world.dpop.nonceOwner = .authorizationServer
        try Self.combined(world, quoted("of-the-AS"))
        #expect(try !world.policy().issuesDPoPNonces)
    }

    @Test(
        "DPOP-18: in the profiles that say so the nonce is a challenge, and the answer has both",
        arguments: [[Profile.abca09], [.abca10], [.abca10, .abca11]])
    func challengeAsNonce(profiles: [Profile]) throws {
        let world = try DPoPTests.world(profiles, .required)
        let policy = try world.policy()
        #expect(policy.sharesChallenges && policy.challengePurpose == .any)
        #expect(policy.dpopNoncePurpose == .any)
        refused(.dpop(18), .dpopNonce) { try Self.combined(world, nil) }
        refused(.dpop(18), .dpopNonce) { try Self.combined(world, quoted("made-up")) }
        refused(.dpop(18), .dpopNonce) {
            try Self.combined(world, world.challengeJSON(at: world.now - 301, .any))
        }
        #expect(try Self.combined(world, world.challengeJSON(.any)).hasChallenge)
        let response = RefusalResponse(
            .dpopNonce, errors: ErrorPolicy(specific: true), policy.circumstances(at: .token))
        #expect(response.freshDPoPNonce && response.freshChallenge)
    }

    @Test("DPOP-18: no nonce is demanded where challenges are optional or off")
    func challengeOptional() throws {
        var world = try DPoPTests.world([.abca10], .optional)
        try Self.combined(world, nil)
        refused(.dpop(18), .dpopNonce) { try Self.combined(world, quoted("made-up")) }
        world.challenge.mode = .off
        try Self.combined(world, quoted("made-up"))
    }

    @Test("CHAL-17: nonce and challenge are two things, and one where the AS has it so")
    func purposes() throws {
        var world = try Self.owner()
        world.challenge.mode = .required
        let attestation = try world.attestationToken()
        @discardableResult
        func normal(_ purpose: ChallengePurpose) throws -> VerifiedRequest {
            try world.verify(
                attestation, try world.proofToken(["challenge": world.challengeJSON(purpose)]))
        }
        try normal(.pop)
        refused(.chal(21), .challenge) { try normal(.dpop) }
        refused(.chal(21), .challenge) { try normal(.any) }
        world.profiles = [.abca10, .abca11]
        try normal(.pop)
        try normal(.any)
        refused(.chal(21), .challenge) { try normal(.dpop) }
        // A client narrowed to 11 gets the value that the AS issues to everybody.
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.attestationPoPJWT, .dpopCombined],
            profiles: ProfileSet([.abca11]))
        try normal(.any)
    }

    @Test("RPL-07: after a start combined mode is through with a fresh nonce, or after the skew")
    func fence() throws {
        let world = try Self.owner()
        let fence = StartFence(second: UnixTime(world.now - 10))
        let attestation = try world.attestationToken()
        @discardableResult
        func attempt(_ nonceAge: Int64?, iat: Int64 = 0) throws -> VerifiedRequest {
            var claims: Edits = ["iat": "\(world.now + iat)"]
            if let nonceAge {
                claims["nonce"] = world.challengeJSON(at: world.now - nonceAge, .dpop)
            }
            var policy = world
            policy.dpop.requiresNonce = false
            return try world.verify(
                attestation, nil, dpop: try world.dpopToken(claims), fence: fence,
                policy: try policy.policy())
        }
        refused(.rpl(7), .dpopNonce) { try attempt(nil) }
        refused(.rpl(7), .dpopNonce) { try attempt(10) }
        try attempt(9)
        refused(.rpl(7), .dpopNonce) { try attempt(nil, iat: 50) }
        try attempt(nil, iat: 51)
        refused(.rpl(7), .busy) {
            try world.verify(
                attestation, nil,
                dpop: try world.dpopToken(["nonce": world.challengeJSON(.dpop)]),
                fence: StartFence(second: UnixTime(world.now)))
        }
        // Where no nonces are served there is nothing fresh to give.
        var plain = world
        plain.dpop = DPoPPolicy()
        refused(.rpl(7), .attestation) {
            try plain.verify(
                attestation, nil, dpop: try plain.dpopToken(), fence: fence)
        }
    }

    @Test("RPL-07: alongside, the challenge of the proof of possession speaks for both")
    func fenceAlongside() throws {
        var world = try DPoPTests.world([.abca11], .required)
        world.challenge.mode = .required
        let fence = StartFence(second: UnixTime(world.now - 10))
        let attestation = try world.attestationToken()
        try world.verify(
            attestation, try world.proofToken(["challenge": world.challengeJSON()]),
            dpop: try world.dpopToken(), fence: fence)
        world.challenge.mode = .off
        refused(.rpl(7), .attestation) {
            try world.verify(
                attestation, try world.proofToken(["iat": "\(world.now + 51)"]),
                dpop: try world.dpopToken(), fence: fence)
        }
    }
}
