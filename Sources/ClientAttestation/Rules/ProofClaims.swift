// SPDX-License-Identifier: Apache-2.0
// The claims of a proof whose signature verified, typed and not yet judged.

import JOSE
import JSON

/// What the instance signed. A class, because every rule of the proof is handed it.
final class ProofClaims {
    let audience: Audience?
    let jwtID: [UInt8]?
    let issuedAt: NumericDate?
    let expires: NumericDate?
    let notBefore: NumericDate?
    let issuer: [UInt8]?
    /// `challenge` as it stands: a wrong type is a fault of the challenge (POP-13).
    let challenge: JSONValue?
    /// `nonce` as it stands.
    let nonce: JSONValue?

    /// JOSE-21 and JOSE-22.
    init(_ reader: TokenReader) throws(Refusal) {
        reader.beginClaims()
        audience = try reader.audience()
        jwtID = try reader.string("jti", maxOctets: 256)
        issuedAt = try reader.date("iat")
        expires = try reader.date("exp")
        notBefore = try reader.date("nbf")
        issuer = try reader.string("iss", maxOctets: 2048)
        challenge = reader.value("challenge")
        nonce = reader.value("nonce")
    }

    /// Whether the proof carries anything that may be a challenge of ours.
    var hasFreshnessClaim: Bool { challenge != nil || nonce != nil }

    /// The shape for the profile guess (AMB-01).
    var shape: ProofShape {
        ProofShape(
            hasIssuer: issuer != nil, hasIssuedAt: issuedAt != nil, hasExpiry: expires != nil,
            hasNonce: nonce != nil, hasChallenge: challenge != nil)
    }
}
