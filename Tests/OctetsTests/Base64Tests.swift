// SPDX-License-Identifier: Apache-2.0
// base64url, base64 and hexadecimal: canonical and nothing else (JOSE-02).

import Octets
import Testing

@Suite struct Base64Tests {
    @Test("JOSE-02: octets of every length survive a round trip")
    func roundTrips() {
        for count in 0...70 {
            let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 200) }
            #expect(Base64URL.decode(Base64URL.encode(octets)) == octets)
            #expect(Base64.decode(Base64.encode(octets)) == octets)
            #expect(Hex.decode(Hex.encode(octets)) == octets)
        }
    }

    @Test("JOSE-02: the alphabets are those of RFC 4648")
    func alphabets() {
        #expect(Base64URL.encodeToString([0xFB, 0xFF, 0xBF]) == "-_-_")
        #expect(Base64.encode([0xFB, 0xFF, 0xBF]) == Array("+/+/".utf8))
        #expect(Base64.encode([0x66]) == Array("Zg==".utf8))
        #expect(Base64.encode(Array("fo".utf8)) == Array("Zm8=".utf8))
        #expect(Base64URL.encodeToString(Array("foob".utf8)) == "Zm9vYg")
        let all = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        #expect(Base64URL.decode(all).map(Base64URL.encode) == all)
    }

    @Test(
        "JOSE-02: padding, foreign characters, lengths and trailing bits are refused",
        arguments: [
            "A", "AAAAA", "AA==", "AAA=", "Zg=", "Zg==", "Zh", "Zm9", "QUJDRB", "+-AA", "/-AA",
            "AA A",
            " AAAA", "AAAA\n", "AAAA\r\n", "AA\u{0}A", "AA.A", "AAA~", "\u{E9}AA", "AAAA====", "=",
        ])
    func refused(text: String) {
        #expect(Base64URL.decode(Array(text.utf8)) == nil)
    }

    @Test("JOSE-02: of all texts of two and three characters exactly the canonical ones decode")
    func canonical() {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var two = 0
        for first in alphabet {
            for second in alphabet {
                guard let octets = Base64URL.decode([first, second]) else { continue }
                two += 1
                #expect(Base64URL.encode(octets) == [first, second])
            }
        }
        #expect(two == 256)
        let three = alphabet.filter { Base64URL.decode([0x41, 0x41, $0]) != nil }
        #expect(three.count == 16)
    }

    @Test("JOSE-02: every octet outside the alphabet is refused at every position")
    func everyOctet() {
        for octet in UInt8.min...UInt8.max {
            let isMember =
                ASCII.isAlpha(octet) || ASCII.isDigit(octet) || octet == 0x2D || octet == 0x5F
            for position in 0..<6 {
                var text = Array("AAAAAA".utf8)
                text[position] = octet
                if !isMember { #expect(Base64URL.decode(text) == nil) }
            }
            #expect((Base64URL.decode([octet, 0x41, 0x41, 0x41]) != nil) == isMember)
        }
    }

    @Test(
        "standard base64 must be padded and canonical",
        arguments: [
            "Zg", "Zg=", "Zh==", "Zm9=", "Zm8", "Zm8==", "====", "=", "A===", "Zg==Zg==", "Zm 8=",
            "-_-_",
            "Zm8=\n", "Z=g=",
        ])
    func standard(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }

    @Test("a slice is decoded in its place")
    func slices() {
        let text = Array("xxZm9v.Zg".utf8)
        #expect(Base64URL.decode(text[2..<6]) == Array("foo".utf8))
        #expect(Base64URL.decode(text[7...]) == Array("f".utf8))
        #expect(Base64URL.decode(text[2..<2]) == [])
    }

    @Test("hexadecimal is read in either case and written in lower case")
    func hexadecimal() {
        #expect(Hex.decode(Array("00fFA9".utf8)) == [0x00, 0xFF, 0xA9])
        #expect(Hex.encodeToString([0x00, 0xFF, 0xA9]) == "00ffa9")
        #expect(Hex.decode(Array("0".utf8)) == nil)
        #expect(Hex.decode(Array("0g".utf8)) == nil)
        #expect(Hex.decode(Array("+1".utf8)) == nil)
    }
}
