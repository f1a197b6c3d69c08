// SPDX-License-Identifier: Apache-2.0
// The chunked coding of request bodies.

import HTTPWire
import Octets
import Testing

@Suite("Chunked bodies")
struct ChunkedTests {
    @Test(
        "HTTP-07: chunks are taken apart strictly",
        arguments: [
            ("5 x\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("5 \r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("5\t;x\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("4\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("6\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("-1\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("+5\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("0x5\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("5\nhello\n0\n\n", "HTTP-07 400"),
            ("5\r\nhello\n0\r\n\r\n", "HTTP-07 400"),
            ("5\r\nhelloX\n0\r\n\r\n", "HTTP-07 400"),
            ("5\r\nhello\r\r\n0\r\n\r\n", "HTTP-07 400"),
            ("5\rhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("5;a\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("5;a\u{0}\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("\r\n5\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("5\r\nhello\r\n\r\n0\r\n\r\n", "HTTP-07 400"),
            (";x\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("g\r\n", "HTTP-07 400"),
            ("ffffffffffffffff\r\n", "HTTP-07 400"),
            ("10000000000000005\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("0000000000000005\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("99999999999999999999\r\n", "HTTP-07 400"),
            ("7fffffffffffffff\r\n", "HTTP-07 400"),
            ("0\r\nX : y\r\n\r\n", "HTTP-07 400"),
            ("0\r\nX: y\r\n z\r\n\r\n", "HTTP-07 400"),
            ("0\r\nX: y\n\r\n", "HTTP-07 400"),
            ("0\r\n\n", "HTTP-07 400"),
            ("0\r\n\rX", "HTTP-07 400"),
            ("5;\(String(repeating: "x", count: 257))\r\nhello\r\n0\r\n\r\n", "HTTP-07 400"),
            ("0\r\n\(String(repeating: "X: y\r\n", count: 33))\r\n", "HTTP-16 431"),
            ("0\r\nX: \(String(repeating: "y", count: 8192))\r\n\r\n", "HTTP-16 431"),
            ("5\r\nhello\r\n0\r\n", "more"),
            ("5\r\nhel", "more"),
            ("5\r\nhello\r\n0\r\n\r\n", "POST /token 2 keep hello"),
            (
                "5;\(String(repeating: "x", count: 256))\r\nhello\r\n0\r\n\r\n",
                "POST /token 2 keep hello"
            ),
            ("5;a=\"b c\"\r\nhello\r\n0;x\r\n\r\n", "POST /token 2 keep hello"),
            ("1\r\nh\r\nB\r\nello worlds!\r\n0\r\n\r\n", "HTTP-07 400"),
            ("1\r\nh\r\nB\r\nello worlds\r\n000\r\n\r\n", "POST /token 2 keep hello worlds"),
            ("0\r\n\r\n", "POST /token 2 keep"),
        ])
    func chunks(_ body: String, _ outcome: String) {
        let row = Row(post("Transfer-Encoding: chunked", body: body), outcome)
        expectInEveryPiecing(row, cuts: 300) { requests(in: $0) }
    }

    @Test("HTTP-07: a trailer field reaches nobody, and what follows is the next request")
    func trailer() {
        let body = "5\r\nhello\r\n0\r\nOAuth-Client-Attestation: x\r\nHost: evil\r\n\r\n"
        let row = Row(
            post("Transfer-Encoding: chunked", body: body + "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "POST /token 2 keep hello", "GET / 1 keep")
        expectInEveryPiecing(row) { requests(in: $0) }
    }

    @Test("HTTP-07: extensions of one body are bounded together")
    func extensions() {
        let chunk = "1;\(String(repeating: "x", count: 200))\r\na\r\n"
        let few = String(repeating: chunk, count: 80) + "0\r\n\r\n"
        let many = String(repeating: chunk, count: 90) + "0\r\n\r\n"
        let all = String(repeating: "a", count: 80)
        let field = "Transfer-Encoding: chunked"
        expectInEveryPiecing(
            Row(post(field, body: few), "POST /token 2 keep \(all)"), cuts: 50
        ) { requests(in: $0) }
        expectInEveryPiecing(Row(post(field, body: many), "HTTP-07 400"), cuts: 50) {
            requests(in: $0)
        }
    }

    @Test("HTTP-06, HTTP-07: a body that is cut off is no body")
    func cut() throws {
        for (framing, raw, rule) in [
            (BodyFraming.length(5), "hell", RuleID.http(6)), (.chunked, "5\r\nhello\r\n", .http(7)),
        ] {
            var input = InputBuffer(octets(raw))
            var reader = BodyReader(framing: framing, limit: 100)
            while case .data = try reader.next(&input) {}
            #expect(!reader.isComplete)
            #expect(throws: HTTPViolation(rule: rule, status: 400)) { try reader.finish() }
        }
        var reader = BodyReader(framing: .none, limit: 0)
        var input = InputBuffer(octets("x"))
        #expect(try reader.next(&input) == .end)
        #expect(input.count == 1)
        try reader.finish()
    }

    @Test("HTTP-13: what is written as chunks reads back, an empty piece does not end it")
    func written() {
        let pieces = ["a", "", "hello", String(repeating: "z", count: 1000)]
        let body =
            pieces.map { text(ChunkWriter.chunk(octets($0))) }.joined() + text(ChunkWriter.end)
        let row = Row(
            post("Transfer-Encoding: chunked", body: body),
            "POST /token 2 keep " + pieces.joined())
        expectInEveryPiecing(row, cuts: 300) { requests(in: $0) }
    }
}
