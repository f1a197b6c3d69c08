// SPDX-License-Identifier: Apache-2.0
// One row of the credential map (CRED-01): what an attested client is towards its AS.

/// What an attested client may do, and the credential it is translated into.
public struct ClientSettings: Sendable {
    /// The `sub` its attestations carry.
    public var clientID: [UInt8]
    /// Its id at the AS: the `sub`, unless another is configured (CRED-07).
    public var upstreamID: [UInt8]
    /// What the gateway presents to the AS for it.
    public var credential: UpstreamCredential
    /// What the AS knew before `credential`, for a second try where that is harmless (CRED-08).
    public var previousCredential: UpstreamCredential?
    /// Grant types it may use; nil: all (CRED-01).
    public var grants: Set<[UInt8]>?
    /// Scopes it may ask for; nil: all (CRED-01).
    public var scopes: Set<[UInt8]>?
    /// Values of `response_type` it may use (BIND-15).
    public var responseTypes: Set<[UInt8]>
    /// BIND-11: whether its authorization requests must be pushed.
    public var requiresPAR: Bool
    /// BIND-10: whether its codes are bound to the instance's key. Needs `requiresPAR`.
    public var bindsCodes: Bool
    /// BIND-09: whether the AS notifies it of its authentication requests (CIBA ping mode).
    public var isPinged: Bool

    /// A client that may do anything its AS allows, with `response_type=code` alone, and has the
    /// same id there.
    public init(clientID: [UInt8], credential: UpstreamCredential) {
        self.clientID = clientID
        upstreamID = clientID
        previousCredential = nil
        self.credential = credential
        grants = nil
        scopes = nil
        responseTypes = [Array("code".utf8)]
        requiresPAR = false
        bindsCodes = false
        isPinged = false
    }

    /// Whether the AS knows it by another id (CRED-07).
    public var isMapped: Bool { upstreamID != clientID }
}
