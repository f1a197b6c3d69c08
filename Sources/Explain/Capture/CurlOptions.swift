// SPDX-License-Identifier: Apache-2.0
// Which options of curl take a value; those that shape the request are read by CurlCommand.

import Octets

/// The options of curl 8.
enum CurlOptions {
    /// Short options with a value.
    static let shortWithValue = Set("AbcCdDeEFHKmoPQrtTuUwxXyYz".utf8)

    /// The long names of the short options that CurlCommand reads.
    static let longNames: [UInt8: String] = [
        UInt8(ascii: "A"): "user-agent", UInt8(ascii: "b"): "cookie", UInt8(ascii: "d"): "data",
        UInt8(ascii: "e"): "referer", UInt8(ascii: "F"): "form", UInt8(ascii: "G"): "get",
        UInt8(ascii: "H"): "header", UInt8(ascii: "I"): "head", UInt8(ascii: "K"): "config",
        UInt8(ascii: "T"): "upload-file", UInt8(ascii: "u"): "user", UInt8(ascii: "X"): "request",
        UInt8(ascii: "0"): "http1.0", UInt8(ascii: ":"): "next",
    ]

    /// Long options with a value.
    static let longWithValue: Set<String> = Set(
        """
        abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config \
        connect-timeout connect-to continue-at cookie cookie-jar create-file-mode crlfile curves \
        data data-ascii data-binary data-raw data-urlencode delegation dns-interface \
        dns-ipv4-addr dns-ipv6-addr dns-servers doh-url dump-ca-embed dump-header ech egd-file \
        engine etag-compare etag-save expect100-timeout form form-string ftp-account \
        ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms \
        haproxy-clientip header hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway json \
        keepalive-cnt keepalive-time key key-type krb libcurl limit-rate local-port login-options \
        mail-auth mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy \
        oauth2-bearer output output-dir parallel-max pass pinnedpubkey preproxy proto \
        proto-default proto-redir proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type \
        proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass \
        proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype \
        proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range rate \
        referer request request-target resolve retry retry-delay retry-max-time sasl-authzid \
        service-name socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit \
        speed-time stderr telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype \
        tlspassword tlsuser trace trace-ascii trace-config unix-socket upload-file \
        upload-flags url url-query user user-agent variable vlan-priority write-out
        """.split(separator: " ").map(String.init))

    /// One option, or a word that is none: a URL.
    struct Item: Equatable {
        /// The long name; nil for a URL, `-` and the letter for a short option of no interest.
        var name: String?
        var value: [UInt8]
    }

    /// The options of `words`, the command's name not among them.
    static func read(_ words: ArraySlice<[UInt8]>) throws(CaptureError) -> [Item] {
        var items: [Item] = []
        var rest = words
        var areOver = false
        while let word = rest.popFirst() {
            if areOver || word.first != UInt8(ascii: "-") || word.count < 2 {
                items.append(Item(name: nil, value: word))
            } else if word.elementsEqual("--".utf8) {
                areOver = true
            } else if word[1] == UInt8(ascii: "-") {
                let name = String(decoding: word.dropFirst(2), as: UTF8.self)
                var value: [UInt8] = []
                if longWithValue.contains(name) { value = try next(&rest, of: name) }
                items.append(Item(name: name, value: value))
            } else {
                try readShort(word.dropFirst(), &rest, into: &items)
            }
        }
        return items
    }

    /// `-sSX POST`, `-XPOST`: letters in one word up to one with a value.
    private static func readShort(
        _ letters: ArraySlice<UInt8>, _ rest: inout ArraySlice<[UInt8]>, into items: inout [Item]
    ) throws(CaptureError) {
        var letters = letters
        while let letter = letters.popFirst() {
            let name = longNames[letter] ?? "-\(String(Unicode.Scalar(letter)))"
            guard shortWithValue.contains(letter) else {
                items.append(Item(name: name, value: []))
                continue
            }
            let value = letters.isEmpty ? try next(&rest, of: name) : Array(letters)
            items.append(Item(name: name, value: value))
            return
        }
    }

    private static func next(
        _ rest: inout ArraySlice<[UInt8]>, of name: String
    ) throws(CaptureError) -> [UInt8] {
        guard let value = rest.popFirst() else {
            throw CaptureError("the command ends after the option \(name); copy all of it")
        }
        return value
    }
}
