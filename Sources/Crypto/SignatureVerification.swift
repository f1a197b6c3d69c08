// SPDX-License-Identifier: Apache-2.0
// Verification of one signature with one key.

internal import COpenSSL

extension PublicKey {
    /// Whether `signature`, in the scheme's wire form, was made over `message` with this key. A key
    /// of another kind than the scheme's verifies nothing. Wraps EVP_PKEY_verify and, for EdDSA,
    /// EVP_DigestVerify.
    ///
    /// The hash is computed first, with the hash function fetched once: EVP_DigestVerify would
    /// fetch it anew for every signature.
    public func verify(
        _ scheme: SignatureScheme, signature: [UInt8], message: ArraySlice<UInt8>
    ) -> Bool {
        guard kind == scheme.keyKind else { return false }
        switch scheme.form {
        case .ecdsa(let curve, let hash):
            guard let der = try? ECDSASignature.der(signature, curve: curve) else { return false }
            return verify(der, digest: hash.digest.hash(message))
        case .pkcs1(let hash):
            // JOSE-15: the library checks the whole padding and the signature's length.
            let digest = hash.digest
            return verify(signature, digest: digest.hash(message), .pkcs1(digest))
        case .pss(let hash):
            let digest = hash.digest
            return verify(signature, digest: digest.hash(message), .pss(digest))
        case .edwards(let curve):
            guard (try? EdwardsSignature.check(signature, curve: curve)) != nil else {
                return false
            }
            return verifyWhole(signature, message)
        }
    }

    private func verify(
        _ signature: [UInt8], digest: [UInt8], _ padding: RSAPadding? = nil
    ) -> Bool {
        let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, handle, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        // Only 1 means valid; 0 and negative numbers both mean no.
        guard unsafe context != nil, unsafe EVP_PKEY_verify_init(context) == 1,
            unsafe padding?.set(context) ?? true,
            unsafe EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
        else {
            OpenSSLErrors.drain()
            return false
        }
        return true
    }

    /// JOSE-16: EdDSA hashes the message itself, together with R and the key.
    private func verifyWhole(_ signature: [UInt8], _ message: ArraySlice<UInt8>) -> Bool {
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        let result = unsafe message.withUnsafeBufferPointer { message in
            guard unsafe context != nil,
                unsafe EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, handle, nil) == 1
            else { return Int32(0) }
            return unsafe EVP_DigestVerify(
                context, signature, signature.count, message.baseAddress, message.count)
        }
        guard result == 1 else {
            OpenSSLErrors.drain()
            return false
        }
        return true
    }
}
