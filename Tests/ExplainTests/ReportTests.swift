// SPDX-License-Identifier: Apache-2.0
// What explain says of accepted, refused and unverified requests.

import ClientAttestation
import Gateway
import JOSE
import JSON
import Minting
import Octets
import Testing

@testable import Explain

@Suite("Reports")
struct ReportTests {
    private func refused(
        _ report: Report, _ rule: String, found: String? = nil, expected: String? = nil
    ) {
        #expect(report.verdict == "refused")
        #expect(report.refusal?.rule.id.description == rule, "\(report.headline)")
        #expect(report.refusal?.note != nil)
        if let found { #expect(report.finding.found?.contains(found) == true, "\(report.finding)") }
        if let expected {
            #expect(report.finding.expected?.contains(expected) == true, "\(report.finding)")
        }
        #expect(report.rules.count { $0.result == .fail } == 1)
        #expect(report.view.run.unannounced == nil)
    }

    @Test("an accepted request: who it is, the rules that held, the one that nobody can know")
    func accepted() throws {
        let scene = try Scene()
        let report = try scene.report(
            scene.request(try scene.attestation(), try scene.proof()))
        #expect(!report.isRefused)
        #expect(report.headline.contains(Scene.clientID))
        let results = Dictionary(grouping: report.rules, by: \.result).mapValues(\.count)
        #expect(results[.fail] == nil && results[.notReached] == nil)
        #expect(report.rules.contains { $0.id == .pop(3) && $0.result == .pass })
        #expect(report.rules.contains { $0.id == .rpl(3) && $0.result == .unknown })
        #expect(report.rules.contains { $0.id == .rpl(7) && $0.result == .unknown })
        #expect(
            report.text(TextStyle(hasColour: false)).contains("provider  selected by iss, key 11"))
    }

    @Test("the deciding rule of a proof, with what was found and what was expected")
    func proofs() throws {
        let scene = try Scene(challenge: .required)
        let challenge = String(
            decoding: scene.policy.challengeKeys.issue(now: Scene.now - 1), as: UTF8.self)
        let other = try SigningKey.generate(.es256)
        func report(
            _ changes: Scene.Claims, header: Scene.Claims = [:], key: SigningKey? = nil
        ) throws -> Report {
            let claims = ["challenge": .some("\"\(challenge)\"")].merging(changes) { $1 }
            return try scene.report(
                scene.request(
                    try scene.attestation(), try scene.proof(claims, header: header, key: key)))
        }
        #expect(try !report([:]).isRefused)
        let now = Scene.now.seconds
        refused(
            try report(["aud": "\"https://x\""]), "POP-04", found: "https://x",
            expected: Scene.issuer)
        refused(
            try report(["iat": "\(now - 512)"]), "POP-08", found: "512 s ago", expected: "300 s")
        refused(try report(["iat": nil]), "POP-07", found: "no iat")
        refused(try report(["iat": "\"x\""]), "JOSE-21", found: "iat is not a date")
        refused(try report(["jti": nil]), "POP-06", found: "no jti")
        refused(try report(["jti": "7"]), "JOSE-22", found: "jti")
        refused(try report([:], key: other), "POP-03", expected: "cnf.jwk")
        refused(try report([:], header: ["typ": "\"JWT\""]), "POP-01", found: "JWT")
        refused(try report([:], header: ["crit": "[]"]), "JOSE-07", found: "crit is present")
        refused(try report(["challenge": nil]), "CHAL-20", found: "none")
        refused(try report(["challenge": "\"abc\""]), "CHAL-21", found: "not of the form")
        let old = scene.policy.challengeKeys.issue(now: Scene.now - 500)
        let text = String(decoding: old, as: UTF8.self)
        refused(try report(["challenge": "\"\(text)\""]), "CHAL-21", found: "too old")
    }

