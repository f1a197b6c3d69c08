// SPDX-License-Identifier: Apache-2.0
// Sealed values in a request: where one may stand, and what is forwarded in its place (BIND-02 to
// BIND-09).

import Octets

/// A request's artifacts, opened: what to forward, and what its answer has to be held against.
public struct RequestArtifacts: Sendable {
    /// A parameter and the upstream value to forward in it.
    public struct Replacement: Sendable {
        /// The parameter's name, which occurs once.
        public let name: [UInt8]
        /// The AS's own value.
        public let value: [UInt8]
    }

    /// The parameters to replace.
    public private(set) var replacements: [Replacement] = []
    /// BIND-04: the raw refresh token that was accepted, for the audit event.
    public private(set) var adopted: [UInt8]?
    private(set) var opened: [OpenedArtifact] = []
    /// Whether this is a token exchange, and whether it asks for a refresh token (RFC 8693 section
    /// 2.1).
    let isExchange: Bool
    let asksForRefreshToken: Bool
    let endpoint: ProtectedEndpoint
    let caller: ArtifactCaller
    let policy: ArtifactPolicy

    /// Opens what is sealed in the decoded parameters of a request, of which no name below occurs
    /// twice (REQ-11). To be called when the request is verified, before its proof is claimed
    /// (requirements 3.0, step 11), and never in monitor mode (EP-14).
    public init(
        opening parameters: [(name: [UInt8], value: [UInt8])], at endpoint: ProtectedEndpoint,
        from caller: ArtifactCaller, policy: ArtifactPolicy, seal: ArtifactSeal
    ) throws(ArtifactRefusal) {
        self.endpoint = endpoint
        self.caller = caller
        self.policy = policy
        let places = ArtifactPlaces(parameters, at: endpoint, from: caller, policy)
        isExchange = places.isExchange
        asksForRefreshToken = places.asksForRefreshToken
        for (name, value) in parameters where places[name] == nil {
            // BIND-02, BIND-12: opened nowhere but where they belong, and not forwarded unopened.
            guard !SealedArtifact.bearsPrefix(value) else {
                throw .refused(Refusal(.bind(2), .invalidRequest))
            }
            // BIND-09: with a notification token the AS would call the client past the gateway.
            if endpoint == .backchannelAuthentication, case .attested = caller, !policy.isPinged,
                !value.isEmpty, name == ParameterNames.notificationToken
            {
                throw .refused(Refusal(.bind(9), .invalidRequest))
            }
        }
        for (name, value) in parameters where !value.isEmpty {
            guard let place = places[name] else { continue }
            try open(value, in: place, named: name, seal)
        }
    }

    private mutating func open(
        _ value: [UInt8], in place: ArtifactPlaces.Place, named name: [UInt8], _ seal: ArtifactSeal
    ) throws(ArtifactRefusal) {
        // BIND-03: what bears the prefix is never raw.
        if !SealedArtifact.bearsPrefix(value) {
            switch place.raw {
            case .passed: return
            case .adopted:
                adopted = value
                return
            case .refused: break
            }
        }
        let artifact: OpenedArtifact
        do throws(ArtifactFault) {
            artifact = try seal.open(
                value, as: place.kind, for: caller.holder, sameAttester: policy.sameAttester)
            // BIND-07: opened all the same, so that it takes the same time.
            guard mayHaveOpened else { throw .unreadable }
        } catch {
            throw refusal(error, place.kind)
        }
        opened.append(artifact)
        replacements.append(Replacement(name: name, value: artifact.value))
    }

    private var mayHaveOpened: Bool {
        switch caller {
        case .attested: true
        case .resourceServer: endpoint == .introspection
        case .listed: false
        }
    }

    /// BIND-03, BIND-07. The endpoint decides the answer; what was wrong with the value shows at
    /// revocation alone.
    private func refusal(_ fault: ArtifactFault, _ kind: ArtifactKind) -> ArtifactRefusal {
        let rule: RuleID
        switch (fault, endpoint, kind) {
        case (.unreadable, _, _): rule = .bind(3)
        case (.otherAttester, _, _): rule = .bind(5)
        case (.otherHolder, .token, .refreshToken): rule = .bind(2)
        case (.otherHolder, .token, .deviceCode): rule = .bind(8)
        case (.otherHolder, .token, .authenticationRequest): rule = .bind(9)
        case (.otherHolder, _, _): rule = .bind(7)
        }
        let refusal = Refusal(rule, .grant)
        switch endpoint {
        case .revocation where fault == .unreadable: return .nothingToRevoke(refusal)
        case .introspection: return .inactive(refusal)
        default: return .refused(refusal)
        }
    }
}

