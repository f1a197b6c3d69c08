// SPDX-License-Identifier: Apache-2.0
// CFG-03: attesters that cannot stand together are pointed out where the later one is written.

import ClientAttestation

extension AttestersBlock {
    /// CFG-03. Attesters that KEY-01 cannot tell apart are refused.
    static func registry(_ draft: ServerDraft) -> AttesterRegistry? {
        do throws(RegistryError) {
            return try AttesterRegistry(draft.attesters.map(\.attester))
        } catch {
            place(of: error, in: draft)?.fail("\(error) (CFG-03)\(remedy(error, in: draft))")
            return nil
        }
    }

    /// What to write so that two attesters can be told apart.
    private static func remedy(_ error: RegistryError, in draft: ServerDraft) -> String {
        let names: [String]
        switch error {
        case .sharedKeyID(let one, let other, _), .sharedClient(let one, let other, _):
            names = [one, other]
        default: return ""
        }
        let both = draft.attesters.map(\.attester).filter { names.contains($0.id) }
        let shared = both.reduce(Set(both.first?.issuers ?? [])) { $0.intersection($1.issuers) }
        let first = shared.min { $0.lexicographicallyPrecedes($1) }
        let which = first.map { "; both now have \(String(decoding: $0, as: UTF8.self))" } ?? ""
        return "; give each issuers of its own\(which)"
    }

    /// The key of the later attester that makes it clash with the earlier one.
    private static func place(of error: RegistryError, in draft: ServerDraft) -> Field? {
        let (id, key) =
            switch error {
            case .duplicateID(let id): (id, "id")
            case .noClients(let id): (id, "clients")
            case .noKeys(let id): (id, "jwks_file")
            case .noAlgorithms(let id): (id, "algorithms")
            case .sharedKeyID(_, let id, _): (id, "jwks_file")
            case .sharedClient(_, let id, _): (id, "clients")
            }
        let attester = draft.attesters.last { $0.attester.id == id }
        return attester?.block[key] ?? draft.block["attesters"]
    }
}
