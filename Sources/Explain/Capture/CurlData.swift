// SPDX-License-Identifier: Apache-2.0
// What `--data-urlencode` and the URL of a curl command become.

import Octets

/// Data of a curl command.
enum CurlData {
    /// `content`, `=content` or `name=content`, with the content percent-encoded.
    static func urlEncoded(_ value: [UInt8]) throws(CaptureError) -> [UInt8] {
        let mark = value.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "@") }
        guard let mark else { return encoded(value[...]) }
        guard value[mark] == UInt8(ascii: "=") else {
            throw CaptureError(
                "--data-urlencode @file names a file that is not in the capture; write the data")
        }
        let content = encoded(value[(mark + 1)...])
        return mark == 0 ? content : Array(value[...mark]) + content
    }

    private static func encoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for octet in text {
            if ASCII.isAlpha(octet) || ASCII.isDigit(octet) || "-._~".utf8.contains(octet) {
                result.append(octet)
            } else {
                result.append(UInt8(ascii: "%"))
                result += Hex.encode([octet]).map { ASCII.isAlpha($0) ? $0 & 0xDF : $0 }
            }
        }
        return result
    }
}

/// A URL as curl takes it apart: nothing is normalised.
struct CurlURL {
    /// The user before `@`; nil: none.
    let user: [UInt8]?
    /// The value of `Host`: without the scheme's own port.
    let host: [UInt8]
    private var path: [UInt8]
    private var query: [UInt8]?

    /// Without a scheme curl means `http`.
    init(_ text: [UInt8]) throws(CaptureError) {
        var rest = text[...]
        var defaultPort = ":80"
        if let mark = Self.find("://", in: text) {
            let scheme = text[..<mark].map(ASCII.lowercased)
            guard scheme.elementsEqual("https".utf8) || scheme.elementsEqual("http".utf8) else {
                throw CaptureError("the URL of the command is neither http nor https")
            }
            if scheme.elementsEqual("https".utf8) { defaultPort = ":443" }
            rest = text[(mark + 3)...]
        }
        let authority = rest.prefix { !"/?#".utf8.contains($0) }
        rest = rest.dropFirst(authority.count)
        let at = authority.lastIndex(of: UInt8(ascii: "@"))
        user = at.map { Array(authority[..<$0]) }
        var host = Array(at.map { authority[($0 + 1)...] } ?? authority)
        if host.count > defaultPort.utf8.count,
            host.suffix(defaultPort.utf8.count)
                .elementsEqual(defaultPort.utf8)
        {
            host.removeLast(defaultPort.utf8.count)
        }
        guard !host.isEmpty else { throw CaptureError("the URL of the command has no host") }
        self.host = host
        rest = rest.prefix { $0 != UInt8(ascii: "#") }
        let path = rest.prefix { $0 != UInt8(ascii: "?") }
        self.path = path.isEmpty ? [UInt8(ascii: "/")] : Array(path)
        query = path.count < rest.count ? Array(rest.dropFirst(path.count + 1)) : nil
    }

    /// Path and query.
    var target: [UInt8] {
        guard let query else { return path }
        return path + [UInt8(ascii: "?")] + query
    }

    /// Appends to the query.
    mutating func addQuery(_ text: [UInt8]) {
        query = query.map { $0 + [UInt8(ascii: "&")] + text } ?? text
    }

    private static func find(_ mark: String, in text: [UInt8]) -> Int? {
        let mark = Array(mark.utf8)
        guard text.count >= mark.count else { return nil }
        // The scheme is short; what is far behind belongs to a query.
        return (0...min(text.count - mark.count, 16)).first { text[$0...].starts(with: mark) }
    }
}
