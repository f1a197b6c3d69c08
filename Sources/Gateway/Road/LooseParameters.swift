// SPDX-License-Identifier: Apache-2.0
// Finds a parameter under every spelling that some AS's platform might read as it. Only for
// refusing: what is forwarded as verified is read strictly (`Form`).

import Octets

/// A tolerant look at a query, a form or another body that holds parameters.
enum LooseParameters {
    /// Whether any name in `text`, a query or form, folds to one of `names`: either separator, bad
    /// escapes kept, brackets cut off, case and punctuation folded (REQ-21's reasons).
    static func occur(_ names: Set<[UInt8]>, in text: [UInt8]) -> Bool {
        guard !text.isEmpty else { return false }
        return text.split(whereSeparator: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") })
            .contains { names.contains(folded($0.prefix { $0 != UInt8(ascii: "=") })) }
    }

    /// Whether one of `names` stands among the words of `text`, multipart or JSON. A value that is
    /// exactly a name counts too: better that than to parse as many ways as there are servers.
    /// So does a part's name in RFC 2231's notation, which may come in pieces and which no browser
    /// writes.
    static func occur(_ names: Set<[UInt8]>, amid text: [UInt8]) -> Bool {
        guard !text.isEmpty else { return false }
        // UTF-16 of ASCII is ASCII with NULs between.
        return unescaped(text.filter { $0 != 0 }).split(whereSeparator: isPunctuation)
            .contains { word in
                if word.drop(while: isWhite).prefix(5).map(ASCII.lowercased) == extendedName {
                    return true
                }
                return names.contains(folded(word))
            }
    }

    private static let extendedName = "name*".octets

    private static func isPunctuation(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "="), UInt8(ascii: ";"),
            UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "}"), 0x0A, 0x0D:
            true
        default: false
        }
    }

    private static func isWhite(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    /// `\u0067` to the letter it names, and other backslashes dropped: `grant\_type` in quotes.
    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(UInt8(ascii: "\\")) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var rest = text[...]
        while let octet = rest.popFirst() {
            if octet != UInt8(ascii: "\\") {
                result.append(octet)
            } else if let named = unicodeEscape(&rest) {
                result.append(named)
            }
        }
        return result
    }

    /// The name as the platforms that fold most would know it.
    private static func folded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var name: [UInt8] = []
        var octets = text
        while let octet = octets.popFirst() {
            let decoded = octet == UInt8(ascii: "%") ? escape(&octets) ?? octet : octet
            if decoded == 0 { break }
            let isBracket = decoded == UInt8(ascii: "[") || decoded == UInt8(ascii: "]")
            let isSpace = decoded == UInt8(ascii: "+") || isWhite(decoded)
            // Rack and qs read `[name]` and `name]` as `name`, PHP drops leading spaces.
            if name.isEmpty && (isBracket || isSpace) { continue }
            if isBracket { break }
            let lower = ASCII.lowercased(decoded)
            name.append(ASCII.isAlpha(lower) || ASCII.isDigit(lower) ? lower : UInt8(ascii: "_"))
        }
        return name
    }

    /// `HH`, and `uHHHH` as ASP.NET has it.
    private static func escape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        guard rest.count >= 2, let high = ASCII.hexValue(rest[rest.startIndex]),
            let low = ASCII.hexValue(rest[rest.startIndex + 1])
        else { return unicodeEscape(&rest) }
        rest = rest.dropFirst(2)
        return high << 4 | low
    }

    /// The character of `uHHHH`; one beyond ASCII is in none of the names, and stands as `?`.
    private static func unicodeEscape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        guard rest.count >= 5, ASCII.lowercased(rest[rest.startIndex]) == UInt8(ascii: "u") else {
            return nil
        }
        let digits = rest.dropFirst().prefix(4).compactMap(ASCII.hexValue)
        guard digits.count == 4 else { return nil }
        rest = rest.dropFirst(5)
        let isASCII = digits[0] == 0 && digits[1] == 0 && digits[2] < 8
        return isASCII ? digits[2] << 4 | digits[3] : UInt8(ascii: "?")
    }
}
