// SPDX-License-Identifier: Apache-2.0
// The URI a DPoP proof was made for, in the one form in which two of them can be compared.

import Octets

/// An absolute `http` or `https` URI without query and fragment, normalised as RFC 3986 sections
/// 6.2.2 and 6.2.3 say: two that mean the same resource are equal (DPOP-09, DPOP-10).
public struct TargetURI: Sendable, Equatable {
    /// The normalised text.
    public let octets: [UInt8]

    /// Reads and normalises a URI; its query and fragment are dropped. Nil if it is not an
    /// absolute `http` or `https` URI, names a user, or holds what no URI may hold.
    public init?(_ text: [UInt8]) {
        guard text.allSatisfy(Self.isURICharacter) else { return nil }
        var rest = text[...]
        let isSecure: Bool
        if ASCII.equalsIgnoringCase(rest.prefix(8), Self.https) {
            (isSecure, rest) = (true, rest.dropFirst(8))
        } else if ASCII.equalsIgnoringCase(rest.prefix(7), Self.http) {
            (isSecure, rest) = (false, rest.dropFirst(7))
        } else {
            return nil
        }
        rest = rest.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        guard let host = Self.authority(authority, isSecure: isSecure),
            let path = Self.path(rest[authority.endIndex...])
        else { return nil }
        octets = (isSecure ? Self.https : Self.http) + host + path
    }

    private static let https = Array("https://".utf8)
    private static let http = Array("http://".utf8)

    /// Host in lower case, port only if it is not the scheme's own; nil with a user or without a
    /// host.
    private static func authority(_ text: ArraySlice<UInt8>, isSecure: Bool) -> [UInt8]? {
        guard !text.contains(UInt8(ascii: "@")) else { return nil }
        var host = text
        var port: ArraySlice<UInt8> = []
        if let colon = text.lastIndex(of: UInt8(ascii: ":")),
            !text[colon...].contains(UInt8(ascii: "]"))
        {
            host = text[..<colon]
            port = text[(colon + 1)...]
            guard port.allSatisfy(ASCII.isDigit) else { return nil }
        }
        guard !host.isEmpty, let plain = unescaped(host) else { return nil }
        let isDefault = port.isEmpty || port.elementsEqual((isSecure ? "443" : "80").utf8)
        return ASCII.lowercased(plain) + (isDefault ? [] : [UInt8(ascii: ":")] + port)
    }

    /// Without dot segments, and never empty.
    private static func path(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard let plain = unescaped(text) else { return nil }
        var segments: [ArraySlice<UInt8>] = []
        let slash = UInt8(ascii: "/")
        let given = plain.split(separator: slash, omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in given.enumerated() {
            let isLast = index == given.count - 1
            switch segment {
            case [UInt8(ascii: ".")]:
                if isLast { segments.append([]) }
            case [UInt8(ascii: "."), UInt8(ascii: ".")]:
                _ = segments.popLast()
                if isLast { segments.append([]) }
            default:
                segments.append(segment)
            }
        }
        return [slash] + segments.joined(separator: [slash])
    }

    /// Percent-encoded unreserved characters decoded, the hexadecimal digits of others in upper
    /// case; nil for a `%` that is not followed by two digits.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.contains(UInt8(ascii: "%")) else { return Array(text) }
        var plain: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "%") else {
                plain.append(text[index])
                index += 1
                continue
            }
            guard index + 2 < text.endIndex, let high = ASCII.hexValue(text[index + 1]),
                let low = ASCII.hexValue(text[index + 2])
            else { return nil }
            let octet = high << 4 | low
            if isUnreserved(octet) {
                plain.append(octet)
            } else {
                plain.append(UInt8(ascii: "%"))
                plain += [text[index + 1], text[index + 2]].map(uppercased)
            }
            index += 3
        }
        return plain
    }

    private static func uppercased(_ octet: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(octet) ? octet - 32 : octet
    }

    private static func isUnreserved(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// RFC 3986 section 2: no controls, spaces, quotes, `\`, or octets above 126.
    private static func isURICharacter(_ octet: UInt8) -> Bool {
        switch octet {
        case 0...0x20, 0x7F..., UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "\\"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"),
            UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: true
        }
    }
}
