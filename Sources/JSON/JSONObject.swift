// SPDX-License-Identifier: Apache-2.0
// The members of a JSON object in their order.

/// A JSON object whose names are unique, in the order of the text.
public struct JSONObject: Sendable {
    /// One name and its value.
    public struct Member: Sendable {
        /// The decoded name: a part of the text itself, unless that has escapes.
        let octets: ArraySlice<UInt8>
        /// The value.
        public let value: JSONValue
        /// What tells most names apart at once.
        private let start: NameStart

        init(octets: ArraySlice<UInt8>, value: JSONValue) {
            self.octets = octets
            self.value = value
            start = NameStart(octets)
        }

        func isNamed(_ name: some Collection<UInt8>, _ start: NameStart) -> Bool {
            self.start == start && (start.isWhole || octets.elementsEqual(name))
        }

        /// The decoded name.
        public var name: [UInt8] { Array(octets) }
    }

    /// The members in the order of the text.
    public let members: [Member]

    /// An object of `members`, whose names the caller knows to be unique.
    public init(members: [Member]) {
        self.members = members
    }

    /// The value of the member with exactly these octets as its name, by a linear search: the
    /// objects asked here are small.
    public subscript(name: String) -> JSONValue? {
        let start = NameStart(name.utf8)
        for index in members.indices where members[index].isNamed(name.utf8, start) {
            return members[index].value
        }
        return nil
    }

    /// The value of the member with exactly these octets as its name.
    public subscript(name: [UInt8]) -> JSONValue? {
        for member in members where member.octets == name[...] { return member.value }
        return nil
    }
}

/// The length of a name and its first eight octets: all of it, nearly always.
struct NameStart: Equatable, Sendable {
    private var octets: UInt64 = 0
    private let count: Int

    init(_ name: some Collection<UInt8>) {
        count = name.count
        for octet in name.prefix(8) { octets = octets << 8 | UInt64(octet) }
    }

    var isWhole: Bool { count <= 8 }
}
