// SPDX-License-Identifier: Apache-2.0
// The verdicts on the published DPoP proofs (requirements 6.2). Their keys are no attested ones, so
// they stand beside a proof of possession of ours.

import ClientAttestation
import JOSE
import Octets
import Testing

@Suite("Published DPoP proofs")
struct DPoPVectorTests {
    /// An AS with this token endpoint at the time of a proof.
    static func world(
        issuer: String, now: Int64, url: String
    ) throws -> (World, VerificationPolicy) {
        var world = try World([.abca10, .abca11])
        world.issuer = issuer
        world.now = now
        let target = try #require(TargetURI(octets(url)))
        return (world, try world.policy(endpointURLs: [.token: target]))
    }

    @Test("DPOP-06, DPOP-09, DPOP-20: the proof of RFC 9449, with a high s, is accepted")
    func rfc9449() async throws {
        let (world, policy) = try Self.world(
            issuer: "https://server.example.com", now: 1_562_262_620,
            url: "https://server.example.com/token")
        let attestation = try world.attestationToken()
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(world.now - 2000))
        let dpop = PublishedTokens.dpop9449
        try await world.attest(
            attestation, world.proofToken(), dpop: dpop, in: store, policy: policy)
        // DPOP-12, RPL-05: neither it nor its second form comes again.
        for again in [dpop, try #require(negatedSignature(dpop))] {
            await refused(.rpl(3), .dpopProof) {
                try await world.attest(
                    attestation, world.proofToken(), dpop: again, in: store, policy: policy)
            }
        }
        // Its key is no attested one: alone it proves nothing.
        var combined = world
        combined.client = AttestedClient(
            clientID: octets(World.client), methods: [.dpopCombined])
        let other = try combined.policy(endpointURLs: policy.endpointURLs)
        refused(.dpop(17)) {
            try combined.verify(attestation, nil, dpop: dpop, policy: other)
        }
    }

    @Test("DPOP-08, DPOP-09, DPOP-11: the proof of RFC 9449 elsewhere, or at another time")
    func rfc9449Elsewhere() throws {
        let issuer = "https://server.example.com"
        let cases: [(RuleID, String, Int64)] = [
            (.dpop(9), "\(issuer)/par", 1_562_262_620),
            (.dpop(9), "http://server.example.com/token", 1_562_262_620),
            (.dpop(11), "\(issuer)/token", 1_562_262_616 + 361),
            (.dpop(11), "\(issuer)/token", 1_562_262_616 - 61),
        ]
        for (rule, url, now) in cases {
            let (world, policy) = try Self.world(issuer: issuer, now: now, url: url)
            refused(rule, .dpopProof) {
                try world.verify(
                    world.attestationToken(), world.proofToken(), dpop: PublishedTokens.dpop9449,
                    policy: policy)
            }
        }
    }

    @Test("JOSE-19, DPOP-09: the proof of the slides, whose key has an alg, fits its own htu only")
    func slide() throws {
        for (url, rule) in [
            ("https://as.example/token", nil), ("https://as.example.com/token", RuleID.dpop(9)),
        ] {
            let (world, policy) = try Self.world(
                issuer: "https://as.example.com", now: 1_700_812_805, url: url)
            let attestation = try world.attestationToken()
            let proof = try world.proofToken()
            guard let rule else {
                try world.verify(
                    attestation, proof, dpop: PublishedTokens.dpopSlide, policy: policy)
                continue
            }
            refused(rule, .dpopProof) {
                try world.verify(
                    attestation, proof, dpop: PublishedTokens.dpopSlide, policy: policy)
            }
        }
    }

    @Test("DPOP-13: the nonce of the slides is none of ours where nonces are demanded")
    func slideNonce() throws {
        var (world, policy) = try Self.world(
            issuer: "https://as.example", now: 1_700_812_805, url: "https://as.example/token")
        world.profiles = [.abca11]
        world.dpop.nonceOwner = .gateway
        world.dpop.requiresNonce = true
        policy = try world.policy(endpointURLs: policy.endpointURLs)
        refused(.dpop(13), .dpopNonce) {
            try world.verify(
                world.attestationToken(), world.proofToken(), dpop: PublishedTokens.dpopSlide,
                policy: policy)
        }
    }
}