    @Test("the deciding rule of an attestation, and why no attester was selected")
    func attestations() throws {
        let scene = try Scene()
        func report(_ changes: Scene.Claims, header: Scene.Claims = [:]) throws -> Report {
            try scene.report(
                scene.request(
                    try scene.attestation(changes, header: header), try scene.proof()))
        }
        let now = Scene.now.seconds
        refused(try report(["exp": "\(now - 600)"]), "ATT-04", found: "600 s ago")
        refused(try report(["nbf": "\(now + 600)"]), "ATT-05", found: "in 600 s")
        refused(try report([:], header: ["kid": "\"99\""]), "KEY-04", found: "99", expected: "11")
        refused(try report(["iss": "\"https://partner.example.com\""]), "KEY-04", found: "11")
        refused(try report(["sub": "\"other\""]), "KEY-03", found: "other", expected: "client")
        refused(try report(["aud": "\"x\""]), "ATT-10", expected: Scene.issuer)
        let unknown = try report(["iss": "\"https://x\"", "sub": "\"y\""], header: ["kid": nil])
        refused(unknown, "KEY-01", found: "https://x")
        let text = unknown.text(TextStyle(hasColour: false))
        #expect(text.contains("not selected: it may not vouch for this sub"))
    }

    @Test("the deciding rule of a request, and what it should have been")
    func requests() throws {
        let scene = try Scene()
        let (attestation, proof) = (try scene.attestation(), try scene.proof())
        func report(_ request: String) throws -> Report { try scene.report(request) }
        let good = scene.request(attestation, proof)
        refused(
            try report(scene.request(attestation, proof, host: "as.example.com:8443")), "HTTP-08",
            found: "as.example.com:8443", expected: "as.example.com")
        refused(try report(good.replacing("POST /", with: "GET /")), "HTTP-10", found: "GET")
        refused(
            try report(scene.request(attestation, proof, path: "/tokens")), "EP-07",
            found: "/tokens", expected: "/token")
        refused(
            try report(scene.request(attestation, proof, body: "grant_type=x&client_id=y")),
            "REQ-12", found: "y", expected: Scene.clientID)
        refused(try report(scene.request(attestation, proof, body: "a=b")), "REQ-19")
        refused(try report(scene.request(attestation, nil)), "REQ-06", found: "attestation")
        refused(try report(scene.request(nil, nil)), "EP-06", found: "no attestation")
        refused(
            try report(scene.request(attestation, proof, fields: "Authorization: Basic YTpi\r\n")),
            "REQ-15")
        refused(try report(good.replacing("\r\nHost", with: "\nHost")), "HTTP-01")
        refused(try report(good.replacing("Host:", with: "Host :")), "HTTP-02")
        refused(
            try report(
                good.replacing("OAuth-Client-Attestation: ", with: "OAuth-Client-Attestation: x,")),
            "REQ-03")
        refused(
            try report(
                scene.request(attestation, proof, path: "/par", body: "response_type=token")),
            "BIND-15", found: "token", expected: "code")
        refused(try report(scene.request(nil, nil, path: "/login", body: "grant_type=x")), "EP-13")
        refused(
            try report(scene.request(nil, nil, path: "/challenge").replacing("POST", with: "GET")),
            "CHAL-10")
    }

