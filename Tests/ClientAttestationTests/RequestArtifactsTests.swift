// SPDX-License-Identifier: Apache-2.0
// BIND-02 to BIND-09, BIND-12: which sealed values of a request are opened, and for whom.

import Octets
import Testing

@testable import ClientAttestation

@Suite("Artifacts in requests")
struct RequestArtifactsTests {
    static let device = "urn:ietf:params:oauth:grant-type:device_code"
    static let backchannel = "urn:openid:params:grant-type:ciba"
    static let exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
    static let refreshType = "urn:ietf:params:oauth:token-type:refresh_token"

    /// Grant, parameter and kind of what is opened at the token endpoint.
    static let places: [(String, String, ArtifactKind, RuleID)] = [
        ("refresh_token", "refresh_token", .refreshToken, .bind(2)),
        (device, "device_code", .deviceCode, .bind(8)),
        (backchannel, "auth_req_id", .authenticationRequest, .bind(9)),
        (exchange, "subject_token", .refreshToken, .bind(2)),
        (exchange, "actor_token", .refreshToken, .bind(2)),
    ]

    @Test("BIND-02, BIND-07, BIND-08, BIND-09: opened where it belongs", arguments: places)
    func opened(grant: String, name: String, kind: ArtifactKind, rule: RuleID) throws {
        let world = try SealingWorld()
        let request = try world.request([
            ("grant_type", grant), (name, text(world.sealed(kind))), ("scope", "openid"),
        ])
        #expect(request.replacements.map(\.name) == [octets(name)])
        #expect(request.replacements.map(\.value) == [SealingWorld.raw])
        #expect(request.adopted == nil)
    }

