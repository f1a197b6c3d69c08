// SPDX-License-Identifier: Apache-2.0
// What is configured about sealed artifacts, and who may have one opened.

/// How one client's artifacts are bound (BIND-04 to BIND-09).
public struct ArtifactPolicy: Sendable {
    /// What a refresh token is that does not bear the seal's prefix.
    public enum RawRefreshTokens: Sendable {
        /// Refused: tokens are sealed and there are no others.
        case refused
        /// BIND-04: accepted from an attested client, and sealed on the way back. The caller has
        /// compared the date, and what a shared store remembers.
        case adopted
        /// BIND-06: signal mode with the knob off. New ones are not sealed; a sealed one is still
        /// opened.
        case passed
    }

    /// BIND-04, BIND-06.
    public var rawRefreshTokens = RawRefreshTokens.refused
    /// BIND-05: whether the attester must be the one that vouched when it was sealed.
    public var sameAttester = false
    /// BIND-08: whether device codes are sealed.
    public var sealsDeviceCodes = true
    /// BIND-09: whether `auth_req_id`s are sealed; only for clients that poll.
    public var sealsAuthenticationRequests = true
    /// BIND-09: whether the client is configured for ping mode and may name a notification token.
    public var isPinged = false

    /// The defaults: everything is sealed, no raw refresh token, any attester.
    public init() {}
}

/// Who sends a request to a protected endpoint.
public enum ArtifactCaller: Sendable {
    /// A verified request.
    case attested(ArtifactHolder)
    /// A listed client with its own credential (EP-06). Its own tokens are raw; a sealed value is
    /// somebody else's, and undecryptable for it (BIND-07).
    case listed
    /// A listed resource server that introspects (EP-04): may have any refresh token opened there.
    case resourceServer

    var holder: ArtifactHolder? {
        if case .attested(let holder) = self { holder } else { nil }
    }
}

/// What a request gets instead of being forwarded, because of an artifact in it. The rule is for
/// the log.
public enum ArtifactRefusal: Error, Sendable, Equatable {
    /// An OAuth error.
    case refused(Refusal)
    /// RFC 7009 section 2.2: nothing to revoke; 200 without a body.
    case nothingToRevoke(Refusal)
    /// RFC 7662 section 2.2: 200 with `{"active":false}`.
    case inactive(Refusal)

    /// The rule, for the log, with the OAuth error where the answer is one.
    public var refusal: Refusal {
        switch self {
        case .refused(let refusal), .nothingToRevoke(let refusal), .inactive(let refusal): refusal
        }
    }
}
