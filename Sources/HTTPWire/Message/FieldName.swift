// SPDX-License-Identifier: Apache-2.0
// A field name to compare with and to write.

import Octets

/// The name of a field. Two names are equal if they differ only in the case of ASCII letters.
public struct FieldName: Hashable, Sendable, CustomStringConvertible {
    /// The name in lower case.
    public let octets: [UInt8]
    /// The name as it is written.
    public let spelling: [UInt8]
    /// Whether the name may be written (HTTP-02); a literal may have been misspelled.
    let isToken: Bool
    /// The value `Field.hash` has for this name in any case.
    let scanHash: UInt32

    /// The name `literal`, written in the source. What is not a token matches nothing received,
    /// and `HeadWriter` does not write it.
    public init(_ literal: StaticString) {
        self.init(unchecked: Array(literal.description.utf8))
    }

    /// The name `spelling`, nil if that is no token (HTTP-02).
    public init?(_ spelling: [UInt8]) {
        guard !spelling.isEmpty, spelling.allSatisfy(ASCII.isTokenCharacter) else { return nil }
        self.init(unchecked: spelling)
    }

    private init(unchecked spelling: [UInt8]) {
        self.spelling = spelling
        octets = ASCII.lowercased(spelling)
        isToken = !spelling.isEmpty && spelling.allSatisfy(ASCII.isTokenCharacter)
        scanHash = spelling.reduce(Self.hashSeed, Self.hash)
    }

    /// The name as it is written.
    public var description: String { String(decoding: spelling, as: UTF8.self) }

    /// Whether the lower-case names are the same octets.
    public static func == (left: FieldName, right: FieldName) -> Bool {
        left.scanHash == right.scanHash && left.octets == right.octets
    }

    /// Hashes the name without regard to case.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(octets)
    }

    static let hashSeed: UInt32 = 17

    /// One step of the hash that sorts names apart before their octets are compared. Setting bit 5
    /// folds case; that it folds some other tokens too costs a comparison, nothing else.
    @inline(__always)
    static func hash(_ hash: UInt32, _ octet: UInt8) -> UInt32 {
        hash &* 31 &+ UInt32(octet | 0x20)
    }
}
