// SPDX-License-Identifier: Apache-2.0
// The `attesters` list of an AS: who may vouch for which clients, and with which keys.

import ClientAttestation
import JOSE

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
    static func read(_ server: Block, profiles: ProfileSet) -> [AttesterDraft] {
        let remedy = "list who attests the clients: id, jwks_file and clients"
        guard let items = server.require("attesters", remedy)?.someItems("at least one attester")
        else { return [] }
        var drafts: [AttesterDraft] = []
        for item in items {
            guard let draft = item.block(.attester).flatMap({ attester($0, profiles: profiles) })
            else { continue }
            drafts.append(draft)
        }
        return drafts
    }

    private static func attester(_ block: Block, profiles: ProfileSet) -> AttesterDraft? {
        let id = block.require("id", "write a short name, it is shown in logs")?.text()
        let issuers = block["issuers"]?.octetsList() ?? []
        let algorithms = block["algorithms"].flatMap(algorithms) ?? [.es256]
        let keys = keys(block)
        let clients = clients(block)
        let narrowed = block["profiles"].flatMap { ProfilesValue.read($0, within: profiles) }
        let attestation = attestation(block)
        let types = block["types"].map(types) ?? []
        let selfAttested = block["self_attested"]?.flag() ?? false
        let jku = block["jku"]?.octets()
        guard let id, let keys, !clients.isEmpty else { return nil }
        let attester = Attester(
            id: id, issuers: issuers, keys: keys, algorithms: algorithms,
            clients: clients.map(\.value), types: types, selfAttested: selfAttested, jku: jku,
            attestation: attestation, profiles: narrowed)
        return AttesterDraft(attester: attester, block: block, clients: clients)
    }

    /// The `attestation` block of an AS or of an attester.
    static func attestation(_ block: Block) -> AttestationPolicy? {
        block["attestation"]?.block(.attestation).map {
            AttestationPolicy(requiresIssuedAt: $0["require_iat"]?.flag() ?? false)
        }
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

    private static func algorithms(_ field: Field) -> [JWSAlgorithm]? {
        guard let items = field.someItems("at least one algorithm") else { return nil }
        // The verifier is proved with this one; the others verify already but wait for that.
        let proved: [JWSAlgorithm] = [.es256]
        let built = proved.map(\.rawValue)
        let planned = JWSAlgorithm.allCases.filter { !proved.contains($0) }.map(\.rawValue)
        let names = items.compactMap { $0.choice(built, planned: planned) }
        return names.isEmpty ? nil : names.compactMap(JWSAlgorithm.init(rawValue:))
    }

    private static func keys(_ block: Block) -> JWKSet? {
        guard !block.mentions("jwks_url"), !block.mentions("x5c_anchors_file"),
            !block.mentions("mac")
        else { return nil }
        let remedy = "name a file with the attester's public keys as a JWK set"
        guard let field = block.require("jwks_file", remedy) else { return nil }
        guard let octets = field.file(atMost: 1 << 20) else { return nil }
        do throws(JOSEError) {
            let keys = try JWKSet(parsing: octets)
            for key in keys.unusable {
                field.warn(
                    "keys[\(key.index)] verifies nothing here (\(key.reason)); it is ignored")
            }
            guard !keys.keys.isEmpty else {
                field.fail("the set holds no key; add the attester's public keys")
                return nil
            }
            return keys
        } catch {
            field.fail("no usable JWK set: \(error)")
            return nil
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
