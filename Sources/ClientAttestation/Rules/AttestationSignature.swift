// SPDX-License-Identifier: Apache-2.0
// Step 6, what a signature proves: token hygiene, key choice, one check, parsed claims.

import JOSE
import JSON
import Octets

/// JOSE-01 to JOSE-27 for attestations, KEY-01 to KEY-07, KEY-17, ATT-01 to ATT-03, ATT-11 and
/// ATT-12. All of it depends on token and configuration alone, so that the result may be kept
/// for a generation (KEY-20).
enum AttestationSignature {
    private static let type = Array("oauth-client-attestation+jwt".utf8)

    /// The attestation if a trusted attester signed it.
    static func verify(
        _ token: [UInt8], attesters: AttesterRegistry
    ) throws(Refusal) -> VerifiedAttestation {
        let reader = try TokenReader(token, .attestation)
        let subject = try reader.string("sub", maxOctets: 2048)
        let issuer = try reader.string("iss", maxOctets: 2048)

        let attester = try attesters.select(
            issuer: issuer, keyID: reader.jws.header.keyID, subject: subject)
        try requireType(reader, attester)
        try requireKeyURL(reader, attester)
        let algorithm = try reader.algorithm(in: attester.algorithms, .att(2))
        let key = try selectKey(reader, attester, algorithm)
        // KEY-05: this is the only attempt.
        try reader.requireSignature(by: key, algorithm, .att(3))

        guard let subject else { throw reader.refusal(.att(9)) }
        guard let expires = try reader.date("exp") else { throw reader.refusal(.att(4)) }
        let instanceKey = try instanceKey(reader)
        try requireOwnKey(instanceKey, reader, attester)
        return VerifiedAttestation(
            attester: attester, subject: subject, issuer: issuer, expires: expires,
            notBefore: try reader.date("nbf"), issuedAt: try reader.date("iat"),
            audience: try reader.audience(), instanceKey: instanceKey)
    }

    /// ATT-01.
    private static func requireType(
        _ reader: TokenReader, _ attester: Attester
    ) throws(Refusal) {
        let type = reader.jws.header.type
        guard type == Self.type || attester.types.contains(where: { $0 == type }) else {
            throw reader.refusal(.att(1))
        }
    }

    /// KEY-06: compared if the attester's entry demands one, never fetched.
    private static func requireKeyURL(
        _ reader: TokenReader, _ attester: Attester
    ) throws(Refusal) {
        guard let jku = attester.jku else { return }
        guard reader.jws.header.object["jku"]?.string == jku else {
            throw reader.refusal(.key(6))
        }
    }

    /// KEY-04, KEY-13: one key, named by `kid` or the only one; KEY-07: only from the entry.
    private static func selectKey(
        _ reader: TokenReader, _ attester: Attester, _ algorithm: JWSAlgorithm
    ) throws(Refusal) -> JWK {
        switch attester.keys.select(keyID: reader.jws.header.keyID, algorithm: algorithm) {
        case .one(let key): return key
        case .none, .ambiguous: throw reader.refusal(.key(4))
        case .unusable: throw reader.refusal(.key(13))
        }
    }

    /// ATT-11 and ATT-12.
    private static func instanceKey(_ reader: TokenReader) throws(Refusal) -> JWK {
        guard let confirmation = reader.value("cnf")?.object, let jwk = confirmation["jwk"],
            confirmation["jwe"] == nil, confirmation["jku"] == nil
        else { throw reader.refusal(.att(11)) }
        do {
            return try JWK(jwk)
        } catch {
            throw reader.refusal(error.rule)
        }
    }

    /// KEY-17: the attester's own key is no instance key, unless the entry says so.
    private static func requireOwnKey(
        _ instanceKey: JWK, _ reader: TokenReader, _ attester: Attester
    ) throws(Refusal) {
        guard !attester.selfAttested else { return }
        let thumbprint = instanceKey.thumbprint
        guard !attester.keys.keys.contains(where: { $0.thumbprint == thumbprint }) else {
            throw reader.refusal(.key(17))
        }
    }
}
