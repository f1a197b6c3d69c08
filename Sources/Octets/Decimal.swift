// SPDX-License-Identifier: Apache-2.0
// Numbers to decimal digits, without a string in between.

extension [UInt8] {
    /// Appends the decimal digits of `number`, after a `-` if it is negative.
    public mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(digitsOf: number.magnitude)
    }

    private mutating func append(digitsOf number: UInt) {
        if number >= 10 { append(digitsOf: number / 10) }
        append(0x30 + UInt8(truncatingIfNeeded: number % 10))
    }
}
