// SPDX-License-Identifier: Apache-2.0
// Client assertions: what a client of `private_key_jwt` signs for one request (RFC 7523, CRED-04).

import JOSE
import JSON
import Octets

/// Makes client assertions.
public enum ClientAssertionMint {
    /// `client_assertion_type` of what is made here.
    public static let assertionType = Array(
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".utf8)

    /// The longest lifetime of an assertion, in seconds (CRED-04).
    public static let longestLifetime: Int64 = 60

    /// A fresh assertion of `clientID` for `audience`, a single string, which ends a minute after
    /// `now`. It names `key` as `keyID`.
    public static func token(
        clientID: [UInt8], audience: [UInt8], key: SigningKey, keyID: [UInt8]?, now: UnixTime,
        jwtID: [UInt8] = JWTMint.freshJWTID()
    ) throws(MintingError) -> [UInt8] {
        var payload = JSONWriter(reserving: 512)
        payload.beginObject()
        payload.member("iss", clientID)
        payload.member("sub", clientID)
        payload.member("aud", audience)
        payload.member("jti", jwtID)
        payload.member("iat", now)
        payload.member("exp", now + longestLifetime)
        payload.endObject()
        let header = JWTMint.header(
            type: Array("JWT".utf8), keyID: keyID, algorithm: key.algorithm)
        return try JWTMint.sign(header: header, payload: payload.bytes, key: key)
    }
}
