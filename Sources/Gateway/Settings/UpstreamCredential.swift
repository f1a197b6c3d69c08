// SPDX-License-Identifier: Apache-2.0
// What the gateway presents to an AS in the place of an attestation (CRED-02 to CRED-05).

import Cryptography
import Minting

/// The credential a legacy AS knows for a client (CRED-02 to CRED-05).
public enum UpstreamCredential: Sendable {
    /// `authentication: none`: the AS knows the client as a public one.
    case none
    /// `authentication: client_secret_basic`.
    case basic(BasicCredential)
    /// `authentication: client_secret_post`: the secret stands in the form.
    case post(Secret)
    /// `authentication: private_key_jwt`.
    case assertion(AssertionCredential)
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

/// A key of the gateway's that signs a client assertion for each request (CRED-04).
public struct AssertionCredential: Sendable {
    /// Whom an assertion is made out to. Both come from configuration: an AS that names another's
    /// issuer or endpoint in its metadata must not obtain an assertion valid there.
    public enum Audience: String, Sendable, CaseIterable {
        /// The issuer identifier of the AS.
        case issuer
        /// The public URL of the endpoint that is called.
        case endpoint
    }

    /// The key and its algorithm.
    public let key: SigningKey
    /// `kid` of the assertions.
    public let keyID: [UInt8]
    /// `aud` of the assertions.
    public let audience: Audience

    /// A credential that signs with `key`.
    public init(key: SigningKey, keyID: [UInt8], audience: Audience = .issuer) {
        self.key = key
        self.keyID = keyID
        self.audience = audience
    }
}
