// SPDX-License-Identifier: Apache-2.0
// A refused request: the rule for the log, the kind of failure for the answer.

public import Octets

/// What a refusal becomes on the wire (requirements 0.3). The gateway uses it for its own rules
/// too, so that one file decides status and code of every answer.
public enum Failure: Sendable, Equatable {
    /// SYN: the request's shape.
    case invalidRequest
    /// CLI: nothing attested, or an unknown client.
    case invalidClient
    /// ATT: attestation, proof, their keys, replay.
    case attestation
    /// FRESH: the attestation is older than policy allows.
    case staleAttestation
    /// CHAL: the challenge is missing or not accepted; the answer carries a fresh one.
    case challenge
    /// CHAL-06: the nonce is missing or not accepted; `invalid_client` with a fresh nonce.
    case nonce
    /// DP: the DPoP proof.
    case dpopProof
    /// NONCE: the nonce of the DPoP proof is missing or not accepted; the answer carries a fresh
    /// one (ERR-04).
    case dpopNonce
    /// GRANT: an artifact bound to another key or client.
    case grant
    /// The grant type is not allowed here (REQ-19).
    case unsupportedGrantType
    /// 400 `unauthorized_client` (RFC 6749 section 5.2).
    case unauthorizedClient
    /// 400 `invalid_scope` (RFC 6749 section 5.2).
    case invalidScope
    /// BUSY: fails closed for the moment.
    case busy
    /// UP: the AS could not be reached or answered nonsense.
    case upstream
    /// The AS did not answer in time.
    case upstreamTimeout
    /// H429.
    case tooManyRequests
    /// An H code: that status with a tiny fixed body.
    case http(Int)
}

/// Which of a request's tokens a rule was about.
public enum TokenRole: String, Sendable {
    /// The client attestation.
    case attestation
    /// The proof of possession.
    case proof
    /// The DPoP proof.
    case dpop

    /// How a fault of the token itself is answered.
    var failure: Failure { self == .dpop ? .dpopProof : .attestation }
}

/// Why a request is refused. `rule` is for the log only (ERR-09); the client sees `failure`.
public struct Refusal: Error, Sendable, Equatable {
    /// The rule that was not met.
    public let rule: RuleID
    /// The kind of answer.
    public let failure: Failure
    /// The token the rule was applied to, where it was one.
    public var token: TokenRole?
    /// The client, once its attestation's signature was verified.
    public var clientID: [UInt8]?
    /// The attester, once its signature was verified.
    public var attesterID: String?

    /// A refusal by `rule`, answered as `failure`.
    public init(_ rule: RuleID, _ failure: Failure) {
        self.rule = rule
        self.failure = failure
    }

    /// A refusal by a rule about one of the tokens.
    init(_ rule: RuleID, _ failure: Failure, in token: TokenRole) {
        self.rule = rule
        self.failure = failure
        self.token = token
    }
}
