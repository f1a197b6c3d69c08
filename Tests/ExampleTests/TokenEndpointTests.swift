// SPDX-License-Identifier: Apache-2.0
// The example of the documentation, run: accepted, replayed, sent to the wrong place.

import ClientAttestation
import Foundation
import Minting
import Octets
import Synchronization
import Testing

@testable import TokenEndpoint

@Suite("The example of the documentation")
struct TokenEndpointTests {
    static let client = "https://client.example.com"
    static let issuer = "https://as.example.com"

    /// A clock that tests set.
    final class Clock: Sendable {
        private let seconds = Atomic<Int64>(1_800_000_000)

        var now: Int64 { seconds.load(ordering: .relaxed) }

        func advance(by count: Int64) { seconds.add(count, ordering: .relaxed) }
    }

    let clock = Clock()
    let attester: SigningKey
    let instance: SigningKey
    let endpoint: TokenEndpoint

    init() throws {
        attester = try SigningKey.generate(keyID: "11".octets)
        instance = try SigningKey.generate()
        let clock = clock
        endpoint = try TokenEndpoint(attesterKeys: attester.publicJWKSet) { clock.now }
        // RPL-07: its first second is over.
        clock.advance(by: 2)
    }

    private func request(
        challenge: String?, audience: String = issuer, by key: SigningKey? = nil
    ) throws -> Request {
        let attestation = AttestationMint.Parameters.forProfile(
            .abca11, subject: Self.client.octets, issuer: "https://attester.example.com".octets,
            instanceKey: instance.publicJWK, now: UnixTime(clock.now))
        let proof = ProofMint.Parameters.forProfile(
            .abca11, clientID: Self.client.octets, audience: audience.octets,
            challenge: challenge?.octets, now: UnixTime(clock.now))
        let tokens = [
            try AttestationMint.token(attestation, key: attester),
            try ProofMint.token(proof, key: key ?? instance),
        ].map { String(decoding: $0, as: UTF8.self) }
        return Request(
            lines: [
                ("oauth-client-attestation", tokens[0]),
                ("OAuth-Client-Attestation-PoP", tokens[1]),
            ], form: ["grant_type": "client_credentials", "client_id": Self.client])
    }

    private func refused(_ request: Request, _ error: String) -> Response {
        let response = endpoint.respond(to: request)
        #expect(response.status == 400)
        #expect(response.body == #"{"error":"\#(error)"}"#)
        #expect(response.fields["Cache-Control"] == "no-store")
        #expect(response.fields["Content-Type"] == "application/json")
        return response
    }

    @Test("an attested request gets its token, bound to the key of the instance")
    func accepted() throws {
        let response = endpoint.respond(
            to: try request(challenge: try endpoint.clients.challenge()))
        #expect(response.status == 200)
        #expect(response.body.contains(Self.client))
        #expect(response.body.contains(#""jkt":"\#(instance.thumbprint)""#))
    }

    @Test("RPL-01: the same request again is refused")
    func replayed() throws {
        let request = try request(challenge: try endpoint.clients.challenge())
        #expect(endpoint.respond(to: request).status == 200)
        for _ in 0..<3 { _ = refused(request, "invalid_client_attestation") }
    }

    @Test("POP-04, POP-03, REQ-01: another audience, another key, a field twice")
    func wrong() throws {
        let fresh = try endpoint.clients.challenge()
        _ = refused(
            try request(challenge: fresh, audience: "https://two.example.com"),
            "invalid_client_attestation")
        _ = refused(
            try request(challenge: fresh, by: try SigningKey.generate()),
            "invalid_client_attestation")
        var twice = try request(challenge: fresh)
        twice.lines.append(twice.lines[0])
        _ = refused(twice, "invalid_request")
        _ = refused(Request(), "invalid_client")
        var other = try request(challenge: fresh)
        other.form["client_id"] = "https://other.example.com"
        _ = refused(other, "invalid_client_attestation")
    }

    @Test("CHAL-20, CHAL-23: without a challenge the refusal brings one, and the retry passes")
    func retry() throws {
        let response = refused(try request(challenge: nil), "use_attestation_challenge")
        let fresh = try #require(response.fields["OAuth-Client-Attestation-Challenge"])
        #expect(endpoint.respond(to: try request(challenge: fresh)).status == 200)
        let answer = endpoint.clients.challengeAnswer()
        #expect(answer.status == 200)
        #expect(answer.fields["Cache-Control"] == "no-store")
        #expect(answer.body.contains("attestation_challenge"))
    }

    @Test("RPL-07: the first second is busy, and so is the challenge")
    func start() throws {
        let clock = Clock()
        let endpoint = try TokenEndpoint(attesterKeys: attester.publicJWKSet) { clock.now }
        #expect(endpoint.clients.challengeAnswer().status == 503)
        clock.advance(by: 1)
        #expect(endpoint.clients.challengeAnswer().status == 200)
    }

    @Test("RPL-13: one instance at full speed is slowed down")
    func flood() throws {
        let fresh = try endpoint.clients.challenge()
        var statuses: [Int] = []
        for _ in 0..<510 {
            let response = endpoint.respond(to: try request(challenge: fresh))
            statuses.append(response.status)
            if response.status == 429 {
                #expect(response.body.isEmpty && response.fields["Retry-After"] == "1")
            }
        }
        #expect(statuses.prefix(490).allSatisfy { $0 == 200 })
        #expect(statuses.last == 429)
    }

    @Test("many at once: of equal requests one passes, of different ones all")
    func concurrent() async throws {
        let endpoint = endpoint
        let fresh = try endpoint.clients.challenge()
        let one = try request(challenge: fresh)
        let others = try (0..<20).map { _ in try request(challenge: fresh) }
        let passed = await withTaskGroup(of: Bool.self) { group in
            for request in others + Array(repeating: one, count: 20) {
                group.addTask { endpoint.respond(to: request).status == 200 }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(passed == 21)
    }

    @Test("the article shows the code that is tested here")
    func article() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let article = try String(
            contentsOf: root.appending(
                path: "Sources/ClientAttestation/ClientAttestation.docc/VerifyARequest.md"),
            encoding: .utf8)
        let mark = "<!-- snippet: Examples/TokenEndpoint/TokenEndpoint.swift -->\n\n```swift\n"
        let shown = try #require(article.components(separatedBy: mark).last)
            .components(separatedBy: "```")[0]
        let example = try String(
            contentsOf: root.appending(path: "Examples/TokenEndpoint/TokenEndpoint.swift"),
            encoding: .utf8)
        let tested = try #require(example.components(separatedBy: "// snippet\n").last)
            .components(separatedBy: "// end\n")[0]
        #expect(shown == tested)
    }
}
