// SPDX-License-Identifier: Apache-2.0
// The padding of RSA signatures, the same for signing and verifying (JOSE-15).

internal import COpenSSL

/// How a hash is padded to the length of the modulus.
enum RSAPadding {
    case pkcs1(FetchedDigest)
    case pss(FetchedDigest)

    /// The padding of a scheme, nil if it has none.
    init?(_ scheme: SignatureScheme) {
        switch scheme.form {
        case .pkcs1(let hash): self = .pkcs1(hash.digest)
        case .pss(let hash): self = .pss(hash.digest)
        case .ecdsa, .edwards: return nil
        }
    }

    /// Sets the padding, hash, mask and salt of an operation that was begun; false on failure.
    /// JOSE-15: the mask is made with the same hash and the salt is exactly as long as it; OpenSSL
    /// would otherwise take any length.
    func set(_ context: OpaquePointer?) -> Bool {
        switch self {
        case .pkcs1(let digest):
            return unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
                && EVP_PKEY_CTX_set_signature_md(context, digest.handle) == 1
        case .pss(let digest):
            return unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_signature_md(context, digest.handle) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest.handle) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, Int32(digest.size)) == 1
        }
    }
}
