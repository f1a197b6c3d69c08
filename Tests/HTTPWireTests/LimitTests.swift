// SPDX-License-Identifier: Apache-2.0
// The limits of heads and bodies, at their edge and one octet past it.

import HTTPWire
import Octets
import Testing

@Suite("Limits")
struct LimitTests {
    private static let hostLine = "Host: a\r\n"

    private func filler(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test("HTTP-16: a request line of 8 KiB passes, one octet more is 414, even unfinished")
    func requestLine() {
        let room = 8 * 1024 - "GET / HTTP/1.1".utf8.count
        let fits = "GET /\(filler(room)) HTTP/1.1\r\nHost: a\r\n\r\n"
        expectInEveryPiecing(Row(fits, "GET /\(filler(room)) 1 keep"), cuts: 50) {
            requests(in: $0)
        }
        let long = "GET /\(filler(room + 1)) HTTP/1.1\r\nHost: a\r\n\r\n"
        expectInEveryPiecing(Row(long, "HTTP-16 414"), cuts: 50) { requests(in: $0) }
        expectInEveryPiecing(Row("GET /\(filler(9000))", "HTTP-16 414"), cuts: 50) {
            requests(in: $0)
        }
    }

    @Test(
        "HTTP-16: a field of 24 KiB passes, one octet more is 431, and so is a 25 KiB attestation")
    func field() {
        let name = "OAuth-Client-Attestation: "
        let room = 24 * 1024 - name.utf8.count
        expectInEveryPiecing(
            Row(post(name + filler(room)), "POST /token 2 keep"), cuts: 50
        ) { requests(in: $0) }
        expectInEveryPiecing(
            Row(post(name + filler(room + 1)), "HTTP-16 431"), cuts: 50
        ) { requests(in: $0) }
        for row in [post(name + filler(25 * 1024)), "GET / HTTP/1.1\r\n" + filler(25 * 1024)] {
            expectInEveryPiecing(Row(row, "HTTP-16 431"), cuts: 50) { requests(in: $0) }
        }
    }

    @Test("HTTP-16: 100 fields pass, the 101st is 431")
    func fieldCount() {
        let lines = (2...100).map { "X-\($0): \($0)\r\n" }.joined()
        let head = "GET / HTTP/1.1\r\nHost: a\r\n" + lines
        expectInEveryPiecing(Row(head + "\r\n", "GET / 100 keep")) { requests(in: $0) }
        expectInEveryPiecing(Row(head + "X: y\r\n\r\n", "HTTP-16 431")) { requests(in: $0) }
    }

    @Test("HTTP-16: a header section of 64 KiB passes, more is 431")
    func section() {
        let line = "X: \(filler(16 * 1024 - 5))\r\n"
        let three = String(repeating: line, count: 3)
        let last = "X: \(filler(16 * 1024 - 5 - Self.hostLine.utf8.count))\r\n"
        let head = "GET / HTTP/1.1\r\n" + Self.hostLine + three
        expectInEveryPiecing(Row(head + last + "\r\n", "GET / 5 keep"), cuts: 20) {
            requests(in: $0)
        }
        expectInEveryPiecing(Row(head + last + "Y: \r\n\r\n", "HTTP-16 431"), cuts: 20) {
            requests(in: $0)
        }
    }

    @Test("HTTP-16: the defaults admit an attestation with three certificates beside its proof")
    func defaults() {
        let limits = HTTPLimits()
        #expect(limits.requestLine == 8192 && limits.headerSection == 65536)
        #expect(limits.field == 24576 && limits.fieldCount == 100)
        #expect(limits.body == 65536 && limits.parBody == 262_144)
        #expect(limits.headerTimeout == .seconds(10) && limits.bodyTimeout == .seconds(30))
        let head = post(
            "OAuth-Client-Attestation: \(filler(8500))",
            "OAuth-Client-Attestation-PoP: \(filler(800))")
        #expect(requests(in: [octets(head)[...]]) == ["POST /token 3 keep"])
    }

    @Test("HTTP-16: a chunked body within the limit passes, more is 413 when announced")
    func chunkedBody() {
        var limits = HTTPLimits()
        limits.body = 10
        let head = "Transfer-Encoding: chunked"
        let rows = [
            Row(post(head, body: "a\r\n0123456789\r\n0\r\n\r\n"), "POST /token 2 keep 0123456789"),
            Row(post(head, body: "b\r\n"), "HTTP-16 413"),
            Row(post(head, body: "5\r\n01234\r\n6\r\n"), "HTTP-16 413"),
            Row(post(head, body: "fffffffffffffff\r\n"), "HTTP-16 413"),
        ]
        for row in rows { expectInEveryPiecing(row) { requests(in: $0, limits: limits) } }
    }

    @Test("HTTP-16: octets that trickle in are each looked at once")
    func slowLoris() {
        var parser = RequestParser()
        var input = InputBuffer()
        let head = octets("GET / HTTP/1.1\r\nX: ") + [UInt8](repeating: 0x61, count: 24_000)
        let clock = ContinuousClock()
        let spent = clock.measure {
            for octet in head {
                input.append([octet])
                #expect(throws: Never.self) { try parser.parse(&input) }
            }
        }
        // Quadratic reading would look at 288 million octets, many seconds without optimisation.
        #expect(spent < .seconds(5))
    }
}
