// SPDX-License-Identifier: Apache-2.0
// Lists of signature algorithms, one for each role (ATT-02, POP-02, JOSE-17, JOSE-27).

import JOSE

/// Which algorithms a role can have.
enum AlgorithmKind {
    /// With a public key.
    case signatures
    /// With a shared secret, for attesters with `mac`.
    case macs

    /// The algorithms to choose from.
    var built: [JWSAlgorithm] {
        switch self {
        case .signatures: JWSAlgorithm.signatures
        case .macs: JWSAlgorithm.macs
        }
    }
}

extension Field {
    /// A list of at least one algorithm, each named once. What is listed is accepted by exactly
    /// that name: `EdDSA` and `Ed25519` are two. Nil after a fault, or if none is left.
    func algorithms(_ kind: AlgorithmKind) -> [JWSAlgorithm]? {
        guard someItems("at least one algorithm") != nil, let entries = texts() else { return nil }
        var algorithms: [JWSAlgorithm] = []
        for entry in entries {
            let named = JWSAlgorithm(name: Array(entry.value.utf8))
            switch named {
            case let algorithm? where kind.built.contains(algorithm):
                algorithms.append(algorithm)
            case let algorithm? where algorithm.mac != nil:
                entry.field.fail(
                    "\(entry.value) needs a shared secret: only attesters with mac have one; "
                        + "write \(Self.names(kind)) (JOSE-17)")
            case let algorithm? where algorithm.isImplemented:
                entry.field.fail(
                    "\(entry.value) needs a public key, and this attester has mac; write "
                        + "\(Self.names(kind)) (JOSE-17)")
            default: refuse(entry, kind, isKnown: named != nil)
            }
        }
        return algorithms.isEmpty ? nil : algorithms
    }

    /// JOSE-27 for a registered name, JOSE-06 for any other.
    private func refuse(_ entry: Entry<String>, _ kind: AlgorithmKind, isKnown: Bool) {
        let planned = isKnown ? [entry.value] : []
        _ = entry.field.choice(kind.built.map(\.rawValue), planned: planned)
    }

    private static func names(_ kind: AlgorithmKind) -> String {
        alternatives(kind.built.map(\.rawValue))
    }
}
