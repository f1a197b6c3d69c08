// SPDX-License-Identifier: Apache-2.0
// The flags of requirements 0.4, their merge, and clients of two revisions side by side.

import ClientAttestation
import Octets
import Testing

@Suite("Profiles")
struct ProfileTests {
    @Test("AMB-01: the columns of the flag table")
    func columns() {
        func row(_ flag: (ProfileFlags) -> Bool) -> String {
            Profile.allCases.map { flag($0.flags) ? "x" : "-" }.joined()
        }
        //                                                       05 06 07 08 09 10 11
        #expect(row(\.requiresAttestationIssuer) == "xxx----")
        #expect(row(\.requiresAttestationIssuedAt) == "-------")
        #expect(row(\.allowsMAC) == "--xxxxx")
        #expect(row(\.acceptsUnsuffixedProofType) == "x------")
        #expect(row(\.requiresProofIssuer) == "xxx----")
        #expect(row(\.requiresProofExpiry) == "x------")
        #expect(row(\.requiresProofIssuedAt) == "--xxxxx")
        #expect(row(\.anchorsOnExpiry) == "x------")
        #expect(row(\.anchorsOnChallenge) == "-x-----")
        #expect(row(\.acceptsNonceClaim) == "x------")
        #expect(row(\.acceptsChallengeClaim) == "-xxxxxx")
        #expect(row(\.allowsNonceAlias) == "-xxxx--")
        #expect(row(\.allowsAudienceArrays) == "xxxx---")
        #expect(row(\.servesNonces) == "x------")
        #expect(row(\.servesChallenges) == "-xxxxxx")
        #expect(row { $0.combined == .challenge } == "----xx-")
        #expect(row { $0.combined == .nonce } == "------x")
        #expect(row(\.structuredFieldHeaders) == "-------")
        #expect(row(\.specificErrors) == "-xxxxxx")
    }

    @Test("AMB-01: merging keeps a demand only if all make it, and a permission if one gives it")
    func merge() {
        let merged = ProfileSet([.abca11, .abca05, .abca11])
        #expect(merged.profiles == [.abca05, .abca11])
        #expect(merged == ProfileSet([.abca05, .abca11]))
        let flags = merged.flags
        #expect(!flags.requiresAttestationIssuer)
        #expect(!flags.requiresProofIssuer)
        #expect(!flags.requiresProofExpiry)
        #expect(!flags.requiresProofIssuedAt)
        #expect(flags.acceptsNonceClaim && flags.acceptsChallengeClaim)
        #expect(flags.allowsAudienceArrays)
        #expect(flags.servesNonces && flags.servesChallenges)
        #expect(flags.specificErrors)
        #expect(flags.anchorsOnExpiry && !flags.anchorsOnChallenge)
        #expect(ProfileSet([.abca11]).flags == Profile.abca11.flags)
    }

    @Test("AMB-01: clients of both revisions work where both are enabled")
    func sideBySide() throws {
        let world = try World([.abca05, .abca11], .required)
        let value = world.challengeJSON()
        let old = try world.verify(
            world.attestationToken(), world.proofToken(world.revision05(nonce: value)))
        #expect(old.profileGuess == .abca05)
        let new = try world.verify(
            world.attestationToken(["iss": nil]), world.proofToken(["challenge": value]))
        #expect(new.profileGuess == .abca11)
    }

    @Test("AMB-01: where both are enabled each gets the retry it understands")
    func retries() throws {
        let world = try World([.abca05, .abca11], .required)
        let attestation = try world.attestationToken()
        refused(.chal(20), .challenge) {
            try world.verify(attestation, world.proofToken(world.revision05()))
        }
        refused(.chal(20), .challenge) { try world.verify(attestation, world.proofToken()) }
    }

    @Test("CHAL-06, CHAL-20: with challenges off, only a proof without iat needs the nonce")
    func challengesOff() throws {
        for mode in [ChallengePolicy.Mode.off, .optional] {
            let world = try World([.abca05, .abca11], mode)
            let attestation = try world.attestationToken()
            try world.verify(attestation, world.proofToken())
            refused(.chal(6), mode == .off ? .nonce : .challenge) {
                try world.verify(attestation, world.proofToken(world.revision05()))
            }
            try world.verify(
                attestation, world.proofToken(world.revision05(nonce: world.challengeJSON())))
        }
    }

    @Test("AMB-01: a client narrowed to one revision is held to it")
    func narrowedClient() throws {
        var world = try World([.abca05, .abca11])
        world.nonceEndpoints = []
        let attestation = try world.attestationToken()
        let old = try world.proofToken(world.revision05())
        let new = try world.proofToken()
        try world.verify(attestation, old)
        try world.verify(attestation, new)
        world.client = AttestedClient(
            clientID: octets(World.client), profiles: ProfileSet([.abca11]))
        refused(.pop(7)) { try world.verify(attestation, old) }
        world.client = AttestedClient(
            clientID: octets(World.client), profiles: ProfileSet([.abca05]))
        refused(.pop(9)) { try world.verify(attestation, new) }
    }

    @Test("AMB-01: an attester narrowed to one revision holds its clients to it")
    func narrowedAttester() throws {
        var world = try World([.abca05, .abca11])
        world.nonceEndpoints = []
        world.attesters = [try world.attester(profiles: ProfileSet([.abca05]))]
        refused(.att(14)) {
            // Selected by key ID, so that nothing but the profile asks for iss.
            try world.verify(
                world.attestationToken(["iss": nil]), world.proofToken(world.revision05()))
        }
        world.client = AttestedClient(
            clientID: octets(World.client), profiles: ProfileSet([.abca05, .abca11]))
        refused(.att(14)) {
            try world.verify(
                world.attestationToken(["iss": nil]), world.proofToken(world.revision05()))
        }
    }
}
