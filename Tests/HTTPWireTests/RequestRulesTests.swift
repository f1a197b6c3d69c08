// SPDX-License-Identifier: Apache-2.0
// Request heads: every row whole, octet by octet and cut at every point.

import HTTPWire
import Octets
import Testing

@Suite("Request heads")
struct RequestRulesTests {
    @Test(
        "HTTP-01: only CRLF ends a line, and no control stands in the head",
        arguments: [
            Row(
                "POST /token HTTP/1.1\r\nHost: a\nOAuth-Client-Attestation: x\r\n\r\n",
                "HTTP-01 400"),
            Row(post("X: a\u{0}b"), "HTTP-01 400"),
            Row(post("X: a\u{7F}b"), "HTTP-01 400"),
            Row(post("X: a\u{0}\nY: b"), "HTTP-01 400"),
            Row(post("X: a\u{1}"), "HTTP-01 400"),
            Row(post("X: a\u{8}"), "HTTP-01 400"),
            Row(post("X: a\u{B}b"), "HTTP-01 400"),
            Row(post("X: a\rb"), "HTTP-01 400"),
            Row(post("X: a\r\rY: b"), "HTTP-01 400"),
            Row(post("X: a\nY: b"), "HTTP-01 400"),
            Row(post("X\u{0}: a"), "HTTP-01 400"),
            Row(post("X\nY: a"), "HTTP-01 400"),
            Row("POST /token HTTP/1.1\nHost: as.example\r\n\r\n", "HTTP-01 400"),
            Row("POST /token HTTP/1.1\rHost: as.example\r\n\r\n", "HTTP-01 400"),
            Row("POST /to\u{0}ken HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-01 400"),
            Row("POST\t/token HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-01 400"),
            Row("POST /token HTTP/1.1\r\nHost: as.example\r\n\n", "HTTP-01 400"),
            Row("POST /token HTTP/1.1\r\nHost: as.example\r\n\rX", "HTTP-01 400"),
            Row("PO(ST /token HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-01 400"),
            Row(" POST /token HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-01 400"),
            Row("POST  /token HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-15 400"),
            Row("\n", "HTTP-01 400"),
            Row("\r\r\n", "HTTP-01 400"),
            Row("\r\n\r\nPOST /token HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-01 400"),
            Row([0x16, 0x03, 0x01, 0x02, 0x00], "HTTP-01 400"),
            Row(post("X: a\tb"), "POST /token 2 keep"),
            Row(
                octets("GET / HTTP/1.1\r\nHost: a\r\nX: ") + [0x80, 0xFF, 0x0D, 0x0A, 0x0D, 0x0A],
                "GET / 2 keep"),
        ])
    func lines(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-02: a field name is a token and the colon follows at once",
        arguments: [
            Row(post("Transfer-Encoding : chunked"), "HTTP-02 400"),
            Row(post(": x"), "HTTP-02 400"),
            Row(post("OAuth-Client-Attestation\t: x"), "HTTP-02 400"),
            Row(post("X"), "HTTP-02 400"),
            Row(post("X y: z"), "HTTP-02 400"),
            Row(post("X(y): z"), "HTTP-02 400"),
            Row(post("Hos\u{212A}: x"), "HTTP-02 400"),
            Row(post("{x}: y"), "HTTP-02 400"),
            Row(post("X:"), "POST /token 2 keep"),
            Row(post("!#$%&'*+-.^_`|~09azAZ: x"), "POST /token 2 keep"),
        ])
    func names(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-03: no folded line, no white space before the first field",
        arguments: [
            Row(post("OAuth-Client-Attestation-PoP: eyJ", " abc"), "HTTP-03 400"),
            Row(post("OAuth-Client-Attestation-PoP: eyJ", "\tabc"), "HTTP-03 400"),
            Row("POST /token HTTP/1.1\r\n Host: as.example\r\n\r\n", "HTTP-03 400"),
            Row(post("X: a", " "), "HTTP-03 400"),
        ])
    func folding(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-04: Content-Length beside Transfer-Encoding is refused",
        arguments: [
            Row(
                post("Content-Length: 5", "Transfer-Encoding: chunked", body: "0\r\n\r\n"),
                "HTTP-04 400"),
            Row(
                post("Transfer-Encoding: chunked", "Content-Length: 5", body: "0\r\n\r\n"),
                "HTTP-04 400"),
            Row(post("Transfer-Encoding: identity", "Content-Length: 0"), "HTTP-04 400"),
            Row(post("transfer-encoding:", "CONTENT-LENGTH:"), "HTTP-04 400"),
        ])
    func bothFramings(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-05: Transfer-Encoding is exactly chunked, once, in HTTP/1.1",
        arguments: [
            Row(post("Transfer-Encoding: gzip, chunked"), "HTTP-05 501"),
            Row(post("Transfer-Encoding: chunked, chunked"), "HTTP-05 400"),
            Row(post("Transfer-Encoding: xchunked"), "HTTP-05 501"),
            Row(post("Transfer-Encoding: chunked;x=y"), "HTTP-05 501"),
            Row(post("Transfer-Encoding: \"chunked\""), "HTTP-05 501"),
            Row(post("Transfer-Encoding: chunked,"), "HTTP-05 400"),
            Row(post("Transfer-Encoding:"), "HTTP-05 400"),
            Row(post("Transfer-Encoding: identity"), "HTTP-05 501"),
            Row(post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), "HTTP-05 400"),
            Row(post("Transfer-Encoding: chunked", "transfer-encoding: gzip"), "HTTP-05 400"),
            Row(
                "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP-05 400"),
            Row(post("Transfer-Encoding: \t cHuNkEd \t", body: "0\r\n\r\n"), "POST /token 2 keep"),
        ])
    func transferEncoding(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-06: Content-Length is one plain number within the limit",
        arguments: [
            Row(post("Content-Length: +5", body: "hello"), "HTTP-06 400"),
            Row(post("Content-Length: -5", body: "hello"), "HTTP-06 400"),
            Row(post("Content-Length: 5, 5", body: "hello"), "HTTP-06 400"),
            Row(post("Content-Length: 5", "Content-Length: 5", body: "hello"), "HTTP-06 400"),
            Row(post("Content-Length: 0x5", body: "hello"), "HTTP-06 400"),
            Row(post("Content-Length: 5 5", body: "hello"), "HTTP-06 400"),
            Row(post("Content-Length: 5.0", body: "hello"), "HTTP-06 400"),
            Row(post("Content-Length: 1e1", body: "hello"), "HTTP-06 400"),
            Row(post("Content-Length: 123456789012345678901234567890"), "HTTP-06 400"),
            Row(post("Content-Length: 99999999999999999999"), "HTTP-06 400"),
            Row(post("Content-Length: 9223372036854775808"), "HTTP-06 400"),
            Row(post("Content-Length: 999999999999999999"), "HTTP-06 413"),
            Row(post("Content-Length: 65537"), "HTTP-06 413"),
            Row(post("Content-Length:"), "HTTP-06 400"),
            Row(post("Content-Length: \u{665}"), "HTTP-06 400"),
            Row(post("Content-Length: 5", body: "hello"), "POST /token 2 keep hello"),
            Row(post("Content-Length: 005", body: "hello"), "POST /token 2 keep hello"),
            Row(post("Content-Length: 5", body: "hell"), "more"),
            Row(
                post("Content-Length: 5", body: "helloGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                "POST /token 2 keep hello", "GET / 1 keep"),
        ])
    func contentLength(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-08: exactly one valid Host, repeated by an absolute target",
        arguments: [
            Row("POST /token HTTP/1.1\r\n\r\n", "HTTP-08 400"),
            Row("GET / HTTP/1.0\r\n\r\n", "HTTP-08 400"),
            Row(post("Host: as.example"), "HTTP-08 400"),
            Row(post("host: evil"), "HTTP-08 400"),
            Row("POST http://evil/token HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-08 400"),
            Row(
                "POST http://u@as.example/token HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-08 400"
            ),
            Row("POST http:///token HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-08 400"),
            Row("POST http://as.example:81/ HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-08 400"),
            Row("GET / HTTP/1.1\r\nHost:\r\n\r\n", "HTTP-08 400"),
            Row("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "HTTP-08 400"),
            Row("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "HTTP-08 400"),
            Row("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "HTTP-08 400"),
            Row("GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", "HTTP-08 400"),
            Row("GET / HTTP/1.1\r\nHost: a:0\r\n\r\n", "HTTP-08 400"),
            Row(
                "POST http://AS.example:80/token HTTP/1.1\r\nHost: as.EXAMPLE\r\n\r\n",
                "POST http://AS.example:80/token 1 keep"),
            Row(
                "GET https://as.example HTTP/1.1\r\nHost: as.example:443\r\n\r\n",
                "GET https://as.example 1 keep"),
        ])
    func host(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-09: a target that two readers could read differently is refused",
        arguments: [
            "/as/../token", "//token", "/token;v=1", "/token%2f", "/token%2Fx", "/a%5Cb", "/a\\b",
            "/a%00b", "/%2e%2e/token", "/%2E/token", "/.%2e/token", "/./token", "/..", "/.",
            "/a/..",
            "/a//b", "/a//", "/token#x", "/token?x#y", "/a%3Bb", "/a%23b", "/a%3Fb", "/a%0ab",
            "/a%7Fb", "/%zz", "/%4", "/%", "/%252e%252e/token", "/%25%32%66", "/%C0%AF", "/%E9",
            "/caf\u{E9}", "token", "*", "as.example:443", "http:/as.example/", "ftp://as.example/",
            "?x", "/\u{212A}",
        ])
    func ambiguous(_ target: String) {
        let raw = "POST \(target) HTTP/1.1\r\nHost: as.example\r\n\r\n"
        expectInEveryPiecing(Row(raw, "HTTP-09 400")) { requests(in: $0) }
    }

    @Test(
        "HTTP-14: 100-continue is understood, any other expectation refused",
        arguments: [
            Row(post("Expect: foo"), "HTTP-14 417"),
            Row(post("Expect:"), "HTTP-14 417"),
            Row(post("Expect: 100-continue, foo"), "HTTP-14 417"),
            Row(post("Expect: 100-continue", "Expect: 100-continue"), "HTTP-14 417"),
            Row(
                post("Expect: 100-Continue", "Content-Length: 1", body: "x"),
                "POST /token 3 keep continue x"),
            Row(post("Expect: 100-continue"), "POST /token 2 keep"),
            Row(post("Expect: 100-continue", "Content-Length: 0"), "POST /token 3 keep"),
            Row(
                "POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
                "POST / 3 close x"),
        ])
    func expectation(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-15: tunnels, traces and other versions are refused, an upgrade is just a field",
        arguments: [
            Row("CONNECT as.example:443 HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-15 501"),
            Row("TRACE / HTTP/1.1\r\nHost: as.example\r\n\r\n", "HTTP-15 501"),
            Row("GET /\r\n", "HTTP-15 400"),
            Row("GET /token HTTP/0.9\r\n\r\n", "HTTP-15 505"),
            Row("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP-15 505"),
            Row("GET / HTTP/2\r\n\r\n", "HTTP-15 400"),
            Row("GET / HTTP/1.2\r\n\r\n", "HTTP-15 505"),
            Row("GET / HTTP/11.1\r\n\r\n", "HTTP-15 400"),
            Row("GET / http/1.1\r\n\r\n", "HTTP-15 400"),
            Row("GET / HTTP/1.1 \r\n\r\n", "HTTP-15 400"),
            Row("GET / ICY/1.1\r\n\r\n", "HTTP-15 400"),
            Row(
                post(
                    "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__",
                    "Connection: Upgrade, HTTP2-Settings"), "POST /token 4 keep"),
        ])
    func versions(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-17: a coded request body is refused",
        arguments: [
            Row(post("Content-Encoding: gzip"), "HTTP-17 415"),
            Row(post("Content-Encoding: identity, gzip"), "HTTP-17 415"),
            Row(post("Content-Encoding: identity", "Content-Encoding: gzip"), "HTTP-17 415"),
            Row(post("Content-Encoding:"), "HTTP-17 415"),
            Row(post("Content-Encoding: Identity"), "POST /token 2 keep"),
        ])
    func contentCoding(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test(
        "HTTP-10: methods are case-sensitive tokens; connections live on as the version says",
        arguments: [
            Row("post /token HTTP/1.1\r\nHost: a\r\n\r\n", "post /token 1 keep"),
            Row("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", "GET / 2 close"),
            Row(
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n",
                "GET / 2 close"),
            Row(
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n",
                "GET / 3 close"),
            Row("GET / HTTP/1.0\r\nHost: a\r\n\r\n", "GET / 1 close"),
            Row("GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", "GET / 2 keep"),
            Row("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * 1 keep"),
            Row(
                "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / 1 keep", "GET /b 1 keep"),
        ])
    func requestLines(_ row: Row) { expectInEveryPiecing(row) { requests(in: $0) } }

    @Test("HTTP-10: post is not POST")
    func methodCase() {
        #expect(Method(octets("post")) == .other(octets("post")))
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
        ] {
            #expect(text(Method(octets(method)).octets) == method)
            if case .other = Method(octets(method)) { Issue.record("\(method) is not known") }
        }
    }
}
