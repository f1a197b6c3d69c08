// SPDX-License-Identifier: Apache-2.0
// A validated public key; how it is imported is in KeyImport, its use in SignatureVerification.

internal import COpenSSL
import Octets

/// A public key that passed every check of its family. Nothing changes an EVP_PKEY after import
/// and its reference count is atomic, so threads may share it.
@safe public final class PublicKey: @unchecked Sendable {
    /// The family of a key, and its curve if the family has several.
    public enum Kind: Hashable, Sendable {
        /// A point of a curve, for ECDSA.
        case ec(EllipticCurve)
        /// A modulus and an exponent.
        case rsa
        /// A point of a curve, for EdDSA.
        case edwards(EdwardsCurve)
    }

    /// The family.
    public let kind: Kind
    let handle: OpaquePointer
    /// One for each scheme that was asked for: one, or a few for RSA.
    let verifications = Guarded<[PreparedVerification]>([])

    /// Takes over one reference to `handle`, which must have been validated.
    init(owning handle: OpaquePointer, kind: Kind) {
        unsafe self.handle = handle
        self.kind = kind
    }

    deinit {
        unsafe EVP_PKEY_free(handle)
    }
}
