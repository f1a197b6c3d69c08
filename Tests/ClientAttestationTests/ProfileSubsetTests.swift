// SPDX-License-Identifier: Apache-2.0
// Every one of the 2^7 sets of profiles: how flags merge, what is accepted, what never is.

import ClientAttestation
import JOSE
import Octets
import Testing

@Suite("Sets of profiles")
struct ProfileSubsetTests {
    /// Every set but the empty one.
    static let subsets: [[Profile]] = (1..<(1 << Profile.allCases.count)).map { mask in
        Profile.allCases.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
    }

    @Test("AMB-01: in every set a demand stays if all make it, and a permission if one gives it")
    func merge() {
        let demands: [(ProfileFlags) -> Bool] = [
            \.requiresAttestationIssuer, \.requiresAttestationIssuedAt, \.requiresProofIssuer,
            \.requiresProofExpiry, \.requiresProofIssuedAt, \.structuredFieldHeaders,
        ]
        let permissions: [(ProfileFlags) -> Bool] = [
            \.allowsMAC, \.acceptsUnsuffixedProofType, \.anchorsOnExpiry, \.anchorsOnChallenge,
            \.acceptsNonceClaim, \.acceptsChallengeClaim, \.allowsNonceAlias,
            \.allowsAudienceArrays, \.servesNonces, \.servesChallenges, \.specificErrors,
        ]
        #expect(Self.subsets.count == 127)
        for subset in Self.subsets {
            let set = ProfileSet(subset.shuffled() + subset.prefix(1))
            #expect(set.profiles == subset)
            for demand in demands {
                #expect(demand(set.flags) == subset.allSatisfy { demand($0.flags) }, "\(subset)")
            }
            for permission in permissions {
                let expected = subset.contains { permission($0.flags) }
                #expect(permission(set.flags) == expected, "\(subset)")
            }
            #expect(set.flags.combined == subset.map(\.flags.combined).max())
        }
    }

    /// The claims of a proof as an honest client of `profile` makes it, `challenge` as JSON.
    static func shape(_ profile: Profile, _ world: World, challenge: String?) -> Edits {
        let issuer: Edits = ["iss": quoted(World.client)]
        switch profile {
        case .abca05: return world.revision05(nonce: challenge)
        case .abca06, .abca07: return issuer.merging(["challenge": challenge]) { $1 }
        case .abca08, .abca09, .abca10, .abca11: return ["challenge": challenge]
        }
    }

    /// The edit of an attestation that only names its issuer where `profile` wants it.
    static func attestation(_ profile: Profile, _ world: World) throws -> [UInt8] {
        try world.attestationToken(
            [Profile.abca05, .abca06, .abca07].contains(profile) ? [:] : ["iss": nil])
    }

    @Test(
        "AMB-01: an honest client of a draft is accepted in every set that has the draft",
        arguments: [ChallengePolicy.Mode.off, .optional, .required])
    func honest(mode: ChallengePolicy.Mode) throws {
        var world = try World([.abca11], mode)
        for profile in Profile.allCases {
            let attestation = try Self.attestation(profile, world)
            let challenge = world.challengeJSON()
            let proof = try world.proofToken(Self.shape(profile, world, challenge: challenge))
            for subset in Self.subsets where subset.contains(profile) {
                world.profiles = subset
                #expect(throws: Never.self, "\(profile) in \(subset)") {
                    try world.verify(attestation, proof)
                }
            }
        }
    }

    @Test("AMB-01: every demand of a draft is made where the draft is alone")
    func demands() throws {
        var world = try World([.abca11], .required)
        for profile in Profile.allCases {
            world.profiles = [profile]
            let isOld = [Profile.abca05, .abca06, .abca07].contains(profile)
            let shape = Self.shape(profile, world, challenge: world.challengeJSON())
            let attestation = try Self.attestation(profile, world)
            func missing(_ name: String, _ rule: RuleID, _ failure: Failure = .attestation) {
                let edits = shape.merging([name: nil]) { $1 }
                refused(rule, failure) {
                    try world.verify(attestation, world.proofToken(edits))
                }
            }
            missing("aud", .pop(4))
            missing("jti", .pop(6))
            if isOld {
                missing("iss", .pop(11))
                refused(.att(14)) {
                    try world.verify(
                        world.attestationToken(["iss": nil]), world.proofToken(shape))
                }
            }
            switch profile {
            case .abca05:
                missing("exp", .pop(9))
                missing("nonce", .chal(6), .nonce)
            case .abca06:
                missing("challenge", .chal(20), .challenge)
            default:
                missing("iat", .pop(7))
                missing("challenge", .chal(20), .challenge)
            }
        }
    }

    /// Claims that every set accepts: each draft finds what it demands.
    static func universal(_ world: World, _ more: Edits = [:]) -> Edits {
        let claims: Edits = ["iss": quoted(World.client), "exp": "\(world.now + 300)"]
        return claims.merging(more) { $1 }
    }

    @Test("AMB-01: a token with what every draft demands is accepted in every set")
    func universal() throws {
        var world = try World()
        world.nonceEndpoints = []
        let attestation = try world.attestationToken()
        let proof = try world.proofToken(Self.universal(world))
        for subset in Self.subsets {
            world.profiles = subset
            #expect(throws: Never.self, "\(subset)") { try world.verify(attestation, proof) }
        }
    }

    @Test("AMB-01: the log's guess is the draft whose members a proof has")
    func guess() throws {
        var world = try World(Profile.allCases)
        world.nonceEndpoints = []
        let attestation = try world.attestationToken()
        let issuer: Edits = ["iss": quoted(World.client)]
        let challenge: Edits = ["challenge": world.challengeJSON()]
        let expiry: Edits = ["exp": "\(world.now + 300)"]
        let cases: [(Edits, Profile)] = [
            (world.revision05(nonce: world.challengeJSON()), .abca05),
            (issuer.merging(challenge) { $1 }, .abca07),
            (issuer.merging(challenge) { $1 }.merging(expiry) { $1 }, .abca07),
            (issuer.merging(["iat": nil]) { $1 }.merging(challenge) { $1 }, .abca06),
            (["nonce": world.challengeJSON()], .abca09),
            (challenge, .abca11), ([:], .abca11), (expiry, .abca11),
        ]
        world.challenge.mode = .optional
        for (claims, profile) in cases {
            let request = try world.verify(attestation, world.proofToken(claims))
            #expect(request.profileGuess == profile, "\(claims)")
        }
        world.profiles = [.abca10, .abca11]
        let request = try world.verify(attestation, world.proofToken(issuer))
        #expect(request.profileGuess == .abca11)
    }

    @Test("REQ-06: without any profile nothing is accepted")
    func none() throws {
        var world = try World()
        world.profiles = []
        world.nonceEndpoints = []
        refused(.req(6)) {
            try world.verify(
                world.attestationToken(), world.proofToken(Self.universal(world)))
        }
    }
}
