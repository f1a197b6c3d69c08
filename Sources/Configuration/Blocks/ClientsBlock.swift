// SPDX-License-Identifier: Apache-2.0
// The `clients` list of an AS: attested clients and what they are to the AS (CRED-01).

import ClientAttestation
import Cryptography
import Gateway
import Octets

/// A client that was read and the places that later checks point to.
struct ClientDraft {
    var settings: ClientSettings
    var attested: AttestedClient
    /// `client_id`.
    var id: Field
    /// `upstream.authentication` where it is `none`.
    var none: Field?
    /// `dpop_combined` among its `methods`.
    var combined: Field?
}

/// Reads `clients`.
enum ClientsBlock {
    static func read(_ server: Block, profiles: ProfileSet) -> [ClientDraft] {
        let remedy =
            "list each attested client: client_id and upstream: { authentication: … } (CFG-02)"
        guard
            let items = server.require("clients", remedy)?.someItems("at least one client (CFG-02)")
        else { return [] }
        return items.compactMap { $0.block(.client).flatMap { client($0, profiles: profiles) } }
    }

    private static func client(_ block: Block, profiles: ProfileSet) -> ClientDraft? {
        let id = block.require("client_id", "write the `sub` of its attestations")
        let octets = id?.octets()
        let remedy = "write upstream: { authentication: none } or client_secret_basic (CFG-02)"
        let upstream = block.require("upstream", remedy)?.block(.clientUpstream)
        let credential = upstream.flatMap { Self.credential($0, clientID: octets, id: id) }
        let methods = block["methods"].flatMap { Self.methods($0) } ?? []
        let narrowed = block["profiles"].flatMap { ProfilesValue.read($0, within: profiles) }
        let notBefore = block["not_before"].flatMap { Self.notBefore($0) }
        let grants = block["grants"].flatMap { names($0) }
        let scopes = block["scopes"].flatMap { names($0) }
        let responseTypes = block["response_types"].flatMap { Self.responseTypes($0) }
        guard let id, let octets, let credential else { return nil }
        var settings = ClientSettings(clientID: octets, credential: credential)
        settings.grants = grants
        settings.scopes = scopes
        settings.responseTypes = responseTypes ?? settings.responseTypes
        var none: Field?
        if case .none = credential { none = upstream?["authentication"] }
        return ClientDraft(
            settings: settings,
            attested: AttestedClient(
                clientID: octets,
                methods: methods.isEmpty ? [.attestationPoPJWT] : Set(methods.map(\.value)),
                profiles: narrowed, notBefore: notBefore),
            id: id, none: none, combined: methods.first { $0.value == .dpopCombined }?.field)
    }

    /// REQ-06: how the client may prove its key.
    private static func methods(_ field: Field) -> [Entry<ProofMethod>] {
        let items = field.someItems("attestation_pop_jwt, dpop_combined or both") ?? []
        return items.compactMap { item in
            item.choice(["attestation_pop_jwt", "dpop_combined"]).flatMap(ProofMethod.init)
                .map { Entry(value: $0, field: item) }
        }
    }

    /// ATT-07. Attestations issued before are denied.
    private static func notBefore(_ field: Field) -> UnixTime? {
        guard let time = field.time() else { return nil }
        if time > field.reading.now {
            field.warn("lies ahead: until then every attestation of this client is refused")
        }
        return time
    }

    private static func credential(_ block: Block, clientID: [UInt8]?, id: Field?)
        -> UpstreamCredential?
    {
        let built = ["none", "client_secret_basic"]
        let planned = ["client_secret_post", "private_key_jwt", "tls_client_auth"]
        let remedy = "write none or client_secret_basic (CFG-02)"
        guard let field = block.require("authentication", remedy),
            let method = field.choice(built, planned: planned)
        else { return nil }
        guard method != "none" else {
            for name in ["secret_file", "basic_encoding", "body_client_id"] {
                block[name]?.fail("counts for client_secret_basic only; leave it out")
            }
            return UpstreamCredential.none
        }
        let encoding = block["basic_encoding"]?.choice(BasicCredential.Encoding.self) ?? .form
        let bodyClientID = block["body_client_id"]?.flag() ?? true
        let file = block.require(
            "secret_file", "name the file that holds the client secret (CFG-02)")
        let secret = file.flatMap(secret)
        if encoding == .raw, let id, clientID?.contains(UInt8(ascii: ":")) == true {
            id.fail(
                "a server that takes Basic credentials raw splits this id at its colon (CFG-17); "
                    + "use basic_encoding: form"
            )
        }
        guard let secret, let clientID else { return nil }
        let credential = BasicCredential(
            clientID: clientID, secret: secret, encoding: encoding, bodyClientID: bodyClientID)
        return .basic(credential)
    }

    /// CRED-08. The value is the file without one final line end.
    private static func secret(_ field: Field) -> Secret? {
        guard var octets = field.secretFile(atMost: 4096) else { return nil }
        if octets.last == UInt8(ascii: "\n") { octets.removeLast() }
        if octets.last == UInt8(ascii: "\r") { octets.removeLast() }
        guard !octets.isEmpty else {
            field.fail("the file is empty; write the client secret into it")
            return nil
        }
        guard octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            field.fail("the file holds control characters or several lines; write the secret alone")
            return nil
        }
        return Secret(wiping: &octets)
    }

    /// Grant types or scopes, one an item.
    static func names(_ field: Field) -> Set<[UInt8]>? {
        guard field.someItems("names, or leave the key out for all") != nil,
            let entries = field.texts()
        else { return nil }
        for entry in entries where entry.value.contains(" ") {
            entry.field.fail("\(quoted(entry.value)) has a space; write one name an item")
        }
        return Set(entries.map { Array($0.value.utf8) })
    }

    /// BIND-15.
    private static func responseTypes(_ field: Field) -> Set<[UInt8]>? {
        guard field.someItems("response types, such as code") != nil, let entries = field.texts()
        else { return nil }
        for entry in entries {
            let parts = entry.value.split(separator: " ")
            for part in parts where !["code", "token", "id_token", "none"].contains(part) {
                entry.field.fail("\(quoted(String(part))) is no response type; write code")
            }
            if parts.contains("token") {
                entry.field.warn(
                    "hands access tokens to a browser without any client authentication (BIND-15)")
            }
        }
        return Set(entries.map { Array($0.value.utf8) })
    }
}
