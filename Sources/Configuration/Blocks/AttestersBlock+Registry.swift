// SPDX-License-Identifier: Apache-2.0
// CFG-03: attesters that cannot stand together are pointed out where the later one is written.

import ClientAttestation

extension AttestersBlock {
    /// CFG-03. Attesters that KEY-01 cannot tell apart are refused.
    static func registry(_ draft: ServerDraft) -> AttesterRegistry? {
        requireProfilesForMAC(draft)
        do throws(RegistryError) {
            return try AttesterRegistry(draft.attesters.map(\.attester))
        } catch {
            place(of: error, in: draft)?.fail("\(error) (CFG-03)\(remedy(error, in: draft))")
            return nil
        }
    }

    /// CFG-10, JOSE-17: an attester with a MAC whose profiles, or whose every client's, have none.
    private static func requireProfilesForMAC(_ draft: ServerDraft) {
        for attester in draft.attesters where attester.attester.usesMAC {
            let profiles = attester.attester.profiles ?? draft.profiles
            let clients = draft.clients.filter {
                attester.attester.clients.contains($0.attested.clientID)
            }
            let allows = profiles.flags.allowsMAC
            let someAllows = clients.contains {
                profiles.narrowed(to: $0.attested.profiles).flags.allowsMAC
            }
            guard !allows || !(clients.isEmpty || someAllows) else { continue }
            attester.block["mac"]?.fail(
                "the profiles in force have no MAC (CFG-10); enable abca-07 or a later one, or use "
                    + "jwks_file")
        }
    }

    private static func sourceKey(of id: String, in draft: ServerDraft) -> String {
        let attester = draft.attesters.last { $0.attester.id == id }
        return attester?.attester.usesMAC == true ? "mac" : "jwks_file"
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
            case .noAlgorithms(let id), .wrongAlgorithm(let id, _): (id, "algorithms")
            case .reservedType(let id, _): (id, "types")
            case .shortSecret(let id, _), .sharedSecret(_, let id): (id, "mac")
            case .sharedMACIssuer(_, let id, _): (id, "issuers")
            case .sharedKeyID(_, let id, _): (id, sourceKey(of: id, in: draft))
            case .sharedClient(_, let id, _): (id, "clients")
            }
        let attester = draft.attesters.last { $0.attester.id == id }
        return attester?.block[key] ?? draft.block["attesters"]
    }
}
