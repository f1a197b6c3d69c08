// SPDX-License-Identifier: Apache-2.0
// Codes are bound to a key by the AS's own PKCE, or not at all: what that takes (CFG-13, CFG-15).

import ClientAttestation
import Gateway

/// `code_binding`, `require_par` and `pkce` of a client.
struct CodesDraft {
    /// `code_binding` where it is on.
    var binding: Field?
    /// `require_par` where it is written.
    var par: Field?
    private var demandsPAR: Bool?
    /// Whether the operator states that the AS enforces PKCE for this client.
    var isEnforced: Bool

    var areBound: Bool { binding != nil }
    var requiresPAR: Bool { demandsPAR ?? areBound }

    init(_ client: Block) {
        par = client["require_par"]
        demandsPAR = par?.flag()
        let field = client["code_binding"]
        binding = field?.flag() == true ? field : nil
        isEnforced = client["pkce"]?.choice(["unstated", "enforced"]) == "enforced"
    }
}

/// The self-checks of clients whose codes are bound, or whose requests are pushed.
enum CodeBindingChecks {
    static func run(_ server: ServerDraft) {
        let hasPAR = server.paths.endpoints.contains {
            $0.value.endpoint == .pushedAuthorizationRequest
        }
        for codes in server.clients.map(\.codes) where codes.requiresPAR || codes.areBound {
            guard let field = codes.binding ?? codes.par else { continue }
            if !hasPAR {
                field.fail(
                    "needs pushed authorization requests; add endpoints."
                        + "pushed_authorization_request (CFG-13)")
            }
            if server.paths.authorization == nil {
                field.fail(
                    "plain authorization requests can only be refused where they are known; add "
                        + "endpoints.authorization (CFG-15)")
            }
            requireEnforced(codes)
        }
    }

    /// CFG-13. The gateway cannot see whether the AS compares the verifier.
    private static func requireEnforced(_ codes: CodesDraft) {
        guard let field = codes.binding else { return }
        if !codes.isEnforced {
            field.fail(
                "binds nothing unless the AS enforces PKCE for this client: see that it refuses a "
                    + "code with a wrong verifier and one without any, then write pkce: enforced "
                    + "(CFG-13)")
        }
        if !codes.requiresPAR {
            codes.par?.fail("code_binding needs pushed requests; leave it out (BIND-11)")
        }
    }
}
