// SPDX-License-Identifier: Apache-2.0
// Request targets and authorities.

import HTTPWire
import Octets
import Testing

@Suite("Targets and authorities")
struct TargetTests {
    @Test(
        "HTTP-09: an unambiguous target is taken apart and kept as received",
        arguments: [
            ("/", "/", "/", nil), ("/token", "/token", "/token", nil),
            ("/o/token/", "/o/token/", "/o/token/", nil),
            ("/token?", "/token", "/token", ""), ("/t?a=//../;&b", "/t", "/t", "a=//../;&b"),
            ("/%74oken", "/%74oken", "/token", nil), ("/a%20b", "/a%20b", "/a b", nil),
            ("/caf%C3%A9", "/caf%C3%A9", "/caf\u{E9}", nil), ("/100%25", "/100%25", "/100%", nil),
            ("/...", "/...", "/...", nil),
            ("/.well-known/x", "/.well-known/x", "/.well-known/x", nil),
            ("/a..b/.c", "/a..b/.c", "/a..b/.c", nil), ("/a:b@c", "/a:b@c", "/a:b@c", nil),
            ("http://as.example", "/", "/", nil), ("http://as.example?x=/", "/", "/", "x=/"),
            ("HTTPS://as.example:8443/a?b", "/a", "/a", "b"),
        ] as [(String, String, String, String?)])
    func parts(_ raw: String, _ path: String, _ decoded: String, _ query: String?) throws {
        let target = try RequestTarget(octets(raw), method: .get)
        #expect(target.isUnambiguous)
        #expect(text(target.raw) == raw)
        #expect(text(target.path) == path)
        #expect(text(target.decodedPath) == decoded)
        #expect(target.query.map(text) == query)
        #expect(text(target.originForm) == path + (query.map { "?" + $0 } ?? ""))
    }

    @Test("HTTP-09: an escaped spelling of an endpoint shows in the decoded path")
    func escapedEndpoint() throws {
        let target = try RequestTarget(octets("/%74oken"), method: .post)
        #expect(target.path != octets("/token"))
        #expect(target.decodedPath == octets("/token"))
    }

    @Test("HTTP-09, HTTP-15: an ambiguous target or a tunnel makes no head, whatever its wire")
    func noHead() throws {
        var fields = Fields()
        fields.append(name: .host, value: octets("as.example"))
        let target = try RequestTarget(octets("/a/../token"), method: .post)
        #expect(!target.isUnambiguous)
        #expect(throws: HTTPViolation(rule: .http(9), status: 400)) {
            try RequestHead(method: .post, target: target, version: .http11, fields: fields)
        }
        let connect = try RequestTarget(octets("as.example:443"), method: .connect)
        #expect(connect.form == .authority)
        for (method, target) in [(HTTPWire.Method.connect, connect), (.trace, connect)] {
            #expect(throws: HTTPViolation(rule: .http(15), status: 501)) {
                try RequestHead(method: method, target: target, version: .http11, fields: fields)
            }
        }
    }

    @Test(
        "HTTP-08: authorities are read and compared without their default port",
        arguments: [
            ("as.example", "as.example", "as.example"),
            ("AS.Example:443", "as.example:443", "as.example"),
            ("as.example:80", "as.example:80", "as.example:80"),
            ("127.0.0.1:8080", "127.0.0.1:8080", "127.0.0.1:8080"),
            ("[2001:DB8::1]:443", "[2001:db8::1]:443", "[2001:db8::1]"),
            ("[::1]", "[::1]", "[::1]"), ("a_b-c~d.e:65535", "a_b-c~d.e:65535", "a_b-c~d.e:65535"),
        ])
    func authorities(_ raw: String, _ written: String, _ comparable: String) throws {
        let authority = try #require(Authority(octets(raw)))
        #expect(text(authority.octets) == written)
        #expect(text(authority.withoutDefaultPort(https: true).octets) == comparable)
    }

    @Test(
        "HTTP-08: what is no authority is refused",
        arguments: [
            "", ":80", "a:", "a:0", "a:65536", "a:99999999999999999999", "a:8a", "a:-1", "a b",
            "u@a",
            "a/b", "a?b", "a%41", "[]", "[", "[::1", "[::1]x", "[::1]:", "[fe80::1%25eth0]",
            "[v1.x]",
            "[a]", "a,b", "a;b", "caf\u{E9}", "a\u{0}", "a:80:80", "::1",
        ])
    func notAuthorities(_ raw: String) { #expect(Authority(octets(raw)) == nil) }
}