    @Test("REQ-01 to REQ-21, HTTP-07 to HTTP-17: each is announced where it is judged")
    func announced() throws {
        let scene = try Scene()
        let (attestation, proof) = (try scene.attestation(), try scene.proof())
        func fields(_ fields: String) -> String {
            scene.request(attestation, proof, fields: fields + "\r\n")
        }
        func body(_ body: String, path: String = "/token") -> String {
            scene.request(attestation, proof, path: path, body: body)
        }
        let good = scene.request(attestation, proof)
        let object = "e30." + String(decoding: Base64URL.encode("{}".octets), as: UTF8.self) + ".x"
        let assertion = "urn:ietf:params:oauth:client-assertion-type:jwt-client-attestation"
        let cases: [(String, String)] = [
            ("REQ-01", fields("OAuth-Client-Attestation: x")),
            ("REQ-02", fields("OAuth-Client-Attestation-PoP: x")),
            ("DPOP-01", fields("DPoP: x\r\nDPoP: y")),
            ("REQ-04", scene.request("", proof)),
            ("REQ-05", scene.request(attestation, String(repeating: "a", count: 5000))),
            ("REQ-07", scene.request("\(attestation)~\(proof)", proof)),
            ("REQ-08", body("grant_type=x&client_assertion_type=\(assertion)")),
            ("REQ-09", good.replacing("x-www-form-urlencoded", with: "json")),
            ("REQ-10", body("grant_type=%zz")),
            ("REQ-11", body("grant_type=x&grant_type=y")),
            ("REQ-14", scene.request(attestation, proof, path: "/token?client_id=x")),
            ("REQ-16", body("grant_type=x&client_secret=y")),
            (
                "REQ-17",
                scene.request(
                    nil, nil, fields: "Authorization: Basic eDp5\r\n",
                    body: "grant_type=x&client_id=listed")
            ),
            ("REQ-18", body("request_uri=x", path: "/par")),
            ("REQ-18", body("request=\(object)", path: "/par")),
            ("REQ-21", body("grant_type=x&client%5Bid=y")),
            ("HTTP-11", body("grant_type=x&_method=GET")),
            ("HTTP-12", fields("Connection: Authorization")),
            ("HTTP-17", fields("Content-Encoding: gzip")),
            ("HTTP-09", scene.request(attestation, proof, path: "/a/../token")),
            ("HTTP-15", good.replacing("HTTP/1.1", with: "HTTP/4.0")),
            ("HTTP-16", good.replacing("Length: 29", with: "Length: 99999999")),
            (
                "HTTP-07",
                good.replacing("Content-Length: 29", with: "Transfer-Encoding: chunked")
            ),
        ]
        for (rule, request) in cases { refused(try scene.report(request), rule) }
    }

    @Test("requests that nobody verifies are said to be so")
    func unverified() throws {
        let scene = try Scene()
        let listed = scene.request(nil, nil, body: "grant_type=x&client_id=listed")
        for request in [
            listed, scene.request(nil, nil, path: "/challenge", body: ""),
            scene.request(nil, nil, path: "/login", body: "user=x"),
            "GET /authorize HTTP/1.1\r\nHost: as.example.com\r\n\r\n",
            "OPTIONS /token HTTP/1.1\r\nHost: as.example.com\r\n\r\n",
        ] {
            let report = try scene.report(request)
            #expect(report.verdict == "unverified" && !report.isRefused, "\(request)")
        }
    }

    @Test("POP-08: a request that became old since is told how to be judged as it was")
    func oldCapture() throws {
        let scene = try Scene()
        let request = scene.request(try scene.attestation(), try scene.proof())
        let capture = try Capture(reading: request.octets)
        let late = Scene.now + 100_000
        let report = Report(capture, settings: scene.settings, now: late, isPresent: true)
        let made = Moments.written(Scene.now - 1)
        #expect(report.remarks.contains { $0.hasSuffix("add --at \(made)") })
        let chosen = Report(capture, settings: scene.settings, now: late)
        #expect(chosen.remarks.isEmpty)
    }

    @Test("a capture without its body is judged as far as it goes")
    func withoutBody() throws {
        let scene = try Scene()
        let request = scene.request(try scene.attestation(), try scene.proof())
        let cut = String(request.prefix { $0 != "=" }).replacing("grant_type", with: "")
        let report = try scene.report(cut)
        #expect(report.verdict == "accepted")
        #expect(report.remarks.contains { $0.contains("not captured") })
        #expect(report.rules.contains { $0.id == .req(19) && $0.result == .unknown })
        #expect(report.rules.contains { $0.id == .pop(3) && $0.result == .pass })
        let alone = try scene.report(
            "POST /token HTTP/1.1\r\nHost: as.example.com\r\nContent-Length: 3\r\n\r\n")
        #expect(alone.verdict == "undecided" && alone.isRefused)
    }

    @Test("neither signatures nor identifiers nor whole tokens are in a report")
    func nothingSecret() throws {
        let scene = try Scene()
        let (attestation, proof) = (try scene.attestation(), try scene.proof())
        let body =
            "grant_type=authorization_code&code=very-secret-code&code_verifier=secret-verifier"
        let report = try scene.report(scene.request(attestation, proof, body: body))
        for text in [
            report.text(TextStyle(hasColour: true, listsEachRule: true)),
            report.text(TextStyle(hasColour: false)), String(decoding: report.json, as: UTF8.self),
        ] {
            let parts = (attestation + "." + proof).split(separator: ".").map(String.init)
            for secret in parts + ["0123456789", "very-secret-code", "secret-verifier"] {
                #expect(!text.contains(secret))
            }
        }
    }

