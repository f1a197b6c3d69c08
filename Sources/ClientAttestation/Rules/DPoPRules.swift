// SPDX-License-Identifier: Apache-2.0
// Step 7: a DPoP proof, in place of a proof of possession or beside it (RFC 9449 section 4.3).

import Cryptography
import JOSE
import JSON
import Octets

/// What a DPoP proof proved: its key, and what that key signed.
final class DPoPProof {
    let key: JWK
    let jwtID: [UInt8]
    let issuedAt: UnixTime
    /// `nonce` as it stands: a wrong type is a fault of the nonce.
    let nonce: JSONValue?
    /// The URL that the proof is for.
    let url: TargetURI

    init(key: JWK, jwtID: [UInt8], issuedAt: UnixTime, nonce: JSONValue?, url: TargetURI) {
        self.key = key
        self.jwtID = jwtID
        self.issuedAt = issuedAt
        self.nonce = nonce
        self.url = url
    }
}

/// DPOP-02 to DPOP-11, DPOP-14, DPOP-15, DPOP-17.
enum DPoPRules {
    private static let type = Array("dpop+jwt".utf8)

    /// The proof in `token`, if all of it holds. Its nonce is step 10's, its `jti` step 12's.
    static func proof(_ token: [UInt8], _ context: RuleContext) throws(Refusal) -> DPoPProof {
        context.trace?.begin(.dpop(2))
        let reader = try TokenReader(token, .dpop, context.trace)
        try requireType(reader)
        let key = try headerKey(reader, context)
        try requireInstanceKey(key, context)
        try requireSignature(reader, by: key, context)
        let claims = try DPoPClaims(reader)
        let jwtID = try requireMember(claims.jwtID, reader)
        try requireMethod(try requireMember(claims.method, reader), reader, context)
        let url = try requireURL(try requireMember(claims.url, reader), reader, context)
        let issuedAt = try requireMember(claims.issuedAt, reader).floor
        try requireIssueWindow(issuedAt, reader, context)
        try requireTokenHash(claims, reader, context)
        try requireThumbprint(key, reader, context)
        return DPoPProof(
            key: key, jwtID: jwtID, issuedAt: issuedAt, nonce: reader.value("nonce"), url: url)
    }

    /// DPOP-04.
    private static func requireType(_ reader: TokenReader) throws(Refusal) {
        reader.trace?.begin(.dpop(4), .jose(26), in: .dpop)
        guard reader.jws.header.hasType(type) else { throw reader.refusal(.dpop(4)) }
    }

    /// DPOP-03 and DPOP-07: the key that the proof brings, valid and public.
    private static func headerKey(
        _ reader: TokenReader, _ context: RuleContext
    ) throws(Refusal) -> JWK {
        reader.trace?.begin(.dpop(3))
        guard let value = reader.jws.header.object["jwk"] else { throw reader.refusal(.dpop(3)) }
        return try reader.key(
            value, known: context.attestation.instanceKey,
            allowingSignOnly: context.policy.proof.acceptsSignOnlyKeys, .dpop(7))
    }

    /// DPOP-17: in combined mode the key is the attested one (ATT, since the fault is the pair's).
    /// Judged before the signature, so that it is made with a key that configuration led to.
    private static func requireInstanceKey(_ key: JWK, _ context: RuleContext) throws(Refusal) {
        guard context.method == .dpopCombined else { return }
        context.trace?.begin(.dpop(17))
        guard key.thumbprint == context.attestation.instanceKey.thumbprint else {
            throw Refusal(.dpop(17), .attestation, in: .dpop)
        }
    }

    /// DPOP-05 and DPOP-06.
    private static func requireSignature(
        _ reader: TokenReader, by key: JWK, _ context: RuleContext
    ) throws(Refusal) {
        let algorithm = try reader.algorithm(in: context.policy.dpop.algorithms, .dpop(5))
        // In combined mode the attested key says what it is for, the proof's copy may say less.
        context.trace?.begin(.jose(19), in: .dpop)
        let instanceKey = context.attestation.instanceKey
        guard context.method != .dpopCombined || instanceKey.isMeant(for: algorithm) else {
            throw reader.refusal(.jose(19))
        }
        try reader.requireSignature(by: key, algorithm, .dpop(6))
    }

    /// DPOP-03: a claim that has to be there.
    private static func requireMember<Value>(
        _ value: Value?, _ reader: TokenReader
    ) throws(Refusal) -> Value {
        reader.trace?.begin(.dpop(3))
        guard let value else { throw reader.refusal(.dpop(3)) }
        return value
    }

    /// DPOP-08.
    private static func requireMethod(
        _ method: [UInt8], _ reader: TokenReader, _ context: RuleContext
    ) throws(Refusal) {
        context.trace?.begin(.dpop(8))
        guard method == context.facts.method else { throw reader.refusal(.dpop(8)) }
    }

    /// DPOP-09 and DPOP-10: made for the configured public URL of this endpoint, never for what the
    /// request says of itself.
    private static func requireURL(
        _ text: [UInt8], _ reader: TokenReader, _ context: RuleContext
    ) throws(Refusal) -> TargetURI {
        context.trace?.begin(.dpop(9))
        guard let expected = context.policy.endpointURLs[context.facts.endpoint] else {
            throw reader.refusal(.dpop(9))
        }
        guard text == expected.octets || TargetURI(text) == expected else {
            throw reader.refusal(.dpop(9))
        }
        return expected
    }

    /// DPOP-11.
    private static func requireIssueWindow(
        _ issuedAt: UnixTime, _ reader: TokenReader, _ context: RuleContext
    ) throws(Refusal) {
        context.trace?.begin(.dpop(11))
        guard context.isTimely(issuedAt) else { throw reader.refusal(.dpop(11)) }
    }

    /// DPOP-14: `ath` says something only where an access token comes with the request.
    private static func requireTokenHash(
        _ claims: DPoPClaims, _ reader: TokenReader, _ context: RuleContext
    ) throws(Refusal) {
        context.trace?.begin(.dpop(14))
        guard let token = context.facts.accessToken, let hash = claims.tokenHash else { return }
        guard hash.string == Base64URL.encode(Digest.sha256(token)) else {
            throw reader.refusal(.dpop(14))
        }
    }

    /// DPOP-15: a `dpop_jkt` parameter names this proof's key.
    private static func requireThumbprint(
        _ key: JWK, _ reader: TokenReader, _ context: RuleContext
    ) throws(Refusal) {
        context.trace?.begin(.dpop(15))
        guard let named = context.facts.dpopThumbprint else { return }
        guard named == key.thumbprint.text else { throw reader.refusal(.dpop(15)) }
    }
}

/// The claims of a DPoP proof whose signature verified, typed and not yet judged.
private struct DPoPClaims {
    let jwtID: [UInt8]?
    let method: [UInt8]?
    let url: [UInt8]?
    let issuedAt: NumericDate?
    /// `ath` as it stands, since most requests have no use for it (DPOP-14).
    let tokenHash: JSONValue?

    /// JOSE-21 and JOSE-22.
    init(_ reader: TokenReader) throws(Refusal) {
        reader.beginClaims()
        jwtID = try reader.string("jti", maxOctets: 256)
        method = try reader.string("htm", maxOctets: 256)
        url = try reader.string("htu", maxOctets: 2048)
        issuedAt = try reader.date("iat")
        tokenHash = reader.value("ath")
    }
}
