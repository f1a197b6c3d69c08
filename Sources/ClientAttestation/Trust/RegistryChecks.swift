// SPDX-License-Identifier: Apache-2.0
// What attesters must have, and what must tell two of them apart (CFG-03, KEY-18).

import Cryptography
import JOSE

/// The checks of `AttesterRegistry`, made once when it is built.
enum RegistryChecks {
    /// CFG-03 for one attester; JOSE-10 and JOSE-17 for its algorithms.
    static func requireComplete(_ attester: Attester) throws(RegistryError) {
        guard !attester.clients.isEmpty else { throw .noClients(attester.id) }
        if case .publicKeys(let set) = attester.source, set.keys.isEmpty {
            throw .noKeys(attester.id)
        }
        if let type = attester.types.first(where: isReserved) {
            throw .reservedType(attester.id, type: text(type))
        }
        guard !attester.algorithms.isEmpty else { throw .noAlgorithms(attester.id) }
        for algorithm in attester.algorithms {
            guard attester.source.isOfFamily(algorithm) else {
                throw .wrongAlgorithm(attester.id, algorithm)
            }
            if case .sharedSecret(let shared) = attester.source {
                guard shared.isLongEnough(for: algorithm) else {
                    throw .shortSecret(attester.id, algorithm)
                }
            }
        }
    }

    /// JOSE-26: whether tokens of another role have this `typ`, or tokens of any role may have it;
    /// taken for an attestation's it would tell nothing apart.
    private static func isReserved(_ type: [UInt8]) -> Bool {
        reservedTypes.contains { $0.utf8.elementsEqual(type) }
    }

    private static let reservedTypes = [
        "", "jwt", "jws", "jose", "at+jwt", "dpop+jwt", "logout+jwt", "secevent+jwt",
        "oauth-client-attestation-pop+jwt", "oauth-client-attestation-pop",
    ]

    /// CFG-03: what must tell two attesters apart. Disjoint issuers do; else no key ID may be in
    /// both, and no client either if one has keys that messages cannot name.
    static func requireSeparable(_ one: Attester, _ other: Attester) throws(RegistryError) {
        guard one.id.utf8.elementsEqual(other.id.utf8) == false else {
            throw .duplicateID(one.id)
        }
        try requireOneEntry(one, other)
        let issuersDiffer =
            !one.issuers.isEmpty && !other.issuers.isEmpty
            && Set(one.issuers).isDisjoint(with: other.issuers)
        if issuersDiffer { return }
        let known = Set(one.source.keyIDs)
        if let shared = other.source.keyIDs.first(where: known.contains) {
            throw .sharedKeyID(one.id, other.id, keyID: text(shared))
        }
        let hasNameless = one.source.hasNamelessKey || other.source.hasNamelessKey
        let clients = Set(one.clients)
        if hasNameless, let shared = other.clients.first(where: clients.contains) {
            throw .sharedClient(one.id, other.id, client: text(shared))
        }
    }

    /// KEY-18: an attester with a MAC has one entry, and its secret is nobody else's.
    private static func requireOneEntry(
        _ one: Attester, _ other: Attester
    ) throws(RegistryError) {
        guard one.usesMAC || other.usesMAC else { return }
        let issuers = Set(one.issuers)
        if let shared = other.issuers.first(where: issuers.contains) {
            throw .sharedMACIssuer(one.id, other.id, issuer: text(shared))
        }
        if case .sharedSecret(let first) = one.source,
            case .sharedSecret(let second) = other.source,
            ConstantTime.equal(first.secret, second.secret.bytes)
        {
            throw .sharedSecret(one.id, other.id)
        }
    }

    private static func text(_ octets: [UInt8]) -> String {
        String(decoding: octets, as: UTF8.self)
    }
}
