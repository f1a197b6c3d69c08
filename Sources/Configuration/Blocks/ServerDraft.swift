// SPDX-License-Identifier: Apache-2.0
// One authorization server between the file and its settings.

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
    var dpop: DPoPDraft
    var attesters: [AttesterDraft]
    var clients: [ClientDraft]
    var unattested: [Entry<[UInt8]>]
    var attestation: AttestationPolicy
    var denylist: Denylist
    var errors: ErrorPolicy
    var forwarding: ForwardingDraft
    var metadata: MetadataSettings
    var binding: BindingSettings

    /// Reads one item of the list.
    init(_ block: Block, clockAllowance: Int64) {
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
        challenge.policy.clockAllowance = clockAllowance
        paths.challenge = challenge.path
        nonceEndpoints = NonceBlock.read(block, profiles: profiles, paths: paths)
        dpop = DPoPBlock.read(block)
        attestation = AttestersBlock.attestation(block) ?? AttestationPolicy()
        attesters = AttestersBlock.read(block, profiles: profiles, attestation: attestation)
        clients = ClientsBlock.read(block, profiles: profiles)
        unattested = (block["unattested_clients"]?.texts() ?? []).map {
            Entry(value: Array($0.value.utf8), field: $0.field)
        }
        denylist = DenylistFile.read(block, attesters: attesters)
        errors = ForwardingBlocks.errors(block, profiles: profiles)
        forwarding = ForwardingBlocks.read(block)
        metadata = MetadataBlock.read(block, issuer: issuer)
        binding = BindBlock.read(block)
    }

    /// What clients may put into `aud` for this AS.
    var audiences: [[UInt8]] {
        (issuer.map { [$0.octets] } ?? []) + aliases.map(\.value)
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

extension ServerDraft {
    /// The finished settings; nil when a part is missing.
    func settings(
        registry: AttesterRegistry, masterKeys: MasterKeys, foreignAudiences: Set<[UInt8]>
    ) -> ServerSettings? {
        guard let issuer, let upstream else { return nil }
        let policy = VerificationPolicy(
            issuer: issuer.octets, profiles: profiles, proof: proof, attestation: attestation,
            challenge: challenge.policy, nonceEndpoints: nonceEndpoints,
            dpop: dpop.policy, endpointURLs: endpointURLs(issuer), attesters: registry,
            clients: byID(\.attested), denylist: denylist, foreignAudiences: foreignAudiences,
            challengeKeys: ChallengeKeys(masterKeys, issuer: issuer.octets), errors: errors,
            generation: 1)
        var settings = ServerSettings(
            policy: policy, masterKeys: masterKeys, origin: issuer.origin,
            authorities: authorities.map(\.value), upstream: upstream)
        settings.binding = binding
        settings.endpoints = paths.endpoints.map(\.value)
        settings.authorizationPath = paths.authorization?.value
        settings.challengePath = paths.challenge?.value
        settings.pushesChallenge = challenge.pushes
        settings.passThrough = paths.passThrough.map(\.value)
        settings.registrationPath = paths.registration?.value
        settings.clients = byID(\.settings)
        settings.unattestedClients = Set(unattested.map(\.value))
        settings.requestURIPrefix = forwarding.requestURIPrefix ?? settings.requestURIPrefix
        settings.parRequiresClientID = forwarding.parRequiresClientID
        settings.identityHeaders = forwarding.identityHeaders
        settings.identityKey = forwarding.identityKey?.value
        settings.keepsAttestation = forwarding.keepsAttestation
        settings.gatewaySecret = forwarding.gatewaySecret
        settings.forwardedFields = forwarding.fields
        settings.cors = forwarding.cors
        settings.metadata = metadata
        MetadataBlock.check(settings, block)
        return settings
    }

    /// DPOP-09: the URLs that clients know, whatever `Host` and the AS call them.
    private func endpointURLs(_ issuer: Issuer) -> [ProtectedEndpoint: TargetURI] {
        let pairs = paths.endpoints.map(\.value).compactMap { endpoint in
            TargetURI(issuer.origin + endpoint.path).map { (endpoint.endpoint, $0) }
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    /// One property of every client; a client that is listed twice was reported (CFG-02).
    private func byID<Value>(_ property: KeyPath<ClientDraft, Value>) -> [[UInt8]: Value] {
        let pairs = clients.map { ($0.settings.clientID, $0[keyPath: property]) }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }
}
