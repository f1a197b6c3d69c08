// SPDX-License-Identifier: Apache-2.0
// The endpoints that attestation protects, and the methods by which a client may prove its key.

/// An endpoint of the AS at which clients authenticate (EP-01 to EP-05). The raw value is the
/// name in the configuration.
public enum ProtectedEndpoint: String, CaseIterable, Sendable {
    /// RFC 6749 3.2.
    case token
    /// RFC 9126.
    case pushedAuthorizationRequest = "pushed_authorization_request"
    /// RFC 7009.
    case revocation
    /// RFC 7662.
    case introspection
    /// RFC 8628.
    case deviceAuthorization = "device_authorization"
    /// CIBA Core 1.0.
    case backchannelAuthentication = "backchannel_authentication"
}

/// How a client proves possession of its instance key; the raw value is the metadata's.
public enum ProofMethod: String, Sendable, CaseIterable {
    /// Attestation and proof of possession JWT (normal mode).
    case attestationPoPJWT = "attestation_pop_jwt"
    /// Attestation and DPoP proof with the same key (combined mode).
    case dpopCombined = "dpop_combined"
}
