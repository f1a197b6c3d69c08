// SPDX-License-Identifier: Apache-2.0
// Exact readings of numbers (JOSE-21).

import JSON
import Octets
import Testing

private func number(_ text: String) throws -> JSONNumber {
    try #require(try JSONDocument.parse(Array(text.utf8)).number)
}

@Suite struct JSONNumberTests {
    @Test(
        "JOSE-21: numbers in range are seconds, rounded down, exponents included",
        arguments: [
            ("0", 0, false), ("-0", 0, false), ("0.0", 0, false), ("-0.0e5", 0, false),
            ("0e999999999999", 0, false), ("1772487595", 1_772_487_595, false),
            ("1772487595.0", 1_772_487_595, false), ("1772487595.999", 1_772_487_595, true),
            ("1.7e9", 1_700_000_000, false), ("1.7E+9", 1_700_000_000, false),
            ("17724875955e-1", 1_772_487_595, true), ("17724875950e-1", 1_772_487_595, false),
            ("0.000001e6", 1, false), ("0.0000015e6", 1, true), ("1e-400", 0, true),
            ("0.5", 0, true),
            ("253402300799", 253_402_300_799, false), ("253402300798.5", 253_402_300_798, true),
            ("1e11", 100_000_000_000, false),
        ])
    func dates(text: String, seconds: Int64, hasFraction: Bool) throws {
        let date = try #require(try number(text).numericDate)
        #expect(date.seconds == seconds)
        #expect(date.hasFraction == hasFraction)
    }

    @Test(
        "JOSE-21: negative, too large and huge numbers are no date",
        arguments: [
            "-1", "-0.1", "-1e-400", "253402300800", "253402300799.5", "253402300799.0000000001",
            "1e12",
            "1e30", "1e400", "1e999999999999999999999", "999999999999",
            "123456789012345678901234567890",
        ])
    func noDates(text: String) throws {
        #expect(try number(text).numericDate == nil)
    }

    @Test("JOSE-21: a number with very many digits costs linear work")
    func longNumbers() throws {
        let zeros = String(repeating: "0", count: 500_000)
        #expect(try number("1\(zeros)e-500000").numericDate?.seconds == 1)
        #expect(try number("0.\(zeros)1e500001").numericDate?.seconds == 1)
        #expect(try number("1\(zeros)").numericDate == nil)
    }

    @Test(
        "integers are exact or nothing",
        arguments: [
            ("0", 0), ("-1", -1), ("9223372036854775807", Int64.max),
            ("-9223372036854775808", Int64.min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.5", nil),
            ("1e3", 1000),
            ("1e19", nil), ("99999999999999999999", nil),
            ("9007199254740993", 9_007_199_254_740_993),
            ("1e-1", nil), ("10e-1", 1), ("18446744073709551616", nil),
        ] as [(String, Int64?)])
    func integers(text: String, value: Int64?) throws {
        #expect(try number(text).exactInt == value)
    }
}
