// SPDX-License-Identifier: Apache-2.0
// DPoP proofs in place of a proof of possession (combined mode) and beside one.

import ClientAttestation
import Cryptography
import JOSE
import Octets
import Testing

@Suite struct DPoPTests {
    /// A world whose client may use both methods.
    static func world(
        _ profiles: [Profile] = [.abca11], _ mode: ChallengePolicy.Mode = .off,
        methods: Set<ProofMethod> = [.attestationPoPJWT, .dpopCombined]
    ) throws -> World {
        var world = try World(profiles, mode)
        world.client = AttestedClient(clientID: octets(World.client), methods: methods)
        return world
    }

    /// Refused in combined mode and alongside a good proof of possession.
    static func refusedBoth(
        _ rule: RuleID, _ failure: Failure = .dpopProof, at endpoint: ProtectedEndpoint = .token,
        thumbprint: [UInt8]? = nil, accessToken: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ make: (World) throws -> [UInt8]
    ) throws {
        let world = try world()
        for proof in [nil, try world.proofToken()] {
            refused(rule, failure, sourceLocation: sourceLocation) {
                try world.verify(
                    try world.attestationToken(), proof, dpop: try make(world), at: endpoint,
                    thumbprint: thumbprint, accessToken: accessToken)
            }
        }
    }

