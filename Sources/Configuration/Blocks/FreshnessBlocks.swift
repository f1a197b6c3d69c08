// SPDX-License-Identifier: Apache-2.0
// What makes a proof fresh at one AS: `proof`, `challenge`, `nonce`.

import ClientAttestation
import Gateway

/// Reads `proof`.
enum ProofBlock {
    /// The policy and the aliases with their places (CFG-14).
    static func read(_ server: Block, profiles: ProfileSet) -> (ProofPolicy, [Entry<[UInt8]>]) {
        var policy = ProofPolicy()
        guard let block = server["proof"]?.block(.proof) else { return (policy, []) }
        policy.maxAge = block["max_age"]?.seconds(in: 1...600, rule: "CFG-08") ?? policy.maxAge
        policy.clockSkew =
            block["clock_skew"]?.seconds(in: 0...300, rule: "CFG-08") ?? policy.clockSkew
        policy.challengeSkew = block["challenge_skew"]?.seconds(in: 0...86_400) ?? 0
        policy.expiryCap = block["expiry_cap"]?.seconds(in: 1...3600) ?? policy.expiryCap
        policy.acceptsNonceAlias = block["nonce_alias"]?.flag() ?? false
        if policy.acceptsNonceAlias, !profiles.flags.allowsNonceAlias {
            block["nonce_alias"]?.fail(
                "counts for abca-06 to abca-09 only (POP-14); leave it out, or enable one of them")
        }
        policy.algorithms = block["algorithms"]?.algorithms(.signatures) ?? policy.algorithms
        policy.acceptsSignOnlyKeys = block["sign_only_keys"]?.flag() ?? false
        let match = block["issuer_if_present"]?.choice(["ignore", "match"])
        policy.matchesIssuerIfPresent = match == "match"
        let aliases = (block["audience_aliases"]?.texts() ?? []).map {
            Entry(value: Array($0.value.utf8), field: $0.field)
        }
        policy.audienceAliases = aliases.map(\.value)
        return (policy, aliases)
    }
}

/// The `challenge` block as it was read.
struct ChallengeDraft {
    var policy: ChallengePolicy
    var path: Entry<[UInt8]>?
    var pushes: Bool
    /// Where `policy` is written.
    var position: Position?
}

/// Reads `challenge`.
enum ChallengeBlock {
    /// CHAL-20. Required by default where an enabled profile knows challenges.
    static func read(_ server: Block, profiles: ProfileSet) -> ChallengeDraft {
        let known = profiles.flags.servesChallenges
        let block = server["challenge"]?.block(.challenge)
        let written = block?["policy"]?.choice(["off", "optional", "required"])
        let mode = written.flatMap(ChallengePolicy.Mode.init) ?? (known ? .required : .off)
        if !known, mode != .off {
            block?["policy"]?.fail(
                "no enabled profile has challenges; write off, or enable abca-06 or later")
        }
        let lifetime = block?["lifetime"]?.seconds(in: 1...3600) ?? 300
        let pushes = block?["push"]?.flag() ?? (mode == .required)
        let path = path(block, server, isServed: mode != .off)
        if mode == .off, pushes {
            block?["push"]?.fail("nothing can be pushed with policy: off; leave it out")
        }
        let singleUse = block?["single_use"]?.flag() ?? false
        return ChallengeDraft(
            policy: ChallengePolicy(mode: mode, lifetime: lifetime, singleUse: singleUse),
            path: path,
            pushes: pushes && mode != .off, position: block?["policy"]?.position)
    }

    private static func path(_ block: Block?, _ server: Block, isServed: Bool) -> Entry<[UInt8]>? {
        let field = block?["endpoint"]
        let written = field.flatMap { field in field.path().map { Entry(value: $0, field: field) } }
        guard isServed else {
            field?.warn("is not served with policy: off")
            return nil
        }
        guard field == nil else { return written }
        let position = block?.position ?? server.position
        let text = "/attestgate/challenge"
        let value = YAMLValue(position: position, kind: .scalar(text, isPlain: true))
        let standing = Field(
            key: "\(server.key).challenge.endpoint", value: value, reading: server.reading)
        return Entry(value: Array(text.utf8), field: standing)
    }
}

/// Reads `nonce`.
enum NonceBlock {
    /// CHAL-01. By default the token and PAR endpoints, as far as the AS has them.
    static func read(_ server: Block, profiles: ProfileSet, paths: ServerPaths)
        -> Set<ProtectedEndpoint>
    {
        let served = Set(paths.endpoints.map(\.value.endpoint))
        guard let field = server["nonce"], let block = field.block(.nonce) else {
            let standard: Set<ProtectedEndpoint> = [.token, .pushedAuthorizationRequest]
            return profiles.flags.servesNonces ? standard.intersection(served) : []
        }
        guard profiles.flags.servesNonces else {
            field.fail("no enabled profile has nonces by OPTIONS; leave it out, or enable abca-05")
            return []
        }
        guard let items = block.require("endpoints", "list endpoint names")?.items() else {
            return []
        }
        var endpoints: Set<ProtectedEndpoint> = []
        for item in items {
            guard let endpoint = item.choice(ProtectedEndpoint.self) else { continue }
            if !served.contains(endpoint) {
                item.fail("this AS has no \(endpoint.rawValue) endpoint; add its path to endpoints")
            }
            endpoints.insert(endpoint)
        }
        return endpoints
    }
}
