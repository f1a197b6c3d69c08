// SPDX-License-Identifier: Apache-2.0
// A captured message cut at the end of its head, to put another body behind it.

import Octets

/// Head lines and what follows them.
struct Message {
    /// The lines of the head without their ends.
    private var lines: [ArraySlice<UInt8>]

    /// Cuts at the first empty line.
    init(_ octets: [UInt8]) {
        lines = []
        for line in Lines.split(octets[...]) {
            if line.isEmpty { break }
            lines.append(line)
        }
    }

    /// `Content-Length`, if there is a readable one.
    var announcedLength: Int? {
        for line in lines where Self.isNamed(line, "content-length") {
            let value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst()
            return Int(String(decoding: value.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self))
        }
        return nil
    }

    /// The head, framed by the length of `body`, and the body.
    func withBody(_ body: [UInt8]) -> [UInt8] {
        var octets: [UInt8] = []
        for line in lines
        where !Self.isNamed(line, "content-length") && !Self.isNamed(line, "transfer-encoding") {
            octets += line
            octets += [0x0D, 0x0A]
        }
        octets += "Content-Length: \(body.count)\r\n\r\n".utf8
        return octets + body
    }

    private static func isNamed(_ line: ArraySlice<UInt8>, _ name: String) -> Bool {
        let start = line.prefix { $0 != UInt8(ascii: ":") }
        return start.count < line.count && start.map(ASCII.lowercased).elementsEqual(name.utf8)
    }
}
