// SPDX-License-Identifier: Apache-2.0
// DPoP proofs: what a client signs for one request to one URL (RFC 9449 section 4.2).

import Cryptography
import JOSE
import JSON
import Octets

/// Makes DPoP proof JWTs.
public enum DPoPMint {
    /// `typ` of a proof (DPOP-04).
    public static let type = Array("dpop+jwt".utf8)

    /// What a proof says. Members that are nil are left out.
    public struct Parameters: Sendable {
        /// `typ`.
        public var type: [UInt8] = DPoPMint.type
        /// `jti`.
        public var jwtID: [UInt8]
        /// `htm`, the method of the request.
        public var method: [UInt8]
        /// `htu`, the URL of the request, without query and fragment.
        public var url: [UInt8]
        /// `iat`.
        public var issuedAt: UnixTime?
        /// `nonce`; in combined mode of drafts 09 and 10 the challenge.
        public var nonce: [UInt8]?
        /// `ath`, where an access token comes with the request; see `tokenHash`.
        public var accessTokenHash: [UInt8]?

        /// A proof for a request to `url`, made at `now`.
        public init(
            url: [UInt8], method: [UInt8] = Array("POST".utf8), now: UnixTime,
            nonce: [UInt8]? = nil, jwtID: [UInt8] = JWTMint.freshJWTID()
        ) {
            self.url = url
            self.method = method
            issuedAt = now
            self.nonce = nonce
            self.jwtID = jwtID
        }
    }

    /// The proof signed by `key`, whose public half it brings. In combined mode that is the
    /// instance key of the attestation (DPOP-17).
    public static func token(
        _ parameters: Parameters, key: SigningKey
    ) throws(MintingError) -> [UInt8] {
        var header = JSONWriter(reserving: 512)
        header.beginObject()
        header.member("typ", parameters.type)
        header.name("alg")
        header.string(key.algorithm.rawValue)
        header.name("jwk")
        header.raw(key.publicJWK)
        header.endObject()
        var payload = JSONWriter(reserving: 512)
        payload.beginObject()
        payload.member("jti", parameters.jwtID)
        payload.member("htm", parameters.method)
        payload.member("htu", parameters.url)
        payload.member("iat", parameters.issuedAt)
        payload.member("nonce", parameters.nonce)
        payload.member("ath", parameters.accessTokenHash)
        payload.endObject()
        return try JWTMint.sign(header: header.bytes, payload: payload.bytes, key: key)
    }

    /// `ath` of an access token: the Base64URL of its SHA-256.
    public static func tokenHash(_ accessToken: [UInt8]) -> [UInt8] {
        Base64URL.encode(Digest.sha256(accessToken))
    }
}
