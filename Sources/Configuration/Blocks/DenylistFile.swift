// SPDX-License-Identifier: Apache-2.0
// The file that `denylist_file` names: what is suspended, one a line (ATT-16).

import ClientAttestation
import JOSE
import Octets

/// Reads `denylist_file`. A line that is not understood denies nothing, so it is an error.
enum DenylistFile {
    /// Largest file that is read.
    private static let sizeLimit = 1 << 24

    /// The list, empty if there is none or after its faults were reported.
    static func read(_ server: Block, attesters: [AttesterDraft]) -> Denylist {
        var list = Denylist()
        guard let field = server["denylist_file"], let octets = field.file(atMost: sizeLimit)
        else { return list }
        // Attesters that could not be read may be the ones that lines name.
        let isComplete = attesters.count == server["attesters"]?.count
        let known = isComplete ? attesters.map(\.attester.id) : nil
        let lines = octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, octets) in lines.enumerated() {
            let line = Line(
                words: words(octets), position: Position(line: index + 1, column: 1),
                file: field.fileName, report: field.reading.report)
            line.read(into: &list, attesters: known)
        }
        return list
    }

    /// What blanks separate, without a comment: `#` at the beginning of a word.
    private static func words(_ line: ArraySlice<UInt8>) -> [[UInt8]] {
        let blanks: [UInt8] = [0x20, 0x09, 0x0D]
        let words = line.split(whereSeparator: blanks.contains).map(Array.init)
        return Array(words.prefix { $0.first != UInt8(ascii: "#") })
    }
}

/// One line of the file.
private struct Line {
    let words: [[UInt8]]
    let position: Position
    let file: String
    let report: Report

    func read(into list: inout Denylist, attesters: [String]?) {
        guard let kind = words.first.map({ String(decoding: $0, as: UTF8.self) }) else { return }
        switch (kind, words.count) {
        case ("jkt", 2):
            let hash = Base64URL.decode(words[1])
            guard let thumbprint = hash.flatMap({ JWKThumbprint(bytes: $0) }) else {
                return fail("jkt wants a JWK thumbprint, 43 characters of base64url")
            }
            list.deny(thumbprint)
        case ("spki", 2):
            guard let hash = Hex.decode(words[1]), hash.count == 32 else {
                return fail("spki wants a SHA-256 hash, 64 hexadecimal digits")
            }
            list.deny(certificateKey: hash)
        case ("client", 3):
            let attester = String(decoding: words[1], as: UTF8.self)
            warnIfUnknown(attester, attesters)
            list.deny(attesterID: attester, subject: words[2])
        default:
            fail(
                "\(quoted(kind)): write jkt THUMBPRINT, client ATTESTER CLIENT_ID or spki SHA256")
        }
    }

    /// The attester may be gone by intent, so this is no error.
    private func warnIfUnknown(_ attester: String, _ known: [String]?) {
        guard let known, !known.contains(attester) else { return }
        let near = NearestName.find(attester, in: known).map { "; did you mean \(quoted($0))?" }
        report.warning(
            "no attester has the id \(quoted(attester)), so this line denies nothing\(near ?? "")",
            at: position, of: file)
    }

    private func fail(_ message: String) {
        report.error("\(message) (ATT-16)", at: position, of: file)
    }
}
