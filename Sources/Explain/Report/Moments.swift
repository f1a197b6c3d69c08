// SPDX-License-Identifier: Apache-2.0
// Times as people write and read them.

public import Octets

/// RFC 3339, and how far away a moment is.
public enum Moments {
    /// Unix seconds, or RFC 3339 (`2026-11-21T03:00:00Z`, also with an offset); nil for anything
    /// else. Fractions of a second are dropped.
    public static func parse(_ text: String) -> UnixTime? {
        let octets = Array(text.utf8)
        if !octets.isEmpty, octets.count <= 12, octets.allSatisfy(ASCII.isDigit) {
            return Int64(text).map { UnixTime($0) }
        }
        return rfc3339(octets)
    }

    private static func rfc3339(_ text: [UInt8]) -> UnixTime? {
        let separators: [(Int, String)] = [(4, "-"), (7, "-"), (10, "Tt "), (13, ":"), (16, ":")]
        guard text.count >= 20, separators.allSatisfy({ $1.utf8.contains(text[$0]) }),
            let year = number(text[0..<4]), let month = number(text[5..<7]),
            let day = number(text[8..<10]), let hour = number(text[11..<13]),
            let minute = number(text[14..<16]), let second = number(text[17..<19]),
            (1970...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= days(in: month, of: year), hour < 24, minute < 60, second < 61
        else { return nil }
        var zone = text[19...]
        if zone.first == UInt8(ascii: ".") {
            zone = zone.dropFirst().drop(while: ASCII.isDigit)
        }
        guard let offset = offset(Array(zone)) else { return nil }
        let clock = hour * 3600 + minute * 60 + second
        return UnixTime(Int64(daysSinceEpoch(year, month, day) * 86_400 + clock - offset))
    }

    /// `Z` or `+02:00`, in seconds.
    private static func offset(_ zone: [UInt8]) -> Int? {
        if zone == [UInt8(ascii: "Z")] || zone == [UInt8(ascii: "z")] { return 0 }
        guard zone.count == 6, zone[3] == UInt8(ascii: ":"), "+-".utf8.contains(zone[0]),
            let hour = number(zone[1..<3]), let minute = number(zone[4..<6]), hour < 24,
            minute < 60
        else { return nil }
        return (zone[0] == UInt8(ascii: "-") ? -1 : 1) * (hour * 3600 + minute * 60)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy(ASCII.isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let before = year - 1
        let leaps = before / 4 - before / 100 + before / 400 - 477
        let months = (1..<month).reduce(0) { $0 + days(in: $1, of: year) }
        return (year - 1970) * 365 + leaps + months + day - 1
    }

    /// `2026-11-21T03:00:00Z`.
    static func written(_ time: UnixTime) -> String {
        let text = Timestamps.rfc3339(seconds: time.seconds, milliseconds: 0)
        return String(decoding: text.prefix(19), as: UTF8.self) + "Z"
    }

    /// `2026-11-21T03:00:00Z, 512 s ago`.
    static func written(_ time: UnixTime, from now: UnixTime) -> String {
        "\(written(time)), \(distance(time, from: now))"
    }

    private static func distance(_ time: UnixTime, from now: UnixTime) -> String {
        let (seconds, overflow) = time.seconds.subtractingReportingOverflow(now.seconds)
        guard !overflow, seconds != 0 else { return overflow ? "far away" : "now" }
        return seconds < 0 ? "\(span(seconds.magnitude)) ago" : "in \(span(seconds.magnitude))"
    }

    /// Seconds up to an hour and a half, then the unit that says most.
    static func span(_ seconds: UInt64) -> String {
        switch seconds {
        case ..<5400: "\(seconds) s"
        case ..<172_800: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        case ..<63_072_000: "\(seconds / 86_400) days"
        default: "\(seconds / 31_557_600) years"
        }
    }
}
