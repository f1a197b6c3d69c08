// SPDX-License-Identifier: Apache-2.0
// What passes to the AS, and what its clients are shown: `forward`, `cors`, `errors`.

import ClientAttestation
import Gateway
import HTTPWire

/// What `forward`, `cors` and `par` say.
struct ForwardingDraft {
    var identityHeaders: Bool
    var fields: [FieldName]
    var cors: CORSSettings
    var parRequiresClientID: Bool
}

/// Reads `forward`, `cors`, `par` and `errors` of one AS.
enum ForwardingBlocks {
    static func read(_ server: Block) -> ForwardingDraft {
        let forward = server["forward"]?.block(.forward)
        return ForwardingDraft(
            identityHeaders: forward?["identity_headers"]?.flag() ?? false,
            fields: forwardedFields(forward), cors: cors(server),
            parRequiresClientID: server["par"]?.block(.par)?["require_client_id"]?.flag() ?? false)
    }

    /// FWD-09. Further request fields; never one that the gateway sets, removes or judges.
    private static func forwardedFields(_ forward: Block?) -> [FieldName] {
        (forward?["headers"]?.texts() ?? []).compactMap { entry in
            guard let name = FieldName(Array(entry.value.utf8)) else {
                entry.field.fail(
                    "\(quoted(entry.value)) is no field name; write a name such as X-Tenant")
                return nil
            }
            if ForwardFields.isReserved(name) {
                entry.field.fail(
                    "\(entry.value) is set, removed or judged by the gateway itself; leave it "
                        + "out (FWD-02)"
                )
            }
            return name
        }
    }

    /// HTTP-19.
    private static func cors(_ server: Block) -> CORSSettings {
        var settings = CORSSettings()
        guard let block = server["cors"]?.block(.cors) else { return settings }
        let items = block.require("origins", "list the origins whose scripts may call")?.items()
        settings.origins = Set((items ?? []).compactMap { $0.origin() })
        settings.maxAge = block["max_age"]?.seconds(in: 0...86_400) ?? settings.maxAge
        return settings
    }

    /// ERR-05, ERR-07, AMB-10, design D20.
    static func errors(_ server: Block, profiles: ProfileSet) -> ErrorPolicy {
        var policy = ErrorPolicy(specific: profiles.flags.specificErrors)
        guard let block = server["errors"]?.block(.errors) else { return policy }
        if let word = block["specific"]?.choice(["auto", "true", "false"]), word != "auto" {
            policy.specific = word == "true"
        }
        _ = block["expired"]?.choice(
            ["invalid_client_attestation"], planned: ["use_fresh_attestation"])
        if block["attestation_status"]?.choice(["400", "401"]) == "401" {
            policy.attestationStatus = 401
        }
        return policy
    }
}
