// SPDX-License-Identifier: Apache-2.0
// Verification of one signature with one key.

internal import COpenSSL

extension PublicKey {
    /// Whether `signature`, in the scheme's wire form, was made over `message` with this key. A key
    /// of another kind than the scheme's verifies nothing. Wraps EVP_PKEY_verify.
    ///
    /// The hash is computed first, with the hash function fetched once: EVP_DigestVerify would
    /// fetch it anew for every signature.
    public func verify(
        _ scheme: SignatureScheme, signature: [UInt8], message: ArraySlice<UInt8>
    ) -> Bool {
        guard kind == scheme.keyKind else { return false }
        let encoded: [UInt8]
        switch scheme.form {
        case .ecdsa(let curve):
            guard let der = try? ECDSASignature.der(signature, curve: curve) else { return false }
            encoded = der
        }
        return verify(encoded, digest: scheme.hash.digest.hash(message))
    }

    private func verify(_ signature: [UInt8], digest: [UInt8]) -> Bool {
        let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, handle, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        // Only 1 means valid; 0 and negative numbers both mean no.
        guard unsafe context != nil, unsafe EVP_PKEY_verify_init(context) == 1,
            unsafe EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
        else {
            OpenSSLErrors.drain()
            return false
        }
        return true
    }
}
