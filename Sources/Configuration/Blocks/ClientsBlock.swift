// SPDX-License-Identifier: Apache-2.0
// The `clients` list of an AS: attested clients and what they are to the AS (CRED-01).

import ClientAttestation
import Gateway
import Octets

/// A client that was read and the places that later checks point to.
struct ClientDraft {
    var settings: ClientSettings
    var attested: AttestedClient
    /// What its `upstream` says.
    var upstream: ClientUpstreamDraft
    /// `client_id`.
    var id: Field
    /// `dpop_combined` among its `methods`.
    var combined: Field?
    /// `ciba` where it is `ping`.
    var ping: Field?
    /// What is said about its authorization codes.
    var codes: CodesDraft
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
        let remedy =
            "write upstream: { authentication: … } with \(ClientUpstreamBlock.words) (CFG-02)"
        let upstream = block.require("upstream", remedy)?.block(.clientUpstream)
            .flatMap { ClientUpstreamBlock.read($0, id: id) }
        let methods = block["methods"].flatMap { Self.methods($0) } ?? []
        let narrowed = block["profiles"].flatMap { ProfilesValue.read($0, within: profiles) }
        let notBefore = block["not_before"].flatMap { Self.notBefore($0) }
        let grants = block["grants"].flatMap { names($0) }
        let scopes = block["scopes"].flatMap { names($0) }
        let responseTypes = block["response_types"].flatMap { Self.responseTypes($0) }
        guard let id, let octets, let upstream else { return nil }
        var settings = ClientSettings(clientID: octets, credential: upstream.credential)
        settings.upstreamID = upstream.id
        settings.previousCredential = upstream.previous
        settings.grants = grants
        settings.scopes = scopes
        settings.responseTypes = responseTypes ?? settings.responseTypes
        let ciba = block["ciba"]
        let codes = CodesDraft(block)
        settings.requiresPAR = codes.requiresPAR
        settings.bindsCodes = codes.areBound
        settings.isPinged = ciba?.choice(["poll", "ping"]) == "ping"
        return ClientDraft(
            settings: settings,
            attested: AttestedClient(
                clientID: octets,
                methods: methods.isEmpty ? [.attestationPoPJWT] : Set(methods.map(\.value)),
                profiles: narrowed, notBefore: notBefore),
            upstream: upstream, id: id,
            combined: methods.first { $0.value == .dpopCombined }?.field,
            ping: settings.isPinged ? ciba : nil, codes: codes)
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
