// SPDX-License-Identifier: Apache-2.0
// A JSON number as its text, with exact readings of it (JOSE-21); nothing passes through `Double`.

import Octets

/// A number exactly as written. Its grammar was checked by the reader.
public struct JSONNumber: Hashable, Sendable {
    private let slice: ArraySlice<UInt8>

    /// The text, such as `-1.5e3`.
    public var text: [UInt8] { Array(slice) }

    /// The last second a NumericDate may name: 9999-12-31T23:59:59Z.
    public static let lastNumericDate: Int64 = 253_402_300_799

    init(checked slice: ArraySlice<UInt8>) {
        self.slice = slice
    }

    /// JOSE-21: the number as seconds since the epoch, rounded down, and whether anything was cut
    /// off; nil unless it lies in 0...253402300799.
    public var numericDate: (seconds: Int64, hasFraction: Bool)? {
        guard let value = decimal(maximumDigits: 12) else { return nil }
        if value.isZero { return (0, false) }
        guard !value.isNegative, value.integer <= UInt64(Self.lastNumericDate) else { return nil }
        let seconds = Int64(value.integer)
        if value.hasFraction && seconds == Self.lastNumericDate { return nil }
        return (seconds, value.hasFraction)
    }

    /// The exact value, nil if it is no integer or does not fit. `1e3` and `5.0` are integers.
    public var exactInt: Int64? {
        guard let value = decimal(maximumDigits: 19), !value.hasFraction else { return nil }
        if value.isNegative {
            guard value.integer <= Int64.min.magnitude else { return nil }
            return Int64(truncatingIfNeeded: 0 &- value.integer)
        }
        return Int64(exactly: value.integer)
    }

    private struct Decimal {
        var isNegative = false
        var integer: UInt64 = 0
        var hasFraction = false
        var isZero: Bool { integer == 0 && !hasFraction }
    }

    /// The value cut to its integer part; nil if that has more than `maximumDigits` (at most 19)
    /// digits. The work is linear in the text, however large the exponent.
    private func decimal(maximumDigits: Int) -> Decimal? {
        let shape = scan()
        var result = Decimal(isNegative: slice.first == UInt8(ascii: "-"))
        // The n-th digit has the weight 10^(lastUnit - n).
        let lastUnit = shape.digitsBeforePoint - 1 + shape.exponent
        guard let first = shape.firstNonZero else { return result }
        guard lastUnit - first < maximumDigits else { return nil }
        var index = 0
        for octet in slice[shape.mantissa] where ASCII.isDigit(octet) {
            if index <= lastUnit {
                result.integer = result.integer * 10 + UInt64(octet - 0x30)
            } else if octet != 0x30 {
                result.hasFraction = true
            }
            index += 1
        }
        // An exponent that reaches beyond the written digits stands for zeros.
        while index <= lastUnit {
            result.integer *= 10
            index += 1
        }
        return result
    }

    private struct Shape {
        var mantissa: Range<Int>
        var digitsBeforePoint = 0
        var firstNonZero: Int?
        var exponent = 0
    }

    private func scan() -> Shape {
        var shape = Shape(mantissa: slice.indices)
        var digits = 0
        var sawPoint = false
        for position in slice.indices {
            let octet = slice[position]
            if ASCII.isDigit(octet) {
                if octet != 0x30 && shape.firstNonZero == nil { shape.firstNonZero = digits }
                digits += 1
                if !sawPoint { shape.digitsBeforePoint += 1 }
            } else if octet == UInt8(ascii: ".") {
                sawPoint = true
            } else if octet | 0x20 == UInt8(ascii: "e") {
                shape.mantissa = slice.startIndex..<position
                shape.exponent = exponent(slice[(position + 1)...])
                break
            }
        }
        return shape
    }

    /// The exponent, limited to a billion either way: far beyond any text's length, and safe to
    /// add to it.
    private func exponent(_ octets: ArraySlice<UInt8>) -> Int {
        var magnitude = 0
        for octet in octets where ASCII.isDigit(octet) {
            magnitude = min(magnitude * 10 + Int(octet - 0x30), 1_000_000_000)
        }
        return octets.first == UInt8(ascii: "-") ? -magnitude : magnitude
    }
}
