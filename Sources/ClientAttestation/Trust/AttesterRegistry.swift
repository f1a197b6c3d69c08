// SPDX-License-Identifier: Apache-2.0
// The trusted attesters of one AS, and the choice of exactly one before anything is verified.

import JOSE
import Octets

/// The attesters an AS trusts. Selection uses what the message says only to find an entry the
/// operator made; keys never come from the message (KEY-01 to KEY-07).
public struct AttesterRegistry: Sendable {
    /// The attesters, as given.
    public let attesters: [Attester]
    private let byIssuer: [[UInt8]: [Int]]
    private let byKeyID: [[UInt8]: [Int]]
    private let byClient: [[UInt8]: [Int]]

    /// CFG-03: refuses attesters without clients and pairs that KEY-01 could not separate.
    public init(_ attesters: [Attester]) throws(RegistryError) {
        for (index, attester) in attesters.enumerated() {
            try RegistryChecks.requireComplete(attester)
            for other in attesters[..<index] {
                try RegistryChecks.requireSeparable(other, attester)
            }
        }
        self.attesters = attesters
        byIssuer = Self.index(attesters.map(\.issuers))
        byKeyID = Self.index(attesters.map(\.source.keyIDs))
        byClient = Self.index(attesters.map(\.clients))
    }

    /// KEY-01 and KEY-02: the one attester whose message this may be.
    func select(
        issuer: [UInt8]?, keyID: [UInt8]?, subject: [UInt8]?
    ) throws(Refusal) -> Attester {
        let choice = choose(issuer: issuer, keyID: keyID, subject: subject)
        guard let index = choice.only else {
            throw Refusal(.key(1), .attestation, in: .attestation)
        }
        guard isIssuer(issuer, of: index) else {
            throw Refusal(.key(2), .attestation, in: .attestation)
        }
        return attesters[index]
    }

    /// What of a message decided, and for whom.
    struct Choice {
        let criterion: AttesterSelection.Criterion
        let candidates: [Int]

        /// The candidate, if there is exactly one.
        var only: Int? { candidates.count == 1 ? candidates.first : nil }
    }

    /// KEY-01, parts 2 to 4: by issuer, else by key ID, else by client. A value that several
    /// attesters share decides nothing: for an issuer the key ID must, for a key ID there is no
    /// other way, since its holder is who the message claims to come from.
    func choose(issuer: [UInt8]?, keyID: [UInt8]?, subject: [UInt8]?) -> Choice {
        if let issuer, let entries = byIssuer[issuer], entries.count == 1 {
            return Choice(criterion: .issuer, candidates: entries)
        }
        if let keyID, let holders = byKeyID[keyID] {
            return Choice(criterion: .keyID, candidates: holders)
        }
        return Choice(criterion: .subject, candidates: subject.flatMap { byClient[$0] } ?? [])
    }

    /// KEY-02: whether `issuer`, if present, belongs to this entry, and to no other one if this
    /// one lists none.
    func isIssuer(_ issuer: [UInt8]?, of index: Int) -> Bool {
        guard let issuer else { return true }
        let listed = byIssuer[issuer] ?? []
        return listed.contains(index) || (attesters[index].issuers.isEmpty && listed.isEmpty)
    }

    private static func index(_ values: [[[UInt8]]]) -> [[UInt8]: [Int]] {
        var index: [[UInt8]: [Int]] = [:]
        for (position, list) in values.enumerated() {
            for value in Set(list) { index[value, default: []].append(position) }
        }
        return index
    }
}
