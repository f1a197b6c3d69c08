// SPDX-License-Identifier: Apache-2.0
// A URL in an AS's metadata: where it points, and how a public one is made of it (META-03).

import HTTPWire
import Octets

/// A text that begins as an `http` or `https` URL does.
struct PublishedURL {
    let octets: [UInt8]
    private let isSecure: Bool
    private let authority: Range<Int>
    private let pathRange: Range<Int>

    /// Nil for every other text.
    init?(_ octets: [UInt8]) {
        let start: Int
        if ASCII.equalsIgnoringCase(octets.prefix(8), Self.https) {
            (isSecure, start) = (true, 8)
        } else if ASCII.equalsIgnoringCase(octets.prefix(7), Self.http) {
            (isSecure, start) = (false, 7)
        } else {
            return nil
        }
        self.octets = octets
        let end = octets[start...].firstIndex(where: Self.endsAuthority) ?? octets.count
        authority = start..<end
        let pathEnd = octets[end...].firstIndex(where: Self.endsPath) ?? octets.count
        pathRange = end..<pathEnd
    }

    private static let https = "https://".octets
    private static let http = "http://".octets

    /// `\` too: some readers take it for `/`.
    private static func endsAuthority(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "/") || octet == UInt8(ascii: "\\") || endsPath(octet)
    }

    private static func endsPath(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "?") || octet == UInt8(ascii: "#")
    }

    /// Host in lower case, without user and port, an IPv6 address without brackets.
    var host: [UInt8] {
        var text = octets[authority]
        if let at = text.lastIndex(of: UInt8(ascii: "@")) { text = text[(at + 1)...] }
        if text.first == UInt8(ascii: "[") {
            return ASCII.lowercased(Array(text.dropFirst().prefix { $0 != UInt8(ascii: "]") }))
        }
        var host = ASCII.lowercased(Array(text.prefix { $0 != UInt8(ascii: ":") }))
        while host.last == UInt8(ascii: ".") { host.removeLast() }
        return host
    }

    /// Whether the URL lies at `origin`, `https://host[:port]`.
    func isAt(_ origin: [UInt8]) -> Bool {
        guard isSecure, let own = Authority(octets[authority]),
            let other = Authority(origin[8...])
        else { return false }
        return own.withoutDefaultPort(https: true) == other.withoutDefaultPort(https: true)
    }

    /// The path with runs of `/` as one: that is how the gateway is asked for it.
    var path: [UInt8] {
        var path: [UInt8] = []
        for octet in octets[pathRange] {
            if octet != UInt8(ascii: "/") || path.last != octet { path.append(octet) }
        }
        return path
    }

    /// The URL with that path; the same octets if nothing was repeated.
    var collapsed: [UInt8] {
        Array(octets[..<pathRange.lowerBound]) + path + octets[pathRange.upperBound...]
    }

    /// With the longest prefix that fits replaced; nil if none fits.
    func mapped(by mappings: [MetadataSettings.Mapping]) -> PublishedURL? {
        let fitting = mappings.filter { mapping in
            guard octets.starts(with: mapping.from) else { return false }
            return octets.count == mapping.from.count
                || octets[mapping.from.count] == UInt8(ascii: "/")
                || Self.endsPath(octets[mapping.from.count])
        }
        guard let best = fitting.max(by: { $0.from.count < $1.from.count }) else { return nil }
        return PublishedURL(best.to + octets[best.from.count...])
    }

    /// Whether the host is this machine, as no public URL's is.
    var isLoopback: Bool {
        let host = host
        return host == Self.localhost || host.starts(with: Self.loopback) || host == Self.loopback6
    }

    private static let localhost = "localhost".octets
    private static let loopback = "127.".octets
    private static let loopback6 = "::1".octets
}
