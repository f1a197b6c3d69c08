// SPDX-License-Identifier: Apache-2.0
// The strict reader's strings: UTF-8, escapes, surrogates (JOSE-03).

import Octets

extension JSONReader {
    /// Reads a string at its opening quote and gives the decoded octets. A string without escapes
    /// is checked in one pass and not copied.
    mutating func string() throws(JSONError) -> ArraySlice<UInt8> {
        position += 1
        let start = position
        skipPlain()
        guard try peek() == UInt8(ascii: "\"") else { return try unusualString(from: start) }
        position += 1
        return bytes[start..<(position - 1)]
    }

    /// The rest of a string with escapes or octets that are not ASCII.
    private mutating func unusualString(from start: Int) throws(JSONError) -> ArraySlice<UInt8> {
        var decoded: [UInt8] = []
        var copied = start
        while true {
            skipPlain()
            let octet = try peek()
            switch octet {
            case UInt8(ascii: "\""):
                position += 1
                if copied == start { return bytes[start..<(position - 1)] }
                decoded.append(contentsOf: bytes[copied..<(position - 1)])
                return decoded[...]
            case UInt8(ascii: "\\"):
                decoded.append(contentsOf: bytes[copied..<position])
                position += 1
                try appendEscape(to: &decoded)
                copied = position
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: position)
            default:
                try skipMultibyte(octet)
            }
        }
    }

    /// Moves to the first octet that is not simply a part of the string: a quote, a backslash, a
    /// control or not ASCII.
    private mutating func skipPlain() {
        let bytes = bytes
        var index = position
        while index < bytes.count {
            let octet = bytes[index]
            guard octet >= 0x20, octet < 0x80, octet != UInt8(ascii: "\""),
                octet != UInt8(ascii: "\\")
            else { break }
            index &+= 1
        }
        position = index
    }

    /// Steps over one well-formed UTF-8 sequence of two to four octets (Unicode table 3-7): no
    /// overlong form, no surrogate, nothing above U+10FFFF.
    private mutating func skipMultibyte(_ lead: UInt8) throws(JSONError) {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0:
            length = 3
            second = 0xA0...0xBF
        case 0xED:
            length = 3
            second = 0x80...0x9F
        case 0xE1...0xEF: length = 3
        case 0xF0:
            length = 4
            second = 0x90...0xBF
        case 0xF4:
            length = 4
            second = 0x80...0x8F
        case 0xF1...0xF3: length = 4
        default: throw JSONError(.invalidUTF8, at: position)
        }
        guard bytes.count - position >= length, second.contains(bytes[position + 1]) else {
            throw JSONError(.invalidUTF8, at: position)
        }
        for offset in 2..<max(length, 2) where bytes[position + offset] & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, at: position)
        }
        position += length
    }

    /// Reads what follows a backslash.
    private mutating func appendEscape(to decoded: inout [UInt8]) throws(JSONError) {
        let octet = try peek()
        position += 1
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(octet)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): append(try escapedScalar(), to: &decoded)
        default: throw JSONError(.invalidEscape, at: position - 1)
        }
    }

    /// Reads the digits after `\u`, and the second escape if the first is a high surrogate.
    private mutating func escapedScalar() throws(JSONError) -> UInt32 {
        let start = position
        let first = try fourHexDigits()
        guard first & 0xF800 == 0xD800 else { return first }
        guard first < 0xDC00, bytes[position...].starts(with: [0x5C, 0x75]) else {
            throw JSONError(.loneSurrogate, at: start)
        }
        position += 2
        let second = try fourHexDigits()
        guard second & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
        return 0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF)
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = ASCII.hexValue(try peek()) else {
                throw JSONError(.invalidEscape, at: position)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    /// Appends the UTF-8 form of `scalar`, which is no surrogate and at most U+10FFFF.
    private func append(_ scalar: UInt32, to decoded: inout [UInt8]) {
        func low(_ shift: UInt32) -> UInt8 {
            0x80 | UInt8(truncatingIfNeeded: scalar >> shift & 63)
        }
        switch scalar {
        case 0..<0x80:
            decoded.append(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            decoded.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
            decoded.append(low(0))
        case 0x800..<0x10000:
            decoded.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
            decoded.append(low(6))
            decoded.append(low(0))
        default:
            decoded.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
            decoded.append(low(12))
            decoded.append(low(6))
            decoded.append(low(0))
        }
    }
}
