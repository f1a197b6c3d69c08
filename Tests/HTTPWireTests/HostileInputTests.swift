// SPDX-License-Identifier: Apache-2.0
// Random and mutated octets: nothing traps, and nothing depends on how they were cut.

import HTTPWire
import Octets
import Testing

/// SplitMix64, so that a failure can be repeated from its seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("Hostile input")
struct HostileInputTests {
    private static let seeds = [
        post("Content-Length: 5", "Connection: close", body: "hello"),
        post("Transfer-Encoding: chunked", body: "5;x=y\r\nhello\r\n0\r\nT: x\r\n\r\n"),
        "GET http://as.example:80/a%20b?c=d HTTP/1.1\r\nHost: as.example\r\n\r\nGET / HTTP/1.0\r\nHost: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ].map(octets)

    /// What turns up where parsers go wrong.
    private static let fragments = [
        "\r\n", "\n", "\r", "\u{0}", " ", "\t", ":", ";", ",", "\r\n\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: 99999999999999999999\r\n", "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 9223372036854775807\r\n", "ffffffffffffffff\r\n", "7fffffffffffffff\r\n",
        "FFFFFFFFFFFFFFF\r\n", "0\r\n\r\n", "%2f", "%", "%%", "%0", "[", "]", "[::]", ":65536", "&",
        "=", "+",
        "Host: a\r\n", "HTTP/1.1", "http://", "Expect: 100-continue\r\n", "\u{E9}", "--", "/../",
        "//",
    ].map(octets)

    private func mutated(_ seed: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var raw = seed
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0...raw.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where at < raw.count: raw[at] = UInt8.random(in: 0...255, using: &random)
            case 1 where at < raw.count: raw.remove(at: at)
            case 2 where at < raw.count: raw.removeSubrange(at..<min(raw.count, at + 7))
            case 3: raw.insert(UInt8.random(in: 0...255, using: &random), at: at)
            default:
                raw.insert(contentsOf: Self.fragments.randomElement(using: &random) ?? [], at: at)
            }
        }
        return raw
    }

    private func pieces(of raw: [UInt8], _ random: inout SeededGenerator) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = raw[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...max(1, min(rest.count, 40)), using: &random)
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    @Test(
        "HTTP-01, HTTP-13: mutated messages never trap and read the same however they are cut",
        arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let raw = mutated(Self.seeds.randomElement(using: &random) ?? [], &random)
            let cut = pieces(of: raw, &random)
            let whole = requests(in: [raw[...]])
            #expect(whole == requests(in: cut), "\(text(raw).debugDescription)")
            for method in [HTTPWire.Method.post, .head] {
                let whole = response(in: [raw[...]], answering: method)
                #expect(
                    whole == response(in: cut, answering: method), "\(text(raw).debugDescription)")
            }
        }
    }

    @Test("HTTP-01: random octets never trap", arguments: [5, 6] as [UInt64])
    func randomOctets(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<5_000 {
            let count = Int.random(in: 0...120, using: &random)
            // Mostly from the octets that mean something, so that the deeper states are reached.
            let alphabet =
                octets("\r\n :;,/%?#&=+-.[]\\*0123456789afAFxGETHTP1\t\"") + [0, 0x7F, 0x80, 0xFF]
            let raw = (0..<count).map { _ in
                round % 4 == 0
                    ? UInt8.random(in: 0...255, using: &random)
                    : alphabet.randomElement(using: &random) ?? 0
            }
            let cut = pieces(of: raw, &random)
            for prefix in [
                "", "GET ", "GET / HTTP/1.1\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 ",
            ] {
                let start = octets(prefix)
                #expect(requests(in: [(start + raw)[...]]) == requests(in: [start[...]] + cut))
                #expect(response(in: [(start + raw)[...]]) == response(in: [start[...]] + cut))
            }
            exercise(raw)
        }
    }

    /// Everything that takes octets and is not reached through a parser.
    private func exercise(_ raw: [UInt8]) {
        if let form = try? Form.parse(raw) {
            try? form.check(protocolNames: [octets("a")])
            #expect((try? Form.parse(form.encode())) == form)
        }
        if let authority = Authority(raw) { #expect(Authority(authority.octets) == authority) }
        if let target = try? RequestTarget(raw, method: .get) {
            _ = (target.path, target.query, target.decodedPath, target.originForm)
            if target.isUnambiguous, !target.originForm.isEmpty {
                let again = try? RequestTarget(target.originForm, method: .get)
                #expect(again?.decodedPath == target.decodedPath)
            }
        }
        _ = (ContentType.isForm(raw), ContentType.mayBeForm(raw), Method(raw), FieldName(raw))
        _ = (NormalisedName(raw), Form.foldedName(raw))
    }

    @Test("HTTP-04, HTTP-06: no mutation of a request hides a second one in its body")
    func smuggling() {
        // Whatever is done to the framing fields, the octets after the head are either the body
        // they announce or a refusal: a request to /evil is seen only where no framing is left.
        var random = SeededGenerator(seed: 7)
        let body = "GET /evil HTTP/1.1\r\nHost: as.example\r\n\r\n"
        let lines = ["Content-Length: \(body.utf8.count)", "Transfer-Encoding: chunked"]
        for _ in 0..<10_000 {
            let field = octets((lines.randomElement(using: &random) ?? "") + "\r\n")
            let changed = mutated(field, &random)
            let raw =
                octets("POST /token HTTP/1.1\r\nHost: as.example\r\n") + changed
                + octets("\r\n" + body)
            let outcome = requests(in: [raw[...]])
            guard outcome.contains(where: { $0.hasPrefix("GET /evil") }) else { continue }
            let name = changed.prefix { $0 != UInt8(ascii: ":") }
            let known = [octets("content-length"), octets("transfer-encoding")]
            let hasFraming = known.contains { ASCII.equalsIgnoringCase(name, $0) }
            let value = changed.dropFirst(name.count + 1).prefix { $0 != 0x0D }
            let isZero = !value.isEmpty && value.allSatisfy { [0x20, 0x09, 0x30].contains($0) }
            let endsEarly = text(changed).contains("\r\n\r\n") || text(changed).hasPrefix("\r\n")
            #expect(!hasFraming || isZero || endsEarly, "\(text(raw).debugDescription)")
        }
    }
}
