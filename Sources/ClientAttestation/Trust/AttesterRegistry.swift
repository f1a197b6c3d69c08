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
            guard !attester.clients.isEmpty else { throw .noClients(attester.id) }
            guard !attester.keys.keys.isEmpty else { throw .noKeys(attester.id) }
            guard !attester.algorithms.isEmpty else { throw .noAlgorithms(attester.id) }
            for other in attesters[..<index] {
                try Self.requireSeparable(other, attester)
            }
        }
        self.attesters = attesters
        byIssuer = Self.index(attesters.map(\.issuers))
        byKeyID = Self.index(attesters.map(Self.keyIDs))
        byClient = Self.index(attesters.map(\.clients))
    }

    /// KEY-01, parts 2 to 4: by issuer, else by key ID, else by client. A value that several
    /// attesters share decides nothing: for an issuer the key ID must, for a key ID there is no
    /// other way, since its holder is who the message claims to come from.
    func select(
        issuer: [UInt8]?, keyID: [UInt8]?, subject: [UInt8]?
    ) throws(Refusal) -> Attester {
        let candidates: [Int]
        if let issuer, let entries = byIssuer[issuer], entries.count == 1 {
            candidates = entries
        } else if let keyID, let holders = byKeyID[keyID] {
            candidates = holders
        } else if let subject {
            candidates = byClient[subject] ?? []
        } else {
            candidates = []
        }
        guard candidates.count == 1, let index = candidates.first else {
            throw Refusal(.key(1), .attestation, in: .attestation)
        }
        try requireIssuer(issuer, of: index)
        return attesters[index]
    }

    /// KEY-02: `iss`, if present, belongs to the selected entry, and to no other one if the
    /// selected one lists none.
    private func requireIssuer(_ issuer: [UInt8]?, of index: Int) throws(Refusal) {
        guard let issuer else { return }
        let listed = byIssuer[issuer] ?? []
        let isOpen = attesters[index].issuers.isEmpty && listed.isEmpty
        guard listed.contains(index) || isOpen else {
            throw Refusal(.key(2), .attestation, in: .attestation)
        }
    }

    /// The key IDs of a set, those of keys that verify nothing included: they name it too.
    private static func keyIDs(_ attester: Attester) -> [[UInt8]] {
        attester.keys.keys.compactMap(\.keyID) + attester.keys.unusable.compactMap(\.keyID)
    }

    private static func index(_ values: [[[UInt8]]]) -> [[UInt8]: [Int]] {
        var index: [[UInt8]: [Int]] = [:]
        for (position, list) in values.enumerated() {
            for value in Set(list) { index[value, default: []].append(position) }
        }
        return index
    }

    /// CFG-03: what must tell two attesters apart. Disjoint issuers do; else no key ID may be in
    /// both, and no client either if one has keys that messages cannot name.
    private static func requireSeparable(
        _ one: Attester, _ other: Attester
    ) throws(RegistryError) {
        guard one.id.utf8.elementsEqual(other.id.utf8) == false else {
            throw .duplicateID(one.id)
        }
        let issuersDiffer =
            !one.issuers.isEmpty && !other.issuers.isEmpty
            && Set(one.issuers).isDisjoint(with: other.issuers)
        if issuersDiffer { return }
        let known = Set(keyIDs(one))
        if let shared = keyIDs(other).first(where: known.contains) {
            throw .sharedKeyID(one.id, other.id, keyID: String(decoding: shared, as: UTF8.self))
        }
        let hasNameless = (one.keys.keys + other.keys.keys).contains { $0.keyID == nil }
        let clients = Set(one.clients)
        if hasNameless, let shared = other.clients.first(where: clients.contains) {
            throw .sharedClient(one.id, other.id, client: String(decoding: shared, as: UTF8.self))
        }
    }
}
