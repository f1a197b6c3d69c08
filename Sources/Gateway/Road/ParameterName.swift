// SPDX-License-Identifier: Apache-2.0
// The OAuth parameters that the gateway reads, checks, writes or removes (REQ-21).

import HTTPWire
import Octets

/// The exact name of a form or query parameter.
struct ParameterName: Hashable, Sendable {
    let octets: [UInt8]

    private init(_ name: String) {
        octets = name.octets
    }

    static let clientID = ParameterName("client_id")
    static let clientSecret = ParameterName("client_secret")
    static let clientAssertion = ParameterName("client_assertion")
    static let clientAssertionType = ParameterName("client_assertion_type")
    static let grantType = ParameterName("grant_type")
    static let scope = ParameterName("scope")
    static let request = ParameterName("request")
    static let requestURI = ParameterName("request_uri")
    static let responseType = ParameterName("response_type")
    static let redirectURI = ParameterName("redirect_uri")
    static let codeChallenge = ParameterName("code_challenge")
    static let challengeMethod = ParameterName("code_challenge_method")
    static let codeVerifier = ParameterName("code_verifier")
    /// The thumbprint of the key that DPoP proofs will be made with (RFC 9449 section 10).
    static let dpopThumbprint = ParameterName("dpop_jkt")
    /// A framework's way to override the method (HTTP-11).
    static let method = ParameterName("_method")

    /// Names that the gateway itself handles.
    private static let own: [ParameterName] = [
        clientID, clientSecret, clientAssertion, clientAssertionType, grantType, scope, request,
        requestURI, responseType, dpopThumbprint, method, redirectURI, codeChallenge,
        challengeMethod, codeVerifier,
    ]

    /// Names whose value an AS ties to the client, the grant or the key.
    private static let protected = [
        "code", "refresh_token", "device_code", "auth_req_id", "token", "token_type_hint",
        "subject_token", "subject_token_type", "actor_token", "actor_token_type",
        "requested_token_type", "assertion", "username", "password",
        "client_notification_token", "resource", "audience", "state", "nonce", "response_mode",
    ]

    /// Names that no other spelling may be folded onto (REQ-21).
    static let protocolNames = ProtocolNames(
        Set(own.map(\.octets)).union(protected.map(\.octets)))

    /// Drafts -00 to -02 (REQ-08).
    static let jwtClientAttestation =
        "urn:ietf:params:oauth:client-assertion-type:jwt-client-attestation".octets
    /// An individual draft's variant of it (REQ-08).
    static let jwtKeyAttestation =
        "urn:ietf:params:oauth:client-assertion-type:jwt-key-attestation".octets
}

extension Form {
    /// The value of a parameter; nil: absent or empty (REQ-11).
    func value(of name: ParameterName) -> [UInt8]? { value(of: name.octets) }
    /// Whether the parameter occurs, empty or not.
    func has(_ name: ParameterName) -> Bool { has(name.octets) }
    /// Makes the parameter occur exactly once.
    mutating func set(_ name: ParameterName, to value: [UInt8]) { set(name.octets, value) }
    /// Makes the parameter not occur.
    mutating func remove(_ name: ParameterName) { remove(name.octets) }
}
