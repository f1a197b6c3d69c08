// SPDX-License-Identifier: Apache-2.0
// The field lines of one message, in order, duplicates visible.

import Octets

/// Where one field line stands in the storage of its `Fields`.
public struct Field: Hashable, Sendable {
    /// The name as it was spelled.
    public let name: Range<Int>
    /// The value without the white space around it.
    public let value: Range<Int>
    /// `FieldName.scanHash` of the name.
    let hash: UInt32
}

/// Field lines in the order received. Values are ranges over one array, so reading a head copies
/// nothing per field; nothing is merged, because two lines of a security field are a finding, not
/// a list (REQ-01, HTTP-05, HTTP-06, HTTP-08).
public struct Fields: Sendable, RandomAccessCollection {
    /// What a name was found to be.
    public enum Lookup: Hashable, Sendable {
        /// No line has the name.
        case absent
        /// One line has it: the range of its value in `storage`.
        case one(Range<Int>)
        /// Two lines or more have it.
        case several
    }

    /// The octets all ranges refer to.
    public private(set) var storage: [UInt8]
    private var entries: [Field]

    /// No fields.
    public init() {
        storage = []
        entries = []
    }

    /// The fields at `entries`, whose ranges must lie within `storage`.
    init(storage: [UInt8], entries: [Field]) {
        self.storage = storage
        self.entries = entries
    }

    /// The index of the first field.
    public var startIndex: Int { 0 }
    /// The index after the last field.
    public var endIndex: Int { entries.count }
    /// The field at `index`, which must be below `count`.
    public subscript(index: Int) -> Field { entries[index] }

    /// How many lines have the name.
    public func count(of name: FieldName) -> Int {
        var count = 0
        for entry in entries where matches(entry, name) { count += 1 }
        return count
    }

    /// Whether at least one line has the name.
    public func contains(_ name: FieldName) -> Bool {
        for entry in entries where matches(entry, name) { return true }
        return false
    }

    /// The only value of the name, or that there is none or more than one.
    public func lookup(_ name: FieldName) -> Lookup {
        var found: Range<Int>?
        for entry in entries where matches(entry, name) {
            if found != nil { return .several }
            found = entry.value
        }
        return found.map(Lookup.one) ?? .absent
    }

    /// The value of the name if exactly one line has it. Where two lines must be told from none,
    /// use `lookup`.
    public func single(_ name: FieldName) -> [UInt8]? {
        guard case .one(let range) = lookup(name) else { return nil }
        return bytes(range)
    }

    /// Whether the field has the name, in any case.
    public func matches(_ field: Field, _ name: FieldName) -> Bool {
        guard field.hash == name.scanHash, field.name.count == name.octets.count else {
            return false
        }
        var index = field.name.lowerBound
        for expected in name.octets {
            if ASCII.lowercased(storage[index]) != expected { return false }
            index += 1
        }
        return true
    }

    /// A copy of the octets at `range`, which must come from a field of this value.
    public func bytes(_ range: Range<Int>) -> [UInt8] { Array(storage[range]) }

    /// The octets at `range`, which must come from a field of this value, without a copy.
    public func slice(_ range: Range<Int>) -> ArraySlice<UInt8> { storage[range] }

    /// Adds a field after the others. Values that could not stand on one line are the business of
    /// `HeadWriter`, which refuses them.
    public mutating func append(name: FieldName, value: [UInt8]) {
        let nameStart = storage.count
        storage.append(contentsOf: name.spelling)
        let valueStart = storage.count
        storage.append(contentsOf: value)
        entries.append(
            Field(
                name: nameStart..<valueStart, value: valueStart..<storage.count,
                hash: name.scanHash))
    }
}