    @Test("the JSON is one object of the documented members, whatever the verdict")
    func json() throws {
        let scene = try Scene()
        for request in [
            scene.request(try scene.attestation(), try scene.proof()), scene.request(nil, nil),
            "GARBAGE HTTP/1.1 HTTP/1.1",
        ] {
            let object = try #require(JSONDocument.parse(try scene.report(request).json).object)
            for name in ["version", "verdict", "summary", "at", "request", "attesters", "tokens"] {
                #expect(object[name] != nil, "\(name)")
            }
            let rules = try #require(object["rules"]?.array)
            #expect(rules.count > 100)
        }
    }

    @Test("whatever a request holds, the report is text without control characters")
    func anyRequest() throws {
        let scene = try Scene()
        let good = scene.request(
            try scene.attestation(["x": #""\u001b[31m\u202e""#, "d": "\"private\""]),
            try scene.proof()
        ).octets
        var generator = SystemRandomNumberGenerator()
        for round in 0..<400 {
            var octets = good
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let place = Int.random(in: 0..<octets.count, using: &generator)
                octets[place] = UInt8.random(in: .min ... .max, using: &generator)
            }
            if round % 4 == 3 {
                octets = Array(octets.prefix(Int.random(in: 0..<octets.count, using: &generator)))
            }
            guard let capture = try? Capture(reading: octets) else { continue }
            let report = Report(capture, settings: scene.settings, now: Scene.now)
            let text = report.text(TextStyle(hasColour: false))
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
            #expect(!text.contains("\u{202E}"))
            if octets == good { #expect(!text.contains("private")) }
            #expect(report.view.run.unannounced == nil)
            _ = try JSONDocument.parse(report.json)
        }
    }

    @Test("names cannot speak to a terminal, long numbers stay JSON, secrets are so inside")
    func hostileMembers() throws {
        let scene = try Scene()
        let attestation = try scene.attestation([
            "\u{9B}31m\u{202E}": "1", "long": String(repeating: "1", count: 71) + ".5",
            "jti": #"{"a":["identifier-inside"],"b":{"c":"identifier-inside"}}"#,
        ])
        let report = try scene.report(scene.request(attestation, try scene.proof()))
        let json = String(decoding: report.json, as: UTF8.self)
        _ = try JSONDocument.parse(report.json)
        for text in [report.text(TextStyle(hasColour: false)), json] {
            #expect(!text.unicodeScalars.contains { (0x7F..<0xA0).contains($0.value) })
            #expect(!text.contains("\u{202E}") && !text.contains("identifier-inside"))
        }
    }

    @Test("colours mark the verdict and nothing else changes")
    func colours() throws {
        let scene = try Scene()
        let report = try scene.report(scene.request(nil, nil))
        let coloured = report.text(TextStyle(hasColour: true))
        #expect(coloured.contains("\u{1B}[1;31mrefused by EP-06"))
        let plain = report.text(TextStyle(hasColour: false))
        #expect(!plain.contains("\u{1B}"))
        #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
    }

    @Test(
        "moments are Unix seconds or RFC 3339",
        arguments: [
            ("0", 0), ("1772487600", 1_772_487_600), ("1970-01-01T00:00:00Z", 0),
            ("2026-03-02T21:40:00Z", 1_772_487_600), ("2026-03-02 22:40:00.5+01:00", 1_772_487_600),
            ("2024-02-29T23:59:60Z", 1_709_251_200), ("2000-03-01T00:00:00-00:30", 951_870_600),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ])
    func moments(text: String, seconds: Int64) {
        #expect(Moments.parse(text) == UnixTime(seconds))
    }

    @Test(
        "what is no moment is none",
        arguments: [
            "", "now", "-1", "2026-02-29T00:00:00Z", "2026-03-02T21:40:00", "2026-03-02",
            "2026-03-02T24:00:00Z", "2026-03-02T21:40:00+1:00", "1234567890123",
            "2026-03-02T21:40:00.Zz",
        ])
    func noMoments(text: String) {
        #expect(Moments.parse(text) == nil)
    }
}
