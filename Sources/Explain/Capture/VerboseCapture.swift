// SPDX-License-Identifier: Apache-2.0
// The output of `curl -v`: the lines that begin with `>` are the request's head.

import Octets

/// Reads requests out of what `curl -v` prints.
enum VerboseCapture {
    /// The request to explain, or nil if `text` has no such lines: the last one with an
    /// attestation, else the last one. `CONNECT`, which is for a proxy, is passed over.
    static func read(_ text: ArraySlice<UInt8>) -> Capture? {
        let lines = Lines.split(text)
        let heads = heads(in: lines).filter { $0.first?.starts(with: "CONNECT ".utf8) == false }
        guard let last = heads.last else { return nil }
        let attested = heads.last { $0.contains(where: isAttestation) }
        var remarks: [String] = []
        if heads.count > 1 {
            remarks.append(
                "the capture has \(heads.count) requests; this is the last one"
                    + (attested == nil ? "" : " with an attestation"))
        }
        var octets: [UInt8] = []
        for (index, line) in (attested ?? last).enumerated() {
            octets += index == 0 ? RawCapture.asHTTP1(line, &remarks) : Array(line)
            octets += [0x0D, 0x0A]
        }
        octets += [0x0D, 0x0A]
        var capture = Capture(.curlVerbose, octets: octets, remarks: remarks)
        if heads.count == 1 { addBody(of: text, lines, to: &capture) }
        return capture
    }

    /// The heads in order, each as its lines without `> `.
    private static func heads(in lines: [ArraySlice<UInt8>]) -> [[ArraySlice<UInt8>]] {
        var heads: [[ArraySlice<UInt8>]] = []
        var isOpen = false
        for line in lines {
            // Terminals and chats indent what they quote.
            let text = line.drop { $0 == 0x20 || $0 == 0x09 }
            guard text.first == UInt8(ascii: ">") else {
                // Notes of curl may stand between the lines.
                if text.first != UInt8(ascii: "*") { isOpen = false }
                continue
            }
            let content = text.dropFirst().first == 0x20 ? text.dropFirst(2) : text.dropFirst()
            if Lines.isRequestLine(content) {
                heads.append([content])
                isOpen = true
            } else if content.isEmpty {
                isOpen = false
            } else if isOpen {
                heads[heads.count - 1].append(content)
            }
        }
        return heads
    }

    private static func isAttestation(_ line: ArraySlice<UInt8>) -> Bool {
        let name = "oauth-client-attestation:"
        return line.prefix(name.utf8.count).map(ASCII.lowercased).elementsEqual(name.utf8)
    }

    /// Above its output may stand the command itself, which has the body.
    private static func addBody(
        of text: ArraySlice<UInt8>, _ lines: [ArraySlice<UInt8>], to capture: inout Capture
    ) {
        guard let length = Message(capture.octets).announcedLength, length > 0,
            let start = lines.first(where: CurlCommand.begins)?.startIndex,
            let command = try? CurlCommand(text[start...]), command.body.count == length
        else { return }
        capture.setBody(command.body)
        capture.remark("the body is taken from the command line above the output")
    }
}
