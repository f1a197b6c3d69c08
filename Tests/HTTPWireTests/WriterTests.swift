// SPDX-License-Identifier: Apache-2.0
// What is written is one head, whatever was put into its values.

import HTTPWire
import Octets
import Testing

@Suite("Writing heads")
struct WriterTests {
    @Test("HTTP-13: a written request reads back as the same request")
    func request() {
        var writer = HeadWriter()
        writer.requestLine(method: .post, target: octets("/token?x"))
        writer.field(.host, "as.example")
        writer.field("X-Anything", octets("a b"))
        writer.contentLength(3)
        writer.end()
        writer.body(octets("a=b"))
        #expect(writer.refusals == 0)
        #expect(
            text(writer.bytes)
                == "POST /token?x HTTP/1.1\r\nHost: as.example\r\nX-Anything: a b\r\n"
                + "Content-Length: 3\r\n\r\na=b")
        #expect(requests(in: [writer.bytes[...]]) == ["POST /token?x 3 keep a=b"])
    }

    @Test("HTTP-13: a written response reads back as the same response")
    func response() {
        var writer = HeadWriter()
        writer.statusLine(431)
        writer.chunked()
        writer.end()
        writer.body(ChunkWriter.chunk(octets("hi")) + ChunkWriter.end)
        #expect(text(writer.bytes).hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\n"))
        #expect(HTTPWireTests.response(in: [writer.bytes[...]]) == ["431 1 keep hi"])
        #expect(text(HeadWriter.continueResponse) == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test(
        "HTTP-21: a value cannot end its line",
        arguments: [
            "a\r\nX: y", "a\nX: y", "a\rX", "a\u{0}", "\r\n\r\n<html>", "a\u{7F}", "a\u{1B}[m",
        ])
    func splitting(_ value: String) {
        var writer = HeadWriter()
        writer.field(.location, octets(value))
        writer.field(.location, value)
        writer.field("Location", octets(value))
        var fields = Fields()
        fields.append(name: .location, value: octets(value))
        for field in fields { writer.field(field, of: fields) }
        #expect(writer.bytes.isEmpty)
        #expect(writer.refusals == 4)
    }

    @Test("HTTP-21: neither can a name, a target or a method")
    func otherParts() {
        var writer = HeadWriter()
        for name: StaticString in ["", "a b", "a\r\n", "a:", "\u{E9}"] { writer.field(name, []) }
        #expect(writer.refusals == 5)
        for target in ["", "/a b", "/\r\n", "/\u{E9}", "/a\tb"] {
            writer.requestLine(method: .get, target: octets(target))
        }
        #expect(writer.refusals == 10)
        writer.requestLine(method: .other(octets("GET /x")), target: octets("/"))
        writer.requestLine(method: .other([]), target: octets("/"))
        #expect(writer.refusals == 12 && writer.bytes.isEmpty)
        writer.statusLine(Int.max)
        #expect(text(writer.bytes) == "HTTP/1.1 500 Internal Server Error\r\n")
        #expect(writer.refusals == 13)
    }

    @Test("FWD-01: white space around a received value ends here, whatever its form")
    func normalised() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nA:b\r\nC:  d \r\nE: f\r\nG:\r\nI:\tj\r\n\r\n"
        var input = InputBuffer(octets(text))
        var parser = RequestParser()
        let head = try #require(try parser.parse(&input))
        var writer = HeadWriter()
        for field in head.fields { writer.field(field, of: head.fields) }
        #expect(writer.refusals == 0)
        #expect(
            HTTPWireTests.text(writer.bytes) == "Host: a\r\nA: b\r\nC: d\r\nE: f\r\nG: \r\nI: j\r\n"
        )
    }

    @Test("FWD-01: a received field is written as it was spelled")
    func copied() throws {
        var input = InputBuffer(octets("GET / HTTP/1.1\r\nhOsT:a\r\nX:  \t b c \r\n\r\n"))
        var parser = RequestParser()
        let head = try #require(try parser.parse(&input))
        var writer = HeadWriter()
        for field in head.fields { writer.field(field, of: head.fields) }
        #expect(text(writer.bytes) == "hOsT: a\r\nX: b c\r\n")
    }
}
