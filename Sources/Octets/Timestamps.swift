// SPDX-License-Identifier: Apache-2.0
// The two written forms of a time: HTTP's IMF-fixdate and RFC 3339; no parsing.

/// Writes times without locale, time zone or Foundation.
public enum Timestamps {
    /// 9999-12-31T23:59:59Z, the last second that both forms can write.
    private static let last: Int64 = 253_402_300_799

    /// RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`. Times before 1970 or after 9999
    /// are written as the nearest time within.
    public static func imfFixdate(_ time: UnixTime) -> [UInt8] {
        let civil = Civil(min(max(time.seconds, 0), last))
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text.append(contentsOf: weekdays[civil.weekday].utf8)
        text.append(contentsOf: ", ".utf8)
        appendDigits(civil.day, width: 2, to: &text)
        text.append(0x20)
        text.append(contentsOf: months[civil.month - 1].utf8)
        text.append(0x20)
        appendDigits(civil.year, width: 4, to: &text)
        text.append(0x20)
        appendClock(civil, to: &text)
        text.append(contentsOf: " GMT".utf8)
        return text
    }

    /// RFC 3339 with three decimals: `1994-11-06T08:49:37.250Z`. Times before 1970 or after 9999,
    /// and milliseconds outside 0 to 999, are written as the nearest value within.
    public static func rfc3339(seconds: Int64, milliseconds: Int) -> [UInt8] {
        let civil = Civil(min(max(seconds, 0), last))
        var text: [UInt8] = []
        text.reserveCapacity(24)
        appendDigits(civil.year, width: 4, to: &text)
        text.append(0x2D)
        appendDigits(civil.month, width: 2, to: &text)
        text.append(0x2D)
        appendDigits(civil.day, width: 2, to: &text)
        text.append(0x54)
        appendClock(civil, to: &text)
        text.append(0x2E)
        appendDigits(min(max(milliseconds, 0), 999), width: 3, to: &text)
        text.append(0x5A)
        return text
    }

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func appendClock(_ civil: Civil, to text: inout [UInt8]) {
        appendDigits(civil.secondOfDay / 3600, width: 2, to: &text)
        text.append(0x3A)
        appendDigits(civil.secondOfDay / 60 % 60, width: 2, to: &text)
        text.append(0x3A)
        appendDigits(civil.secondOfDay % 60, width: 2, to: &text)
    }

    private static func appendDigits(_ value: Int, width: Int, to text: inout [UInt8]) {
        if width > 1 { appendDigits(value / 10, width: width - 1, to: &text) }
        text.append(0x30 + UInt8(truncatingIfNeeded: value % 10))
    }

    /// A date of the proleptic Gregorian calendar, from non-negative seconds.
    private struct Civil {
        let year: Int
        let month: Int
        let day: Int
        let weekday: Int
        let secondOfDay: Int

        init(_ seconds: Int64) {
            let days = Int(seconds / 86_400)
            secondOfDay = Int(seconds % 86_400)
            weekday = days % 7
            // Years begin in March here, so that the leap day is the last of its year; eras are
            // the 400 years after which the calendar repeats.
            let shifted = days + 719_468
            let era = shifted / 146_097
            let dayOfEra = shifted % 146_097
            let yearOfEra =
                (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let marchMonth = (5 * dayOfYear + 2) / 153
            day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
            month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        }
    }
}
