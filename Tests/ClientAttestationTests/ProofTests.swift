// SPDX-License-Identifier: Apache-2.0
// POP-01 to POP-12, POP-15, POP-16 and REQ-12: the proof of possession and whose request it is.

import ClientAttestation
import JOSE
import Octets
import Testing

@Suite("Proof of possession")
struct ProofTests {
    /// The refusal of a proof with these edits, beside a valid attestation.
    static func expect(
        _ rule: RuleID, as failure: Failure = .attestation, _ claims: Edits = [:],
        header: Edits = [:], sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout World) throws -> Void = { _ in }
    ) throws {
        var world = try World()
        try change(&world)
        refused(rule, failure, sourceLocation: sourceLocation) {
            try world.verify(world.attestationToken(), world.proofToken(claims, header: header))
        }
    }

    /// That a proof with these edits is accepted.
    static func accept(
        _ claims: Edits = [:], header: Edits = [:],
        _ change: (inout World) throws -> Void = { _ in }
    ) throws {
        var world = try World()
        try change(&world)
        try world.verify(world.attestationToken(), world.proofToken(claims, header: header))
    }

    /// A world of revision 05 without nonces, and the edits of its proofs.
    static func revision05(_ more: Edits = [:]) throws -> (World, Edits) {
        var world = try World([.abca05])
        world.nonceEndpoints = []
        return (world, world.revision05(more))
    }

    @Test(
        "POP-01: another typ is refused",
        arguments: [
            "JWT", "oauth-client-attestation+jwt", "dpop+jwt", "at+jwt",
            "oauth-client-attestation-pop",
        ])
    func type(typ: String) throws {
        try Self.expect(.pop(1), header: ["typ": quoted(typ)])
    }

    @Test("POP-01, AMB-21: revision 05 may also lack +jwt")
    func unsuffixedType() throws {
        let (world, edits) = try Self.revision05()
        try world.verify(
            world.attestationToken(),
            world.proofToken(edits, header: ["typ": quoted("oauth-client-attestation-pop")]))
        refused(.pop(1)) {
            try world.verify(
                world.attestationToken(), world.proofToken(edits, header: ["typ": nil]))
        }
    }

    @Test("POP-02: an algorithm that is not on the list for proofs is refused")
    func algorithm() throws {
        try Self.expect(.pop(2), header: ["alg": quoted("HS256")])
        try Self.expect(.jose(6), header: ["alg": quoted("none")])
    }

    @Test("POP-02, JOSE-17: an HMAC keyed with public material is refused, also if it is listed")
    func symmetric() throws {
        try Self.expect(.pop(2), header: ["alg": quoted("HS256")]) {
            $0.proof.algorithms = [.es256, .hs256]
        }
    }

    @Test("POP-03: the key of another instance of the same client is refused, embedded or not")
    func otherKey() throws {
        let world = try World()
        let other = try TestKey()
        let attestation = try world.attestationToken()
        refused(.pop(3)) { try world.verify(attestation, world.proofToken(by: other)) }
        refused(.pop(3)) {
            try world.verify(
                attestation, world.proofToken(header: ["jwk": other.jwk()], by: other))
        }
        refused(.pop(3)) {
            try world.verify(attestation, world.proofToken(by: world.attesterKey))
        }
        try world.verify(attestation, world.proofToken(header: ["jwk": other.jwk()]))
    }

    @Test("POP-03, JOSE-23: one changed octet of the payload is refused")
    func changedPayload() throws {
        let world = try World()
        let proof = try world.proofToken()
        let dots = proof.indices.filter { proof[$0] == UInt8(ascii: ".") }
        refused(.pop(3)) {
            try world.verify(world.attestationToken(), altered(proof, at: dots[1] + 40))
        }
    }

    @Test(
        "POP-04: an audience that is not this AS, octet by octet, is refused",
        arguments: [
            "https://other.example.com", "https://as.example.com/",
            "https://as.example.com/token", "https://AS.example.com", "http://as.example.com",
            "https://as.example.com:443",
        ])
    func audience(aud: String) throws {
        try Self.expect(.pop(4), ["aud": quoted(aud)])
        try Self.expect(.pop(4), ["aud": "[\(quoted(aud))]"])
    }

    @Test("POP-04: a missing audience is refused")
    func noAudience() throws {
        try Self.expect(.pop(4), ["aud": nil])
    }

    @Test("POP-05: an array is one element in revision 11, any length in 05, never nothing")
    func audienceArrays() throws {
        let two = #"["\#(World.issuer)","https://other.example.com"]"#
        try Self.accept(["aud": #"["\#(World.issuer)"]"#])
        try Self.expect(.pop(5), ["aud": two])
        let (world, edits) = try Self.revision05(["aud": two])
        try world.verify(world.attestationToken(), world.proofToken(edits))
        for aud in ["[]", "[1]", #"[["\#(World.issuer)"]]"#, "7", "{}"] {
            try Self.expect(.jose(22), ["aud": aud])
        }
    }

    @Test("POP-05: an array that also names another AS served here is refused")
    func twoOfOurs() throws {
        for foreign in ["https://two.example.com", "legacy-alias-of-two"] {
            let aud = #"["\#(World.issuer)","\#(foreign)"]"#
            var (world, edits) = try Self.revision05(["aud": aud])
            world.foreignAudiences = [
                octets("https://two.example.com"), octets("legacy-alias-of-two"),
            ]
            refused(.pop(5)) {
                try world.verify(world.attestationToken(), world.proofToken(edits))
            }
        }
    }

    @Test("POP-05: an alias of the operator's list is an audience, exactly as written")
    func aliases() throws {
        let alias: (inout World) -> Void = { $0.proof.audienceAliases = [octets("legacy-as")] }
        try Self.accept(["aud": quoted("legacy-as")], alias)
        try Self.expect(.pop(4), ["aud": quoted("legacy-as/")], alias)
        try Self.expect(.pop(4), ["aud": quoted("legacy-as")])
    }

    @Test("POP-06: jti is required")
    func jwtID() throws {
        try Self.expect(.pop(6), ["jti": nil])
        for jti in ["\"\"", "7", "null", "[\"a\"]"] { try Self.expect(.jose(22), ["jti": jti]) }
        try Self.expect(.jose(22), ["jti": quoted(String(repeating: "j", count: 257))])
        try Self.accept(["jti": quoted(String(repeating: "j", count: 256))])
    }

    @Test("POP-07: iat is required in revision 11, with and without exp")
    func noIssueTime() throws {
        let now = try World().now
        try Self.expect(.pop(7), ["iat": nil])
        try Self.expect(.pop(7), ["iat": nil, "exp": "\(now + 60)"])
    }

    @Test("POP-08: iat lies in the window, both ends included")
    func issueWindow() throws {
        let now = try World().now
        try Self.expect(.pop(8), ["iat": "\(now - 600)"])
        try Self.expect(.pop(8), ["iat": "\(now + 120)"])
        try Self.expect(.pop(8), ["iat": "\(now - 361)"])
        try Self.expect(.pop(8), ["iat": "\(now + 61)"])
        try Self.accept(["iat": "\(now - 360)"])
        try Self.accept(["iat": "\(now + 60)"])
        try Self.accept(["iat": "\(now + 60).999"])
        try Self.expect(.pop(8), ["iat": "0"])
        for iat in ["\"\(now)\"", "true", "1e400", "-5"] {
            try Self.expect(.jose(21), ["iat": iat])
        }
    }

    @Test("POP-08: before the replay set is asked: a proof out of its window claims nothing")
    func windowBeforeReplay() async throws {
        let world = try World()
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(world.now - 1000))
        await refused(.pop(8)) {
            try await world.attest(
                world.attestationToken(), world.proofToken(["iat": "\(world.now - 600)"]),
                in: store)
        }
        #expect(store.count == 0)
    }

    @Test("POP-09: exp is required in revision 05, enforced and capped where it is the anchor")
    func expiry() throws {
        let (world, _) = try Self.revision05()
        let now = world.now
        let attestation = try world.attestationToken()
        func proof(_ exp: String?, _ more: Edits = [:]) throws -> [UInt8] {
            try world.proofToken(world.revision05(more.merging(["exp": exp]) { $1 }))
        }
        refused(.pop(9)) { try world.verify(attestation, proof(nil)) }
        refused(.pop(9)) { try world.verify(attestation, proof(nil, ["iat": "\(now)"])) }
        refused(.pop(9)) { try world.verify(attestation, proof("\(now - 60)")) }
        refused(.pop(9)) { try world.verify(attestation, proof("\(now + 661)")) }
        refused(.pop(9)) { try world.verify(attestation, proof("\(now + 660).5")) }
        refused(.pop(9)) { try world.verify(attestation, proof("2529866394")) }
        try world.verify(attestation, proof("\(now - 59)"))
        try world.verify(attestation, proof("\(now - 60).5"))
        try world.verify(attestation, proof("\(now + 660)"))
        // With iat the window bounds it, and the cap is not needed.
        try world.verify(attestation, proof("2529866394", ["iat": "\(now)"]))
    }

    @Test("POP-09, AMB-31: revision 11 enforces an exp that is there")
    func expiryIfPresent() throws {
        let now = try World().now
        try Self.expect(.pop(9), ["exp": "\(now - 60)"])
        try Self.accept(["exp": "\(now - 59)"])
        try Self.accept(["exp": "2529866394"])
    }

    @Test("POP-10: nbf, if present, has begun but for the skew")
    func notBefore() throws {
        let now = try World().now
        try Self.expect(.pop(10), ["nbf": "\(now + 600)"])
        try Self.expect(.pop(10), ["nbf": "\(now + 61)"])
        try Self.accept(["nbf": "\(now + 60)"])
    }

    @Test("POP-11: iss is required and the client in revision 05, ignored in 11 unless matched")
    func issuer() throws {
        let (world, edits) = try Self.revision05()
        let attestation = try world.attestationToken()
        let with: (String?) throws -> [UInt8] = { iss in
            try world.proofToken(edits.merging(["iss": iss]) { $1 })
        }
        try world.verify(attestation, with(quoted(World.client)))
        refused(.pop(11)) { try world.verify(attestation, with(quoted("https://other.example"))) }
        refused(.pop(11)) { try world.verify(attestation, with(nil)) }

        try Self.accept(["iss": quoted("https://other.example")])
        let match: (inout World) -> Void = { $0.proof.matchesIssuerIfPresent = true }
        try Self.expect(.pop(11), ["iss": quoted("https://other.example")], match)
        try Self.accept(["iss": quoted(World.client)], match)
        try Self.accept([:], match)
    }

    @Test("POP-12: with 05 and 11 enabled a proof still needs iat or a capped exp")
    func anchor() throws {
        var world = try World([.abca05, .abca11])
        world.nonceEndpoints = []
        let attestation = try world.attestationToken()
        refused(.pop(12)) { try world.verify(attestation, world.proofToken(["iat": nil])) }
        // Also with a challenge: no enabled revision makes that the anchor.
        world.challenge.mode = .required
        refused(.pop(12)) {
            try world.verify(
                attestation,
                world.proofToken(["iat": nil, "challenge": world.challengeJSON()]))
        }
        refused(.pop(9)) {
            try world.verify(
                attestation,
                world.proofToken([
                    "iat": nil, "exp": "2529866394", "challenge": world.challengeJSON(),
                ]))
        }
    }

    @Test("POP-12: where a challenge alone may be the anchor, it must be there")
    func challengeAnchor() throws {
        var world = try World([.abca06], .optional)
        let attestation = try world.attestationToken()
        let iss: Edits = ["iat": nil, "iss": quoted(World.client)]
        refused(.pop(12)) { try world.verify(attestation, world.proofToken(iss)) }
        let challenge: Edits = ["challenge": world.challengeJSON()]
        try world.verify(attestation, world.proofToken(iss.merging(challenge) { $1 }))
        world.challenge.mode = .off
        refused(.pop(12)) {
            try world.verify(attestation, world.proofToken(iss.merging(challenge) { $1 }))
        }
    }

    @Test("POP-15: a proof made for PAR is a replay at the token endpoint")
    func otherEndpoint() async throws {
        let world = try World()
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(world.now - 1000))
        let attestation = try world.attestationToken()
        let proof = try world.proofToken()
        try await world.attest(
            attestation, proof, at: .pushedAuthorizationRequest, in: store)
        await refused(.rpl(3)) {
            try await world.attest(attestation, proof, at: .token, in: store)
        }
    }

    @Test("POP-16: an invalid attestation beside a valid proof does not use up its jti")
    func attestationFirst() async throws {
        let world = try World()
        let store = MemoryReplayStore(capacity: 10, began: UnixTime(world.now - 1000))
        let proof = try world.proofToken()
        let forged = try world.attestationToken(by: TestKey("11"))
        await refused(.att(3)) { try await world.attest(forged, proof, in: store) }
        let expired = try world.attestationToken(["exp": "\(world.now - 600)"])
        await refused(.att(4)) { try await world.attest(expired, proof, in: store) }
        #expect(store.count == 0)
        try await world.attest(world.attestationToken(), proof, in: store)
    }

    @Test("POP-16: the attestation's fault is reported, not the proof's")
    func attestationFaultWins() throws {
        let world = try World()
        let attestation = try world.attestationToken(["exp": "\(world.now - 600)"])
        refused(.att(4)) { try world.verify(attestation, octets("a.b.c")) }
    }
}

