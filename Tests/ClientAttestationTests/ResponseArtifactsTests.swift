// SPDX-License-Identifier: Apache-2.0
// BIND-01, BIND-04, BIND-06, BIND-08, BIND-09, BIND-12, BIND-13: what the client gets of an answer.

import Octets
import Testing

@testable import ClientAttestation

@Suite("Artifacts in answers")
struct ResponseArtifactsTests {
    private static let code = [("grant_type", "authorization_code"), ("code", "x")]
    private static let refreshType = RequestArtifactsTests.refreshType
    private static let exchange = [("grant_type", RequestArtifactsTests.exchange)]

    /// The sealed values between `before` and `after` of an answer.
    private func opened(
        _ answer: String?, _ before: String, _ after: String, _ kind: ArtifactKind,
        _ world: SealingWorld
    ) throws -> OpenedArtifact {
        let answer = try #require(answer)
        #expect(answer.hasPrefix(before) && answer.hasSuffix(after), "\(answer)")
        let sealed = answer.dropFirst(before.count).dropLast(after.count)
        return try world.seal.open(octets(String(sealed)), as: kind, for: world.holder)
    }

    @Test(
        "BIND-01, BIND-13: the refresh token is sealed in place, all other octets stay",
        arguments: [
            (#"{"access_token":"a","refresh_token":""#, #"","expires_in":3600}"#),
            (
                "{ \"n\" : 123456789012345678901234567890.0,\r\n\t\"refresh\\u005ftoken\" :\"",
                "\" } "
            ),
            (#"{"x":{"y":[1e400,"\u00e9"]},"refresh_token":""#, #"","é":"\/"}"#),
        ])
    func sealed(before: String, after: String) throws {
        let world = try SealingWorld()
        let request = try world.request(Self.code)
        #expect(request.needsWholeAnswer)
        let answer = try world.answer(before + "new-raw-token" + after, to: request)
        let artifact = try opened(answer, before, after, .refreshToken, world)
        #expect(artifact.value == octets("new-raw-token"))
        #expect(artifact.issuedAt == SealingWorld.now)
    }

    @Test("BIND-01: an escaped value is sealed decoded, and for this client and key")
    func decoded() throws {
        let world = try SealingWorld()
        let request = try world.request(Self.code)
        let answer = try world.answer(#"{"refresh_token":"a\/b\u0063"}"#, to: request)
        let start = #"{"refresh_token":""#
        let artifact = try opened(answer, start, #""}"#, .refreshToken, world)
        #expect(artifact.value == octets("a/bc"))
        let sealed = octets(String(try #require(answer).dropFirst(start.count).dropLast(2)))
        #expect(world.fault(sealed, for: world.other) == .otherHolder)
    }

    @Test(
        "BIND-01: null, absent and empty are nothing to do",
        arguments: [
            "{}", #"{"access_token":"a"}"#, #"{"refresh_token":null}"#, #"{"refresh_token":""}"#,
            #"{"data":{"refresh_token":null}}"#, #"{"Refresh_token":"x"}"#,
            #"{"scope":"refresh_token","access_token":"a","issued_token_type":null}"#,
        ])
    func nothing(body: String) throws {
        let world = try SealingWorld()
        #expect(try world.answer(body, to: world.request(Self.code)) == nil)
    }

    @Test(
        "BIND-01: another type, nested deeper, or no success: the answer is not relayed",
        arguments: [
            (#"{"refresh_token":1}"#, 200), (#"{"refresh_token":true}"#, 200),
            (#"{"refresh_token":["x"]}"#, 200), (#"{"refresh_token":{"value":"x"}}"#, 200),
            (#"{"data":{"refresh_token":"x"}}"#, 200), (#"{"a":[[{"refresh_token":"x"}]]}"#, 200),
            (#"{"data":{"refresh\u005ftoken":"x"}}"#, 200),
            (#"{"refresh_token":"x"}"#, 400), (#"{"error":"x","refresh_token":"x"}"#, 403),
            (#"{"refresh_token":"x"}"#, 302), (#"[{"refresh_token":"x"}]"#, 400),
            (#"{"data":{"refresh_token":"x"}}"#, 400), (#"{"refresh_token":7}"#, 400),
            (
                #"{"access_token":"x","issued_token_type":"\#(refreshType)"}"#, 400
            ),
            (
                #"{"d":{"access_token":"x","issued_token_type":"\#(refreshType)"}}"#, 200
            ),
        ])
    func misplaced(body: String, status: Int) throws {
        let world = try SealingWorld()
        refused(.bind(1), .upstream) {
            try world.answer(body, to: world.request(Self.code), status: status) as Any
        }
    }

    @Test(
        "BIND-01: a success that is not one JSON object of a JSON type is not relayed",
        arguments: [
            ("access_token=a&refresh_token=b", "application/x-www-form-urlencoded"),
            (#"{"access_token":"a"}"#, "application/x-www-form-urlencoded"),
            (#"{"access_token":"a"}"#, "text/html"), (#"{"access_token":"a"}"#, nil),
            (#"{"access_token":"a"}"#, "application/jsonp"),
            ("[]", "application/json"), ("null", "application/json"), ("", "application/json"),
            (#"{"access_token":"a"} x"#, "application/json"), ("<html>", "text/html"),
            (#"{"access_token":"a""#, "application/json"), ("{'a':1}", "application/json"),
        ] as [(String, String?)])
    func notAnObject(body: String, type: String?) throws {
        let world = try SealingWorld()
        for status in [200, 201, 204] {
            refused(.bind(1), .upstream) {
                try world.answer(body, to: world.request(Self.code), status: status, type: type)
                    as Any
            }
        }
    }

    @Test(
        "BIND-01: JSON's media types",
        arguments: [
            "application/json", "Application/JSON; charset=UTF-8", "application/json ;x=y",
            "application/vnd.example+json",
        ])
    func types(type: String) throws {
        let world = try SealingWorld()
        #expect(try world.answer("{}", to: world.request(Self.code), type: type) == nil)
    }

    @Test("BIND-01: two content types are none")
    func twoTypes() throws {
        let world = try SealingWorld()
        let facts = AnswerFacts(
            status: 200, contentTypes: [octets("application/json"), octets("application/json")])
        refused(.bind(1), .upstream) {
            try world.request(Self.code)
                .answer(octets("{}"), facts, seal: world.seal, now: SealingWorld.now) as Any
        }
    }

    @Test(
        "BIND-01: other answers that are no success pass unharmed",
        arguments: [
            (#"{"error":"invalid_grant"}"#, 400, "application/json"), ("", 403, nil),
            ("<html>refresh_token</html>", 400, "text/html"), (#"{"error":"#, 400, nil),
            (#"{"error":"x","refresh_token":null}"#, 400, "text/plain"), ("[]", 401, nil),
            (#""refresh_token""#, 400, "application/json"),
        ] as [(String, Int, String?)])
    func unharmed(body: String, status: Int, type: String?) throws {
        let world = try SealingWorld()
        let request = try world.request(Self.code)
        #expect(try world.answer(body, to: request, status: status, type: type) == nil)
    }

    @Test(
        "BIND-13: duplicate names are not relayed, whatever the status",
        arguments: [
            #"{"refresh_token":null,"refresh_token":"x"}"#, #"{"a":1,"\u0061":2}"#,
            #"{"a":{"b":1,"b":1}}"#,
        ])
    func duplicates(body: String) throws {
        let world = try SealingWorld()
        for status in [200, 400] {
            refused(.bind(13), .upstream) {
                try world.answer(body, to: world.request(Self.code), status: status) as Any
            }
        }
    }

    @Test("BIND-01: an exchanged refresh token comes as the access token and is sealed")
    func exchanged() throws {
        let world = try SealingWorld()
        let asked = Self.exchange + [("requested_token_type", Self.refreshType)]
        for (parameters, type) in [
            (asked, Self.refreshType), (Self.exchange, Self.refreshType),
            (Self.code, Self.refreshType.uppercased()),
        ] {
            let before = #"{"issued_token_type":"\#(type)","access_token":""#
            let request = try world.request(parameters)
            let answer = try world.answer(before + #"raw-refresh"}"#, to: request)
            let artifact = try opened(answer, before, #""}"#, .refreshToken, world)
            #expect(artifact.value == octets("raw-refresh"))
        }
        // Both members at once.
        let body =
            #"{"access_token":"raw-one","issued_token_type":"\#(Self.refreshType)","#
            + #""refresh_token":"raw-two"}"#
        let both = try #require(try world.answer(body, to: world.request(asked)))
        #expect(!both.contains("raw-one") && !both.contains("raw-two"))
        #expect(both.split(separator: "ag1.").count == 3)
    }

    @Test(
        "BIND-01: a refresh token is asked for and the answer does not say what it is",
        arguments: [
            #"{"access_token":"x"}"#, #"{"access_token":"x","issued_token_type":null}"#,
            #"{"access_token":"x","issued_token_type":""}"#,
        ])
    func unnamedExchange(body: String) throws {
        let world = try SealingWorld()
        let asked = Self.exchange + [("requested_token_type", Self.refreshType)]
        refused(.bind(1), .upstream) { try world.answer(body, to: world.request(asked)) as Any }
        #expect(try world.answer(body, to: world.request(Self.exchange)) == nil)
    }

    @Test(
        "BIND-01: a token type or an exchanged token of another type",
        arguments: [
            #"{"access_token":"x","issued_token_type":["\#(refreshType)"]}"#,
            #"{"access_token":"x","issued_token_type":1}"#,
            #"{"access_token":["x"],"issued_token_type":"\#(refreshType)"}"#,
        ])
    func oddExchange(body: String) throws {
        let world = try SealingWorld()
        refused(.bind(1), .upstream) {
            try world.answer(body, to: world.request(Self.exchange)) as Any
        }
    }

    @Test("BIND-01: an exchanged access token passes as it is")
    func exchangedAccessToken() throws {
        let world = try SealingWorld()
        let asked = Self.exchange + [("requested_token_type", Self.refreshType)]
        let body = #"{"access_token":"x","issued_token_type":"urn:x:access_token"}"#
        #expect(try world.answer(body, to: world.request(asked)) == nil)
    }

    @Test("BIND-01: a value of more than 16 KiB is not let through")
    func tooLong() throws {
        let world = try SealingWorld()
        let long = String(repeating: "a", count: 16 * 1024 + 1)
        refused(.bind(1), .upstream) {
            try world.answer(#"{"refresh_token":"\#(long)"}"#, to: world.request(Self.code)) as Any
        }
    }

    @Test("BIND-08: the device code of a device authorization answer is sealed, with its own kind")
    func deviceCode() throws {
        let world = try SealingWorld()
        let request = try world.request([], at: .deviceAuthorization)
        let answer = try world.answer(
            #"{"user_code":"WDJB","device_code":"raw-device"}"#, to: request)
        let before = #"{"user_code":"WDJB","device_code":""#
        let artifact = try opened(answer, before, #""}"#, .deviceCode, world)
        #expect(artifact.value == octets("raw-device"))
        refused(.bind(1), .upstream) { try world.answer(#"{"device_code":1}"#, to: request) as Any }
        refused(.bind(1), .upstream) {
            try world.answer(#"{"a":{"device_code":"x"}}"#, to: request) as Any
        }
        var policy = ArtifactPolicy()
        policy.sealsDeviceCodes = false
        let off = try world.request([], at: .deviceAuthorization, policy)
        #expect(!off.needsWholeAnswer)
    }

    @Test("BIND-09: the auth_req_id of a polling client is sealed, and with the knob off none is")
    func authenticationRequest() throws {
        let world = try SealingWorld()
        let endpoint = ProtectedEndpoint.backchannelAuthentication
        let request = try world.request([("login_hint", "x")], at: endpoint)
        let answer = try world.answer(#"{"auth_req_id":"raw-id","expires_in":120}"#, to: request)
        let artifact = try opened(
            answer, #"{"auth_req_id":""#, #"","expires_in":120}"#, .authenticationRequest, world)
        #expect(artifact.value == octets("raw-id"))
        refused(.bind(1), .upstream) {
            try world.answer(#"{"auth_req_id":"x"}"#, to: request, status: 400) as Any
        }
        var policy = ArtifactPolicy()
        policy.sealsAuthenticationRequests = false
        policy.isPinged = true
        let off = try world.request([("login_hint", "x")], at: endpoint, policy)
        #expect(!off.needsWholeAnswer)
    }

    @Test("BIND-01: answers to others than attested clients, and of other endpoints, stream")
    func streamed() throws {
        let world = try SealingWorld()
        #expect(try !world.request(Self.code, from: .listed).needsWholeAnswer)
        for endpoint in [ProtectedEndpoint.revocation, .introspection, .pushedAuthorizationRequest]
        {
            #expect(try !world.request([("token", "raw")], at: endpoint).needsWholeAnswer)
        }
    }

    @Test("BIND-12: a compressed answer is not relayed, whatever its status")
    func compressed() throws {
        let world = try SealingWorld()
        for (status, encoding) in [(200, "gzip"), (400, "gzip"), (200, "identity, br")] {
            refused(.bind(12), .upstream) {
                try world.answer(
                    "{}", to: world.request(Self.code), status: status, encoding: encoding) as Any
            }
        }
        for encoding in ["identity", "Identity", ""] {
            let request = try world.request(Self.code)
            #expect(try world.answer("{}", to: request, encoding: encoding) == nil)
        }
    }

    @Test(
        "BIND-12: a value that was opened, quoted by the answer, is not relayed",
        arguments: [
            (#"{"error":"x","error_description":"bad token raw/upstream+value=="}"#, 400),
            (#"{"error_description":"raw\/upstream+value=="}"#, 400),
            (#"{"error_description":"r\u0061w/upstream+value=="}"#, 400),
            (#"{"raw\/upstream+value==":1}"#, 400), (#"{"a":[{"b":"raw/upstream+value=="}]}"#, 200),
            ("<p>raw/upstream+value==</p>", 403), ("raw/upstream+value==", 400),
            (#"{"refresh_token":"raw/upstream+value==","jti":"raw/upstream+value=="}"#, 200),
            (#"{"refresh_token":"raw\/upstream+value==","jti":"raw\/upstream+value=="}"#, 200),
            (#"{"access_token":"raw/upstream+value=="}"#, 200),
        ])
    func quoted(body: String, status: Int) throws {
        let world = try SealingWorld()
        let request = try refresh(world)
        refused(.bind(12), .upstream) { try world.answer(body, to: request, status: status) as Any }
        // It was not opened for this one.
        if status == 400 {
            let request = try world.request(Self.code)
            #expect(try world.answer(body, to: request, status: status) == nil)
        }
    }

    private func facts(field: String) -> AnswerFacts {
        AnswerFacts(status: 401, contentTypes: [], fieldValues: [octets(field)[...]])
    }

    @Test("BIND-12: also where nothing is sealed: revocation, introspection, header fields")
    func quotedElsewhere() throws {
        let world = try SealingWorld()
        let sealed = [("token", text(try world.sealed()))]
        for (endpoint, caller) in [
            (ProtectedEndpoint.revocation, ArtifactCaller.attested(world.holder)),
            (.introspection, .attested(world.holder)), (.introspection, .resourceServer),
        ] {
            let request = try world.request(sealed, at: endpoint, from: caller)
            #expect(request.needsWholeAnswer)
            refused(.bind(12), .upstream) {
                try world.answer(
                    #"{"active":true,"jti":"raw/upstream+value=="}"#, to: request) as Any
            }
            #expect(try world.answer(#"{"active":true}"#, to: request) == nil)
            #expect(try world.answer("", to: request, type: nil) == nil)
            let quoting = facts(field: "Bearer x=\"raw/upstream+value==\"")
            refused(.bind(12), .upstream) {
                try request.answer([], quoting, seal: world.seal, now: SealingWorld.now) as Any
            }
            let other = try request.answer(
                [], facts(field: "Bearer"), seal: world.seal, now: SealingWorld.now)
            #expect(other == nil)
        }
    }

    @Test("BIND-12: a raw value that is sealed now is in no header field")
    func besideTheBody() throws {
        let world = try SealingWorld()
        let request = try world.request(Self.code)
        let facts = AnswerFacts(
            status: 200, contentTypes: [octets("application/json")],
            fieldValues: [octets("rt=raw/upstream+value==; HttpOnly")[...]])
        refused(.bind(12), .upstream) {
            try request.answer(
                octets(#"{"refresh_token":"raw/upstream+value=="}"#), facts, seal: world.seal,
                now: SealingWorld.now) as Any
        }
    }

    @Test("BIND-12: a raw value that is sealed now is nowhere else in the answer either")
    func doubled() throws {
        let world = try SealingWorld()
        refused(.bind(12), .upstream) {
            try world.answer(
                #"{"refresh_token":"new-raw","old":"new-raw"}"#, to: world.request(Self.code))
                as Any
        }
    }

    private func refresh(_ world: SealingWorld, at time: Int64 = 5) throws -> RequestArtifacts {
        let sealed = try world.sealed(at: UnixTime(time))
        return try world.request([("grant_type", "refresh_token"), ("refresh_token", text(sealed))])
    }

    @Test("BIND-01: a rotated token is sealed with its own time, an unrotated one keeps the first")
    func issuedAt() throws {
        let world = try SealingWorld()
        let request = try refresh(world)
        let (before, after) = (#"{"refresh_token":""#, #""}"#)
        let rotated = try world.answer(before + "rotated" + after, to: request)
        let new = try opened(rotated, before, after, .refreshToken, world)
        #expect(new.issuedAt == SealingWorld.now)
        let same = try world.answer(before + text(SealingWorld.raw) + after, to: request)
        let kept = try opened(same, before, after, .refreshToken, world)
        #expect(kept.value == SealingWorld.raw)
        #expect(kept.issuedAt == UnixTime(5))
        // Sealed under the current key and not given anew: the client keeps what it has.
        #expect(try world.answer(#"{"access_token":"a"}"#, to: request) == nil)
    }

    @Test(
        "BIND-13: under a previous key the same token is handed out sealed anew, as one new member",
        arguments: [
            (#"{"access_token":"a" }"#, #"{"access_token":"a" ,"refresh_token":""#, #""}"#),
            ("{}\n", #"{"refresh_token":""#, "\"}\n"),
            (#"{"refresh_token":null,"x":1.0}"#, #"{"refresh_token":""#, #"","x":1.0}"#),
        ])
    func sealedAnew(body: String, before: String, after: String) throws {
        let first = MasterKey.generate(id: 1)
        let old = try SealingWorld(MasterKeys(current: first))
        let world = try SealingWorld(MasterKeys(current: .generate(id: 2), previous: [first]))
        let sealed = text(try old.sealed(at: UnixTime(5)))
        let request = try world.request([
            ("grant_type", "refresh_token"), ("refresh_token", sealed),
        ])
        let answer = try world.answer(body, to: request)
        let artifact = try opened(answer, before, after, .refreshToken, world)
        #expect(artifact.value == SealingWorld.raw)
        #expect(artifact.issuedAt == UnixTime(5))
        #expect(artifact.isUnderCurrentKey)
        // Not in an error, and not in an exchange, whose answer has no place for it.
        #expect(try world.answer(#"{"error":"x"}"#, to: request, status: 400) == nil)
        let exchange = try world.request(Self.exchange + [("subject_token", sealed)])
        #expect(try world.answer(#"{"access_token":"a"}"#, to: exchange) == nil)
    }

    @Test("BIND-04: an adopted token is handed out sealed, rotated or not")
    func adopted() throws {
        let world = try SealingWorld()
        var policy = ArtifactPolicy()
        policy.rawRefreshTokens = .adopted
        let request = try world.request(
            [("grant_type", "refresh_token"), ("refresh_token", "legacy")], policy)
        let kept = try world.answer(#"{"access_token":"a"}"#, to: request)
        let before = #"{"access_token":"a","refresh_token":""#
        let artifact = try opened(kept, before, #""}"#, .refreshToken, world)
        #expect(artifact.value == octets("legacy"))
        #expect(artifact.issuedAt == SealingWorld.now)
        let rotated = try world.answer(
            #"{"access_token":"a","refresh_token":"rotated"}"#, to: request)
        #expect(
            try opened(rotated, before, #""}"#, .refreshToken, world).value == octets("rotated"))
    }

    @Test("BIND-06: with the knob off nothing is sealed but what was")
    func signalModeOff() throws {
        let world = try SealingWorld()
        var policy = ArtifactPolicy()
        policy.rawRefreshTokens = .passed
        #expect(try !world.request(Self.code, policy).needsWholeAnswer)
        let sealed = ("refresh_token", text(try world.sealed()))
        let request = try world.request([("grant_type", "refresh_token"), sealed], policy)
        let answer = try world.answer(#"{"refresh_token":"rotated"}"#, to: request)
        let artifact = try opened(
            answer, #"{"refresh_token":""#, #""}"#, .refreshToken, world)
        #expect(artifact.value == octets("rotated"))
    }
}
