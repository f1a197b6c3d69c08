// SPDX-License-Identifier: Apache-2.0
// Captures in the forms people have them in.

import Octets
import Testing

@testable import Explain

private func read(_ text: String) throws -> Capture { try Capture(reading: text.octets) }

private func request(_ text: String) throws -> String {
    String(decoding: try read(text).octets, as: UTF8.self)
}

private func complaint(_ text: String) -> String {
    do {
        _ = try Capture(reading: text.octets)
        return ""
    } catch {
        return error.description
    }
}

@Suite("Captured requests are read")
struct CaptureTests {
    private let raw = "POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b"

    @Test("a raw request is taken octet for octet")
    func rawUnchanged() throws {
        let capture = try read(raw)
        #expect(capture.form == .http)
        #expect(capture.octets == raw.octets)
        #expect(capture.remarks.isEmpty)
    }

    @Test("a paste that lost every CR gets them back and says so; its last line end is dropped")
    func pasteWithoutReturns() throws {
        let pasted = "POST /token HTTP/1.1\nHost: a\nContent-Length: 3\n\na=b\n"
        #expect(try request(pasted) == raw)
        #expect(try read(pasted).remarks.count == 1)
    }

    @Test("HTTP-01: a head with both line ends is left as it is, for the rule to refuse")
    func mixedLineEnds() throws {
        let mixed = "POST /token HTTP/1.1\r\nHost: a\nContent-Length: 0\r\n\r\n"
        #expect(try request(mixed) == mixed)
    }

    @Test("text behind a head without Content-Length is remarked")
    func bodyWithoutLength() throws {
        let capture = try read("POST /token HTTP/1.1\nHost: a\n\ngrant_type=x")
        #expect(capture.remarks.contains { $0.contains("no Content-Length") })
    }

    @Test("curl -v: the lines with > are the head, whatever stands between")
    func verbose() throws {
        let output = """
            *   Trying 127.0.0.1:8443...
            * Connected to 127.0.0.1 (127.0.0.1) port 8443 (#0)
            > POST /token HTTP/1.1\r
            > Host: as.example.com\r
            * a note
            > Content-Length: 29\r
            >\u{20}
            } [29 bytes data]
            < HTTP/1.1 400 Bad Request
            < OAuth-Client-Attestation: no
            <\u{20}
            {"error":"invalid_client"}
            """
        let capture = try read(output)
        #expect(capture.form == .curlVerbose)
        let head = "POST /token HTTP/1.1\r\nHost: as.example.com\r\nContent-Length: 29\r\n\r\n"
        #expect(capture.octets == head.octets)
        #expect(capture.remarks.isEmpty)
    }

    @Test("curl -v: HTTP/2 becomes HTTP/1.1, CONNECT is passed over, the last attested one counts")
    func verboseChoice() throws {
        let output = """
            > CONNECT a:443 HTTP/1.1
            > Host: a:443
            >
            > POST /token HTTP/2
            > Host: a
            > oauth-client-attestation: t
            >
            < HTTP/2 400
            > GET /jwks HTTP/2
            > Host: a
            >
            """
        let capture = try read(output)
        let head = "POST /token HTTP/1.1\r\nHost: a\r\noauth-client-attestation: t\r\n\r\n"
        #expect(capture.octets == head.octets)
        #expect(capture.remarks.count == 2)
    }

    @Test("curl -v: the body of the command above the output is used")
    func verboseWithCommand() throws {
        let output = """
            $ curl -v http://a/token \\
                -d 'grant_type=x'
            > POST /token HTTP/1.1
            > Host: a
            > Content-Length: 12
            >
            """
        let text = try request(output)
        #expect(text == "POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\ngrant_type=x")
    }

    @Test("a body given apart replaces what was announced")
    func bodyApart() throws {
        var capture = try read("> POST /t HTTP/1.1\n> Host: a\n> Content-Length: 3\n>\n")
        capture.setBody("a=b\n".octets)
        let text = "POST /t HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b"
        #expect(capture.octets == text.octets)
        #expect(capture.remarks.isEmpty)
        capture.setBody("a=bcd".octets)
        #expect(capture.octets == text.replacing("th: 3", with: "th: 5").octets + "cd".octets)
        #expect(capture.remarks.count == 1)
    }

    @Test(
        "what is no request says what would be one",
        arguments: [
            ("", "empty"), ("   \n\n", "empty"), ("hello", "curl -v"), ("GET", "curl -v"),
            ("Invoke-WebRequest -Uri x", "PowerShell"), ("fetch(\"https://a\")", "JavaScript"),
            ("=> Send header, 12 bytes", "curl -v"), ("curl", "no URL"), ("curl -v", "no URL"),
        ])
    func garbage(text: String, word: String) {
        #expect(complaint(text).contains(word), "\(complaint(text))")
    }

    @Test("more than 1 MiB is refused unread")
    func tooLarge() {
        let error = #expect(throws: CaptureError.self) {
            try Capture(reading: [UInt8](repeating: 0x41, count: Capture.limit + 1))
        }
        #expect(error?.description.contains("1 MiB") == true)
    }

    @Test("whatever the octets are, reading ends with a request or a complaint")
    func anyOctets() {
        var generator = SystemRandomNumberGenerator()
        let seeds = [
            raw, "curl -v 'http://a/b' -H \"A: \\\"b\" -d $'a\\x41\\u0041\\101\\'' --json {} | x",
            "> POST /t HTTP/1.1\n> Host: a\n>\n", "curl $'", "curl \\", "curl \"\\", "curl -d",
            "POST  HTTP/", "> POST / HTTP/2", "curl ://", "curl http://@:80?#",
        ]
        for seed in seeds {
            for length in 0...seed.utf8.count {
                _ = try? Capture(reading: Array(seed.octets.prefix(length)))
            }
            for _ in 0..<300 {
                var octets = seed.octets
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: 0..<octets.count, using: &generator)
                    octets[place] = UInt8.random(in: .min ... .max, using: &generator)
                }
                _ = try? Capture(reading: octets)
            }
        }
    }
}

