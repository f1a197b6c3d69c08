// SPDX-License-Identifier: Apache-2.0
// A trusted attester and an attested client, as configuration states them.

public import JOSE
public import Octets

/// A client attester that an AS trusts: its keys and what it may vouch for (section 3.4).
public struct Attester: Sendable {
    /// The operator's name for it, shown in logs.
    public let id: String
    /// The `iss` values that are this attester; empty if it is told by its keys alone.
    public let issuers: [[UInt8]]
    /// What its signatures are verified with.
    public let source: KeySource
    /// The algorithms it signs with (ATT-02): of public keys, or of MACs, as `source` is.
    public let algorithms: [JWSAlgorithm]
    /// The `sub` values it may vouch for (KEY-03).
    public let clients: [[UInt8]]
    /// Further `typ` values of its attestations, normalised per JOSE-05 (ATT-01).
    public let types: [[UInt8]]
    /// Whether an instance may attest itself with the attester's key (KEY-17).
    public let selfAttested: Bool
    /// The `jku` its attestations must carry, if any (KEY-06).
    public let jku: [UInt8]?
    /// Demands on its attestations in place of the AS's.
    public let attestation: AttestationPolicy?
    /// Profiles narrower than the AS's.
    public let profiles: ProfileSet?
    private let vouchable: Set<[UInt8]>

    /// An attester. `AttesterRegistry` checks it against the others.
    public init(
        id: String, issuers: [[UInt8]] = [], source: KeySource,
        algorithms: [JWSAlgorithm] = [.es256], clients: [[UInt8]], types: [[UInt8]] = [],
        selfAttested: Bool = false, jku: [UInt8]? = nil, attestation: AttestationPolicy? = nil,
        profiles: ProfileSet? = nil
    ) {
        self.id = id
        self.issuers = issuers
        self.source = source
        self.algorithms = algorithms
        self.clients = clients
        self.types = types
        self.selfAttested = selfAttested
        self.jku = jku
        self.attestation = attestation
        self.profiles = profiles
        vouchable = Set(clients)
    }

    /// An attester with public keys.
    public init(
        id: String, issuers: [[UInt8]] = [], keys: JWKSet, algorithms: [JWSAlgorithm] = [.es256],
        clients: [[UInt8]], types: [[UInt8]] = [], selfAttested: Bool = false,
        jku: [UInt8]? = nil, attestation: AttestationPolicy? = nil, profiles: ProfileSet? = nil
    ) {
        self.init(
            id: id, issuers: issuers, source: .publicKeys(keys), algorithms: algorithms,
            clients: clients, types: types, selfAttested: selfAttested, jku: jku,
            attestation: attestation, profiles: profiles)
    }

    /// KEY-18: whether it shares a secret instead of having a public key.
    public var usesMAC: Bool {
        if case .sharedSecret = source { return true }
        return false
    }

    /// KEY-03: whether the attester may vouch for `client`, compared by octets.
    func mayVouch(for client: [UInt8]) -> Bool {
        vouchable.contains(client)
    }
}

/// A client that must be attested.
public struct AttestedClient: Sendable {
    /// The `client_id`, the attestation's `sub`.
    public let clientID: [UInt8]
    /// The methods it may use (REQ-06).
    public let methods: Set<ProofMethod>
    /// Profiles narrower than the AS's.
    public let profiles: ProfileSet?
    /// Attestations issued before are denied, as after a theft of keys (ATT-07); nil is off.
    public let notBefore: UnixTime?

    /// A client.
    public init(
        clientID: [UInt8], methods: Set<ProofMethod> = [.attestationPoPJWT],
        profiles: ProfileSet? = nil, notBefore: UnixTime? = nil
    ) {
        self.clientID = clientID
        self.methods = methods
        self.profiles = profiles
        self.notBefore = notBefore
    }
}
