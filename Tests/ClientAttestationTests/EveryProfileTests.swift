// SPDX-License-Identifier: Apache-2.0
// JOSE, KEY and ATT in every draft: no profile relaxes what an attestation must be.

import ClientAttestation
import Cryptography
import JOSE
import Octets
import Testing

@Suite("Attestations in every profile")
struct EveryProfileTests {
    /// One hostile attestation, and the rule that must find it.
    struct Row {
        let rule: RuleID
        let claims: Edits
        let header: Edits
        let failure: Failure

        init(
            _ rule: RuleID, _ claims: Edits = [:], header: Edits = [:],
            as failure: Failure = .attestation
        ) {
            self.rule = rule
            self.claims = claims
            self.header = header
            self.failure = failure
        }
    }

    /// A world that demands nothing but what every profile does.
    static func world(_ profile: Profile) throws -> World {
        var world = try World([profile])
        world.nonceEndpoints = []
        return world
    }

    /// A proof in the shape of all profiles at once.
    static func proof(_ world: World, by key: TestKey? = nil) throws -> [UInt8] {
        try world.proofToken(
            ["iss": quoted(World.client), "exp": "\(world.now + 300)"], by: key)
    }

    private static func headers() throws -> [Row] {
        let stranger = try TestKey("x")
        return [
            Row(.jose(5), header: ["typ": "7"]),
            Row(.att(1), header: ["typ": nil]),
            Row(.att(1), header: ["typ": quoted("JWT")]),
            Row(.att(1), header: ["typ": quoted("oauth-client-attestation")]),
            Row(.att(1), header: ["typ": quoted("wallet-attestation+jwt")]),
            Row(.att(1), header: ["typ": quoted("oauth-client-attestation-pop+jwt")]),
            Row(.att(1), header: ["typ": quoted("dpop+jwt")]),
            Row(.att(1), header: ["typ": quoted("at+jwt")]),
            Row(.jose(6), header: ["alg": nil]),
            Row(.jose(6), header: ["alg": quoted("none")]),
            Row(.jose(6), header: ["alg": quoted("es256")]),
            Row(.jose(27), header: ["alg": quoted("ML-DSA-44")]),
            Row(.att(2), header: ["alg": quoted("ES384")]),
            Row(.att(2), header: ["alg": quoted("HS256")]),
            Row(.jose(7), header: ["crit": #"["exp"]"#]),
            Row(.jose(7), header: ["crit": "[]"]),
            Row(.jose(7), header: ["crit": #"["absent"]"#]),
            Row(.jose(8), header: ["b64": "true"]),
            Row(.jose(9), header: ["zip": quoted("DEF")]),
            Row(.jose(9), header: ["cty": quoted("JWT")]),
            Row(.jose(9), header: ["enc": quoted("A128GCM")]),
            Row(.key(4), header: ["kid": "11"]),
            Row(.key(4), header: ["kid": quoted("../../etc/x")]),
            Row(.key(4), header: ["kid": quoted("")]),
            Row(.jose(4), header: ["a": #"{"b":1,"b":2}"#]),
            Row(.jose(3), header: ["a": #""\ud800""#]),
            Row(.key(4), header: ["kid": quoted("12"), "jwk": stranger.jwk()]),
        ]
    }

    private static func claims(_ world: World) throws -> [Row] {
        let now = world.now
        let jwk = world.instance.jwk()
        let key = { (extra: String) in #"{"jwk":\#(world.instance.jwk(extra))}"# }
        return [
            Row(.key(2), ["iss": quoted("https://unknown.example")]),
            Row(.jose(22), ["iss": quoted("")]),
            Row(.jose(22), ["sub": #"["a"]"#]),
            Row(.jose(22), ["sub": quoted("")]),
            Row(.att(9), ["sub": nil]),
            Row(.key(3), ["sub": quoted("https://somebody.example")]),
            Row(.att(4), ["exp": nil]),
            Row(.att(4), ["exp": "\(now - 600)"]),
            Row(.jose(21), ["exp": quoted("\(now + 60)")]),
            Row(.jose(21), ["exp": "true"]),
            Row(.jose(21), ["exp": "1e30"]),
            Row(.jose(3), ["exp": "1e"]),
            Row(.att(5), ["nbf": "\(now + 3600)"]),
            Row(.jose(21), ["nbf": "-1"]),
            Row(.att(6), ["iat": "\(now + 3600)", "exp": "\(now + 7200)"]),
            Row(.att(6), ["iat": "\(now + 50)", "exp": "\(now + 49)"]),
            Row(.jose(21), ["iat": "[1]"]),
            Row(.att(10), ["aud": quoted("https://other.example")]),
            Row(.att(10), ["aud": #"["https://other.example"]"#]),
            Row(.jose(22), ["aud": "[]"]),
            Row(.att(11), ["cnf": nil]),
            Row(.att(11), ["cnf": quoted("x")]),
            Row(.att(11), ["cnf": "[{}]"]),
            Row(.att(11), ["cnf": #"{"jkt":"x"}"#]),
            Row(.att(11), ["cnf": #"{"jwk":\#(jwk),"jwe":"x"}"#]),
            Row(.att(11), ["cnf": #"{"jwk":\#(jwk),"jku":"x"}"#]),
            Row(.jose(4), ["cnf": #"{"jwk":{"kty":"EC","kty":"EC"}}"#]),
            Row(.jose(18), ["cnf": key(#""d":"AA""#)]),
            Row(.jose(18), ["cnf": key(#""k":"AA""#)]),
            Row(.jose(18), ["cnf": #"{"jwk":{"kty":"oct","k":"AAAA"}}"#]),
            Row(.jose(19), ["cnf": key(#""use":"enc""#)]),
            Row(.jose(19), ["cnf": key(#""key_ops":["deriveKey"]"#)]),
            Row(.jose(19), ["cnf": key(#""key_ops":["verify","verify"]"#)]),
            Row(.jose(19), ["cnf": key(#""alg":"ES384""#)]),
            Row(.jose(20), ["cnf": #"{"jwk":{}}"#]),
            Row(.jose(20), ["cnf": #"{"jwk":\#(jwk.replacing("\"EC\"", with: "\"ec\""))}"#]),
            Row(.jose(13), ["cnf": #"{"jwk":\#(jwk.replacing("P-256", with: "P-384"))}"#]),
            Row(.jose(14), ["cnf": #"{"jwk":{"kty":"RSA","n":"\#(modulus(1024))","e":"AQAB"}}"#]),
            Row(.jose(14), ["cnf": #"{"jwk":{"kty":"RSA","n":"\#(modulus(16384))","e":"AQAB"}}"#]),
            Row(.jose(14), ["cnf": #"{"jwk":{"kty":"RSA","n":"\#(modulus(2048))","e":"AQ"}}"#]),
            Row(.jose(14), ["cnf": #"{"jwk":{"kty":"RSA","n":"\#(modulus(2048))","e":"Aw"}}"#]),
            Row(.jose(16), ["cnf": okp("Ed25519", String(repeating: "A", count: 43))]),
            Row(.jose(16), ["cnf": okp("X25519", String(repeating: "A", count: 43))]),
            Row(.jose(16), ["cnf": okp("Ed448", String(repeating: "A", count: 76))]),
            Row(.key(17), ["cnf": #"{"jwk":\#(world.attesterKey.jwk())}"#]),
        ]
    }

    private static func okp(_ curve: String, _ x: String) -> String {
        #"{"jwk":{"kty":"OKP","crv":"\#(curve)","x":"\#(x)"}}"#
    }

    private static func modulus(_ bits: Int) -> String {
        Base64URL.encodeToString([UInt8](repeating: 0xFF, count: bits / 8))
    }

    @Test(
        "JOSE-03 to JOSE-27, KEY-02 to KEY-17, ATT-01 to ATT-12: the same refusals in every draft",
        arguments: Profile.allCases)
    func refusals(profile: Profile) throws {
        let world = try Self.world(profile)
        try world.verify(world.attestationToken(), Self.proof(world))
        for row in try Self.headers() + Self.claims(world) {
            let attestation = try world.attestationToken(row.claims, header: row.header)
            let thrown = #expect(throws: Refusal.self) {
                try world.verify(attestation, Self.proof(world))
            }
            #expect(
                thrown?.rule == row.rule && thrown?.failure == row.failure,
                "\(profile) \(row.rule) \(row.claims) \(row.header): \(String(describing: thrown))")
        }
    }

    @Test("ATT-14, KEY-02: iss is required exactly where every profile is one of 05 to 07")
    func issuer() throws {
        for profiles in ProfileSubsetTests.subsets {
            var world = try Self.world(.abca11)
            world.profiles = profiles
            let attestation = try world.attestationToken(["iss": nil])
            let isOld = profiles.allSatisfy { [.abca05, .abca06, .abca07].contains($0) }
            if isOld {
                refused(.att(14)) { try world.verify(attestation, Self.proof(world)) }
            } else {
                try world.verify(attestation, Self.proof(world))
            }
        }
    }

    @Test("ATT-13, JOSE-24: what is good stays good in every draft", arguments: Profile.allCases)
    func accepted(profile: Profile) throws {
        let world = try Self.world(profile)
        let good: [(Edits, Edits)] = [
            (["wallet_name": quoted("w"), "urn:x:y": "[{}]"], ["foo": "1"]),
            (["nbf": "\(world.now - 1)", "iat": nil], ["kid": nil]),
            (["aud": quoted(World.issuer)], ["cty": quoted("json")]),
            (["aud": #"["https://x.example","\#(World.issuer)"]"#], [:]),
            (["exp": "\(world.now - 59)", "iat": "\(world.now - 60).5"], [:]),
            ([:], ["jku": quoted("https://evil.example"), "x5u": quoted("https://evil.example")]),
            ([:], ["typ": quoted("APPLICATION/OAuth-Client-Attestation+JWT")]),
        ]
        for (claims, header) in good {
            let attestation = try world.attestationToken(claims, header: header)
            for _ in 0..<2 { try world.verify(attestation, Self.proof(world)) }
        }
    }

    @Test(
        "JOSE-26: no token of one role stands in another's place, whoever signed it",
        arguments: Profile.allCases)
    func roles(profile: Profile) throws {
        var world = try Self.world(profile)
        // One key in all roles: only the types tell the tokens apart.
        world.attesters = [try world.attester(selfAttested: true)]
        let key = world.attesterKey
        let everything: Edits = [
            "aud": quoted(World.issuer), "iat": "\(world.now)", "jti": quoted("j"),
            "iss": quoted(World.attesterIssuer), "htm": quoted("POST"), "htu": quoted("x"),
        ]
        let token = { (type: String) in
            try world.attestationToken(
                everything, header: ["typ": quoted(type)], holder: key)
        }
        let attestation = try token("oauth-client-attestation+jwt")
        for type in ["oauth-client-attestation-pop+jwt", "dpop+jwt", "at+jwt", "JWT", "logout+jwt"]
        {
            refused(.att(1)) { try world.verify(token(type), Self.proof(world, by: key)) }
            guard type != "oauth-client-attestation-pop+jwt" else { continue }
            refused(.pop(1)) { try world.verify(attestation, token(type)) }
        }
        refused(.pop(1)) { try world.verify(attestation, attestation) }
    }
}
