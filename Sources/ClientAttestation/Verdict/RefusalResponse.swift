// SPDX-License-Identifier: Apache-2.0
// The one place where a refusal becomes an OAuth error (ERR-03, ERR-05, ERR-07; requirements 0.3).

/// How refusals are shown to clients.
public struct ErrorPolicy: Sendable, Equatable {
    /// `errors.specific`: off maps the attestation codes to `invalid_client` (ERR-07).
    public var specific: Bool
    /// The status of `invalid_client_attestation`: 400, or 401 (ERR-05).
    public var attestationStatus: Int
    /// Whether an expired attestation is answered with `use_fresh_attestation` (AMB-10).
    public var expiredIsStale: Bool

    /// The policy; `specific` follows from the profiles unless the operator says otherwise.
    public init(specific: Bool, attestationStatus: Int = 400, expiredIsStale: Bool = false) {
        self.specific = specific
        self.attestationStatus = attestationStatus
        self.expiredIsStale = expiredIsStale
    }
}

/// What an answer has to say besides its fixed headers (ERR-02).
public struct RefusalResponse: Sendable {
    /// The circumstances of the request that shape the answer.
    public struct Circumstances: Sendable {
        /// Where the request arrived; nil before it was routed.
        public var endpoint: ProtectedEndpoint?
        /// Whether the AS serves challenges (CHAL-10).
        public var servesChallenges: Bool
        /// Whether this endpoint serves nonces by `OPTIONS` (CHAL-01).
        public var servesNonces: Bool
        /// Whether challenge and DPoP nonce are one value here, sent in both fields (CHAL-17).
        public var sharesChallenges: Bool
        /// Whether the request may need a DPoP nonce of ours (CHAL-30).
        public var usesDPoPNonces: Bool
        /// Whether the request had an `Authorization` field (RFC 6749 5.2).
        public var authorizationPresented: Bool

        /// The circumstances of one request.
        public init(
            endpoint: ProtectedEndpoint? = nil, servesChallenges: Bool = false,
            servesNonces: Bool = false, sharesChallenges: Bool = false,
            usesDPoPNonces: Bool = false, authorizationPresented: Bool = false
        ) {
            self.endpoint = endpoint
            self.servesChallenges = servesChallenges
            self.servesNonces = servesNonces
            self.sharesChallenges = sharesChallenges
            self.usesDPoPNonces = usesDPoPNonces
            self.authorizationPresented = authorizationPresented
        }
    }

    /// The HTTP status.
    public let status: Int
    /// The `error` member; nil for an H code, whose body is fixed.
    public let error: String?
    /// Whether a fresh `OAuth-Client-Attestation-Challenge` is to be sent (CHAL-23).
    public let freshChallenge: Bool
    /// Whether a fresh `attestation-nonce` is to be sent (CHAL-06).
    public let freshNonce: Bool
    /// Whether a fresh `DPoP-Nonce` is to be sent (ERR-04); with `freshChallenge`, the same value
    /// (CHAL-17).
    public let freshDPoPNonce: Bool
    /// `Retry-After`, in seconds.
    public let retryAfter: Int?
    /// Whether `WWW-Authenticate` is to be sent: with every 401 (ERR-05).
    public var authenticate: Bool { status == 401 }

    /// The answer to `failure` under `errors`.
    public init(_ failure: Failure, errors: ErrorPolicy, _ circumstances: Circumstances) {
        let code = Self.code(failure, specific: errors.specific)
        error = code
        status = Self.status(failure, code: code, errors: errors, circumstances)
        // ERR-07: the headers stay when the code is mapped.
        let isFreshness = failure == .challenge || failure == .nonce
        // DPOP-18, AMB-02: where one value serves both, a client of either draft finds its own.
        let isShared = circumstances.sharesChallenges
        freshChallenge =
            circumstances.servesChallenges
            && (failure == .challenge || failure == .dpopNonce && isShared)
        // A proof alongside may want a nonce of its own: both values at once, or the client would be
        // through after its second retry only.
        let isUseful = isShared || circumstances.usesDPoPNonces
        freshDPoPNonce = failure == .dpopNonce || failure == .challenge && isUseful
        freshNonce = isFreshness && circumstances.servesNonces
        switch failure {
        case .busy, .tooManyRequests: retryAfter = 1
        default: retryAfter = nil
        }
    }

    /// ERR-03 and ERR-07: the code of a failure.
    private static func code(_ failure: Failure, specific: Bool) -> String? {
        switch failure {
        case .invalidRequest: "invalid_request"
        case .invalidClient, .nonce: "invalid_client"
        case .attestation: specific ? "invalid_client_attestation" : "invalid_client"
        case .staleAttestation: specific ? "use_fresh_attestation" : "invalid_client"
        case .challenge: specific ? "use_attestation_challenge" : "invalid_client"
        case .dpopProof: "invalid_dpop_proof"
        case .dpopNonce: "use_dpop_nonce"
        case .grant: "invalid_grant"
        case .unsupportedGrantType: "unsupported_grant_type"
        case .unauthorizedClient: "unauthorized_client"
        case .invalidScope: "invalid_scope"
        case .busy, .upstreamTimeout: "temporarily_unavailable"
        case .upstream: "server_error"
        case .tooManyRequests, .http: nil
        }
    }

    /// ERR-05: 400, and 401 only where a specification forces it or the operator chose it.
    private static func status(
        _ failure: Failure, code: String?, errors: ErrorPolicy, _ circumstances: Circumstances
    ) -> Int {
        switch failure {
        case .busy: return 503
        case .upstream: return 502
        case .upstreamTimeout: return 504
        case .tooManyRequests: return 429
        case .http(let status): return status
        default: break
        }
        switch code {
        case "invalid_client":
            // RFC 7662 2.3; RFC 6749 5.2.
            let forced =
                circumstances.endpoint == .introspection || circumstances.authorizationPresented
            return forced ? 401 : 400
        case "invalid_client_attestation":
            return circumstances.endpoint == .introspection ? 401 : errors.attestationStatus
        default: return 400
        }
    }
}
