// SPDX-License-Identifier: Apache-2.0
// Finds a parameter under every spelling that some AS's platform might read as it. Only for
// refusing: what is forwarded as verified is read strictly (`Form`).

import Octets

/// A tolerant look at a query or form.
enum LooseParameters {
    /// Whether any name in `text` folds to one of `names`: either separator, bad escapes kept,
    /// brackets cut off, case and punctuation folded (REQ-21's reasons).
    static func occur(_ names: Set<[UInt8]>, in text: [UInt8]) -> Bool {
        guard !text.isEmpty else { return false }
        return text.split(whereSeparator: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") })
            .contains { names.contains(folded($0)) }
    }

    private static func folded(_ pair: ArraySlice<UInt8>) -> [UInt8] {
        var name: [UInt8] = []
        var octets = pair.prefix { $0 != UInt8(ascii: "=") }[...]
        while let octet = octets.popFirst() {
            let decoded = octet == UInt8(ascii: "%") ? escape(&octets) ?? octet : octet
            if decoded == UInt8(ascii: "[") || decoded == 0 { break }
            let isSpace = decoded == UInt8(ascii: "+") || decoded == UInt8(ascii: " ")
            if isSpace && name.isEmpty { continue }
            let lower = ASCII.lowercased(decoded)
            name.append(ASCII.isAlpha(lower) || ASCII.isDigit(lower) ? lower : UInt8(ascii: "_"))
        }
        return name
    }

    private static func escape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        guard rest.count >= 2, let high = ASCII.hexValue(rest[rest.startIndex]),
            let low = ASCII.hexValue(rest[rest.startIndex + 1])
        else { return nil }
        rest = rest.dropFirst(2)
        return high << 4 | low
    }
}
