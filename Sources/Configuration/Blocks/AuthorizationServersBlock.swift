// SPDX-License-Identifier: Apache-2.0
// The `authorization_servers` list: each AS becomes a draft, is checked with the others, finished.

import ClientAttestation
import Gateway
import HTTPWire

/// One AS as the file describes it; parts with faults are missing.
struct ServerDraft {
    var block: Block
    var issuer: Issuer?
    var upstream: UpstreamSettings?
    var authorities: [Entry<Authority>]
    var profiles: ProfileSet
    var paths: ServerPaths
    var proof: ProofPolicy
    var aliases: [Entry<[UInt8]>]
    var challenge: ChallengeDraft
    var nonceEndpoints: Set<ProtectedEndpoint>
    var attesters: [AttesterDraft]
    var clients: [ClientDraft]
    var unattested: [Entry<[UInt8]>]

    /// Reads one item of the list.
    init(_ block: Block) {
        self.block = block
        let remedy =
            "write the issuer identifier of the AS, such as https://as.example.com (CFG-01)"
        issuer = block.require("issuer", remedy).flatMap { $0.issuer() }
        upstream = UpstreamBlock.read(block, issuer: issuer)
        authorities = Self.authorities(block, issuer: issuer)
        profiles = block["profiles"].flatMap { ProfilesValue.read($0) } ?? ProfileSet([.abca11])
        paths = EndpointsBlock.read(block)
        (proof, aliases) = ProofBlock.read(block, profiles: profiles)
        challenge = ChallengeBlock.read(block, profiles: profiles)
        paths.challenge = challenge.path
        nonceEndpoints = NonceBlock.read(block, profiles: profiles, paths: paths)
        attesters = AttestersBlock.read(block, profiles: profiles)
        clients = ClientsBlock.read(block, profiles: profiles)
        unattested = (block["unattested_clients"]?.texts() ?? []).map {
            Entry(value: Array($0.value.utf8), field: $0.field)
        }
    }

    /// HTTP-08. The issuer's authority unless others are listed.
    private static func authorities(_ block: Block, issuer: Issuer?) -> [Entry<Authority>] {
        guard let field = block["authorities"] else {
            return issuer.flatMap { issuer in
                block["issuer"].map { [Entry(value: issuer.authority, field: $0)] }
            } ?? []
        }
        let items = field.someItems("the Host values that select this AS") ?? []
        return items.compactMap { item in
            guard let text = item.text() else { return nil }
            guard let authority = Authority(Array(text.utf8)) else {
                item.fail("\(quoted(text)) is no Host value; write host or host:port")
                return nil
            }
            return Entry(value: authority, field: item)
        }
    }
}

/// Reads `authorization_servers`.
enum AuthorizationServersBlock {
    static func read(_ top: Block, masterKeys: MasterKeys?) -> [ServerSettings] {
        let remedy = "list the AS: issuer, upstream, endpoints, attesters, clients"
        let items = top.require("authorization_servers", remedy)?.someItems("at least one AS") ?? []
        let drafts = items.compactMap { $0.block(.server).map(ServerDraft.init) }
        SelfChecks.run(drafts)
        return drafts.enumerated().compactMap { index, draft in
            let others = drafts.enumerated().filter { $0.offset != index }.map(\.element)
            return settings(draft, others: others, masterKeys: masterKeys)
        }
    }

