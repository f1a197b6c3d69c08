// SPDX-License-Identifier: Apache-2.0
// Combined mode needs a gateway that looks at DPoP proofs, an AS that goes along, and one nonce
// (CFG-04, DPOP-21, AMB-32, AMB-33).

import ClientAttestation
import Gateway

/// The self-checks of clients that may use `dpop_combined`.
enum DPoPChecks {
    static func run(_ server: ServerDraft) {
        for client in server.clients {
            guard let field = client.combined else { continue }
            let flags = (client.attested.profiles ?? server.profiles).flags
            guard flags.combined != .off else {
                field.fail(
                    "no profile of this client has combined mode; enable abca-09, abca-10 or "
                        + "abca-11, or remove it")
                continue
            }
            requireVerification(server, field)
            requireOneNonce(server, field, flags)
        }
    }

    /// CFG-04, DPOP-21. The DPoP proof is then what authenticates the client.
    private static func requireVerification(_ server: ServerDraft, _ field: Field) {
        switch server.dpop.policy.owner {
        case .pass:
            field.fail(
                "the gateway must verify the DPoP proof, and dpop.owner is pass; write "
                    + "verify-and-forward (CFG-04, DPOP-21)")
        case .verifyAndStrip where !server.dpop.allowsBearer:
            field.fail(
                "with dpop.owner: verify-and-strip the AS issues Bearer tokens, which clients that "
                    + "use DPoP may discard; write dpop.allow_bearer: true if yours do not, or "
                    + "verify-and-forward if the AS does DPoP (CFG-04)")
        case .verifyAndStrip, .verifyAndForward: break
        }
    }

    /// AMB-33. In drafts 09 and 10 the nonce is the challenge, which the gateway issues.
    private static func requireOneNonce(
        _ server: ServerDraft, _ field: Field, _ flags: ProfileFlags
    ) {
        guard server.dpop.policy.nonceOwner == .authorizationServer,
            flags.combined == .challenge, server.challenge.policy.mode != .off
        else { return }
        field.fail(
            "in abca-09 and abca-10 the nonce of the proof is the gateway's challenge, and "
                + "dpop.nonce_owner is as; write none or gateway, or profiles: [abca-11] for this "
                + "client (CHAL-30)")
    }
}
