// SPDX-License-Identifier: Apache-2.0
// Whose an artifact is: the client and the instance key that a request proved.

import JOSE
import Octets

/// To whom an artifact is bound. Made from a verified request and from nothing else (design D14):
/// nobody seals or opens for an instance that has not proved its key.
public struct ArtifactHolder: Sendable, Equatable {
    /// The client: the attestation's `sub`.
    public let clientID: [UInt8]
    /// The thumbprint of the instance key in base64url, 43 octets.
    let thumbprint: [UInt8]
    /// The attester that vouches for the instance now.
    let attesterID: [UInt8]

    /// The holder that `request` proved: for opening, which comes before the replay claim.
    public init(_ request: VerifiedRequest) {
        self.init(
            clientID: request.clientID, thumbprint: request.thumbprint,
            attesterID: request.attesterID)
    }

    /// The holder that `instance` is.
    public init(_ instance: AttestedInstance) {
        self.init(
            clientID: instance.clientID, thumbprint: instance.thumbprint,
            attesterID: instance.attesterID)
    }

    init(clientID: [UInt8], thumbprint: JWKThumbprint, attesterID: String) {
        self.clientID = clientID
        self.thumbprint = thumbprint.text
        self.attesterID = Array(attesterID.utf8)
    }
}
