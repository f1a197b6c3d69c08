// SPDX-License-Identifier: Apache-2.0
// One attempt to verify a token with one key (JOSE-10 to JOSE-12, JOSE-16, JOSE-17,
// JOSE-19, JOSE-23).

import Cryptography
import Octets

/// Verification of signatures. The key and the algorithm come from configuration and from what is
/// already proved, never from the token under test alone.
public enum JWSVerification {
    /// Throws unless `jws` is signed with `key` under `algorithm`, which the key's own `alg` member
    /// must allow (JOSE-19).
    public static func verify(
        _ jws: CompactJWS, key: JWK, algorithm: JWSAlgorithm
    ) throws(JOSEError) {
        guard key.isMeant(for: algorithm) else {
            throw JOSEError(.jose(19), "key is for another alg")
        }
        try verify(jws, key: key.publicKey, algorithm: algorithm)
    }

    /// Throws unless `jws` is signed with `key` under `algorithm`: JOSE-27 for an algorithm that is
    /// not built, JOSE-10 if the header names another one or the key is of another family, JOSE-11,
    /// JOSE-12 and JOSE-16 for the signature's form, JOSE-23 if it does not hold over the received
    /// octets.
    public static func verify(
        _ jws: CompactJWS, key: PublicKey, algorithm: JWSAlgorithm
    ) throws(JOSEError) {
        guard algorithm.isImplemented || algorithm.mac != nil else {
            throw JOSEError(.jose(27), "alg is not supported")
        }
        try requireHeader(jws, algorithm)
        guard let scheme = algorithm.scheme(for: key.kind) else {
            throw JOSEError(.jose(10), "key is of another family than alg")
        }
        try requireForm(jws.signature, key: key)
        let message = jws.token[jws.signingInput]
        guard key.verify(scheme, signature: jws.signature, message: message) else {
            throw JOSEError(.jose(23), "signature is invalid")
        }
    }

    /// Throws unless `jws` carries the MAC of `secret` under `algorithm`, for attesters that share
    /// a secret: JOSE-17 for an algorithm that is no MAC or a secret shorter than its hash, JOSE-10
    /// if the header names another one, JOSE-23 if the tag does not hold over the received octets.
    /// The tag is compared in constant time (JOSE-25).
    public static func verify(
        _ jws: CompactJWS, secret: Secret, algorithm: JWSAlgorithm
    ) throws(JOSEError) {
        guard let mac = algorithm.mac else { throw JOSEError(.jose(17), "alg is no MAC") }
        guard secret.count >= mac.size else {
            throw JOSEError(.jose(17), "secret is shorter than the hash")
        }
        try requireHeader(jws, algorithm)
        let message = jws.token[jws.signingInput]
        guard mac.verify(tag: jws.signature, key: secret, message: message) else {
            throw JOSEError(.jose(23), "MAC is invalid")
        }
    }

    private static func requireHeader(
        _ jws: CompactJWS, _ algorithm: JWSAlgorithm
    ) throws(JOSEError) {
        guard algorithm.isNamed(by: jws.header.algorithmName) else {
            throw JOSEError(.jose(10), "alg is not the expected one")
        }
    }

    /// JOSE-11, JOSE-12, JOSE-16: told apart from a wrong signature for the audit trail's sake. RSA
    /// signatures have no form that the library would not check (JOSE-15).
    private static func requireForm(_ signature: [UInt8], key: PublicKey) throws(JOSEError) {
        switch key.kind {
        case .ec(let curve):
            do {
                try ECDSASignature.check(signature, curve: curve)
            } catch {
                switch error {
                case .length: throw JOSEError(.jose(11), "signature has the wrong length")
                case .range: throw JOSEError(.jose(12), "r or s is out of range")
                }
            }
        case .rsa: break
        case .edwards(let curve):
            do {
                try EdwardsSignature.check(signature, curve: curve)
            } catch {
                switch error {
                case .length: throw JOSEError(.jose(16), "signature has the wrong length")
                case .range: throw JOSEError(.jose(16), "S is out of range")
                }
            }
        }
    }
}