@Suite("curl command lines are read as the request that curl sends")
struct CurlCommandTests {
    @Test("data makes a POST of a form; options that shape nothing are passed over")
    func post() throws {
        let text = try request(
            """
            curl -sSkiv --http2 -o /dev/null -w '%{http_code}' --resolve a:443:1.2.3.4 \\
              https://a:443/token -H 'X: 1' -d grant_type=x -d "b=c d" --compressed | jq .
            """)
        #expect(
            text == """
                POST /token HTTP/1.1\r\nHost: a\r\nUser-Agent: curl\r\nAccept: */*\r\n\
                Content-Length: 18\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                X: 1\r\n\r\ngrant_type=x&b=c d
                """)
    }

    @Test("fields of the command replace those that curl would add")
    func ownFields() throws {
        let text = try request(
            #"curl http://127.0.0.1:80/t -H "Host: as" -H 'Accept:' -H 'X;' -H 'content-type: y' -A z -dq"#
        )
        #expect(
            text == """
                POST /t HTTP/1.1\r\nContent-Length: 1\r\nHost: as\r\nX:\r\ncontent-type: y\r\n\
                User-Agent: z\r\n\r\nq
                """)
    }

    @Test(
        "quotes are read as a shell reads them",
        arguments: [
            (#"'a'"b"c"#, "abc"), (#"'a b'"#, "a b"), (#""a\"b\\c\d""#, #"a"b\c\d"#),
            (#"a\ b"#, "a b"), (#"$'a\'b\n\x41\u00e9\101'"#, "a'b\nA\u{E9}A"), (#"'$x'"#, "$x"),
            (#""a$""#, "a$"), (#"'it'\''s'"#, "it's"),
        ])
    func quoting(word: String, value: String) throws {
        let text = try request("curl http://a/t --data-raw \(word)")
        #expect(text.hasSuffix("\r\n\r\n" + value))
    }

    @Test("the data options differ as curl's do")
    func dataOptions() throws {
        #expect(
            try request("curl a -d x --data-urlencode 'n=a b&'").hasSuffix("\r\n\r\nx&n=a%20b%26"))
        #expect(try request("curl a --data-urlencode '=ü'").hasSuffix("\r\n\r\n%C3%BC"))
        #expect(try request("curl a --data-raw @x").hasSuffix("\r\n\r\n@x"))
        #expect(
            try request("curl -G a/p?q -d x=1").hasPrefix("GET /p?q&x=1 HTTP/1.1\r\nHost: a\r\n"))
        #expect(try request("curl a --json '{}'").contains("Content-Type: application/json\r\n"))
        #expect(try request("curl a -F x=1").contains("Content-Type: multipart/form-data"))
    }

    @Test("method, user and target")
    func others() throws {
        #expect(try request("curl -X PUT a").hasPrefix("PUT / HTTP/1.1\r\n"))
        #expect(try request("curl -XPATCH -d x a").hasPrefix("PATCH / HTTP/1.1\r\n"))
        #expect(try request("curl -I https://a/b#c").hasPrefix("HEAD /b HTTP/1.1\r\n"))
        #expect(try request("curl -u u:p a").contains("\r\nAuthorization: Basic dTpw\r\n"))
        #expect(try request("curl https://u:p@a").contains("\r\nAuthorization: Basic dTpw\r\n"))
        #expect(try request("curl --oauth2-bearer t a").contains("\r\nAuthorization: Bearer t\r\n"))
        #expect(try request("curl --url a:8443/x").contains("\r\nHost: a:8443\r\n"))
        #expect(try request("curl a --next b").hasPrefix("GET / HTTP/1.1\r\nHost: a\r\n"))
    }

    @Test("a browser's copy, and one whose line ends lost the backslash")
    func copies() throws {
        let copy = """
            curl 'https://as.example.com/token' \\
              -X 'POST' \\
              -H 'oauth-client-attestation: t' \\
              --data-raw $'a=\\u0021' \\
              --compressed
            """
        #expect(try request(copy).hasSuffix("oauth-client-attestation: t\r\n\r\na=!"))
        let torn = copy.replacing(" \\\n", with: "\r\n")
        #expect(try request(torn).hasSuffix("oauth-client-attestation: t\r\n\r\na=!"))
    }

    @Test(
        "what only the shell or a file knows is named",
        arguments: [
            (#"curl a -H "A: $token""#, "$token"), ("curl a -d ${x}", "$x"),
            (#"curl a -d "$(cat t)""#, "$("), ("curl a -d `cat t`", "`"),
            ("curl a -H @f", "-H @file"), ("curl a -d @f", "--data @file"),
            ("curl a --data-binary @f", "--data-binary @file"),
            ("curl a --data-urlencode n@f", "--data-urlencode @file"), ("curl -K f", "no URL"),
            ("curl a -K f", "--config"), ("curl a -T f", "--upload-file"),
            ("curl a -d 'x", "quote"), ("curl a -H", "header"), ("curl ftp://a", "http"),
            ("curl ^\"https://a^\" ^\n -H ^\"a: b^\"", "Windows"),
        ])
    func unknowable(command: String, word: String) {
        #expect(complaint(command).contains(word), "\(complaint(command))")
    }
}
