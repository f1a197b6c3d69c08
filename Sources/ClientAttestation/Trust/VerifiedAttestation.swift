// SPDX-License-Identifier: Apache-2.0
// What a signature proved about an attestation, and nothing that depends on the moment (KEY-20).

import JOSE

/// An attestation whose signature verified with the key of a trusted attester. Its claims are
/// parsed; whether they hold now, here and for this client is judged at every request.
final class VerifiedAttestation: Sendable {
    let attester: Attester
    /// `sub`: the client.
    let subject: [UInt8]
    let issuer: [UInt8]?
    let expires: NumericDate
    let notBefore: NumericDate?
    let issuedAt: NumericDate?
    let audience: Audience?
    /// `cnf.jwk`: the instance key.
    let instanceKey: JWK

    init(
        attester: Attester, subject: [UInt8], issuer: [UInt8]?, expires: NumericDate,
        notBefore: NumericDate?, issuedAt: NumericDate?, audience: Audience?, instanceKey: JWK
    ) {
        self.attester = attester
        self.subject = subject
        self.issuer = issuer
        self.expires = expires
        self.notBefore = notBefore
        self.issuedAt = issuedAt
        self.audience = audience
        self.instanceKey = instanceKey
    }
}
