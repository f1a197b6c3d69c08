// SPDX-License-Identifier: Apache-2.0
// Whether a path reads the same to everyone (HTTP-09).

import Octets

/// One pass over a raw path.
enum PathReading {
    /// HTTP-09. Whether the path is unambiguous, and whether it holds escapes.
    static func judge(_ path: ArraySlice<UInt8>) -> (isUnambiguous: Bool, hasEscapes: Bool) {
        var segment = 0
        var dots = 0
        var hasEscapes = false
        var index = path.startIndex
        while index < path.endIndex {
            let octet = path[index]
            if octet == UInt8(ascii: "/") {
                // The first segment ends before the leading slash and is always empty.
                if isRefused(segment, dots) || segment == 0 && index > path.startIndex {
                    return (false, hasEscapes)
                }
                segment = 0
                dots = 0
                index += 1
                continue
            }
            var meaning = octet
            if octet == UInt8(ascii: "%") {
                hasEscapes = true
                guard let decoded = escape(in: path, at: index), decoded != UInt8(ascii: "/")
                else { return (false, true) }
                meaning = decoded
                index += 3
            } else {
                index += 1
            }
            if isSeparatorSomewhere(meaning) { return (false, hasEscapes) }
            segment += 1
            if meaning == UInt8(ascii: ".") { dots += 1 }
        }
        if isRefused(segment, dots) { return (false, hasEscapes) }
        guard hasEscapes else { return (true, false) }
        let decoded = decoded(path)
        return (!holdsEscape(decoded) && isUTF8(decoded), true)
    }

    /// The path with its escapes decoded once; an invalid escape stays as it is.
    static func decoded(_ path: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(path.count)
        var index = path.startIndex
        while index < path.endIndex {
            if let octet = escape(in: path, at: index) {
                decoded.append(octet)
                index += 3
            } else {
                decoded.append(path[index])
                index += 1
            }
        }
        return decoded
    }

    /// `.` and `..`.
    private static func isRefused(_ segment: Int, _ dots: Int) -> Bool {
        segment == dots && (dots == 1 || dots == 2)
    }

    /// What some server takes for the end of a segment, of the path, or of everything. `?` reaches
    /// here only if it was encoded.
    private static func isSeparatorSomewhere(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "\\"), UInt8(ascii: ";"), UInt8(ascii: "#"), UInt8(ascii: "?"): true
        default: octet < 0x20 || octet == 0x7F
        }
    }

    /// `%252F`, `%25%32F`: harmless to who decodes once, a slash to who decodes twice.
    private static func holdsEscape(_ decoded: [UInt8]) -> Bool {
        decoded.indices.contains { escape(in: decoded[...], at: $0) != nil }
    }

    private static func escape(in path: ArraySlice<UInt8>, at index: Int) -> UInt8? {
        guard path[index] == UInt8(ascii: "%"), path.endIndex - index >= 3,
            let high = ASCII.hexValue(path[index + 1]),
            let low = ASCII.hexValue(path[index + 2])
        else { return nil }
        return high << 4 | low
    }
}

/// Whether the octets are well-formed UTF-8: no overlong form, surrogate or cut sequence.
func isUTF8(_ octets: [UInt8]) -> Bool {
    if octets.allSatisfy({ $0 < 0x80 }) { return true }
    return (try? UTF8Span(validating: octets.span)) != nil
}
