// SPDX-License-Identifier: Apache-2.0
// Character classes, framing, counts and identifiers of rules.

import Octets
import Testing

@Suite struct OctetsTests {
    @Test("rule identifiers are written with two digits")
    func ruleIdentifiers() {
        #expect(RuleID.pop(4).description == "POP-04")
        #expect(RuleID.jose(27).description == "JOSE-27")
        #expect(RuleID.key(4) == RuleID(.key, 4))
        #expect(RuleID.key(4) != RuleID.att(4))
    }

    @Test("character classes are those of the RFCs, for every octet")
    func classes() {
        let symbols = Array("!#$%&'*+-.^_`|~".utf8)
        for octet in UInt8.min...UInt8.max {
            let scalar = Unicode.Scalar(octet)
            let isDigit = ("0"..."9").contains(scalar)
            let isAlpha = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            #expect(ASCII.isDigit(octet) == isDigit)
            #expect(ASCII.isAlpha(octet) == isAlpha)
            #expect(
                ASCII.isTokenCharacter(octet) == (isDigit || isAlpha || symbols.contains(octet)))
            #expect(ASCII.isVisible(octet) == ("!"..."~").contains(scalar))
            let hex = octet < 0x80 ? Int(String(scalar), radix: 16).map(UInt8.init) : nil
            #expect(ASCII.hexValue(octet) == hex)
        }
    }

    @Test("case is folded for A to Z only")
    func folding() {
        #expect(ASCII.lowercased(Array("AZ[@`az\u{212A}".utf8)) == Array("az[@`az\u{212A}".utf8))
        #expect(ASCII.equalsIgnoringCase(Array("DPoP".utf8), Array("dpop".utf8)))
        #expect(!ASCII.equalsIgnoringCase(Array("DPoP".utf8), Array("dpo".utf8)))
        #expect(!ASCII.equalsIgnoringCase(Array("DP@P".utf8), Array("dp`p".utf8)))
        #expect(ASCII.equalsIgnoringCase(Array("xHost".utf8)[1...], Array("host".utf8)))
    }

    @Test("different lists of fields never frame to the same octets")
    func framing() {
        func framed(_ fields: [String]) -> [UInt8] {
            var result = LengthPrefixed()
            for field in fields { result.append(Array(field.utf8)) }
            return result.bytes
        }
        #expect(framed(["ab"]) == [0, 0, 0, 2, 0x61, 0x62])
        let lists = [
            ["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["", "", "abc"], [],
        ]
        #expect(Set(lists.map(framed)).count == lists.count)
        var labelled = LengthPrefixed(reserving: 16)
        labelled.append("é")
        labelled.append(octet: 7)
        #expect(labelled.bytes == [0, 0, 0, 2, 0xC3, 0xA9, 0, 0, 0, 1, 7])
    }

    @Test("fields come out as they went in, and nothing else is taken for fields")
    func fields() {
        var framed = LengthPrefixed()
        for field in [[1, 2], [], [3]] as [[UInt8]] { framed.append(field) }
        let octets = framed.bytes
        #expect(LengthPrefixed.fields(of: octets, count: 3) == [[1, 2], [], [3]])
        #expect(LengthPrefixed.fields(of: octets, count: 2) == nil)
        #expect(LengthPrefixed.fields(of: octets, count: 4) == nil)
        #expect(LengthPrefixed.fields(of: octets + [0], count: 3) == nil)
        for length in octets.indices {
            #expect(LengthPrefixed.fields(of: Array(octets[..<length]), count: 3) == nil)
        }
        #expect(LengthPrefixed.fields(of: [255, 255, 255, 255, 1], count: 1) == nil)
        #expect(LengthPrefixed.fields(of: [], count: 0) == [])
    }

    @Test("time arithmetic saturates")
    func saturation() {
        #expect(UnixTime(5) + 3 == UnixTime(8))
        #expect(UnixTime(5) - 8 == UnixTime(-3))
        #expect(UnixTime(.max) + 1 == UnixTime(.max))
        #expect(UnixTime(.min) - 1 == UnixTime(.min))
        #expect(UnixTime(.min) + (-1) == UnixTime(.min))
        #expect(UnixTime(0) - .min == UnixTime(.max))
        #expect(UnixTime(1) < UnixTime(2))
    }

    @Test(
        "times are written as HTTP and RFC 3339 want them",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.250Z"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.250Z"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00.250Z"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT", "2000-03-01T00:00:00.250Z"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT", "2100-02-28T23:59:59.250Z"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00.250Z"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59.250Z"),
            (.max, "Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59.250Z"),
            (-5, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.250Z"),
        ] as [(Int64, String, String)])
    func timestamps(seconds: Int64, http: String, rfc3339: String) {
        #expect(Timestamps.imfFixdate(UnixTime(seconds)) == Array(http.utf8))
        #expect(Timestamps.rfc3339(seconds: seconds, milliseconds: 250) == Array(rfc3339.utf8))
    }

    @Test("sizes carry their unit and never overflow")
    func sizes() {
        #expect(ByteCount.kibibytes(16).bytes == 16_384)
        #expect(ByteCount.kibibytes(.max).bytes == .max)
        #expect(ByteCount(bytes: -1).bytes == 0)
        #expect(ByteCount.bytes(1) < .bytes(2))
    }

    @Test("FWD-07: percent-encoding leaves visible unreserved ASCII only")
    func percentEncoding() {
        #expect(
            PercentEncoding.encode(Array("a-Z_0.~ /%\r\né".utf8))
                == Array("a-Z_0.~%20%2F%25%0D%0A%C3%A9".utf8))
        let everything = PercentEncoding.encode(Array(UInt8.min...UInt8.max))
        #expect(everything.allSatisfy(ASCII.isVisible))
    }
}
