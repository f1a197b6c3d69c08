// SPDX-License-Identifier: Apache-2.0
// A request as somebody captured it, brought into the form in which the gateway gets requests.

import Octets

/// Why a capture can't be read, in one sentence for the person who made it.
public struct CaptureError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong and what to do.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// One captured request.
public struct Capture: Sendable, Equatable {
    /// What the capture looked like.
    public enum Form: String, Sendable, CaseIterable {
        /// The request itself.
        case http
        /// What `curl -v` prints.
        case curlVerbose = "curl-verbose"
        /// A `curl` command line.
        case curlCommand = "curl-command"
    }

    /// The most octets that are read: more than any request that the gateway would judge.
    public static let limit = 1 << 20

    /// What the capture looked like.
    public let form: Form
    /// The request in the form of HTTP/1.1, as far as it was captured. The body is missing where
    /// the capture has none.
    public private(set) var octets: [UInt8]
    /// What was changed or assumed on the way, in sentences.
    public private(set) var remarks: [String]

    init(_ form: Form, octets: [UInt8], remarks: [String]) {
        self.form = form
        self.octets = octets
        self.remarks = remarks
    }

    /// Recognises and reads a capture. Never traps; the work is linear in the size.
    public init(reading text: [UInt8]) throws(CaptureError) {
        guard text.count <= Self.limit else {
            throw CaptureError("the capture is larger than 1 MiB; give one request alone")
        }
        let start = Self.start(of: text)
        guard start < text.count else {
            throw CaptureError("the capture is empty; " + Self.accepted)
        }
        if let verbose = VerboseCapture.read(text[start...]) {
            self = verbose
        } else if CurlCommand.begins(text[start...]) {
            self = try CurlCommand(text[start...]).capture()
        } else if RawCapture.begins(text[start...]) {
            self = RawCapture.read(text[start...])
        } else {
            throw Self.unrecognised(text[start...])
        }
    }

    static let accepted =
        "give a raw HTTP request, the output of `curl -v`, or a `curl` command line"

    /// Past a byte order mark, empty lines and spaces, which pastes bring.
    private static func start(of text: [UInt8]) -> Int {
        var start = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < text.count, text[start] <= 0x20 { start += 1 }
        return start
    }

    private static func unrecognised(_ text: ArraySlice<UInt8>) -> CaptureError {
        let line = Lines.first(of: text)
        if line.starts(with: "Invoke-WebRequest".utf8) || line.starts(with: "$session".utf8) {
            return CaptureError("this is PowerShell; copy the request as cURL (bash) instead")
        }
        if line.starts(with: "fetch(".utf8) {
            return CaptureError("this is JavaScript; copy the request as cURL (bash) instead")
        }
        if line.starts(with: "=> Send".utf8) || line.starts(with: "== Info".utf8) {
            return CaptureError("this is `curl --trace`; use `curl -v` instead")
        }
        return CaptureError("no request is recognised; " + accepted)
    }

    // MARK: Bodies

    /// Gives the request another body, for captures that have none. `Content-Length` follows.
    public mutating func setBody(_ body: [UInt8]) {
        let message = Message(octets)
        let announced = message.announcedLength
        var body = body
        // An editor ends a file with a line end that was not sent.
        if let announced, body.count == announced + 1, body.last == 0x0A { body.removeLast() }
        if let announced, body.count != announced {
            remarks.append(
                "Content-Length was \(announced); the body given has \(body.count) octets, and "
                    + "the request is judged with that length")
        }
        octets = message.withBody(body)
    }

    /// Adds a remark.
    mutating func remark(_ text: String) {
        remarks.append(text)
    }
}
