// SPDX-License-Identifier: Apache-2.0
// Values with a syntax of the web: paths, origins, issuers and the URL of an AS.

import HTTPWire

extension Field {
    /// A path that every parser reads the same way, as the request target will be compared with it.
    func path() -> [UInt8]? {
        guard let text = text() else { return nil }
        if let fault = Self.pathFault(text) {
            fail("\(quoted(text)) \(fault); write a plain path, such as /oauth/token")
            return nil
        }
        return Array(text.utf8)
    }

    /// A path prefix, matched by whole segments: no final `/`, except for `/` itself.
    func pathPrefix() -> [UInt8]? {
        guard let path = path() else { return nil }
        guard path.count == 1 || path.last != UInt8(ascii: "/") else {
            let shorter = String(decoding: path.dropLast(), as: UTF8.self)
            fail("ends with /; write \(shorter), it covers everything below it")
            return nil
        }
        return path
    }

    /// CFG-01. The issuer of an AS: https, a host, perhaps a path, nothing else.
    func issuer() -> Issuer? {
        guard let text = text() else { return nil }
        guard let issuer = Issuer(text) else {
            fail(
                "\(quoted(text)) \(Issuer.fault(text)) (CFG-01); write it as clients know it, "
                    + "such as https://as.example.com"
            )
            return nil
        }
        return issuer
    }

    /// An `Origin` value: scheme, host, port, nothing else.
    func origin() -> [UInt8]? {
        guard let text = text() else { return nil }
        let rest = ["https://", "http://"].first(where: text.hasPrefix).map {
            text.dropFirst($0.count)
        }
        let isLower = !text.utf8.contains { (0x41...0x5A).contains($0) }
        guard let rest, isLower, Authority(Array(rest.utf8)) != nil else {
            fail(
                "\(quoted(text)) is no origin; write each one out, such as https://app.example.com")
            return nil
        }
        return Array(text.utf8)
    }

    private static func pathFault(_ text: String) -> String? {
        guard text.hasPrefix("/") else { return "does not begin with /" }
        guard text.utf8.count <= 1024 else { return "is longer than 1024 octets" }
        guard !text.contains("?"), !text.contains("#") else { return "has a query or fragment" }
        guard text.utf8.allSatisfy(isPathOctet) else {
            return "has a character that parsers read differently"
        }
        guard !text.contains("//") else { return "has an empty segment" }
        let segments = text.split(separator: "/")
        guard !segments.contains("."), !segments.contains("..") else { return "has a dot segment" }
        return nil
    }

    /// RFC 3986 pchar without `%` and `;` (HTTP-09), and `/`.
    private static func isPathOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: Array("-._~!$&'()*+,=:@/".utf8).contains(octet)
        }
    }
}

/// An issuer identifier and what follows from it.
struct Issuer {
    /// As it is compared, octet by octet.
    let octets: [UInt8]
    /// `https://host[:port]`, as written.
    let origin: [UInt8]
    /// Host and port.
    let authority: Authority
    /// Host, and the port unless it is 443.
    let host: [UInt8]

    init?(_ text: String) {
        let scheme = "https://"
        guard text.hasPrefix(scheme), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.contains("?"), !text.contains("#"), !text.contains(where: Self.isForeign)
        else { return nil }
        let written = text.dropFirst(scheme.count).prefix { $0 != "/" }
        guard let authority = Authority(Array(written.utf8)) else { return nil }
        octets = Array(text.utf8)
        origin = Array((scheme + written).utf8)
        self.authority = authority
        host = Array((written.hasSuffix(":443") ? written.dropLast(4) : written).utf8)
    }

    /// Visible ASCII that RFC 3986 has nowhere; the issuer is also a quoted realm (ERR-05).
    private static func isForeign(_ character: Character) -> Bool {
        "\"\\<>^`{|}".contains(character)
    }

    /// What is wrong with a text that is no issuer.
    static func fault(_ text: String) -> String {
        if !text.hasPrefix("https://") { return "is not https" }
        if text.contains("?") { return "has a query" }
        if text.contains("#") { return "has a fragment" }
        if text.contains(where: isForeign) { return "has a character that no URL has" }
        return "has no valid host"
    }
}
