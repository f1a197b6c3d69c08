// SPDX-License-Identifier: Apache-2.0
// Client attestations: what an attester signs for an instance (requirements 2.2).

import Cryptography
import JOSE
import JSON
import Octets

/// Makes client attestation JWTs.
public enum AttestationMint {
    /// `typ` of an attestation (ATT-01).
    public static let type = Array("oauth-client-attestation+jwt".utf8)

    /// What an attestation says. Members that are nil are left out.
    public struct Parameters: Sendable {
        /// `typ`.
        public var type: [UInt8] = AttestationMint.type
        /// `kid`; if nil, that of the key is written, if it has one.
        public var keyID: [UInt8]?
        /// `iss`.
        public var issuer: [UInt8]?
        /// `sub`, the client identifier.
        public var subject: [UInt8]
        /// `iat`.
        public var issuedAt: UnixTime?
        /// `nbf`.
        public var notBefore: UnixTime?
        /// `exp`.
        public var expires: UnixTime
        /// `cnf.jwk`: the public JWK of the instance as JSON.
        public var instanceKey: [UInt8]

        /// The members every revision wants; the others are set afterwards.
        public init(subject: [UInt8], expires: UnixTime, instanceKey: [UInt8]) {
            self.subject = subject
            self.expires = expires
            self.instanceKey = instanceKey
        }

        /// An attestation as `profile` shapes it, issued at `now`, for `lifetime` seconds. The
        /// issuer is written where the profile has one.
        public static func forProfile(
            _ profile: MintingProfile, subject: [UInt8], issuer: [UInt8], instanceKey: [UInt8],
            now: UnixTime, lifetime: Int64 = 3600
        ) -> Parameters {
            var parameters = Parameters(
                subject: subject, expires: now + lifetime, instanceKey: instanceKey)
            parameters.issuedAt = now
            if profile.namesIssuers { parameters.issuer = issuer }
            return parameters
        }
    }

    /// The attestation signed by the attester's `key`.
    public static func token(
        _ parameters: Parameters, key: SigningKey
    ) throws(MintingError) -> [UInt8] {
        let header = JWTMint.header(
            type: parameters.type, keyID: parameters.keyID ?? key.keyID, algorithm: key.algorithm)
        return try JWTMint.sign(header: header, payload: payload(parameters), key: key)
    }

    /// The attestation of an attester that shares `secret` with the verifier (JOSE-17).
    public static func token(
        _ parameters: Parameters, secret: Secret, algorithm: JWSAlgorithm
    ) throws(MintingError) -> [UInt8] {
        let header = JWTMint.header(
            type: parameters.type, keyID: parameters.keyID, algorithm: algorithm)
        return try JWTMint.sign(
            header: header, payload: payload(parameters), secret: secret, algorithm: algorithm)
    }

    private static func payload(_ parameters: Parameters) -> [UInt8] {
        var payload = JSONWriter(reserving: 512)
        payload.beginObject()
        payload.member("iss", parameters.issuer)
        payload.member("sub", parameters.subject)
        payload.member("iat", parameters.issuedAt)
        payload.member("nbf", parameters.notBefore)
        payload.member("exp", parameters.expires)
        payload.name("cnf")
        payload.beginObject()
        payload.name("jwk")
        payload.raw(parameters.instanceKey)
        payload.endObject()
        payload.endObject()
        return payload.bytes
    }
}
