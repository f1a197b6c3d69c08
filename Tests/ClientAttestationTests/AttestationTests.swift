// SPDX-License-Identifier: Apache-2.0
// ATT-01 to ATT-14 and the JOSE rules in the attestation's place.

import ClientAttestation
import Cryptography
import JOSE
import Octets
import Testing

@Suite("Client attestation")
struct AttestationTests {
    /// The refusal of an attestation with these edits, beside a valid proof.
    static func expect(
        _ rule: RuleID, as failure: Failure = .attestation, _ claims: Edits = [:],
        header: Edits = [:], _ change: (inout World) throws -> Void = { _ in },
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var world = try World()
        try change(&world)
        refused(rule, failure, sourceLocation: sourceLocation) {
            try world.verify(
                world.attestationToken(claims, header: header), world.proofToken())
        }
    }

    /// That an attestation with these edits is accepted.
    static func accept(
        _ claims: Edits = [:], header: Edits = [:],
        _ change: (inout World) throws -> Void = { _ in }
    ) throws {
        var world = try World()
        try change(&world)
        try world.verify(world.attestationToken(claims, header: header), world.proofToken())
    }

    @Test(
        "ATT-01: another typ is refused",
        arguments: [
            "JWT", "oauth-client-attestation", "oauth-client-attestation-pop+jwt", "dpop+jwt",
            "at+jwt", "wallet-attestation+jwt",
        ])
    func type(typ: String) throws {
        try Self.expect(.att(1), header: ["typ": quoted(typ)])
    }

    @Test("ATT-01: the typ may be in any case and with application/, and one of the attester's own")
    func typeForms() throws {
        try Self.accept(header: ["typ": quoted("Application/OAuth-Client-Attestation+JWT")])
        try Self.accept(header: ["typ": quoted("wallet-attestation+jwt")]) {
            $0.attesters = [try $0.attester(types: ["wallet-attestation+jwt"])]
        }
    }