    @Test(
        "BIND-02, BIND-08, BIND-09: another key of the client, another client with the key",
        arguments: places)
    func stolen(grant: String, name: String, kind: ArtifactKind, rule: RuleID) throws {
        let world = try SealingWorld()
        let sealed = text(try world.sealed(kind))
        for thief in [world.other, world.otherClient] {
            #expect(
                world.refusal([("grant_type", grant), (name, sealed)], from: .attested(thief))
                    == .refused(Refusal(rule, .grant)))
        }
    }

    @Test(
        "BIND-03: cut, altered, of another kind, tenant or retired key: one answer",
        arguments: places)
    func unreadable(grant: String, name: String, kind: ArtifactKind, rule: RuleID) throws {
        let world = try SealingWorld()
        let sealed = try world.sealed(kind)
        let retired = try SealingWorld(MasterKeys(current: .generate(id: 9)))
        let tenant = ArtifactSeal(world.master, issuer: octets("https://b.example.com"))
        let other: ArtifactKind = kind == .deviceCode ? .refreshToken : .deviceCode
        var altered = sealed
        altered[20] = altered[20] == 0x41 ? 0x42 : 0x41
        for bad in [
            Array(sealed.dropLast()), Array(sealed[..<30]), altered, octets("ag1."),
            octets("ag1.03.AAAA"), try world.sealed(other), try retired.sealed(kind),
            try tenant.seal(
                SealingWorld.raw, as: kind, for: world.holder, issuedAt: SealingWorld.now),
        ] {
            #expect(
                world.refusal([("grant_type", grant), (name, text(bad))])
                    == .refused(Refusal(.bind(3), .grant)), "\(text(bad))")
        }
    }

    @Test(
        "BIND-03: a raw value is none of ours",
        arguments: [
            [("grant_type", "refresh_token"), ("refresh_token", "raw")],
            [("grant_type", device), ("device_code", "raw")],
            [("grant_type", backchannel), ("auth_req_id", "raw")],
            // What calls itself a refresh token is one, in whatever case.
            [
                ("grant_type", exchange), ("subject_token", "raw"),
                ("subject_token_type", refreshType),
            ],
            [
                ("actor_token_type", refreshType.uppercased()), ("actor_token", "raw"),
                ("grant_type", exchange),
            ],
        ] as [[(String, String)]])
    func raw(parameters: [(String, String)]) throws {
        let world = try SealingWorld()
        #expect(world.refusal(parameters) == .refused(Refusal(.bind(3), .grant)))
        var policy = ArtifactPolicy()
        policy.rawRefreshTokens = .adopted
        let isRefresh = parameters[0].1 == "refresh_token"
        #expect((world.refusal(parameters, policy) == nil) == isRefresh)
    }

    @Test("BIND-07: an access token is exchanged as it is")
    func exchangedAccessToken() throws {
        let world = try SealingWorld()
        let request = try world.request([
            ("grant_type", Self.exchange), ("subject_token", "eyJ"),
            ("subject_token_type", "urn:x"),
        ])
        #expect(request.replacements.isEmpty)
    }

    @Test(
        "BIND-02: the prefix in any other parameter, and in any other grant, is refused",
        arguments: [
            [("grant_type", "authorization_code"), ("code", "SEALED")],
            [("grant_type", "authorization_code"), ("refresh_token", "SEALED")],
            [("grant_type", "refresh_token"), ("refresh_token", ""), ("scope", "SEALED")],
            [("grant_type", "refresh_token"), ("device_code", "SEALED")],
            [("grant_type", device), ("refresh_token", "SEALED")],
            [("grant_type", backchannel), ("device_code", "SEALED")],
            [("grant_type", exchange), ("refresh_token", "SEALED")],
            [("grant_type", exchange), ("resource", "x"), ("resource", "SEALED")],
            [("grant_type", "refresh_token"), ("token", "SEALED")],
            [("grant_type", "Refresh_token"), ("refresh_token", "SEALED")],
            [("grant_type", "SEALED")], [("refresh_token", "SEALED")],
            [("grant_type", "password"), ("username", "x"), ("password", "ag1.")],
        ] as [[(String, String)]])
    func misplaced(parameters: [(String, String)]) throws {
        let world = try SealingWorld()
        let sealed = text(try world.sealed())
        let parameters = parameters.map { ($0.0, $0.1 == "SEALED" ? sealed : $0.1) }
        for caller in [ArtifactCaller.attested(world.holder), .listed, .resourceServer] {
            #expect(
                world.refusal(parameters, from: caller)
                    == .refused(Refusal(.bind(2), .invalidRequest)))
        }
    }

    @Test(
        "BIND-02, BIND-12: no sealed value reaches the AS in another parameter of any endpoint",
        arguments: ProtectedEndpoint.allCases)
    func misplacedAnywhere(endpoint: ProtectedEndpoint) throws {
        let world = try SealingWorld()
        for name in ["state", "token_type_hint", "login_hint", "refresh_token"] {
            #expect(
                world.refusal([("token", "x"), (name, text(try world.sealed()))], at: endpoint)
                    == .refused(Refusal(.bind(2), .invalidRequest)))
        }
    }

    @Test("BIND-02: a misplaced one is told before another one is looked at")
    func order() throws {
        let world = try SealingWorld()
        #expect(
            world.refusal([
                ("grant_type", "refresh_token"), ("refresh_token", "ag1.junk"), ("scope", "ag1."),
            ]) == .refused(Refusal(.bind(2), .invalidRequest)))
    }

    @Test("BIND-04: a raw refresh token is adopted only where that is allowed, a sealed one never")
    func adoption() throws {
        let world = try SealingWorld()
        var policy = ArtifactPolicy()
        policy.rawRefreshTokens = .adopted
        let grant = ("grant_type", "refresh_token")
        let request = try world.request([grant, ("refresh_token", "raw")], policy)
        #expect(request.adopted == octets("raw"))
        #expect(request.replacements.isEmpty)
        #expect(
            world.refusal([grant, ("refresh_token", "ag1.junk")], policy)
                == .refused(Refusal(.bind(3), .grant)))
        #expect(
            world.refusal(
                [grant, ("refresh_token", text(try world.sealed(for: world.other)))], policy)
                == .refused(Refusal(.bind(2), .grant)))
    }

    @Test("BIND-06: with the knob off raw tokens pass, and a sealed one is still bound")
    func signalModeOff() throws {
        let world = try SealingWorld()
        var policy = ArtifactPolicy()
        policy.rawRefreshTokens = .passed
        let grant = ("grant_type", "refresh_token")
        let request = try world.request([grant, ("refresh_token", "raw")], policy)
        #expect(request.adopted == nil && request.replacements.isEmpty)
        let sealed = ("refresh_token", text(try world.sealed()))
        #expect(try world.request([grant, sealed], policy).replacements.count == 1)
        #expect(
            world.refusal([grant, sealed], from: .attested(world.other), policy)
                == .refused(Refusal(.bind(2), .grant)))
    }

    @Test("BIND-05: with the knob on another attester is refused everywhere")
    func attester() throws {
        let world = try SealingWorld()
        var policy = ArtifactPolicy()
        policy.sameAttester = true
        let caller = ArtifactCaller.attested(world.otherAttester)
        let sealed = text(try world.sealed())
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", sealed)]
        let refusal = Refusal(.bind(5), .grant)
        #expect(world.refusal(refresh, from: caller, policy) == .refused(refusal))
        #expect(world.refusal(refresh, from: caller) == nil)
        #expect(
            world.refusal([("token", sealed)], at: .revocation, from: caller, policy)
                == .refused(refusal))
        #expect(
            world.refusal([("token", sealed)], at: .introspection, from: caller, policy)
                == .inactive(refusal))
    }

    @Test("BIND-07: revocation opens for the holder, whatever the hint says")
    func revocation() throws {
        let world = try SealingWorld()
        let sealed = try world.sealed()
        for hint in ["refresh_token", "access_token", "nonsense"] {
            let parameters = [("token_type_hint", hint), ("token", text(sealed))]
            let request = try world.request(parameters, at: .revocation)
            #expect(request.replacements.map(\.value) == [SealingWorld.raw])
            for thief in [world.other, world.otherClient] {
                #expect(
                    world.refusal(parameters, at: .revocation, from: .attested(thief))
                        == .refused(Refusal(.bind(7), .grant)))
            }
        }
        let nothing = ArtifactRefusal.nothingToRevoke(Refusal(.bind(3), .grant))
        for bad in [Array(sealed.dropLast()), try world.sealed(.deviceCode), octets("ag1.")] {
            #expect(world.refusal([("token", text(bad))], at: .revocation) == nothing)
        }
        #expect(world.refusal([("token", text(sealed))], at: .revocation, from: .listed) == nothing)
        #expect(
            world.refusal([("token", text(sealed))], at: .revocation, from: .resourceServer)
                == nothing)
        // An access token.
        #expect(try world.request([("token", "raw")], at: .revocation).replacements.isEmpty)
    }

    @Test("BIND-07: introspection opens for the holder and for resource servers, for nobody else")
    func introspection() throws {
        let world = try SealingWorld()
        let sealed = try world.sealed()
        let parameters = [("token", text(sealed))]
        for caller in [ArtifactCaller.attested(world.holder), .resourceServer] {
            let request = try world.request(parameters, at: .introspection, from: caller)
            #expect(request.replacements.map(\.value) == [SealingWorld.raw])
        }
        for thief in [world.other, world.otherClient] {
            #expect(
                world.refusal(parameters, at: .introspection, from: .attested(thief))
                    == .inactive(Refusal(.bind(7), .grant)))
        }
        let unreadable = ArtifactRefusal.inactive(Refusal(.bind(3), .grant))
        #expect(world.refusal(parameters, at: .introspection, from: .listed) == unreadable)
        let cut = [("token", text(sealed.dropLast()))]
        for caller in [ArtifactCaller.attested(world.holder), .resourceServer, .listed] {
            #expect(world.refusal(cut, at: .introspection, from: caller) == unreadable)
        }
        #expect(
            try world.request([("token", "raw")], at: .introspection, from: .resourceServer)
                .replacements.isEmpty)
    }

    @Test("BIND-02: a listed client's own tokens are raw; a sealed one is not opened for it")
    func listed() throws {
        let world = try SealingWorld()
        for (grant, name, kind, _) in Self.places {
            let raw = [("grant_type", grant), (name, "raw")]
            #expect(try world.request(raw, from: .listed).replacements.isEmpty)
            let sealed = [("grant_type", grant), (name, text(try world.sealed(kind)))]
            for caller in [ArtifactCaller.listed, .resourceServer] {
                #expect(
                    world.refusal(sealed, from: caller) == .refused(Refusal(.bind(3), .grant)))
            }
        }
    }

    @Test("BIND-08, BIND-09: not sealed, a raw one passes and a sealed one is still bound")
    func knobs() throws {
        let world = try SealingWorld()
        var policy = ArtifactPolicy()
        policy.sealsDeviceCodes = false
        policy.sealsAuthenticationRequests = false
        for (grant, name, kind, rule) in Self.places[1...2] {
            let grant = ("grant_type", grant)
            #expect(try world.request([grant, (name, "raw")], policy).replacements.isEmpty)
            let sealed = (name, text(try world.sealed(kind)))
            #expect(try world.request([grant, sealed], policy).replacements.count == 1)
            #expect(
                world.refusal([grant, sealed], from: .attested(world.other), policy)
                    == .refused(Refusal(rule, .grant)))
        }
    }

    @Test("BIND-09: a notification token from a client that polls")
    func notificationToken() throws {
        let world = try SealingWorld()
        let parameters = [("login_hint", "x"), ("client_notification_token", "8d67dc78")]
        let endpoint = ProtectedEndpoint.backchannelAuthentication
        #expect(
            world.refusal(parameters, at: endpoint)
                == .refused(Refusal(.bind(9), .invalidRequest)))
        #expect(world.refusal([("client_notification_token", "")], at: endpoint) == nil)
        #expect(world.refusal(parameters, at: endpoint, from: .listed) == nil)
        var policy = ArtifactPolicy()
        policy.isPinged = true
        policy.sealsAuthenticationRequests = false
        #expect(world.refusal(parameters, at: endpoint, policy) == nil)
    }
}
