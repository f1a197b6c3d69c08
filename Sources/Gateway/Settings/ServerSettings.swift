// SPDX-License-Identifier: Apache-2.0
// One legacy authorization server and everything the gateway does in its name.

import ClientAttestation
import HTTPWire
import Minting

/// An AS: what is verified for it, which of its paths are protected, and how it is reached.
public struct ServerSettings: Sendable {
    /// Attesters, clients, profiles, challenge keys: what the security kernel needs.
    public var policy: VerificationPolicy
    /// Seals refresh tokens, device codes and the like of this AS (BIND-01).
    public var seal: ArtifactSeal
    /// Binds authorization codes of this AS (BIND-10).
    public var rekey: PKCERekey
    /// What is sealed, and what is taken unsealed.
    public var binding: BindingSettings
    /// `Host` values that select this AS (HTTP-08); default ports match written or not.
    public var authorities: [Authority]
    /// The public origin as clients write it, for example `https://as.example.com`, no final `/`.
    public var origin: [UInt8]
    /// How the AS is reached.
    public var upstream: UpstreamSettings
    /// Protected endpoints; each path exact.
    public var endpoints: [EndpointSettings]
    /// The authorization endpoint, passed through under EP-15; nil: unknown.
    public var authorizationPath: [UInt8]?
    /// The challenge endpoint; nil: not served.
    public var challengePath: [UInt8]?
    /// Whether responses of protected endpoints carry a fresh challenge (CHAL-14).
    public var pushesChallenge: Bool
    /// Prefixes, matched by whole segments, that are forwarded unverified (EP-13).
    public var passThrough: [[UInt8]]
    /// Path of dynamic client registration that is let through; nil: blocked (EP-10).
    public var registrationPath: [UInt8]?
    /// Attested clients by `sub` (CRED-01).
    public var clients: [[UInt8]: ClientSettings]
    /// Clients that may pass with their own credentials (EP-06).
    public var unattestedClients: Set<[UInt8]>
    /// What the AS's references to pushed requests begin with (BIND-11).
    public var requestURIPrefix: [UInt8]
    /// Whether PAR requests must carry `client_id` (REQ-13).
    public var parRequiresClientID: Bool
    /// Whether the AS is told who was verified by `X-Attested-*` fields (FWD-07).
    public var identityHeaders: Bool
    /// Signs `X-Attested-Assertion`; nil: there is none (FWD-07).
    public var identityKey: SigningKey?
    /// Whether the verified tokens stay in the request, for the AS's log (FWD-04).
    public var keepsAttestation: Bool
    /// A field with a secret on every request to the AS; nil: none (EP-08).
    public var gatewaySecret: GatewaySecret?
    /// Further request fields let through at protected endpoints (FWD-09).
    public var forwardedFields: [FieldName]
    /// Origins whose scripts may call the protected endpoints (HTTP-19).
    public var cors: CORSSettings
    /// What is published of the AS (requirements 4.2).
    public var metadata: MetadataSettings
    /// Paths of the AS's protected family, as its metadata names them, that are not served (EP-13).
    var unservedPaths: Set<[UInt8]>
    /// Whether the AS was asked for its metadata and gave no answer.
    var isSilent: Bool

    /// An AS with nothing protected and nothing passed through yet.
    public init(
        policy: VerificationPolicy, masterKeys: MasterKeys, origin: [UInt8],
        authorities: [Authority], upstream: UpstreamSettings
    ) {
        self.policy = policy
        seal = ArtifactSeal(masterKeys, issuer: policy.issuer)
        rekey = PKCERekey(masterKeys, issuer: policy.issuer)
        binding = BindingSettings()
        self.origin = origin
        self.authorities = authorities
        self.upstream = upstream
        endpoints = []
        authorizationPath = nil
        challengePath = nil
        pushesChallenge = false
        passThrough = []
        registrationPath = nil
        clients = [:]
        unattestedClients = []
        requestURIPrefix = Array("urn:ietf:params:oauth:request_uri:".utf8)
        parRequiresClientID = false
        identityHeaders = false
        identityKey = nil
        keepsAttestation = false
        gatewaySecret = nil
        forwardedFields = []
        cors = CORSSettings()
        metadata = MetadataSettings()
        unservedPaths = []
        isSilent = false
    }
}

/// One protected endpoint.
public struct EndpointSettings: Sendable {
    /// Which of the protected family it is.
    public var endpoint: ProtectedEndpoint
    /// Its path, exact, beginning with `/`.
    public var path: [UInt8]
    /// At the token endpoint: grant types it takes; nil: all (REQ-19).
    public var grants: Set<[UInt8]>?

    /// An endpoint at a path.
    public init(_ endpoint: ProtectedEndpoint, path: [UInt8], grants: Set<[UInt8]>? = nil) {
        self.endpoint = endpoint
        self.path = path
        self.grants = grants
    }
}

/// The `cors` block (HTTP-19).
public struct CORSSettings: Sendable {
    /// Exact `Origin` values that are allowed.
    public var origins: Set<[UInt8]>
    /// Seconds a browser may keep a preflight's answer.
    public var maxAge: Int64

    /// No origin allowed; ten minutes.
    public init(origins: Set<[UInt8]> = [], maxAge: Int64 = 600) {
        self.origins = origins
        self.maxAge = maxAge
    }
}
