// SPDX-License-Identifier: Apache-2.0
// Step 8: the client of the request is the client of the attestation.

import Octets

/// REQ-12. REQ-13, whether the parameter may be absent, is the gateway's.
enum IdentityRules {
    /// REQ-12: a `client_id` parameter equals `sub`, octet by octet (REQ-20).
    static func requireSameClient(_ context: RuleContext) throws(Refusal) {
        context.trace?.begin(.req(12))
        guard let clientID = context.facts.clientIDParameter else { return }
        guard clientID == context.attestation.subject else {
            throw Refusal(.req(12), .attestation)
        }
    }
}
