// SPDX-License-Identifier: Apache-2.0
// Moments: a date, or a time as RFC 3339 writes it.

import Octets

extension Field {
    /// `2027-03-31`, which begins at midnight UTC, or `2027-03-31T12:00:00Z` with `Z` or an offset
    /// such as `+02:00`; between 1970 and 9999.
    func time() -> UnixTime? {
        guard let text = text() else { return nil }
        guard let time = Self.moment(Array(text.utf8)) else {
            fail(
                "\(quoted(text)) is no date or time; write it as 2027-03-31 or "
                    + "2027-03-31T12:00:00Z")
            return nil
        }
        return time
    }

    /// RFC 3339 section 5.6 without fractions and leap seconds.
    static func moment(_ text: [UInt8]) -> UnixTime? {
        guard text.count >= 10, let day = day(text[..<10]) else { return nil }
        let rest = Array(text[10...])
        guard !rest.isEmpty else { return UnixTime(day * 86_400) }
        guard rest.count >= 10, rest[0] == UInt8(ascii: "T"),
            let clock = clock(Array(rest[1..<9])), let offset = offset(Array(rest[9...]))
        else { return nil }
        let seconds = day * 86_400 + clock - offset
        return seconds >= 0 ? UnixTime(seconds) : nil
    }

    /// `YYYY-MM-DD` as days since 1970.
    private static func day(_ text: ArraySlice<UInt8>) -> Int64? {
        let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], let year = number(parts[0]),
            let month = number(parts[1]), let day = number(parts[2]), year >= 1970,
            (1...12).contains(month), (1...length(of: month, year)).contains(day)
        else { return nil }
        let leaps = { (year: Int64) in year / 4 - year / 100 + year / 400 }
        let before = (1..<month).reduce(0) { $0 + length(of: $1, year) }
        return (year - 1970) * 365 + leaps(year - 1) - leaps(1969) + before + day - 1
    }

    private static func length(of month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// `HH:MM:SS` as seconds.
    private static func clock(_ text: [UInt8]) -> Int64? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 2, 2], let hour = number(parts[0]),
            let minute = number(parts[1]), let second = number(parts[2]), hour < 24, minute < 60,
            second < 60
        else { return nil }
        return (hour * 60 + minute) * 60 + second
    }

    /// `Z`, or `+HH:MM` and `-HH:MM` as seconds ahead of UTC.
    private static func offset(_ text: [UInt8]) -> Int64? {
        if text == [UInt8(ascii: "Z")] { return 0 }
        guard text.count == 6, text[3] == UInt8(ascii: ":"), let hour = number(text[1..<3]),
            let minute = number(text[4..<6]), hour < 24, minute < 60
        else { return nil }
        let seconds = (hour * 60 + minute) * 60
        switch text[0] {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return -seconds
        default: return nil
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
}
