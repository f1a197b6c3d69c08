// SPDX-License-Identifier: Apache-2.0
// A request as it is on the wire, or as a clipboard left it.

import Octets

/// Reads raw HTTP requests.
enum RawCapture {
    /// Whether `text` begins like a request.
    static func begins(_ text: ArraySlice<UInt8>) -> Bool {
        Lines.isRequestLine(Lines.first(of: text))
    }

    /// A head with CRLF line ends is taken octet for octet, so that every fault of framing shows.
    /// A head without a single CR has lost them in a paste: no client sends that, and the gateway
    /// would refuse it for nothing but that.
    static func read(_ text: ArraySlice<UInt8>) -> Capture {
        let octets = Array(text)
        let (head, rest) = cut(octets)
        guard !head.contains(0x0D) else {
            return Capture(.http, octets: octets, remarks: [])
        }
        var remarks = ["line ends were LF; read as CRLF, as if a paste had dropped the CR"]
        var lines = Lines.split(head)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var request: [UInt8] = []
        for (index, line) in lines.enumerated() {
            request += index == 0 ? asHTTP1(line, &remarks) : Array(line)
            request += [0x0D, 0x0A]
        }
        request += [0x0D, 0x0A]
        return Capture(.http, octets: request + body(rest, of: request, &remarks), remarks: remarks)
    }

    /// The head with the line end of its last line, and what follows the empty line after it.
    private static func cut(_ octets: [UInt8]) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        var lineStart = 0
        for (index, octet) in octets.enumerated() where octet == 0x0A {
            let isEmpty = index == lineStart || (index == lineStart + 1 && octets[lineStart] == 13)
            if isEmpty { return (octets[..<lineStart], octets[(index + 1)...]) }
            lineStart = index + 1
        }
        return (octets[...], [])
    }

    /// A paste ends with line ends that are no part of the body.
    private static func body(
        _ rest: ArraySlice<UInt8>, of head: [UInt8], _ remarks: inout [String]
    ) -> ArraySlice<UInt8> {
        let length = Message(head).announcedLength ?? 0
        guard rest.count > length else { return rest }
        if rest.dropFirst(length).allSatisfy({ $0 == 0x0A || $0 == 0x0D }) {
            return rest.prefix(length)
        }
        if Message(head).announcedLength == nil, !rest.isEmpty {
            remarks.append(
                "there is text after the head but no Content-Length, so by HTTP it is no body")
        }
        return rest
    }

    /// `HTTP/2` in a request line is how tools print requests that had none.
    static func asHTTP1(_ line: ArraySlice<UInt8>, _ remarks: inout [String]) -> [UInt8] {
        guard let version = line.split(separator: 0x20).last,
            ["HTTP/2", "HTTP/2.0", "HTTP/3", "HTTP/3.0"].contains(where: {
                version.elementsEqual($0.utf8)
            })
        else { return Array(line) }
        let name = String(decoding: version, as: UTF8.self)
        remarks.append("captured over \(name); judged as the HTTP/1.1 request it would be")
        return line.dropLast(version.count) + Array("HTTP/1.1".utf8)
    }
}
