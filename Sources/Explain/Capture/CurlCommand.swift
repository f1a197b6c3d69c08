// SPDX-License-Identifier: Apache-2.0
// A `curl` command line, read as the request that curl would send.

import Octets

/// The parts of a `curl` command that shape its request. Nothing is run, opened or looked up.
struct CurlCommand {
    /// What is sent, as far as it stands in the command.
    private(set) var body: [UInt8] = []
    private var url: CurlURL
    private var method: [UInt8]?
    private var target: [UInt8]?
    private var fields: [(name: [UInt8], value: [UInt8]?)] = []
    private var user: [UInt8]?
    private var contentType = "application/x-www-form-urlencoded"
    private var hasBody = false
    private var putsBodyIntoURL = false
    private var asksForHead = false
    private var version = "HTTP/1.1"
    private var remarks: [String] = []

    /// Whether `line` begins with the command, perhaps behind a prompt.
    static func begins(_ line: ArraySlice<UInt8>) -> Bool {
        var text = line.drop { $0 == 0x20 || $0 == 0x09 }
        if let prompt = text.first, "$#%>".utf8.contains(prompt), text.dropFirst().first == 0x20 {
            text = text.dropFirst(2)
        }
        let word = text.prefix { $0 > 0x20 }
        return ["curl", "curl.exe", "/usr/bin/curl"].contains { word.elementsEqual($0.utf8) }
    }

    /// Reads the command that begins here.
    init(_ text: ArraySlice<UInt8>) throws(CaptureError) {
        var words = try ShellWords.split(text)[...]
        while let word = words.popFirst(), !Self.begins(word[...]) {}
        if words.contains(where: { $0.first == UInt8(ascii: "^") && $0.last == $0.first }) {
            throw CaptureError(
                "this is quoted for the Windows command prompt; copy as cURL (bash) instead")
        }
        let items = try CurlOptions.read(words)
        let urls = items.filter { $0.name == nil || $0.name == "url" }
        guard let first = urls.first else {
            throw CaptureError("the command has no URL; copy all of it")
        }
        url = try CurlURL(first.value)
        if urls.count > 1 { remarks.append("the command has several URLs; this is the first") }
        for item in items {
            if item.name == "next" {
                remarks.append("what follows --next is left out")
                break
            }
            try take(item)
        }
    }

    // MARK: Options

    private mutating func take(_ item: CurlOptions.Item) throws(CaptureError) {
        let value = item.value
        switch item.name {
        case "request": method = value
        case "request-target": target = value
        case "header": try takeHeader(value)
        case "data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json":
            try takeData(value, option: item.name ?? "")
        case "form", "form-string": takeForm()
        case "upload-file":
            throw CaptureError("the body of --upload-file is not in the command; give --body FILE")
        case "get": putsBodyIntoURL = true
        case "head": asksForHead = true
        case "user": user = value
        case "oauth2-bearer": fields.append(("Authorization".octets, "Bearer ".octets + value))
        case "user-agent": fields.append(("User-Agent".octets, value.isEmpty ? nil : value))
        case "referer": fields.append(("Referer".octets, value))
        case "cookie": fields.append(("Cookie".octets, value))
        case "url-query": url.addQuery(try CurlData.urlEncoded(value))
        case "http1.0": version = "HTTP/1.0"
        case "config": throw CaptureError("--config names a file that is not in the capture")
        default: break
        }
    }

    /// `Name: value`; `Name:` leaves the field out; `Name;` sends it empty.
    private mutating func takeHeader(_ value: [UInt8]) throws(CaptureError) {
        guard value.first != UInt8(ascii: "@") else {
            throw CaptureError("-H @file names a file that is not in the capture; write the fields")
        }
        if let colon = value.firstIndex(of: UInt8(ascii: ":")) {
            let content = Array(value[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 })
            fields.append((Array(value[..<colon]), content.isEmpty ? nil : content))
        } else if value.last == UInt8(ascii: ";") {
            fields.append((Array(value.dropLast()), []))
        }
    }

    private mutating func takeData(_ value: [UInt8], option: String) throws(CaptureError) {
        let data: [UInt8]
        switch option {
        case "data-urlencode": data = try CurlData.urlEncoded(value)
        case "data-raw": data = value
        default:
            guard value.first != UInt8(ascii: "@") else {
                throw CaptureError(
                    "--\(option) @file names a file that is not in the capture; write the data")
            }
            data = value
        }
        if option == "json" {
            contentType = "application/json"
        } else if hasBody {
            body.append(UInt8(ascii: "&"))
        }
        hasBody = true
        body += data
    }

    private mutating func takeForm() {
        contentType = "multipart/form-data; boundary=not-captured"
        hasBody = true
        remarks.append("the parts of --form are left out; their media type is not one for tokens")
    }

    // MARK: The request

    /// The request as curl would send it.
    func capture() -> Capture {
        var url = url
        if putsBodyIntoURL { url.addQuery(body) }
        let sends = hasBody && !putsBodyIntoURL
        let method = method ?? (sends ? "POST" : asksForHead ? "HEAD" : "GET").octets
        var octets = method + [0x20] + (target ?? url.target) + " \(version)\r\n".octets
        var defaults: [(String, [UInt8])] = [("Host", url.host)]
        if let user = user ?? url.user {
            defaults.append(("Authorization", "Basic ".octets + Base64.encode(user)))
        }
        defaults += [("User-Agent", "curl".octets), ("Accept", "*/*".octets)]
        if sends {
            defaults.append(("Content-Length", "\(body.count)".octets))
            defaults.append(("Content-Type", contentType.octets))
        }
        for (name, value) in defaults where !isGiven(name) {
            octets += name.octets + ": ".octets + value + [0x0D, 0x0A]
        }
        for case (let name, let value?) in fields {
            octets += name + (value.isEmpty ? ":" : ": ").octets + value + [0x0D, 0x0A]
        }
        octets += [0x0D, 0x0A]
        return Capture(.curlCommand, octets: sends ? octets + body : octets, remarks: remarks)
    }

    private func isGiven(_ name: String) -> Bool {
        fields.contains { ASCII.equalsIgnoringCase($0.name, ASCII.lowercased(name.octets)) }
    }
}
