// SPDX-License-Identifier: Apache-2.0
// The attesters of the AS, which of them was selected, and why the others were not.

import ClientAttestation
import Gateway
import JSON
import Octets

/// One configured attester, beside what the attestation says.
struct Candidate: Equatable {
    let id: String
    /// Whether the run selected it (KEY-01).
    let isSelected: Bool
    /// The `kid` of the key that was selected.
    let key: String?
    /// Half a sentence on what became of it.
    let reason: String

    /// All attesters of the AS, if there is an attestation that can be read.
    static func all(in view: RequestView) -> [Candidate] {
        guard let token = view.attestation, let server = view.server, token.claims != nil else {
            return []
        }
        let selection = server.policy.attesters.selection(
            issuer: token.string("iss"), keyID: token.header?.object["kid"]?.string,
            subject: token.string("sub"))
        return selection.entries.map { entry in
            // What the run did, not what it would have done: it may have ended before.
            let isSelected = entry.attesterID == view.run.attesterID
            var reason = entry.verdict.description
            if isSelected {
                reason += " by \(selection.criterion.rawValue)"
            } else if entry.verdict == .selected {
                reason = "would be selected by \(selection.criterion.rawValue)"
            }
            return Candidate(
                id: entry.attesterID, isSelected: isSelected,
                key: isSelected ? view.run.attesterKeyID.map(Shortening.text) : nil,
                reason: reason)
        }
    }
}
