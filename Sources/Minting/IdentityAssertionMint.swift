// SPDX-License-Identifier: Apache-2.0
// What a gateway says of a verified instance to the AS behind it, signed (FWD-07).

import JOSE
import JSON
import Octets

/// Makes identity assertions, the value of `X-Attested-Assertion`.
public enum IdentityAssertionMint {
    /// `typ`: nobody may take one for another kind of token.
    public static let type = Array("attestgate-identity+jwt".utf8)

    /// `iss`. Unlike in a client assertion it is never the subject.
    public static let issuer = Array("attestgate".utf8)

    /// How long one counts, in seconds (FWD-07).
    public static let lifetime: Int64 = 60

    /// Who was verified.
    public struct Identity: Sendable {
        /// The `sub` of the attestation.
        public var clientID: [UInt8]
        /// Thumbprint of the instance's key, in base64url.
        public var thumbprint: [UInt8]
        /// The attester's ID in the configuration.
        public var attester: [UInt8]
        /// How the instance proved its key.
        public var method: [UInt8]

        /// An identity.
        public init(
            clientID: [UInt8], thumbprint: [UInt8], attester: [UInt8], method: [UInt8]
        ) {
            self.clientID = clientID
            self.thumbprint = thumbprint
            self.attester = attester
            self.method = method
        }
    }

    /// The assertion of `identity` for the AS `audience`, made at `now`.
    public static func token(
        _ identity: Identity, audience: [UInt8], key: SigningKey, keyID: [UInt8]?, now: UnixTime
    ) throws(MintingError) -> [UInt8] {
        var payload = JSONWriter(reserving: 512)
        payload.beginObject()
        payload.member("iss", issuer)
        payload.member("sub", identity.clientID)
        payload.member("aud", audience)
        payload.member("jti", JWTMint.freshJWTID())
        payload.member("iat", now)
        payload.member("exp", now + lifetime)
        payload.name("cnf")
        payload.beginObject()
        payload.member("jkt", identity.thumbprint)
        payload.endObject()
        payload.member("attester", identity.attester)
        payload.member("method", identity.method)
        payload.endObject()
        let header = JWTMint.header(type: type, keyID: keyID, algorithm: key.algorithm)
        return try JWTMint.sign(header: header, payload: payload.bytes, key: key)
    }
}
