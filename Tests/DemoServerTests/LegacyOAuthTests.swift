// SPDX-License-Identifier: Apache-2.0
// The demo's authorization server over a real socket: it has to be a plain, working OAuth server.

import EventLoop
import HTTPWire
import Octets
import Testing

@testable import DemoServer

@Suite("Demo authorization server", .serialized)
struct LegacyOAuthTests {
    private static let app = Array("https://client.example.com".utf8)
    private static let back = Array("https://client.example.com/callback".utf8)

    @Test("a code is good once and only with the verifier of its challenge")
    func codeFlow() async throws {
        try await withServer { send in
            let verifier = DemoCast.freshCodeVerifier()
            let push = DemoRequest.post(
                "/par",
                form: [
                    ("client_id", Self.app), ("response_type", Array("code".utf8)),
                    ("redirect_uri", Self.back), ("code_challenge_method", Array("S256".utf8)),
                    ("code_challenge", DemoCast.codeChallenge(of: verifier)),
                ])
            func code() async throws -> [UInt8] {
                let requestURI = try #require(try await send(push).member("request_uri"))
                let query =
                    "client_id=\(text(PercentEncoding.encode(Self.app)))&request_uri="
                    + text(PercentEncoding.encode(requestURI))
                let answer = try await send(
                    DemoRequest(method: .get, target: Array("/authorize?\(query)".utf8)))
                #expect(answer.status == 302)
                return DemoStory.code(in: answer.fields.single(.location) ?? [])
            }
            func redeem(_ code: [UInt8], _ verifier: [UInt8]) -> DemoRequest {
                .post(
                    "/token",
                    form: [
                        ("client_id", Self.app), ("grant_type", Array("authorization_code".utf8)),
                        ("code", code), ("redirect_uri", Self.back), ("code_verifier", verifier),
                    ])
            }
            let first = try await code()
            let granted = try await send(redeem(first, verifier))
            #expect(granted.status == 200)
            let again = try await send(redeem(first, verifier))
            #expect(again.member("error") == invalidGrant)
            let guessed = try await send(redeem(try await code(), first))
            #expect(guessed.member("error") == invalidGrant)
        }
    }

    @Test("a client with a secret needs it, a public one is believed its name")
    func clientAuthentication() async throws {
        try await withServer { send in
            let secretive = Array("https://early.example.com".utf8)
            var request = tokenRequest(for: secretive)
            let nameless = try await send(request)
            #expect(nameless.status == 401)
            let pair = PercentEncoding.encode(secretive) + Array(":s3cret".utf8)
            request.fields = [(.authorization, Array("Basic ".utf8) + Base64.encode(pair))]
            let secret = try await send(request)
            #expect(secret.status == 200)
            let open = try await send(tokenRequest(for: Self.app))
            #expect(open.status == 200)
            let unknown = try await send(tokenRequest(for: Array("nobody".utf8)))
            #expect(unknown.status == 401)
        }
    }

    private let invalidGrant = Array("invalid_grant".utf8)

    private func tokenRequest(for clientID: [UInt8]) -> DemoRequest {
        .post(
            "/token",
            form: [("client_id", clientID), ("grant_type", Array("client_credentials".utf8))])
    }

    private func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

    /// Runs `body` on a loop with a server behind `send`.
    private func withServer(
        _ body:
            @escaping @Sendable ((DemoRequest) async throws -> DemoResponse) async throws -> Void
    ) async throws {
        let loop = EventLoop()
        loop.startThread(name: "test")
        defer {
            loop.stop()
            loop.join()
        }
        try await loop.serveDemo(body)
    }
}

extension EventLoop {
    fileprivate func serveDemo(
        _ body: @Sendable ((DemoRequest) async throws -> DemoResponse) async throws -> Void
    ) async throws {
        let back = Array("https://client.example.com/callback".utf8)
        let server = DemoAuthorizationServer(
            clients: [
                LegacyClient(
                    clientID: Array("https://client.example.com".utf8), redirectURI: back),
                LegacyClient(
                    clientID: Array("https://early.example.com".utf8),
                    secret: Array("s3cret".utf8), redirectURI: back),
            ], on: self)
        let client = DemoClient(
            address: try server.start(), host: Array("as.example.com".utf8), loop: self)
        defer { server.stop() }
        try await body { request in try await client.send(request) }
    }
}
