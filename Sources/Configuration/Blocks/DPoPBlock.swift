// SPDX-License-Identifier: Apache-2.0
// The `dpop` block of an AS: who verifies DPoP proofs and whose nonces they carry (DPOP-21, CHAL-30).

import ClientAttestation

/// The `dpop` block as it was read.
struct DPoPDraft {
    var policy = DPoPPolicy()
    /// `allow_bearer`: combined mode in front of an AS whose tokens are not bound (AMB-32).
    var allowsBearer = false
}

/// Reads `dpop`.
enum DPoPBlock {
    static func read(_ server: Block) -> DPoPDraft {
        var draft = DPoPDraft()
        guard let block = server["dpop"]?.block(.dpop) else { return draft }
        draft.policy.owner = block["owner"]?.choice(DPoPPolicy.Owner.self) ?? draft.policy.owner
        draft.policy.nonceOwner =
            block["nonce_owner"]?.choice(DPoPPolicy.NonceOwner.self) ?? draft.policy.nonceOwner
        draft.policy.requiresNonce = block["require_nonce"]?.flag() ?? false
        draft.policy.algorithms =
            block["algorithms"]?.algorithms(.signatures) ?? draft.policy.algorithms
        draft.allowsBearer = block["allow_bearer"]?.flag() ?? false
        requireOneIssuer(draft.policy, block)
        if draft.allowsBearer, draft.policy.owner != .verifyAndStrip {
            block["allow_bearer"]?.warn("says something with owner: verify-and-strip only")
        }
        if draft.policy.owner == .pass {
            block["algorithms"]?.fail("with owner: pass the AS alone looks at proofs; leave it out")
        }
        return draft
    }

    /// CFG-05. A proof has room for one nonce, so one of the two issues it, and must see proofs.
    private static func requireOneIssuer(_ policy: DPoPPolicy, _ block: Block) {
        switch (policy.owner, policy.nonceOwner) {
        case (.pass, .gateway):
            block["nonce_owner"]?.fail(
                "with owner: pass the AS alone looks at proofs and at their nonces; write as or "
                    + "none (CFG-05)")
        case (.verifyAndStrip, .authorizationServer):
            block["nonce_owner"]?.fail(
                "with owner: verify-and-strip the AS sees no proof and issues no nonces; write "
                    + "gateway or none (CFG-05)")
        default: break
        }
        if policy.requiresNonce, policy.nonceOwner != .gateway {
            block["require_nonce"]?.fail(
                "only nonces of the gateway can be demanded by it; add nonce_owner: gateway "
                    + "(CFG-05, CHAL-30)")
        }
    }
}
