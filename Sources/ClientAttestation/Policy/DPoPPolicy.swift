// SPDX-License-Identifier: Apache-2.0
// The operator's choices for DPoP proofs; no rule is here.

public import JOSE

/// Who looks at DPoP proofs, whose nonces they carry, and which algorithms they may use.
public struct DPoPPolicy: Sendable, Equatable {
    /// Who verifies a proof (DPOP-21). The raw value is the configuration's.
    public enum Owner: String, Sendable, CaseIterable {
        /// The gateway, and then the AS, which gets the field.
        case verifyAndForward = "verify-and-forward"
        /// The gateway alone; the AS knows nothing of DPoP and does not get the field.
        case verifyAndStrip = "verify-and-strip"
        /// The AS alone; the gateway does not look. Combined mode is then impossible (CFG-04).
        case pass
    }

    /// Who issues the nonces that proofs carry (CHAL-30): a proof has room for one.
    public enum NonceOwner: String, Sendable, CaseIterable {
        /// Nobody.
        case none
        /// The gateway.
        case gateway
        /// The AS.
        case authorizationServer = "as"
    }

    /// `dpop.owner`.
    public var owner: Owner
    /// `dpop.nonce_owner`.
    public var nonceOwner: NonceOwner
    /// `dpop.require_nonce`: a proof without a nonce of the gateway is refused (DPOP-13).
    public var requiresNonce: Bool
    /// `dpop.algorithms`: the algorithms accepted in DPoP proofs (DPOP-05); asymmetric ones only.
    public var algorithms: [JWSAlgorithm]

    /// Proofs verified here and by the AS, no nonces, ES256.
    public init(
        owner: Owner = .verifyAndForward, nonceOwner: NonceOwner = .none,
        requiresNonce: Bool = false, algorithms: [JWSAlgorithm] = [.es256]
    ) {
        self.owner = owner
        self.nonceOwner = nonceOwner
        self.requiresNonce = requiresNonce
        self.algorithms = algorithms
    }
}
