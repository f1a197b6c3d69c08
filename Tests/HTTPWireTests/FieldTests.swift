// SPDX-License-Identifier: Apache-2.0
// Field lines, names in every spelling, and hop-by-hop fields.

import HTTPWire
import Octets
import Testing

@Suite("Fields")
struct FieldTests {
    private func head(_ lines: String...) throws -> RequestHead {
        let raw =
            "POST /token HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
        var input = InputBuffer(octets(raw))
        var parser = RequestParser()
        return try #require(try parser.parse(&input))
    }

    @Test("REQ-01: two lines of a name are seen as two, in any case")
    func lookup() throws {
        let fields = try head("DPoP: a", "X:  b \t", "dpop: ", "dpoq: c").fields
        #expect(fields.lookup(.dpop) == .several)
        #expect(fields.count(of: .dpop) == 2)
        #expect(fields.single(.dpop) == nil)
        #expect(fields.lookup(.cookie) == .absent)
        #expect(!fields.contains(.cookie) && fields.contains(.dpop))
        #expect(fields.single(FieldName("x")) == octets("b"))
        #expect(
            fields.map { text(fields.bytes($0.name)) } == ["Host", "DPoP", "X", "dpop", "dpoq"])
        #expect(fields.map { text(fields.bytes($0.value)) } == ["a", "a", "b", "", "c"])
    }

    @Test("FWD-03: names fold in ASCII only")
    func asciiOnly() throws {
        #expect(FieldName("OAuth-Client-Attestation") == FieldName("oauth-client-ATTESTATION"))
        #expect(FieldName("a_b") != FieldName("a\u{7F}b"))
        // Tokens that differ in bit 5 alone share a hash, not a name.
        let fields = try head("A^B: 1").fields
        #expect(!fields.contains(FieldName("A~B")) && fields.contains(FieldName("a^b")))
        #expect(FieldName(octets("To\u{212A}en")) == nil)
        #expect(FieldName([]) == nil)
        #expect(NormalisedName(octets("co\u{212A}ie")) != NormalisedName(octets("cokie")))
    }

    @Test(
        "FWD-01: every spelling a back end folds to a protected name is recognised",
        arguments: [
            ("OAuth_Client_Attestation", "OAuth-Client-Attestation", true),
            ("X_Attested_Client_Id", "X-Attested-Client-Id", true),
            ("x.attested.client.id", "X-Attested-Client-Id", true),
            ("X-Attested-Client-Id", "X-Attested-Client-Id", true),
            ("X~Attested|Client'Id", "X-Attested-Client-Id", true),
            ("X-Attested-Client-Ids", "X-Attested-Client-Id", false),
            ("XAttested-Client-Id", "X-Attested-Client-Id", false),
        ])
    func normalForms(_ received: String, _ name: String, _ same: Bool) throws {
        let fields = try head("\(received): x").fields
        let field = try #require(fields.last)
        let canonical = NormalisedName(octets(name))
        #expect(canonical.matches(field, of: fields) == same)
        #expect((NormalisedName(octets(received)) == canonical) == same)
        let prefix = NormalisedName(octets("X-Attested-"))
        #expect(
            prefix.isPrefix(of: field, in: fields)
                == (received.first != "O" && received != "XAttested-Client-Id"))
    }

    @Test("HTTP-11: the fields that override method and target are known")
    func overrides() {
        let names = FieldName.overrides.map { text($0.spelling) }
        #expect(
            names == [
                "X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "X-Original-URL",
                "X-Rewrite-URL",
            ])
    }

    @Test(
        "HTTP-12: a nominated security or injected field is refused, however spelled",
        arguments: [
            "close, X-Attested-Client-Id", "Authorization", "content-type", "Content-Length",
            "HOST",
            "DPoP", "OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP",
            "oauth_client_attestation", "x_attested_client_id", "close,,\tdpop",
        ])
    func nominated(_ value: String) throws {
        let options = try head("Connection: \(value)").connectionOptions
        #expect(throws: HTTPViolation(rule: .http(12), status: 400)) {
            try HopByHop.requireHarmless(options, injected: [.xAttestedClientID])
        }
    }

    @Test("HTTP-12: harmless options pass, from all lines together")
    func harmless() throws {
        let head = try head(
            "Connection: Keep-Alive, ,TE", "connection: X-Foo", "X-Foo: 1", "TE: x", "Y: 1")
        #expect(head.connectionOptions.map(text) == ["keep-alive", "te", "x-foo"])
        try HopByHop.requireHarmless(head.connectionOptions, injected: [.xAttestedClientID])
        let kept = head.fields.filter {
            !HopByHop.contains($0, of: head.fields, options: head.connectionOptions)
        }
        #expect(kept.map { text(head.fields.bytes($0.name)) } == ["Host", "Y"])
    }

    @Test("HTTP-12: every hop-by-hop field is known")
    func hopByHop() throws {
        let lines = "Connection Keep-Alive Proxy-Connection Proxy-Authorization TE Trailer Upgrade"
        for name in lines.split(separator: " ") {
            let fields = try head("\(name): x").fields
            let field = try #require(fields.last)
            #expect(HopByHop.contains(field, of: fields, options: []), "\(name)")
        }
        #expect(HopByHop.always.contains(.transferEncoding) && HopByHop.always.count == 8)
    }

    @Test(
        "HTTP-12: an option that is no token, or too many of them, is refused",
        arguments: [
            "(x)", "a b", "\"close\"", "close;q=1",
            Array(repeating: "x", count: 33).joined(separator: ","),
        ])
    func badOptions(_ value: String) {
        expectInEveryPiecing(Row(post("Connection: \(value)"), "HTTP-12 400")) { requests(in: $0) }
    }

    @Test("HTTP-08: the host is kept as received beside its comparable form")
    func host() throws {
        var input = InputBuffer(octets("GET / HTTP/1.1\r\nHost: AS.Example:443\r\n\r\nrest"))
        var parser = RequestParser()
        let head = try #require(try parser.parse(&input))
        #expect(text(head.host) == "AS.Example:443")
        #expect(text(head.authority.withoutDefaultPort(https: true).octets) == "as.example")
        #expect(input.take(10) == octets("rest"))
    }

    @Test("HTTP-16: a buffer keeps every octet in order, however it is cut")
    func buffer() {
        var input = InputBuffer()
        var taken: [UInt8] = []
        for round in 0..<200 {
            input.append([UInt8](repeating: UInt8(round), count: round % 7))
            taken += input.take(round % 5)
        }
        taken += input.take(.max)
        #expect(taken == (0..<200).flatMap { [UInt8](repeating: UInt8($0), count: $0 % 7) })
        input.consume(-1)
        input.consume(.max)
        #expect(input.isEmpty && input.take(-1).isEmpty)
    }
}
