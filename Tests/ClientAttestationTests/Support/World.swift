// SPDX-License-Identifier: Apache-2.0
// One AS, one attester, one instance, a clock that tests set: what every suite starts from.

import ClientAttestation
import Cryptography
import JOSE
import Octets
import Testing

/// Everything `Verifier.verify` takes, with defaults that pass.
struct World {
    static let issuer = "https://as.example.com"
    static let client = "https://client.example.com"
    static let attesterIssuer = "https://attester.example.com"

    var now: Int64 = 1_800_000_000
    var profiles: [Profile] = [.abca11]
    var proof = ProofPolicy()
    var attestation = AttestationPolicy()
    var challenge = ChallengePolicy(mode: .off)
    var nonceEndpoints: Set<ProtectedEndpoint> = [.token, .pushedAuthorizationRequest]
    var issuer = World.issuer
    var dpop = DPoPPolicy()
    var foreignAudiences: Set<[UInt8]> = []
    var errors = ErrorPolicy(specific: true)
    var generation: UInt64 = 1
    var client = AttestedClient(clientID: octets(World.client))
    var attesters: [Attester] = []
    var denylist = Denylist()
    let master: MasterKeys
    let attesterKey: TestKey
    let instance: TestKey
    let cache = AttestationCache(capacity: 16)

    init(_ profiles: [Profile] = [.abca11], _ mode: ChallengePolicy.Mode = .off) throws {
        self.profiles = profiles
        challenge.mode = mode
        attesterKey = try TestKey("11")
        instance = try TestKey()
        master = try MasterKeys(current: .generate(id: 1))
        attesters = [try attester()]
    }

    /// The standard attester, altered.
    func attester(
        id: String = "provider", issuers: [String] = [World.attesterIssuer], keys: JWKSet? = nil,
        algorithms: [JWSAlgorithm] = [.es256], clients: [String] = [World.client],
        types: [String] = [], selfAttested: Bool = false,
        jku: String? = nil, attestation: AttestationPolicy? = nil, profiles: ProfileSet? = nil
    ) throws -> Attester {
        Attester(
            id: id, issuers: issuers.map(octets), keys: try keys ?? attesterKey.set(),
            algorithms: algorithms, clients: clients.map(octets), types: types.map(octets),
            selfAttested: selfAttested,
            jku: jku.map(octets), attestation: attestation, profiles: profiles)
    }

    var challengeKeys: ChallengeKeys { ChallengeKeys(master, issuer: octets(issuer)) }

    func policy(
        clients: [AttestedClient]? = nil, endpointURLs: [ProtectedEndpoint: TargetURI]? = nil
    ) throws -> VerificationPolicy {
        VerificationPolicy(
            issuer: octets(issuer), profiles: ProfileSet(profiles), proof: proof,
            attestation: attestation, challenge: challenge, nonceEndpoints: nonceEndpoints,
            dpop: dpop, endpointURLs: endpointURLs ?? self.endpointURLs,
            attesters: try AttesterRegistry(attesters),
            clients: Dictionary(
                uniqueKeysWithValues: (clients ?? [client]).map { ($0.clientID, $0) }),
            denylist: denylist,
            foreignAudiences: foreignAudiences,
            challengeKeys: challengeKeys, errors: errors, generation: generation)
    }

    /// The public URL of each endpoint.
    var endpointURLs: [ProtectedEndpoint: TargetURI] {
        var urls: [ProtectedEndpoint: TargetURI] = [:]
        for endpoint in ProtectedEndpoint.allCases {
            urls[endpoint] = TargetURI(octets("\(issuer)/oauth/\(endpoint.rawValue)"))
        }
        return urls
    }

    /// A fresh challenge as JSON.
    func challengeJSON(at time: Int64? = nil, _ purpose: ChallengePurpose = .pop) -> String {
        let value = challengeKeys.issue(purpose, now: UnixTime(time ?? now))
        return quoted(String(decoding: value, as: UTF8.self))
    }

