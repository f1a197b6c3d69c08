// SPDX-License-Identifier: Apache-2.0
// Lines of pasted text.

import Octets

/// Lines without their ends, CRLF or LF.
enum Lines {
    /// All lines; the last one may be empty.
    static func split(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        text.split(separator: 0x0A, omittingEmptySubsequences: false).map(withoutReturn)
    }

    /// The first line.
    static func first(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        withoutReturn(text.prefix { $0 != 0x0A })
    }

    private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.last == 0x0D ? line.dropLast() : line
    }

    /// Whether `line` is `METHOD target HTTP/x`, as far as a capture must show to be taken for one;
    /// what is wrong with it is for the rules to say.
    static func isRequestLine(_ line: ArraySlice<UInt8>) -> Bool {
        let words = line.split(separator: 0x20)
        guard words.count >= 3, let version = words.last, let method = words.first else {
            return false
        }
        return version.starts(with: "HTTP/".utf8)
            && method.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: ":") && $0 < 0x7F }
            && method.contains(where: ASCII.isAlpha)
    }
}