/// The parameters of one request in which a sealed value may stand.
struct ArtifactPlaces {
    struct Place {
        let kind: ArtifactKind
        /// What becomes of a value without the seal's prefix.
        let raw: ArtifactPolicy.RawRefreshTokens
    }

    private var places: [(name: [UInt8], place: Place)] = []
    private(set) var isExchange = false
    private(set) var asksForRefreshToken = false

    subscript(name: [UInt8]) -> Place? {
        places.first { $0.name == name }?.place
    }

    /// BIND-02, BIND-07: the parameter and the grant that define it.
    init(
        _ parameters: [(name: [UInt8], value: [UInt8])], at endpoint: ProtectedEndpoint,
        from caller: ArtifactCaller, _ policy: ArtifactPolicy
    ) {
        func value(of name: [UInt8]) -> [UInt8]? { parameters.first { $0.name == name }?.value }
        func add(_ name: [UInt8], _ kind: ArtifactKind, _ raw: ArtifactPolicy.RawRefreshTokens) {
            // What others than attested clients hold is raw.
            let isBound = caller.holder != nil
            places.append((name, Place(kind: kind, raw: isBound ? raw : .passed)))
        }
        switch endpoint {
        case .token:
            let grant = value(of: ParameterNames.grantType)
            if grant == ParameterNames.refreshToken {
                add(ParameterNames.refreshToken, .refreshToken, policy.rawRefreshTokens)
            } else if grant == ParameterNames.deviceGrant {
                let raw = policy.sealsDeviceCodes
                add(ParameterNames.deviceCode, .deviceCode, raw ? .refused : .passed)
            } else if grant == ParameterNames.backchannelGrant {
                let raw = policy.sealsAuthenticationRequests
                add(
                    ParameterNames.authenticationRequestID, .authenticationRequest,
                    raw ? .refused : .passed)
            } else if grant == ParameterNames.exchangeGrant {
                // An access token or another's assertion is raw. What calls itself a refresh token
                // must be sealed: else a raw one could be exchanged by whoever has it.
                let sealed: ArtifactPolicy.RawRefreshTokens =
                    policy.rawRefreshTokens == .passed ? .passed : .refused
                for (name, type) in ParameterNames.exchanged {
                    let isRefresh = ParameterNames.isRefreshTokenType(value(of: type))
                    add(name, .refreshToken, isRefresh ? sealed : .passed)
                }
                isExchange = true
                asksForRefreshToken = ParameterNames.isRefreshTokenType(
                    value(of: ParameterNames.requestedType))
            }
        case .revocation, .introspection:
            // Whatever `token_type_hint` says; access tokens are raw.
            add(ParameterNames.token, .refreshToken, .passed)
        case .pushedAuthorizationRequest, .deviceAuthorization, .backchannelAuthentication: break
        }
    }
}

/// Parameters and their values that decide where an artifact stands.
enum ParameterNames {
    static let grantType = Array("grant_type".utf8)
    static let refreshToken = Array("refresh_token".utf8)
    static let deviceCode = Array("device_code".utf8)
    static let authenticationRequestID = Array("auth_req_id".utf8)
    static let token = Array("token".utf8)
    static let requestedType = Array("requested_token_type".utf8)
    static let notificationToken = Array("client_notification_token".utf8)
    static let deviceGrant = Array("urn:ietf:params:oauth:grant-type:device_code".utf8)
    static let backchannelGrant = Array("urn:openid:params:grant-type:ciba".utf8)
    static let exchangeGrant = Array("urn:ietf:params:oauth:grant-type:token-exchange".utf8)
    private static let refreshTokenType =
        Array("urn:ietf:params:oauth:token-type:refresh_token".utf8)
    static let exchanged = [
        (name: Array("subject_token".utf8), type: Array("subject_token_type".utf8)),
        (name: Array("actor_token".utf8), type: Array("actor_token_type".utf8)),
    ]

    /// Whether `type` is the refresh token's, in whatever case (RFC 8141 section 3.1): an AS may
    /// read it as leniently.
    static func isRefreshTokenType(_ type: [UInt8]?) -> Bool {
        guard let type else { return false }
        return ASCII.equalsIgnoringCase(type, refreshTokenType)
    }
}
