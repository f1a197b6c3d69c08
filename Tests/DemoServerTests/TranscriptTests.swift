// SPDX-License-Identifier: Apache-2.0
// The form in which the demo tells a step.

import HTTPWire
import Testing

@testable import DemoServer

@Suite("Transcript")
struct TranscriptTests {
    /// What `body` prints.
    private func printed(colour: Bool = false, _ body: (Transcript) -> Void) -> [String] {
        var lines: [String] = []
        let transcript = Transcript(usesColour: colour) { lines.append($0) }
        body(transcript)
        return lines
    }

    @Test("a step has its number, its verdict in column 86 and one line a direction")
    func form() {
        var request = DemoRequest.post(
            "/token", form: [("grant_type", Array("refresh_token".utf8))])
        request.fields = [
            (.oauthClientAttestation, Array("eyJ0eXAiOiJvYXV0aC1.eyJzdWIi.c2ln".utf8))
        ]
        let lines = printed { transcript in
            transcript.begin("A refusal", verdict: .refused(rule: "RPL-03"), asItShouldBe: true)
            transcript.tell(request, decoding: [])
            let body = Array(#"{"error":"invalid_client_attestation"}"#.utf8)
            transcript.tell(
                DemoResponse(status: 400, fields: Fields(), body: body), fields: [],
                serverSawNothing: true)
            transcript.finish()
        }
        #expect(lines[0].hasPrefix("1. A refusal  "))
        #expect(lines[0].dropFirst(86) == "refused, RPL-03")
        #expect(
            lines[1]
                == "   client → gateway   POST /token   OAuth-Client-Attestation: eyJ0eXAi…")
        #expect(lines[2] == "                      grant_type=refresh_token")
        #expect(
            lines[3] == #"   client ← gateway   400 {"error":"invalid_client_attestation"}"#
                + "      the AS saw nothing")
        #expect(lines[4] == "1 of 1 steps went as they should.")
    }

    @Test("a step that went wrong is counted and ends the demo with a failure")
    func failure() {
        let lines = printed { transcript in
            transcript.begin("Good", verdict: .accepted, asItShouldBe: true)
            transcript.begin("Bad", verdict: .accepted, asItShouldBe: false)
            transcript.finish()
            #expect(!transcript.wentWell)
        }
        #expect(lines.last == "1 of 2 steps went as they should.")
    }

    @Test("colours appear only where they are wanted")
    func colour() {
        let tell: (Transcript) -> Void = { $0.begin("x", verdict: .accepted, asItShouldBe: true) }
        #expect(!printed(colour: false, tell).joined().contains("\u{1B}"))
        #expect(printed(colour: true, tell).joined().contains("\u{1B}[32maccepted"))
    }

    @Test(
        "long random values are cut, words and names stay",
        arguments: [
            ("grant_type=client_credentials", "grant_type=client_credentials"),
            ("use_attestation_challenge", "use_attestation_challenge"),
            (
                "urn:ietf:params:oauth:request_uri:q1w2E3r4T5z6U7i8O9p0",
                "urn:ietf:params:oauth:request_uri:q1w2E3r4…"
            ),
            (#"{"a":"q1w2E3r4T5z6U7i8O9p0"}"#, #"{"a":"q1w2E3r4…"}"#),
            ("eyJ0eXAiOiJvYXV0aC1.eyJzdWIi.c2ln", "eyJ0eXAi…"),
            ("Basic aHR0cHM6Ly9lYXJseS5leGFtcGxlLmNvbQ==", "Basic aHR0cHM6…"),
            ("https%3A%2F%2Fclient.example.com", "https%3A%2F%2Fclient.example.com"),
        ])
    func shortening(text: String, shown: String) {
        #expect(Shortening.shorten(text) == shown)
    }
}