    /// An attestation that any profile accepts, edited.
    func attestationToken(
        _ claims: Edits = [:], header: Edits = [:], by signer: TestKey? = nil,
        holder: TestKey? = nil
    ) throws -> [UInt8] {
        let members = [
            ("iss", quoted(World.attesterIssuer)), ("sub", quoted(World.client)),
            ("iat", "\(now - 100)"), ("exp", "\(now + 3600)"),
            ("cnf", #"{"jwk":\#((holder ?? instance).jwk())}"#),
        ]
        let head = [
            ("typ", quoted("oauth-client-attestation+jwt")),
            ("alg", quoted((signer ?? attesterKey).algorithm.rawValue)),
            ("kid", quoted((signer ?? attesterKey).keyID ?? "11")),
        ]
        return try (signer ?? attesterKey).sign(
            header: object(head, header), payload: object(members, claims))
    }

    /// A proof in the shape of revision 11, edited. `jti` is new at each call.
    func proofToken(
        _ claims: Edits = [:], header: Edits = [:], by signer: TestKey? = nil
    ) throws -> [UInt8] {
        let members = [
            ("aud", quoted(issuer)), ("iat", "\(now)"), ("jti", quoted(World.newID())),
        ]
        let head = [
            ("typ", quoted("oauth-client-attestation-pop+jwt")),
            ("alg", quoted((signer ?? instance).algorithm.rawValue)),
        ]
        return try (signer ?? instance).sign(
            header: object(head, header), payload: object(members, claims))
    }

    /// A DPoP proof for the token endpoint, edited. `jti` is new at each call.
    func dpopToken(
        _ claims: Edits = [:], header: Edits = [:], by signer: TestKey? = nil
    ) throws -> [UInt8] {
        let members = [
            ("jti", quoted(World.newID())), ("htm", quoted("POST")),
            ("htu", quoted("\(issuer)/oauth/token")), ("iat", "\(now)"),
        ]
        let key = signer ?? instance
        let head = [
            ("typ", quoted("dpop+jwt")), ("alg", quoted(key.algorithm.rawValue)),
            ("jwk", key.jwk()),
        ]
        return try key.sign(header: object(head, header), payload: object(members, claims))
    }

    /// The edits that make it a proof in the shape of revision 05.
    func revision05(nonce: String? = nil, _ more: Edits = [:]) -> Edits {
        var edits: Edits = [
            "iss": quoted(World.client), "exp": "\(now + 300)", "iat": nil,
        ]
        if let nonce { edits["nonce"] = nonce }
        return edits.merging(more) { $1 }
    }

    static func newID() -> String {
        Hex.encode(Random.bytes(8)).reduce(into: "") { $0.unicodeScalars.append(UnicodeScalar($1)) }
    }

    /// Steps 4 and 6 to 11. Every refusal must have announced its rule in the trace.
    @discardableResult
    func verify(
        _ attestation: [UInt8], _ proof: [UInt8]?, dpop: [UInt8]? = nil,
        at endpoint: ProtectedEndpoint = .token, clientID: String? = nil,
        thumbprint: [UInt8]? = nil, accessToken: String? = nil, fence: StartFence? = nil,
        policy: VerificationPolicy? = nil
    ) throws -> VerifiedRequest {
        let tokens = try PresentedTokens.read(
            attestation: [attestation], proof: proof.map { [$0] } ?? [],
            dpop: dpop.map { [$0] } ?? [])
        let facts = RequestFacts(
            endpoint: endpoint, clientIDParameter: clientID.map(octets),
            dpopThumbprint: thumbprint, accessToken: accessToken.map(octets))
        let trace = RuleTrace()
        defer { #expect(trace.unannounced == nil) }
        return try Verifier.verify(
            tokens, facts, policy: policy ?? self.policy(), cache: cache, fence: fence,
            now: UnixTime(now), trace: trace)
    }

    /// All steps, with a store.
    @discardableResult
    func attest(
        _ attestation: [UInt8], _ proof: [UInt8]?, dpop: [UInt8]? = nil,
        at endpoint: ProtectedEndpoint = .token, in store: some ReplayStore,
        policy: VerificationPolicy? = nil
    ) async throws -> AttestedInstance {
        let request = try verify(
            attestation, proof, dpop: dpop, at: endpoint, fence: store.fence, policy: policy)
        return try await request.claim(in: store, now: UnixTime(now))
    }
}

/// Expects the refusal by `rule`, answered as `failure`.
func refused(
    _ rule: RuleID, _ failure: Failure = .attestation,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Any
) {
    let thrown = #expect(throws: Refusal.self, sourceLocation: sourceLocation) { try body() }
    guard let thrown else { return }
    #expect(
        thrown.rule == rule && thrown.failure == failure,
        "refused by \(thrown.rule) as \(thrown.failure)", sourceLocation: sourceLocation)
}

/// The same for what waits.
func refused(
    _ rule: RuleID, _ failure: Failure = .attestation,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Any
) async {
    let thrown = await #expect(throws: Refusal.self, sourceLocation: sourceLocation) {
        _ = try await body()
    }
    guard let thrown else { return }
    #expect(
        thrown.rule == rule && thrown.failure == failure,
        "refused by \(thrown.rule) as \(thrown.failure)", sourceLocation: sourceLocation)
}
