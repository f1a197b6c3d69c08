// SPDX-License-Identifier: Apache-2.0
// Which parameter names may stand beside each other (REQ-11, REQ-21).

public import Octets

/// A form that breaks a rule: REQ-10, REQ-11 or REQ-21.
public struct FormViolation: Error, Hashable, Sendable {
    /// The rule that was broken, for the audit line.
    public let rule: RuleID

    /// A violation of `rule`.
    public init(rule: RuleID) {
        self.rule = rule
    }
}

/// REQ-21. The names of protocol parameters, folded once so that each request is compared cheaply.
public struct ProtocolNames: Sendable {
    /// Folded form to exact spelling.
    fileprivate let exact: [[UInt8]: [UInt8]]
    /// The names that may repeat (REQ-11).
    fileprivate let repeatable: Set<[UInt8]>

    /// `resource` (RFC 8707) and `audience` (RFC 8693).
    public static let standardRepeatable: Set<[UInt8]> = [
        Array("resource".utf8), Array("audience".utf8),
    ]

    /// Every name the gateway reads, checks, writes or removes, and which of all names may repeat.
    public init(_ names: Set<[UInt8]>, repeatable: Set<[UInt8]> = standardRepeatable) {
        exact = Dictionary(
            names.map { (Form.foldedName($0), $0) }, uniquingKeysWith: { first, _ in first })
        self.repeatable = repeatable
    }
}

extension Form {
    /// REQ-21. The form of a name in which platforms that mangle names would know it: leading
    /// spaces dropped, ASCII letters in lower case, every other octet but digits turned into `_`.
    public static func foldedName(_ name: [UInt8]) -> [UInt8] {
        name.drop { $0 == 0x20 }.map { octet in
            let folded = ASCII.lowercased(octet)
            return ASCII.isAlpha(folded) || ASCII.isDigit(folded) ? folded : UInt8(ascii: "_")
        }
    }

    /// REQ-11, REQ-21. Throws if a name could be taken for another one by the server behind: it
    /// holds a bracket, folds to a protocol parameter it is not, or folds like an earlier name and
    /// is not one of those that may repeat. An empty value counts too.
    public func check(_ names: ProtocolNames) throws(FormViolation) {
        var seen: [[UInt8]: [UInt8]] = [:]
        seen.reserveCapacity(pairs.count)
        for pair in pairs {
            if pair.name.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }) {
                throw FormViolation(rule: .req(21))
            }
            let folded = Self.foldedName(pair.name)
            if let exact = names.exact[folded], exact != pair.name {
                throw FormViolation(rule: .req(21))
            }
            if let earlier = seen.updateValue(pair.name, forKey: folded) {
                guard earlier == pair.name, names.repeatable.contains(pair.name) else {
                    throw FormViolation(rule: .req(11))
                }
            }
        }
    }

    /// `check(_:)` with names that are folded for this one call.
    public func check(
        protocolNames: Set<[UInt8]>,
        repeatable: Set<[UInt8]> = ProtocolNames.standardRepeatable
    ) throws(FormViolation) {
        try check(ProtocolNames(protocolNames, repeatable: repeatable))
    }
}
