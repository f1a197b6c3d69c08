// SPDX-License-Identifier: Apache-2.0
// Host and port of a request (HTTP-08).

import Octets

/// A host with an optional port, as in `Host` and in an absolute request target. Without user
/// information and without percent-encoding: nobody needs them, and readers differ over both.
public struct Authority: Hashable, Sendable {
    /// The host in lower case; an IPv6 address with its brackets.
    public let host: [UInt8]
    /// The port, nil if none is written.
    public let port: UInt16?

    /// A host in lower case and a port.
    private init(host: [UInt8], port: UInt16?) {
        self.host = host
        self.port = port
    }

    /// HTTP-08. Reads a registered name, an IPv4 or a bracketed IPv6 address, and a port from 1 to
    /// 65535; nil for anything else.
    public init?(_ text: ArraySlice<UInt8>) {
        var index = text.startIndex
        if text.first == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            let address = text[(index + 1)..<close]
            guard address.count >= 2, address.contains(UInt8(ascii: ":")),
                address.allSatisfy(Self.isAddressCharacter)
            else { return nil }
            index = close + 1
        } else {
            while index < text.endIndex, Self.isNameCharacter(text[index]) { index += 1 }
            guard index > text.startIndex else { return nil }
        }
        host = ASCII.lowercased(Array(text[text.startIndex..<index]))
        if index == text.endIndex {
            port = nil
            return
        }
        guard text[index] == UInt8(ascii: ":"),
            let number = Self.portNumber(text[(index + 1)...])
        else { return nil }
        port = number
    }

    /// Reads `text` like `init(_: ArraySlice)`.
    public init?(_ text: [UInt8]) {
        self.init(text[...])
    }

    /// The same authority with the port left out if it is the scheme's own: 443 for https, 80 for
    /// http. Two authorities name the same thing if these are equal.
    public func withoutDefaultPort(https: Bool) -> Authority {
        port == (https ? 443 : 80) ? Authority(host: host, port: nil) : self
    }

    /// The written form, `host` or `host:port`.
    public var octets: [UInt8] {
        guard let port else { return host }
        return host + [UInt8(ascii: ":")] + Array(String(port).utf8)
    }

    private static func portNumber(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard !digits.isEmpty, digits.count <= 5 else { return nil }
        var number = 0
        for digit in digits {
            guard ASCII.isDigit(digit) else { return nil }
            number = number * 10 + Int(digit - 0x30)
        }
        return number == 0 ? nil : UInt16(exactly: number)
    }

    /// `unreserved` of RFC 3986.
    private static func isNameCharacter(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: ASCII.isAlpha(octet) || ASCII.isDigit(octet)
        }
    }

    private static func isAddressCharacter(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: ":") || octet == UInt8(ascii: ".") || ASCII.hexValue(octet) != nil
    }
}
