// SPDX-License-Identifier: Apache-2.0
// Step 6, what a signature proves: token hygiene, key choice, one check, parsed claims.

import JOSE
import JSON
import Octets

/// JOSE-01 to JOSE-27 for attestations, KEY-01 to KEY-07, KEY-17, KEY-18, ATT-01 to ATT-03, ATT-11
/// and ATT-12. All of it depends on token and configuration alone, so that the result may be kept
/// for a generation (KEY-20).
enum AttestationSignature {
    private static let type = Array("oauth-client-attestation+jwt".utf8)

    /// The attestation if a trusted attester signed it.
    static func verify(
        _ token: [UInt8], _ policy: VerificationPolicy, _ trace: RuleTrace?
    ) throws(Refusal) -> VerifiedAttestation {
        let reader = try TokenReader(token, .attestation, trace)
        trace?.begin(.jose(22), in: .attestation)
        let subject = try reader.string("sub", maxOctets: 2048)
        let issuer = try reader.string("iss", maxOctets: 2048)

        trace?.begin(.key(1), .key(2))
        let attester = try policy.attesters.select(
            issuer: issuer, keyID: reader.jws.header.keyID, subject: subject)
        trace?.attesterID = attester.id
        try requireType(reader, attester)
        try requireKeyURL(reader, attester)
        let algorithm = try reader.algorithm(in: attester.algorithms, .att(2))
        // KEY-05: this is the only attempt.
        switch attester.source {
        case .publicKeys(let keys):
            let key = try selectKey(reader, keys, algorithm)
            try reader.requireSignature(by: key, algorithm, .att(3))
        case .sharedSecret(let shared):
            try requireMAC(reader, shared, algorithm)
        }

        trace?.begin(.att(9))
        guard let subject else { throw reader.refusal(.att(9)) }
        let instanceKey = try instanceKey(reader, policy.proof)
        try requireOwnKey(instanceKey, reader, attester)
        reader.beginClaims()
        let (expires, notBefore) = (try reader.date("exp"), try reader.date("nbf"))
        let (issuedAt, audience) = (try reader.date("iat"), try reader.audience())
        trace?.begin(.att(4))
        guard let expires else { throw reader.refusal(.att(4)) }
        return VerifiedAttestation(
            attester: attester, subject: subject, issuer: issuer, expires: expires,
            notBefore: notBefore, issuedAt: issuedAt, audience: audience,
            instanceKey: instanceKey)
    }

    /// ATT-01.
    private static func requireType(
        _ reader: TokenReader, _ attester: Attester
    ) throws(Refusal) {
        reader.trace?.begin(.att(1), .jose(26))
        let type = reader.jws.header.type
        guard type == Self.type || attester.types.contains(where: { $0 == type }) else {
            throw reader.refusal(.att(1))
        }
    }

    /// KEY-06: compared if the attester's entry demands one, never fetched.
    private static func requireKeyURL(
        _ reader: TokenReader, _ attester: Attester
    ) throws(Refusal) {
        reader.trace?.begin(.key(6))
        guard let jku = attester.jku else { return }
        guard reader.jws.header.object["jku"]?.string == jku else {
            throw reader.refusal(.key(6))
        }
    }

    /// KEY-04, KEY-13: one key, named by `kid` or the only one; KEY-07: only from the entry.
    private static func selectKey(
        _ reader: TokenReader, _ keys: JWKSet, _ algorithm: JWSAlgorithm
    ) throws(Refusal) -> JWK {
        reader.trace?.begin(.key(4), .key(13), .key(7), .key(5), in: .attestation)
        switch keys.select(keyID: reader.jws.header.keyID, algorithm: algorithm) {
        case .one(let key):
            reader.trace?.attesterKeyID = key.keyID
            return key
        case .none, .ambiguous: throw reader.refusal(.key(4))
        case .unusable: throw reader.refusal(.key(13))
        }
    }

    /// JOSE-17, KEY-18: the MAC of the entry's only secret, which the message must name (KEY-04).
    private static func requireMAC(
        _ reader: TokenReader, _ shared: SharedSecret, _ algorithm: JWSAlgorithm
    ) throws(Refusal) {
        reader.trace?.begin(
            .key(18), .key(4), .key(7), .key(5), .jose(17), .jose(10), .att(3), in: .attestation)
        guard let keyID = reader.jws.header.keyID else { throw reader.refusal(.key(18)) }
        guard keyID == shared.keyID else { throw reader.refusal(.key(4)) }
        reader.trace?.attesterKeyID = keyID
        do {
            try JWSVerification.verify(reader.jws, secret: shared.secret, algorithm: algorithm)
        } catch {
            throw reader.refusal(error.rule == .jose(23) ? .att(3) : error.rule)
        }
    }

    /// ATT-11 and ATT-12.
    private static func instanceKey(
        _ reader: TokenReader, _ proof: ProofPolicy
    ) throws(Refusal) -> JWK {
        reader.trace?.begin(.att(11))
        guard let confirmation = reader.value("cnf")?.object, let jwk = confirmation["jwk"],
            confirmation["jwe"] == nil, confirmation["jku"] == nil
        else { throw reader.refusal(.att(11)) }
        return try reader.key(jwk, allowingSignOnly: proof.acceptsSignOnlyKeys, .att(12))
    }

    /// KEY-17: the attester's own key is no instance key, unless the entry says so.
    private static func requireOwnKey(
        _ instanceKey: JWK, _ reader: TokenReader, _ attester: Attester
    ) throws(Refusal) {
        reader.trace?.begin(.key(17))
        guard !attester.selfAttested, case .publicKeys(let set) = attester.source else { return }
        let thumbprint = instanceKey.thumbprint
        guard !set.keys.contains(where: { $0.thumbprint == thumbprint }) else {
            throw reader.refusal(.key(17))
        }
    }
}
