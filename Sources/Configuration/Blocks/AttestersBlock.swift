// SPDX-License-Identifier: Apache-2.0
// The `attesters` list of an AS: who may vouch for which clients, and with which keys.

import ClientAttestation

/// An attester that was read and the places that checks across attesters and clients point to.
struct AttesterDraft {
    var attester: Attester
    /// The whole item.
    var block: Block
    /// The clients it vouches for.
    var clients: [Entry<[UInt8]>]
}

/// Reads `attesters`.
enum AttestersBlock {
    /// `attestation` is what the AS demands, for attesters that demand something else besides.
    static func read(
        _ server: Block, profiles: ProfileSet, attestation: AttestationPolicy
    ) -> [AttesterDraft] {
        let remedy = "list who attests the clients: id, jwks_file and clients"
        guard let items = server.require("attesters", remedy)?.someItems("at least one attester")
        else { return [] }
        var drafts: [AttesterDraft] = []
        for item in items {
            guard let block = item.block(.attester),
                let draft = attester(block, profiles: profiles, attestation: attestation)
            else { continue }
            drafts.append(draft)
        }
        return drafts
    }

    private static func attester(
        _ block: Block, profiles: ProfileSet, attestation inherited: AttestationPolicy
    ) -> AttesterDraft? {
        let id = block.require("id", "write a short name, it is shown in logs")?.text()
        let issuers = block["issuers"]?.octetsList() ?? []
        let keys = AttesterKeys.read(block)
        let clients = clients(block)
        let narrowed = block["profiles"].flatMap { ProfilesValue.read($0, within: profiles) }
        let attestation = attestation(block, inherited: inherited)
        let types = block["types"].map(types) ?? []
        let selfAttested = block["self_attested"]?.flag() ?? false
        let jku = block["jku"]?.octets()
        guard let id, let keys, !clients.isEmpty else { return nil }
        let attester = Attester(
            id: id, issuers: issuers, source: keys.source, algorithms: keys.algorithms,
            clients: clients.map(\.value), types: types, selfAttested: selfAttested, jku: jku,
            attestation: attestation, profiles: narrowed)
        return AttesterDraft(attester: attester, block: block, clients: clients)
    }

    /// The `attestation` block of an AS, or of an attester: what that leaves out stays `inherited`.
    static func attestation(
        _ block: Block, inherited: AttestationPolicy = AttestationPolicy()
    ) -> AttestationPolicy? {
        guard let block = block["attestation"]?.block(.attestation) else { return nil }
        var policy = inherited
        if let field = block["max_age"] { policy.maxAge = maxAge(field) }
        policy.requiresIssuedAt = block["require_iat"]?.flag() ?? policy.requiresIssuedAt
        return policy
    }

    /// ATT-07. A duration, or `off`.
    private static func maxAge(_ field: Field) -> Int64? {
        guard let text = field.text(), text != "off" else { return nil }
        return field.seconds(in: 60...31_536_000)
    }

    /// CFG-03. An attester without a list could vouch for any client.
    private static func clients(_ block: Block) -> [Entry<[UInt8]>] {
        let remedy = "list the client_ids this attester may vouch for (CFG-03)"
        let field = block.require("clients", remedy)
        guard field?.someItems("the client_ids this attester may vouch for (CFG-03)") != nil
        else { return [] }
        return (field?.texts() ?? []).map { Entry(value: Array($0.value.utf8), field: $0.field) }
    }

    /// ATT-01. Further `typ` values as the kernel compares them: lower case, no `application/`.
    private static func types(_ field: Field) -> [[UInt8]] {
        (field.texts() ?? []).map { entry in
            let lower = entry.value.lowercased()
            let prefix = "application/"
            return Array(
                (lower.hasPrefix(prefix) ? String(lower.dropFirst(prefix.count)) : lower).utf8)
        }
    }
}

/// A list of profile names, of an AS or narrower than its own.
enum ProfilesValue {
    static func read(_ field: Field, within allowed: ProfileSet? = nil) -> ProfileSet? {
        guard let items = field.someItems("at least one profile") else { return nil }
        let built = Profile.allCases.map(\.rawValue)
        var profiles: [Profile] = []
        for item in items {
            guard let name = item.choice(built, planned: ["haip", "eudi"]),
                let profile = Profile(rawValue: name)
            else { continue }
            if let allowed, !allowed.profiles.contains(profile) {
                item.fail(
                    "\(name) is not enabled at this AS; add it to the profiles of the AS first")
            }
            profiles.append(profile)
        }
        return profiles.isEmpty ? nil : ProfileSet(profiles)
    }
}
