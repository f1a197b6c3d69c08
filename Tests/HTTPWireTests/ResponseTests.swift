// SPDX-License-Identifier: Apache-2.0
// Answers of an authorization server: every row whole, octet by octet and cut at every point.

import HTTPWire
import Octets
import Testing

@Suite("Responses")
struct ResponseTests {
    @Test(
        "HTTP-13: any anomaly in a response is 502",
        arguments: [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
            "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
            "HTTP/1.1 200 OK\r\nX: a\u{0}\r\n\r\n",
            "HTTP/1.1 200 O\u{1}K\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 099 X\r\n\r\n",
            "HTTP/1.1 600 X\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 +20 OK\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n",
            "HTTP/2.0 200 OK\r\n\r\n",
            "HTTP/1.2 200 OK\r\n\r\n",
            "ICY 200 OK\r\n\r\n",
            "hello\r\n",
            "\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 9),
            "HTTP/1.1 200 OK\r\nConnection: (x)\r\n\r\n",
        ])
    func anomalies(_ raw: String) {
        expectInEveryPiecing(Row(raw, "HTTP-13 502")) { response(in: $0) }
    }

    @Test(
        "HTTP-13: sound responses pass",
        arguments: [
            Row("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 1 keep hello"),
            Row("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 1 keep"),
            Row("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 1 keep"),
            Row("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 1 keep"),
            Row(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "200 1 keep hello"),
            Row("HTTP/1.1 200 OK\r\n\r\nhello", "200 0 close hello"),
            Row("HTTP/1.1 200 OK\r\n\r\n", "200 0 close"),
            Row("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200 1 close hi"),
            Row(
                "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi",
                "200 2 keep hi"),
            Row(
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
                "400 2 close hi"),
            Row("HTTP/1.1 204 No Content\r\n\r\n", "204 0 keep"),
            Row("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "204 1 keep"),
            Row("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "304 1 keep"),
            Row(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                "200 1 keep hi"),
            Row("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1", "200 1 keep hi and more"),
            Row("HTTP/1.1 200 OK\r\nContent-Le", "more"),
        ])
    func sound(_ row: Row) { expectInEveryPiecing(row) { response(in: $0) } }

    @Test("HTTP-13: the answer to HEAD has no body")
    func head() {
        let row = Row("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "200 1 keep")
        expectInEveryPiecing(row) { response(in: $0, answering: .head) }
        let chunked = Row("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "200 1 keep")
        expectInEveryPiecing(chunked) { response(in: $0, answering: .head) }
    }

    @Test("HTTP-13: a response longer than the limit is 502 however it is delimited")
    func limit() {
        var limits = HTTPLimits()
        limits.body = 4
        for raw in [
            "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ] {
            expectInEveryPiecing(Row(raw, "HTTP-13 502")) { response(in: $0, limits: limits) }
        }
    }
}
