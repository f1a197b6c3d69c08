// SPDX-License-Identifier: Apache-2.0
// Unambiguous framing of fields for hashes, MACs and seals.

/// Fields, each preceded by its length as four octets, so that no two different lists of fields
/// give the same octets.
public struct LengthPrefixed: Sendable {
    /// What was appended so far.
    public private(set) var bytes: [UInt8] = []

    /// No fields yet.
    public init() {}

    /// No fields yet, with room for `capacity` octets.
    public init(reserving capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends one field. A field of 4 GiB or more is a programmer error.
    public mutating func append(_ field: [UInt8]) {
        append(length: field.count)
        bytes.append(contentsOf: field)
    }

    /// Appends one field. A field of 4 GiB or more is a programmer error.
    public mutating func append(_ field: ArraySlice<UInt8>) {
        append(length: field.count)
        bytes.append(contentsOf: field)
    }

    /// Appends one field, the UTF-8 octets of `text`; for labels and other constants.
    public mutating func append(_ text: String) {
        append(length: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends one field of one octet.
    public mutating func append(octet: UInt8) {
        append(length: 1)
        bytes.append(octet)
    }

    private mutating func append(length: Int) {
        let length = UInt32(length)
        bytes.append(UInt8(truncatingIfNeeded: length >> 24))
        bytes.append(UInt8(truncatingIfNeeded: length >> 16))
        bytes.append(UInt8(truncatingIfNeeded: length >> 8))
        bytes.append(UInt8(truncatingIfNeeded: length))
    }

    /// The fields of which `octets` consist, nil unless there are exactly `count` of them with
    /// nothing after the last.
    public static func fields(of octets: [UInt8], count: Int) -> [[UInt8]]? {
        var fields: [[UInt8]] = []
        fields.reserveCapacity(count)
        var index = 0
        while fields.count < count {
            guard octets.count - index >= 4 else { return nil }
            let length =
                Int(octets[index]) << 24 | Int(octets[index + 1]) << 16
                | Int(octets[index + 2]) << 8 | Int(octets[index + 3])
            index += 4
            guard octets.count - index >= length else { return nil }
            fields.append(Array(octets[index..<(index + length)]))
            index += length
        }
        return index == octets.count ? fields : nil
    }
}
