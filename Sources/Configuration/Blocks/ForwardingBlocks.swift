// SPDX-License-Identifier: Apache-2.0
// What passes to the AS, and what its clients are shown: `forward`, `cors`, `errors`.

import ClientAttestation
import Cryptography
import Gateway
import HTTPWire
import Minting

/// What `forward`, `cors` and `par` say.
struct ForwardingDraft {
    var identityHeaders: Bool
    /// `forward.assertion_key_file`.
    var identityKey: Entry<SigningKey>?
    var keepsAttestation: Bool
    var gatewaySecret: GatewaySecret?
    var fields: [FieldName]
    var cors: CORSSettings
    var parRequiresClientID: Bool
    var requestURIPrefix: [UInt8]?
}

/// Reads `forward`, `cors`, `par` and `errors` of one AS.
enum ForwardingBlocks {
    static func read(_ server: Block) -> ForwardingDraft {
        let forward = server["forward"]?.block(.forward)
        let par = server["par"]?.block(.par)
        let fields = forwardedFields(forward)
        return ForwardingDraft(
            identityHeaders: forward?["identity_headers"]?.flag() ?? false,
            identityKey: forward?["assertion_key_file"].flatMap { identityKey($0) },
            keepsAttestation: forward?["attestation"].map { keeps($0) } ?? false,
            gatewaySecret: forward?["gateway_secret"].flatMap { gatewaySecret($0, fields) },
            fields: fields, cors: cors(server),
            parRequiresClientID: par?["require_client_id"]?.flag() ?? false,
            requestURIPrefix: par?["request_uri_prefix"].flatMap { requestURIPrefix($0) })
    }

    /// BIND-11. Never one that a request object from anywhere may have.
    private static func requestURIPrefix(_ field: Field) -> [UInt8]? {
        guard let text = field.text() else { return nil }
        guard text.hasPrefix("urn:"), text.utf8.count > 8 else {
            field.fail(
                "\(quoted(text)) is no prefix of references that only the AS gives out; write the "
                    + "urn: that its request_uri values begin with (BIND-11)")
            return nil
        }
        return Array(text.utf8)
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

    /// FWD-07. The key's own algorithm, ES256 for a key on P-256.
    private static func identityKey(_ field: Field) -> Entry<SigningKey>? {
        SigningKeyFile.read(field, algorithm: nil, whose: "identity assertions")
            .map { Entry(value: $0, field: field) }
    }

    /// FWD-04.
    private static func keeps(_ field: Field) -> Bool {
        guard field.choice(["strip", "keep"]) == "keep" else { return false }
        field.warn(
            "attestations and proofs reach the AS: for its log alone, it must not act on them "
                + "(FWD-04)")
        return true
    }

    /// EP-08.
    private static func gatewaySecret(_ field: Field, _ fields: [FieldName]) -> GatewaySecret? {
        guard let block = field.block(.gatewaySecret) else { return nil }
        let header = block.require("header", "name the field, such as X-Gateway-Secret (EP-08)")
        let file = block.require("secret_file", "name the file that holds its value (EP-08)")
        let secret = file.flatMap { SecretFile.read($0, whose: "gateway_secret") }
        guard let header, let text = header.text() else { return nil }
        guard let name = FieldName(Array(text.utf8)) else {
            header.fail("\(quoted(text)) is no field name; write a name such as X-Gateway-Secret")
            return nil
        }
        let others = fields.map { NormalisedName($0) }
        if ForwardFields.isReserved(name) || ForwardFields.isClients(name)
            || others.contains(NormalisedName(name))
        {
            header.fail(
                "\(text) is a field of clients, or one that the gateway writes already; write a "
                    + "name of your own, such as X-Gateway-Secret (EP-08)")
        }
        guard let file, let secret else { return nil }
        guard secret.bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            file.fail(
                "\(file.fileName): a field holds visible ASCII without spaces only; write such a "
                    + "secret (EP-08)")
            return nil
        }
        return GatewaySecret(name: name, value: secret)
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
