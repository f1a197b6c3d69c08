// SPDX-License-Identifier: Apache-2.0
// The members of a JSON object in their order.

/// A JSON object whose names are unique, in the order of the text.
public struct JSONObject: Sendable {
    /// One name and its value.
    public struct Member: Sendable {
        /// The decoded name.
        public let name: [UInt8]
        /// The value.
        public let value: JSONValue

        /// A member; the caller sees to it that names are unique.
        public init(name: [UInt8], value: JSONValue) {
            self.name = name
            self.value = value
        }
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
        let wanted = name.utf8
        for member in members
        where member.name.count == wanted.count && member.name.elementsEqual(wanted) {
            return member.value
        }
        return nil
    }

    /// The value of the member with exactly these octets as its name.
    public subscript(name: [UInt8]) -> JSONValue? {
        for member in members where member.name == name { return member.value }
        return nil
    }
}