@Suite("Client identity")
struct IdentityTests {
    @Test(
        "REQ-12, REQ-20: a client_id that differs in any octet is refused",
        arguments: [
            "https://Client.example.com", "https://client.example.com/",
            "https://client.example.com:443", "https://client.example.com ", "other",
        ])
    func different(clientID: String) throws {
        let world = try World()
        refused(.req(12)) {
            try world.verify(
                world.attestationToken(), world.proofToken(), clientID: clientID)
        }
    }

    @Test("REQ-12: the same client_id, or none, is accepted")
    func same() throws {
        let world = try World()
        let request = try world.verify(
            world.attestationToken(), world.proofToken(), clientID: World.client)
        #expect(request.clientID == octets(World.client))
        try world.verify(world.attestationToken(), world.proofToken(), clientID: "")
        try world.verify(world.attestationToken(), world.proofToken())
    }

    @Test("REQ-20: NFC and NFD forms of one name are two clients")
    func canonicalEquivalence() throws {
        var world = try World()
        let composed = "https://caf\u{e9}.example"
        world.attesters = [try world.attester(clients: [composed])]
        world.client = AttestedClient(clientID: octets(composed))
        let attestation = try world.attestationToken(["sub": quoted(composed)])
        try world.verify(attestation, world.proofToken(), clientID: composed)
        refused(.req(12)) {
            try world.verify(
                attestation, world.proofToken(), clientID: "https://cafe\u{301}.example")
        }
    }

    @Test("ERR-12, REQ-12: client_id comes after the proof and before the challenge")
    func order() throws {
        let world = try World([.abca11], .required)
        let attestation = try world.attestationToken()
        refused(.pop(4)) {
            try world.verify(
                attestation, world.proofToken(["aud": quoted("x")]), clientID: "other")
        }
        refused(.req(12)) {
            try world.verify(attestation, world.proofToken(), clientID: "other")
        }
    }

    @Test("ERR-09: a refusal names client and attester only once a signature vouches for them")
    func refusalFacts() throws {
        let world = try World()
        let forged = #expect(throws: Refusal.self) {
            try world.verify(world.attestationToken(by: TestKey("11")), world.proofToken())
        }
        #expect(forged?.clientID == nil)
        #expect(forged?.attesterID == nil)
        let proof = #expect(throws: Refusal.self) {
            try world.verify(world.attestationToken(), world.proofToken(by: TestKey()))
        }
        #expect(proof?.clientID == octets(World.client))
        #expect(proof?.attesterID == "provider")
        #expect(proof?.token == .proof)
    }
}
