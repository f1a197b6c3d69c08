// SPDX-License-Identifier: Apache-2.0
// Proofs of possession: what an instance signs for one request (requirements 2.3).

import JOSE
import JSON
import Octets

/// Makes client attestation PoP JWTs.
public enum ProofMint {
    /// `typ` of a proof (POP-01).
    public static let type = Array("oauth-client-attestation-pop+jwt".utf8)

    /// What a proof says. Members that are nil are left out.
    public struct Parameters: Sendable {
        /// `typ`.
        public var type: [UInt8] = ProofMint.type
        /// `iss`, the client identifier in revisions 05 to 07.
        public var issuer: [UInt8]?
        /// `aud`, the issuer of the authorization server.
        public var audience: Audience
        /// `jti`.
        public var jwtID: [UInt8]
        /// `iat`.
        public var issuedAt: UnixTime?
        /// `nbf`.
        public var notBefore: UnixTime?
        /// `exp`.
        public var expires: UnixTime?
        /// `nonce`, revision 05.
        public var nonce: [UInt8]?
        /// `challenge`, revisions 06 and later.
        public var challenge: [UInt8]?

        /// The members every revision wants; the others are set afterwards.
        public init(audience: Audience, jwtID: [UInt8] = JWTMint.freshJWTID()) {
            self.audience = audience
            self.jwtID = jwtID
        }

        /// A proof as `profile` shapes it, made at `now` by the instance of client `clientID`.
        /// `challenge` becomes the nonce of revision 05. The lifetime in seconds matters only
        /// where the profile has an expiry.
        public static func forProfile(
            _ profile: MintingProfile, clientID: [UInt8], audience: [UInt8], challenge: [UInt8]?,
            now: UnixTime, lifetime: Int64 = 300
        ) -> Parameters {
            var parameters = Parameters(audience: .one(audience))
            if profile.namesIssuers { parameters.issuer = clientID }
            if profile.usesNonceAndExpiry {
                parameters.expires = now + lifetime
                parameters.nonce = challenge
            } else {
                parameters.issuedAt = now
                parameters.challenge = challenge
            }
            return parameters
        }
    }

    /// The proof signed by the instance's `key`. It names no key: the attestation does.
    public static func token(
        _ parameters: Parameters, key: SigningKey
    ) throws(MintingError) -> [UInt8] {
        var payload = JSONWriter(reserving: 512)
        payload.beginObject()
        payload.member("iss", parameters.issuer)
        payload.name("aud")
        switch parameters.audience {
        case .one(let value):
            payload.string(value)
        case .many(let values):
            payload.beginArray()
            for value in values { payload.string(value) }
            payload.endArray()
        }
        payload.member("jti", parameters.jwtID)
        payload.member("iat", parameters.issuedAt)
        payload.member("nbf", parameters.notBefore)
        payload.member("exp", parameters.expires)
        payload.member("nonce", parameters.nonce)
        payload.member("challenge", parameters.challenge)
        payload.endObject()
        let header = JWTMint.header(
            type: parameters.type, keyID: nil, algorithm: key.algorithm)
        return try JWTMint.sign(header: header, payload: payload.bytes, key: key)
    }
}
