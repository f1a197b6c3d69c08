// SPDX-License-Identifier: Apache-2.0
// One row of the credential map (CRED-01): what an attested client is towards its AS.

import Cryptography

/// What an attested client may do, and the credential it is translated into.
public struct ClientSettings: Sendable {
    /// The `sub` its attestations carry; also its id at the AS.
    public var clientID: [UInt8]
    /// What the gateway presents to the AS for it.
    public var credential: UpstreamCredential
    /// Grant types it may use; nil: all (CRED-01).
    public var grants: Set<[UInt8]>?
    /// Scopes it may ask for; nil: all (CRED-01).
    public var scopes: Set<[UInt8]>?
    /// Values of `response_type` it may use (BIND-15).
    public var responseTypes: Set<[UInt8]>

    /// A client that may do anything its AS allows, with `response_type=code` alone.
    public init(clientID: [UInt8], credential: UpstreamCredential) {
        self.clientID = clientID
        self.credential = credential
        grants = nil
        scopes = nil
        responseTypes = [Array("code".utf8)]
    }
}

/// The credential a legacy AS knows for a client (CRED-02, CRED-05).
public enum UpstreamCredential: Sendable {
    /// `authentication: none`: the AS knows the client as a public one.
    case none
    /// `authentication: client_secret_basic`.
    case basic(BasicCredential)
}

/// A client secret sent as `Authorization: Basic` (CRED-02).
public struct BasicCredential: Sendable {
    /// Whether id and secret are form-encoded before Base64, as RFC 6749 section 2.3.1 asks.
    public enum Encoding: String, Sendable, CaseIterable {
        case form, raw
    }

    /// The finished field value, `Basic …`; built once, wiped with its last owner.
    public let fieldValue: Secret
    /// Whether the form body names the client too.
    public let bodyClientID: Bool

    /// Encodes `clientID` and `secret`; with `.raw` the id has no colon (checked by configuration).
    public init(
        clientID: [UInt8], secret: Secret, encoding: Encoding = .form, bodyClientID: Bool = true
    ) {
        fieldValue = Self.encode(clientID: clientID, secret: secret, encoding: encoding)
        self.bodyClientID = bodyClientID
    }
}
