// SPDX-License-Identifier: Apache-2.0
// The form in which a back end might know a field name (FWD-01).

import Octets

/// FWD-01. A field name with ASCII letters in lower case and every other octet but digits turned
/// into `-`: CGI, WSGI and PHP give all names of one such form the same variable. FWD-03: only
/// ASCII is folded.
public struct NormalisedName: Hashable, Sendable {
    /// The normal form.
    public let octets: [UInt8]

    /// The normal form of `name`.
    public init(_ name: [UInt8]) {
        octets = name.map(Self.normalised)
    }

    /// The normal form of `name`.
    public init(_ name: FieldName) {
        self.init(name.octets)
    }

    /// Whether the name of `field` has this normal form.
    public func matches(_ field: Field, of fields: Fields) -> Bool {
        field.name.count == octets.count && isPrefix(of: field, in: fields)
    }

    /// Whether the normal form of the name of `field` begins with this one, as for `X-Forwarded-`.
    public func isPrefix(of field: Field, in fields: Fields) -> Bool {
        guard field.name.count >= octets.count else { return false }
        var index = field.name.lowerBound
        for expected in octets {
            if Self.normalised(fields.storage[index]) != expected { return false }
            index += 1
        }
        return true
    }

    private static func normalised(_ octet: UInt8) -> UInt8 {
        let folded = ASCII.lowercased(octet)
        return ASCII.isAlpha(folded) || ASCII.isDigit(folded) ? folded : UInt8(ascii: "-")
    }
}