    @Test(
        "DPOP-16, REQ-06: attestation and DPoP proof are combined mode, with a proof between, not")
    func modes() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        let combined = try world.verify(attestation, nil, dpop: try world.dpopToken())
        #expect(combined.method == .dpopCombined)
        #expect(combined.clientID == octets(World.client))
        #expect(combined.profileGuess == .abca11)
        let alongside = try world.verify(
            attestation, try world.proofToken(), dpop: try world.dpopToken())
        #expect(alongside.method == .attestationPoPJWT)
    }

    @Test("REQ-06: a client limited to normal mode is not served without its proof of possession")
    func downgrade() throws {
        var world = try Self.world(methods: [.attestationPoPJWT])
        let attestation = try world.attestationToken()
        let dpop = try world.dpopToken()
        try world.verify(attestation, try world.proofToken(), dpop: dpop)
        refused(.dpop(22)) { try world.verify(attestation, nil, dpop: dpop) }
        // The same where another client may: the method is the client's.
        let other = AttestedClient(clientID: octets("other"), methods: [.dpopCombined])
        let policy = try world.policy(clients: [world.client, other])
        refused(.req(6)) { try world.verify(attestation, nil, dpop: dpop, policy: policy) }
        world.client = AttestedClient(clientID: octets(World.client), methods: [.dpopCombined])
        refused(.req(6)) { try world.verify(attestation, try world.proofToken(), dpop: nil) }
    }

    @Test("REQ-06: a client narrowed to a profile without combined mode may not use it")
    func narrowed() throws {
        var world = try Self.world([.abca08, .abca11])
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.dpopCombined],
            profiles: ProfileSet([.abca08]))
        refused(.req(6)) {
            try world.verify(try world.attestationToken(), nil, dpop: try world.dpopToken())
        }
    }

    @Test(
        "DPOP-22: combined mode that the AS does not offer is refused, however good the proof",
        arguments: Profile.allCases)
    func notOffered(profile: Profile) throws {
        var world = try Self.world([profile], methods: [.attestationPoPJWT])
        refused(.dpop(22)) {
            try world.verify(try world.attestationToken(), nil, dpop: try world.dpopToken())
        }
        world = try Self.world([profile])
        world.dpop.owner = .pass
        refused(.dpop(22)) {
            try world.verify(try world.attestationToken(), nil, dpop: try world.dpopToken())
        }
    }

    @Test(
        "DPOP-22: combined mode is there from revision 09 on",
        arguments: Profile.allCases)
    func profiles(profile: Profile) throws {
        let world = try Self.world([profile])
        let attestation = try world.attestationToken()
        let dpop = try world.dpopToken()
        if [.abca05, .abca06, .abca07, .abca08].contains(profile) {
            refused(.dpop(22)) { try world.verify(attestation, nil, dpop: dpop) }
        } else {
            #expect(
                try world.verify(attestation, nil, dpop: dpop).profileGuess == profile)
        }
    }

    @Test("DPOP-19: a dpop_jkt parameter without a DPoP proof proves nothing")
    func thumbprintOnly() throws {
        let world = try Self.world()
        let thumbprint = try JWKThumbprintOf(world.instance)
        refused(.req(6)) {
            try world.verify(
                try world.attestationToken(), nil, at: .pushedAuthorizationRequest,
                thumbprint: thumbprint)
        }
    }

    @Test("DPOP-01: two DPoP fields, and two proofs in one, are refused")
    func multiplicity() throws {
        let token = octets("a.b.c")
        refused(.dpop(1), .dpopProof) {
            try PresentedTokens.read(attestation: [], proof: [], dpop: [token, token])
        }
        refused(.dpop(1), .dpopProof) {
            try PresentedTokens.read(attestation: [], proof: [], dpop: [octets("a.b.c, a.b.c")])
        }
    }

    @Test(
        "DPOP-02, JOSE-01: what is no JWT is refused as an invalid DPoP proof",
        arguments: ["opaque", "a.b", "a..c", "eyJhbGciOiJFUzI1NiJ9.e30.AA.AA.AA"])
    func notAToken(text: String) throws {
        let world = try Self.world()
        let rule: RuleID = .jose(1)
        for proof in [nil, try world.proofToken()] {
            refused(rule, .dpopProof) {
                try world.verify(try world.attestationToken(), proof, dpop: octets(text))
            }
        }
    }

    @Test("DPOP-03: each required claim missing in turn", arguments: ["jti", "htm", "htu", "iat"])
    func missingClaim(name: String) throws {
        try Self.refusedBoth(.dpop(3)) { try $0.dpopToken([name: nil]) }
    }

    @Test("DPOP-03: the header without its key")
    func missingKey() throws {
        try Self.refusedBoth(.dpop(3)) { try $0.dpopToken(header: ["jwk": nil]) }
    }

    @Test(
        "DPOP-04, JOSE-26: another type is no DPoP proof",
        arguments: [
            "JWT", "oauth-client-attestation-pop+jwt", "dpop", "oauth-client-attestation+jwt",
        ])
    func type(name: String) throws {
        try Self.refusedBoth(.dpop(4)) { try $0.dpopToken(header: ["typ": quoted(name)]) }
        try Self.refusedBoth(.dpop(4)) { try $0.dpopToken(header: ["typ": nil]) }
    }

    @Test("DPOP-04: application/ before the type changes nothing")
    func mediaType() throws {
        let world = try Self.world()
        let dpop = try world.dpopToken(header: ["typ": quoted("application/DPoP+JWT")])
        try world.verify(try world.attestationToken(), nil, dpop: dpop)
    }

    @Test(
        "DPOP-05: an algorithm that is not asymmetric, or not allowed here",
        arguments: [
            ("HS256", RuleID.dpop(5)), ("ES384", .dpop(5)), ("none", .jose(6)), ("es256", .jose(6)),
        ])
    func algorithm(name: String, rule: RuleID) throws {
        try Self.refusedBoth(rule) { try $0.dpopToken(header: ["alg": quoted(name)]) }
    }

    @Test("DPOP-06: one altered octet of the signature")
    func signature() throws {
        try Self.refusedBoth(.dpop(6)) { world in
            let token = try world.dpopToken()
            return altered(token, at: token.count - 40)
        }
    }

    @Test("DPOP-06: claims that the key did not sign")
    func payload() throws {
        try Self.refusedBoth(.dpop(6)) { world in
            let parts = try world.dpopToken().split(separator: UInt8(ascii: "."))
            let other = try world.dpopToken().split(separator: UInt8(ascii: "."))
            return Array([parts[0], other[1], parts[2]].joined(separator: [UInt8(ascii: ".")]))
        }
    }

    @Test("DPOP-07, JOSE-18: a private key in the header")
    func privateKey() throws {
        try Self.refusedBoth(.jose(18)) { world in
            let secret = try world.instance.privateMember()
            return try world.dpopToken(header: ["jwk": world.instance.jwk(#""d":"\#(secret)""#)])
        }
    }

    @Test("DPOP-07, JOSE-13: a point that is not on the curve")
    func offCurve() throws {
        try Self.refusedBoth(.jose(13)) { world in
            var y = world.instance.key.y
            y[31] ^= 1
            let x = String(decoding: Base64URL.encode(world.instance.key.x), as: UTF8.self)
            let text = String(decoding: Base64URL.encode(y), as: UTF8.self)
            let jwk = #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(text)"}"#
            return try world.dpopToken(header: ["jwk": jwk])
        }
    }

    @Test(
        "DPOP-07, JOSE-19: a key that is not for signatures, though equal to the attested one",
        arguments: [#""use":"enc""#, #""key_ops":["deriveKey"]"#])
    func keyUse(member: String) throws {
        try Self.refusedBoth(.jose(19)) { world in
            try world.dpopToken(header: ["jwk": world.instance.jwk(member)])
        }
    }

    @Test("DPOP-07, JOSE-20: a header key that is no object")
    func keyType() throws {
        try Self.refusedBoth(.jose(20)) { try $0.dpopToken(header: ["jwk": #""key""#]) }
    }

    @Test("DPOP-08: another method, or its other spelling", arguments: ["post", "GET", "POST "])
    func method(name: String) throws {
        try Self.refusedBoth(.dpop(8)) { try $0.dpopToken(["htm": quoted(name)]) }
    }

    @Test(
        "DPOP-09: another URL",
        arguments: [
            "https://as.example.com/oauth/revocation", "https://evil.example.com/oauth/token",
            "http://127.0.0.1:8080/oauth/token", "http://as.example.com/oauth/token",
            "https://user@as.example.com/oauth/token", "https://as.example.com:8443/oauth/token",
            "https://as.example.com/oauth/token/", "https://as.example.com/OAUTH/token",
            "https://as.example.com", "/oauth/token", "as.example.com/oauth/token",
            "https:///oauth/token", "https://as.example.com/oauth/token%2f",
            "https://as.example.com/oauth/tok en", "https://as.example.com/oauth/token%zz",
        ])
    func url(text: String) throws {
        try Self.refusedBoth(.dpop(9)) { try $0.dpopToken(["htu": quoted(text)]) }
    }

    @Test("DPOP-09: a proof for the token endpoint at another one, and where no URL is known")
    func endpoint() throws {
        try Self.refusedBoth(.dpop(9), at: .revocation) { try $0.dpopToken() }
        let world = try Self.world()
        let policy = try world.policy(endpointURLs: [:])
        refused(.dpop(9), .dpopProof) {
            try world.verify(
                try world.attestationToken(), nil, dpop: try world.dpopToken(), policy: policy)
        }
    }

    @Test(
        "DPOP-10: the same URL in other words",
        arguments: [
            "HTTPS://AS.example.COM/oauth/token", "https://as.example.com:443/oauth/token",
            "https://as.example.com:/oauth/token", "https://as.example.com/oauth/token?a=b",
            "https://as.example.com/oauth/token#part", "https://as.example.com/%6fauth/token",
            "https://as.example.com/x/../oauth/./token", "https://as.example.com/oauth/token?a#b",
        ])
    func equivalentURL(text: String) throws {
        let world = try Self.world()
        let dpop = try world.dpopToken(["htu": quoted(text)])
        try world.verify(try world.attestationToken(), nil, dpop: dpop)
    }

    @Test("DPOP-10: normalisation in general")
    func normalisation() throws {
        let equal = [
            ("http://h:80", "http://h/"), ("https://h/~a", "https://h/%7Ea"),
            ("https://h/%2f", "https://h/%2F"), ("https://[2001:DB8::1]/", "https://[2001:db8::1]"),
            ("https://h/a/b/..", "https://h/a/"), ("https://h/../a", "https://h/a"),
            ("https://%48/", "https://h/"),
        ]
        for (one, other) in equal {
            #expect(TargetURI(octets(one)) != nil)
            #expect(TargetURI(octets(one)) == TargetURI(octets(other)), "\(one)")
        }
        let different = [
            ("https://h/a%2Fb", "https://h/a/b"), ("https://h//a", "https://h/a"),
            ("https://h:80/", "https://h/"), ("https://h/a;b", "https://h/a"),
        ]
        for (one, other) in different {
            #expect(TargetURI(octets(one)) != nil)
            #expect(TargetURI(octets(one)) != TargetURI(octets(other)), "\(one)")
        }
        for text in ["", "https://", "ftp://h/", "https:/h", "https://h/%4", "https://h:x/"] {
            #expect(TargetURI(octets(text)) == nil, "\(text)")
        }
    }

    @Test("DPOP-11: too old, from the future, and no number")
    func window() throws {
        try Self.refusedBoth(.dpop(11)) { try $0.dpopToken(["iat": "\($0.now - 361)"]) }
        try Self.refusedBoth(.dpop(11)) { try $0.dpopToken(["iat": "\($0.now + 61)"]) }
        try Self.refusedBoth(.jose(21)) { try $0.dpopToken(["iat": quoted("\($0.now)")]) }
        let world = try Self.world()
        for age: Int64 in [360, -60] {
            try world.verify(
                try world.attestationToken(), nil,
                dpop: try world.dpopToken(["iat": "\(world.now - age)"]))
        }
    }

    @Test("DPOP-12, RPL-03: a proof is used up in either mode, and answered as a DPoP fault")
    func replay() async throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        let store = MemoryReplayStore(capacity: 100, began: UnixTime(world.now - 1000))
        let dpop = try world.dpopToken()
        try await world.attest(attestation, nil, dpop: dpop, in: store)
        await refused(.rpl(3), .dpopProof) {
            try await world.attest(attestation, nil, dpop: dpop, in: store)
        }
        await refused(.rpl(3), .dpopProof) {
            try await world.attest(attestation, try world.proofToken(), dpop: dpop, in: store)
        }
        let alongside = try world.dpopToken()
        try await world.attest(attestation, try world.proofToken(), dpop: alongside, in: store)
        await refused(.rpl(3), .dpopProof) {
            try await world.attest(attestation, nil, dpop: alongside, in: store)
        }
    }

    @Test("DPOP-12: the identifiers of DPoP proofs and proofs of possession do not meet")
    func namespaces() async throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        let store = MemoryReplayStore(capacity: 100, began: UnixTime(world.now - 1000))
        let id: Edits = ["jti": quoted("the-same")]
        try await world.attest(attestation, try world.proofToken(id), in: store)
        try await world.attest(attestation, nil, dpop: try world.dpopToken(id), in: store)
        // Another key, another endpoint: other scopes.
        try await world.attest(
            attestation, try world.proofToken(), dpop: try world.dpopToken(id, by: TestKey()),
            in: store)
        let par = try world.dpopToken(
            id.merging(
                ["htu": quoted("\(world.issuer)/oauth/pushed_authorization_request")]) { $1 })
        try await world.attest(
            attestation, nil, dpop: par, at: .pushedAuthorizationRequest, in: store)
    }

    @Test("DPOP-14: ath counts only where an access token comes with the request")
    func tokenHash() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        let wrong = try world.dpopToken(["ath": quoted("AAAA")])
        try world.verify(attestation, nil, dpop: wrong)
        try Self.refusedBoth(.dpop(14), accessToken: "secret") {
            try $0.dpopToken(["ath": quoted("AAAA")])
        }
        try Self.refusedBoth(.dpop(14), accessToken: "secret") { try $0.dpopToken(["ath": "7"]) }
        let hash = String(
            decoding: Base64URL.encode(Digest.sha256(octets("secret"))), as: UTF8.self)
        try world.verify(
            attestation, nil, dpop: try world.dpopToken(["ath": quoted(hash)]),
            accessToken: "secret")
        try world.verify(
            attestation, nil, dpop: try world.dpopToken(), accessToken: "secret")
    }

    @Test("DPOP-15: a dpop_jkt that names another key")
    func thumbprint() throws {
        let world = try Self.world()
        let own = try JWKThumbprintOf(world.instance)
        try world.verify(
            try world.attestationToken(), nil, dpop: try world.dpopToken(), thumbprint: own)
        let other = try JWKThumbprintOf(TestKey())
        try Self.refusedBoth(.dpop(15), thumbprint: other) { try $0.dpopToken() }
        try Self.refusedBoth(.dpop(15), thumbprint: Array(own.dropLast())) {
            try $0.dpopToken()
        }
    }

    @Test("DPOP-17: in combined mode another key than the attested one is refused, alongside not")
    func otherKey() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        let dpop = try world.dpopToken(by: TestKey())
        refused(.dpop(17)) { try world.verify(attestation, nil, dpop: dpop) }
        try world.verify(attestation, try world.proofToken(), dpop: dpop)
    }

    @Test("DPOP-17: the attested key in the header does not help who cannot sign with it")
    func borrowedKey() throws {
        let world = try Self.world()
        let dpop = try world.dpopToken(header: ["jwk": world.instance.jwk()], by: TestKey())
        refused(.dpop(6), .dpopProof) {
            try world.verify(try world.attestationToken(), nil, dpop: dpop)
        }
    }

    @Test("JOSE-19: what the attested key is for holds in combined mode, whatever its copy says")
    func attestedUse() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken(
            ["cnf": #"{"jwk":\#(world.instance.jwk(#""alg":"ES384""#))}"#])
        refused(.jose(19), .dpopProof) {
            try world.verify(attestation, nil, dpop: try world.dpopToken())
        }
    }

    @Test("DPOP-17: only the required members count")
    func otherMembers() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken(
            ["cnf": #"{"jwk":\#(world.instance.jwk(#""use":"sig""#))}"#])
        let x = world.instance.members.split(separator: ",").reversed().joined(separator: ",")
        let jwk = #"{"alg":"ES256","kid":"other",\#(x)}"#
        try world.verify(attestation, nil, dpop: try world.dpopToken(header: ["jwk": jwk]))
    }

    @Test("DPOP-20: a bad DPoP proof spoils a request whose proof of possession is good")
    func alongsideFault() throws {
        let world = try Self.world(methods: [.attestationPoPJWT])
        refused(.dpop(8), .dpopProof) {
            try world.verify(
                try world.attestationToken(), try world.proofToken(),
                dpop: try world.dpopToken(["htm": quoted("GET")]))
        }
    }

    @Test("DPOP-21: where the AS alone owns DPoP, a proof alongside is not looked at")
    func pass() throws {
        var world = try Self.world()
        world.dpop.owner = .pass
        try world.verify(
            try world.attestationToken(), try world.proofToken(), dpop: octets("anything"))
    }

    @Test("POP-16: nothing of a DPoP proof is judged before the attestation")
    func order() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        refused(.att(3)) {
            try world.verify(
                altered(attestation, at: attestation.count - 40), nil, dpop: octets("opaque"))
        }
    }
}

/// The base64url thumbprint of a test key.
func JWKThumbprintOf(_ key: TestKey) throws -> [UInt8] {
    try #require(key.set().keys.first).thumbprint.text
}