    private static func settings(
        _ draft: ServerDraft, others: [ServerDraft], masterKeys: MasterKeys?
    ) -> ServerSettings? {
        let block = draft.block
        let errors = ForwardingBlocks.errors(block, profiles: draft.profiles)
        let attestation = block["attestation"]?.block(.attestation)
        let requiresIssuedAt = attestation?["require_iat"]?.flag() ?? false
        let registry = registry(draft)
        let forward = block["forward"]?.block(.forward)
        let identityHeaders = forward?["identity_headers"]?.flag() ?? false
        let forwardedFields = ForwardingBlocks.forwardedFields(forward)
        let cors = ForwardingBlocks.cors(block)
        let passesDPoP = ForwardingBlocks.passesDPoP(block)
        let parRequiresClientID = block["par"]?.block(.par)?["require_client_id"]?.flag() ?? false
        guard let issuer = draft.issuer, let upstream = draft.upstream, let registry, let masterKeys
        else { return nil }
        let foreign = others.flatMap {
            [$0.issuer?.octets].compactMap(\.self) + $0.aliases.map(\.value)
        }
        let policy = VerificationPolicy(
            issuer: issuer.octets, profiles: draft.profiles, proof: draft.proof,
            attestation: AttestationPolicy(requiresIssuedAt: requiresIssuedAt),
            challenge: draft.challenge.policy, nonceEndpoints: draft.nonceEndpoints,
            attesters: registry,
            clients: Dictionary(
                draft.clients.map { ($0.settings.clientID, $0.attested) }, uniquingKeysWith: { $1 }),
            foreignAudiences: Set(foreign),
            challengeKeys: ChallengeKeys(masterKeys, issuer: issuer.octets), errors: errors,
            generation: 1)
        var settings = ServerSettings(
            policy: policy, origin: issuer.origin, authorities: draft.authorities.map(\.value),
            upstream: upstream)
        settings.endpoints = draft.paths.endpoints.map(\.value)
        settings.authorizationPath = draft.paths.authorization?.value
        settings.challengePath = draft.paths.challenge?.value
        settings.pushesChallenge = draft.challenge.pushes
        settings.passThrough = draft.paths.passThrough.map(\.value)
        settings.registrationPath = draft.paths.registration?.value
        settings.clients = Dictionary(
            draft.clients.map { ($0.settings.clientID, $0.settings) }, uniquingKeysWith: { $1 })
        settings.unattestedClients = Set(draft.unattested.map(\.value))
        settings.parRequiresClientID = parRequiresClientID
        settings.identityHeaders = identityHeaders
        settings.forwardedFields = forwardedFields
        settings.cors = cors
        settings.passesDPoP = passesDPoP
        return settings
    }

    /// CFG-03. Attesters that KEY-01 cannot tell apart are refused.
    private static func registry(_ draft: ServerDraft) -> AttesterRegistry? {
        do throws(RegistryError) {
            return try AttesterRegistry(draft.attesters.map(\.attester))
        } catch {
            place(of: error, in: draft)?.fail("\(error) (CFG-03)\(remedy(error, in: draft))")
            return nil
        }
    }

    /// What to write so that two attesters can be told apart.
    private static func remedy(_ error: RegistryError, in draft: ServerDraft) -> String {
        let names: [String]
        switch error {
        case .sharedKeyID(let one, let other, _), .sharedClient(let one, let other, _):
            names = [one, other]
        default: return ""
        }
        let both = draft.attesters.map(\.attester).filter { names.contains($0.id) }
        let shared = both.reduce(Set(both.first?.issuers ?? [])) { $0.intersection($1.issuers) }
        let first = shared.min { $0.lexicographicallyPrecedes($1) }
        let which = first.map { "; both now have \(String(decoding: $0, as: UTF8.self))" } ?? ""
        return "; give each issuers of its own\(which)"
    }

    /// The key of the later attester that makes it clash with the earlier one.
    private static func place(of error: RegistryError, in draft: ServerDraft) -> Field? {
        let (id, key) =
            switch error {
            case .duplicateID(let id): (id, "id")
            case .noClients(let id): (id, "clients")
            case .noKeys(let id): (id, "jwks_file")
            case .noAlgorithms(let id): (id, "algorithms")
            case .sharedKeyID(_, let id, _): (id, "jwks_file")
            case .sharedClient(_, let id, _): (id, "clients")
            }
        let attester = draft.attesters.last { $0.attester.id == id }
        return attester?.block[key] ?? draft.block["attesters"]
    }
}
