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
        let wanted = name.utf8
        let place = members.firstIndex {
            $0.octets.count == wanted.count && $0.octets.elementsEqual(wanted)
        }
        return place.map { members[$0].value }
    }

    /// The value of the member with exactly these octets as its name.
    public subscript(name: [UInt8]) -> JSONValue? {
        for member in members where member.octets == name[...] { return member.value }
        return nil
    }
}