    @Test("ATT-01, JOSE-05: a missing typ and one that is no string are refused")
    func noType() throws {
        let world = try World()
        for typ: String? in [nil, "7", "null"] {
            #expect(throws: Refusal.self) {
                try world.verify(
                    world.attestationToken(header: ["typ": typ]), world.proofToken())
            }
        }
    }

    @Test("ATT-02: an algorithm that is not the attester's is refused")
    func algorithm() throws {
        try Self.expect(.att(2), header: ["alg": quoted("ES384")])
        try Self.expect(.att(2), header: ["alg": quoted("HS256")])
    }

    @Test(
        "JOSE-06: a name that is no algorithm is refused",
        arguments: ["none", "None", "nOnE", "es256", "ES256 ", "", "ES256K"])
    func noAlgorithm(alg: String) throws {
        let world = try World()
        let thrown = #expect(throws: Refusal.self) {
            try world.verify(
                world.attestationToken(header: ["alg": quoted(alg)]), world.proofToken())
        }
        #expect(thrown?.failure == .attestation)
        #expect(thrown.map { [.jose(6), .jose(27), .att(2)].contains($0.rule) } == true)
    }

    @Test(
        "JOSE-27: a registered algorithm that is not built is refused as such, and cannot be listed"
    )
    func unbuiltAlgorithm() throws {
        for name in ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ES256K"] {
            try Self.expect(.jose(27), header: ["alg": quoted(name)])
        }
        let world = try World()
        #expect(throws: RegistryError.wrongAlgorithm("provider", .mldsa44)) {
            try AttesterRegistry([world.attester(algorithms: [.es256, .mldsa44])])
        }
    }

    @Test("ATT-03: one flipped bit anywhere is refused")
    func flippedBit() throws {
        let world = try World()
        let token = try world.attestationToken()
        let dots = token.indices.filter { token[$0] == UInt8(ascii: ".") }
        let proof = try world.proofToken()
        for index in [2, dots[0] + 5, dots[1] + 5, token.count - 9] {
            #expect(throws: Refusal.self) { try world.verify(altered(token, at: index), proof) }
        }
        refused(.att(3)) { try world.verify(altered(token, at: dots[1] + 40), proof) }
        try world.verify(token, proof)
    }

    @Test("ATT-03: another attester's key is refused")
    func otherKey() throws {
        let world = try World()
        let other = try TestKey("11")
        refused(.att(3)) {
            try world.verify(world.attestationToken(by: other), world.proofToken())
        }
    }

    @Test("JOSE-26: the two tokens in each other's place are refused")
    func swapped() throws {
        let world = try World()
        let attestation = try world.attestationToken()
        let proof = try world.proofToken()
        #expect(throws: Refusal.self) { try world.verify(proof, attestation) }
        #expect(throws: Refusal.self) { try world.verify(proof, proof) }
        refused(.pop(1)) { try world.verify(attestation, attestation) }
    }

    @Test("ATT-04: exp is required and ends with the skew, exactly")
    func expiry() throws {
        let now = try World().now
        try Self.expect(.att(4), ["exp": nil])
        try Self.expect(.att(4), ["exp": "\(now - 600)"])
        try Self.expect(.att(4), ["exp": "\(now - 60)", "iat": "\(now - 90)"])
        try Self.accept(["exp": "\(now - 59)"])
        try Self.accept(["exp": "\(now - 60).5"])
        try Self.expect(.att(4), ["exp": "\(now - 61).9"])
        try Self.accept(["exp": "253402300799"])
    }

    @Test(
        "ATT-04, JOSE-21: an exp that is no NumericDate",
        arguments: ["\"1800003600\"", "true", "-1", "1e400", "1e30", "[1]", "null"])
    func expiryType(exp: String) throws {
        try Self.expect(.jose(21), ["exp": exp])
    }

    @Test("ATT-04: by the operator's choice an expired attestation is a stale one, for its holder")
    func expiredAsStale() throws {
        let now = try World().now
        let stale: (inout World) -> Void = { $0.errors.expiredIsStale = true }
        try Self.expect(
            .att(4), as: .staleAttestation, ["exp": "\(now - 600)", "iat": "\(now - 900)"], stale)
        // A stranger to the key learns nothing of it.
        var world = try World()
        stale(&world)
        let attestation = try world.attestationToken(
            ["exp": "\(now - 600)", "iat": "\(now - 900)"])
        let stranger = try TestKey()
        refused(.pop(3)) { try world.verify(attestation, world.proofToken(by: stranger)) }
        refused(.pop(4)) {
            try world.verify(attestation, world.proofToken(["aud": quoted("https://x.example")]))
        }
    }

    @Test("ATT-05: nbf, if present, has begun but for the skew")
    func notBefore() throws {
        let now = try World().now
        try Self.expect(.att(5), ["nbf": "\(now + 3600)"])
        try Self.expect(.att(5), ["nbf": "\(now + 61)"])
        try Self.accept(["nbf": "\(now + 60)"])
        try Self.accept(["nbf": "\(now + 60).9"])
        try Self.expect(.jose(21), ["nbf": "\"0\""])
    }

    @Test("ATT-06: iat is neither in the future nor after exp, and required where policy says so")
    func issuedAt() throws {
        let now = try World().now
        try Self.expect(.att(6), ["iat": "\(now + 3600)"])
        try Self.expect(.att(6), ["iat": "\(now + 61)"])
        try Self.accept(["iat": "\(now + 60)"])
        try Self.expect(.att(6), ["iat": "\(now - 9)", "exp": "\(now - 10)"])
        try Self.accept(["iat": "\(now - 10)", "exp": "\(now - 10)"])
        try Self.accept(["iat": nil])
        try Self.expect(.att(6), ["iat": nil]) { $0.attestation.requiresIssuedAt = true }
        try Self.expect(.att(6), ["iat": nil]) {
            $0.attesters = [
                try $0.attester(attestation: AttestationPolicy(requiresIssuedAt: true))
            ]
        }
    }

    @Test("ATT-07: an attestation older than policy allows is stale, one without iat is invalid")
    func maximumAge() throws {
        let now = try World().now
        let day: (inout World) -> Void = { $0.attestation.maxAge = 86_400 }
        try Self.expect(.att(7), as: .staleAttestation, ["iat": "\(now - 25 * 3600)"], day)
        try Self.expect(.att(7), as: .staleAttestation, ["iat": "\(now - 86_400 - 61)"], day)
        try Self.accept(["iat": "\(now - 86_400 - 60)"], day)
        try Self.expect(.att(7), as: .attestation, ["iat": nil], day)
    }

    @Test("ATT-07: attestations from before a client's moment are stale, and iat must be there")
    func deniedBefore() throws {
        let start = try World().now - 1000
        let denied: (inout World) -> Void = {
            $0.client = AttestedClient(
                clientID: octets(World.client), notBefore: UnixTime(start))
        }
        try Self.expect(.att(7), as: .staleAttestation, ["iat": "\(start - 1)"], denied)
        try Self.expect(.att(7), as: .staleAttestation, ["iat": "\(start - 1).9"], denied)
        try Self.expect(.att(7), as: .attestation, ["iat": nil], denied)
        try Self.accept(["iat": "\(start)"], denied)
        // Both demands hold: the moment does not lift the age, nor the age the moment.
        let both: (inout World) -> Void = {
            denied(&$0)
            $0.attestation.maxAge = 300
        }
        try Self.expect(.att(7), as: .staleAttestation, ["iat": "\(start)"], both)
        try Self.accept([:], both)
    }

    @Test("ATT-07, KEY-20: the moment counts for an attestation that is known already")
    func notBeforeOfTheCached() throws {
        var world = try World()
        let attestation = try world.attestationToken()
        try world.verify(attestation, world.proofToken())
        world.client = AttestedClient(
            clientID: octets(World.client), notBefore: UnixTime(world.now))
        refused(.att(7), .staleAttestation) { try world.verify(attestation, world.proofToken()) }
        #expect(world.cache.hits == 1)
    }

    @Test("ATT-07, ERR-12: staleness is answered only after the proof, and before the challenge")
    func stalenessOrder() throws {
        var world = try World([.abca11], .required)
        world.attestation.maxAge = 10
        let attestation = try world.attestationToken()
        let stranger = try TestKey()
        refused(.pop(3)) { try world.verify(attestation, world.proofToken(by: stranger)) }
        refused(.att(7), .staleAttestation) { try world.verify(attestation, world.proofToken()) }
    }

    @Test("ATT-09: a missing sub is refused")
    func noSubject() throws {
        try Self.expect(.att(9), ["sub": nil])
    }

    @Test("ATT-09: a client the AS does not know is invalid_client")
    func unknownClient() throws {
        try Self.expect(.att(9), as: .invalidClient, ["sub": quoted("https://unknown.example")]) {
            $0.attesters = [
                try $0.attester(clients: [World.client, "https://unknown.example"])
            ]
        }
    }

    @Test(
        "ATT-09, JOSE-22: a sub that is no proper string",
        arguments: ["[\"a\"]", "\"\"", "7", "null", "\"a\\u0000b\"", "\"a\\u007f\""])
    func subjectType(sub: String) throws {
        try Self.expect(.jose(22), ["sub": sub])
    }

    @Test("ATT-10: an aud, if present, contains this AS")
    func audience() throws {
        try Self.expect(.att(10), ["aud": quoted("https://other.example")])
        try Self.expect(.att(10), ["aud": quoted(World.issuer + "/")])
        try Self.expect(.att(10), ["aud": #"["https://other.example"]"#])
        try Self.accept(["aud": quoted(World.issuer)])
        try Self.accept(["aud": #"["https://other.example","\#(World.issuer)"]"#])
    }

    @Test(
        "ATT-11: cnf is an object with jwk and neither jwe nor jku",
        arguments: [
            #"{"jkt":"x"}"#, "[{}]", quoted("x"), "{}", #"{"jwe":"x"}"#, #"{"jku":"https://x"}"#,
            "null",
        ])
    func confirmation(cnf: String) throws {
        try Self.expect(.att(11), ["cnf": cnf])
    }

    @Test("ATT-11: cnf is required, a second key form beside jwk refused, a thumbprint ignored")
    func confirmationMembers() throws {
        try Self.expect(.att(11), ["cnf": nil])
        let world = try World()
        for member in [#""jwe":"x""#, #""jku":"https://x.example""#] {
            refused(.att(11)) {
                try world.verify(
                    world.attestationToken(
                        ["cnf": #"{"jwk":\#(world.instance.jwk()),\#(member)}"#]),
                    world.proofToken())
            }
        }
        try world.verify(
            world.attestationToken(
                ["cnf": #"{"jwk":\#(world.instance.jwk()),"jkt":"x","kid":"y"}"#]),
            world.proofToken())
    }

    @Test("ATT-12, JOSE-13, JOSE-18 to -20: an instance key that is private, invalid or no key")
    func instanceKey() throws {
        let world = try World()
        let key = world.instance
        let y = String(decoding: Base64URL.encode(key.key.y), as: UTF8.self)
        var wrongY = key.key.y
        wrongY[31] ^= 1
        let offCurve = key.jwk().replacing(
            y, with: String(decoding: Base64URL.encode(wrongY), as: UTF8.self))
        let keys = [
            key.jwk(#""d":"\#(try key.privateMember())""#), offCurve,
            #"{"kty":"oct","k":"AAAA"}"#, key.jwk(#""use":"enc""#), key.jwk(#""use":7"#),
            key.jwk().replacing("P-256", with: "P-384"), key.jwk().replacing("EC", with: "ec"),
            quoted("key"), "{}", "[]",
        ]
        for jwk in keys {
            let thrown = #expect(throws: Refusal.self, "\(jwk)") {
                try world.verify(
                    world.attestationToken(["cnf": #"{"jwk":\#(jwk)}"#]), world.proofToken())
            }
            #expect(thrown?.failure == .attestation)
            #expect(thrown?.rule.family == .jose, "\(jwk)")
        }
    }

    @Test("ATT-13: the same attestation is good for many requests, at every endpoint")
    func reusable() async throws {
        let world = try World()
        let store = MemoryReplayStore(capacity: 100, began: UnixTime(world.now - 1000))
        let attestation = try world.attestationToken()
        for endpoint in ProtectedEndpoint.allCases {
            try await world.attest(attestation, world.proofToken(), at: endpoint, in: store)
        }
    }

    @Test("ATT-14: iss is required where every profile requires it")
    func issuer() throws {
        var world = try World([.abca05])
        world.nonceEndpoints = []
        let proof = { try world.proofToken(world.revision05()) }
        refused(.att(14)) {
            try world.verify(world.attestationToken(["iss": nil]), proof())
        }
        try world.verify(world.attestationToken(), proof())
        try Self.accept(["iss": nil]) { $0.profiles = [.abca05, .abca11] }
    }

    @Test("ATT-14, JOSE-22: an empty iss is refused in every profile")
    func emptyIssuer() throws {
        try Self.expect(.jose(22), ["iss": quoted("")])
    }

    @Test("JOSE-24: unknown claims and header members are ignored")
    func unknownMembers() throws {
        try Self.accept(
            ["wallet_name": quoted("w"), "urn:x:y": "[1,{}]"], header: ["foo": "true"])
    }
}
