// SPDX-License-Identifier: Apache-2.0
// HTTP-01 to HTTP-16 and REQ-10: request heads in any pieces, and forms.

import HTTPWire
import Octets

enum RequestTargetFuzz {
    private enum Outcome: Equatable {
        case head(Method, BodyFraming, [[UInt8]], rest: Int)
        case refused(HTTPViolation)
        case incomplete
    }

    static func run(_ input: [UInt8], planted: Bool) throws(BrokenProperty) {
        let whole = outcome([input[...]])
        // However the octets arrive, the request is the same.
        let single = outcome(input.indices.map { input[$0...$0] })
        try hold(whole == single, "one by one reads as in one piece")
        let middle = input.count / 2
        try hold(
            whole == outcome([input[..<middle], input[middle...]]), "halves read as one piece")
        if planted, case .head(_, _, let parts, _) = whole, let value = parts.last {
            try plant(value)
        }
    }

    private static func outcome(_ pieces: [ArraySlice<UInt8>]) -> Outcome {
        var parser = RequestParser()
        var buffer = InputBuffer()
        var head: RequestHead?
        var rest = 0
        for piece in pieces {
            guard head == nil else {
                rest += piece.count
                continue
            }
            buffer.append(Array(piece))
            do {
                head = try parser.parse(&buffer)
            } catch {
                return .refused(error)
            }
            if head != nil { rest = buffer.count }
        }
        guard let head else { return .incomplete }
        return .head(head.method, head.framing, parts(head), rest: rest)
    }

    /// All that a head says; its fields come last.
    private static func parts(_ head: RequestHead) -> [[UInt8]] {
        var parts = [
            head.target.raw, head.host, [head.keepAlive ? 1 : 0],
            [head.expectsContinue ? 1 : 0], [head.version == .http11 ? 1 : 0],
        ]
        parts += head.connectionOptions
        for field in head.fields {
            parts.append(head.fields.bytes(field.name))
            parts.append(head.fields.bytes(field.value))
        }
        return parts
    }
}

enum FormTarget {
    static func run(_ input: [UInt8], planted: Bool) throws(BrokenProperty) {
        guard let form = try? Form.parse(input) else { return }
        for pair in form.pairs {
            try hold((1...128).contains(pair.name.count), "a name has a length")
            try hold(isText(pair.name) && isText(pair.value), "names and values are text")
        }
        try hold(form.pairs.count <= 128, "pairs are limited")
        let text = form.encode()
        guard let again = try? Form.parse(text) else {
            throw BrokenProperty(description: "what is written is read")
        }
        try hold(again == form, "what is written is read back equal")
        try hold(again.encode() == text, "the encoding is one")
        if planted, form.pairs.count > 2 { try plant(form.pairs[1].value) }
    }

    private static func isText(_ octets: [UInt8]) -> Bool {
        !octets.contains(0) && Array(String(decoding: octets, as: UTF8.self).utf8) == octets
    }
}
