// SPDX-License-Identifier: Apache-2.0
// A verification set up once for a key and a scheme, and copied for each signature.

internal import COpenSSL
import Octets

/// The verification contexts of OpenSSL, before any signature was seen. To begin one, OpenSSL looks
/// its algorithms up by name, which takes ten times as long as a copy. These are only ever copied,
/// so threads share them; a copy is kept for the next signature over a hash, which needs none then.
@safe final class PreparedVerification: @unchecked Sendable {
    let scheme: SignatureScheme
    /// For signatures over a hash; nil for EdDSA.
    private let hashed: OpaquePointer?
    /// For signatures over the message itself; nil for all others.
    private let whole: OpaquePointer?
    /// A copy of `hashed` that nobody uses at the moment.
    private let spare = Guarded<HashedVerification?>(nil)

    /// Nil if OpenSSL refuses the key or has no such algorithm.
    init?(_ key: PublicKey, _ scheme: SignatureScheme) {
        self.scheme = scheme
        if case .edwards = scheme.form {
            unsafe hashed = nil
            unsafe whole = EVP_MD_CTX_new()
            guard unsafe whole != nil,
                unsafe EVP_DigestVerifyInit_ex(whole, nil, nil, nil, nil, key.handle, nil) == 1
            else {
                OpenSSLErrors.drain()
                return nil
            }
        } else {
            unsafe whole = nil
            unsafe hashed = EVP_PKEY_CTX_new_from_pkey(nil, key.handle, nil)
            guard unsafe hashed != nil, unsafe EVP_PKEY_verify_init(hashed) == 1,
                unsafe RSAPadding(scheme)?.set(hashed) ?? true
            else {
                OpenSSLErrors.drain()
                return nil
            }
        }
    }

    deinit {
        unsafe EVP_PKEY_CTX_free(hashed)
        unsafe EVP_MD_CTX_free(whole)
    }

    /// Whether `signature` was made over a message with this hash. Wraps EVP_PKEY_verify.
    func verify(_ signature: [UInt8], digest: [UInt8]) -> Bool {
        guard let hashed = unsafe hashed else { return false }
        let kept = spare.withLock { spare in
            defer { spare = nil }
            return spare
        }
        guard let copy = unsafe kept ?? HashedVerification(copying: hashed),
            copy.verify(signature, digest: digest)
        else {
            OpenSSLErrors.drain()
            return false
        }
        // After a signature that does not hold, a context is not used again.
        spare.withLock { $0 = copy }
        return true
    }

    /// JOSE-16: whether `signature` was made over `message`, which EdDSA hashes itself, together
    /// with R and the key. Wraps EVP_DigestVerify.
    func verify(_ signature: [UInt8], whole message: ArraySlice<UInt8>) -> Bool {
        guard let whole = unsafe whole else { return false }
        let copy = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(copy) }
        let result = unsafe message.withUnsafeBufferPointer { message in
            guard unsafe copy != nil, unsafe EVP_MD_CTX_copy_ex(copy, whole) == 1 else {
                return Int32(0)
            }
            return unsafe EVP_DigestVerify(
                copy, signature, signature.count, message.baseAddress, message.count)
        }
        guard result == 1 else {
            OpenSSLErrors.drain()
            return false
        }
        return true
    }
}

/// An EVP_PKEY_CTX for signatures over a hash. One thread has it at a time: whoever took it out of
/// where it is kept.
@safe private final class HashedVerification: @unchecked Sendable {
    private let context: OpaquePointer

    init?(copying template: OpaquePointer) {
        guard let context = unsafe EVP_PKEY_CTX_dup(template) else { return nil }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_PKEY_CTX_free(context)
    }

    /// Only 1 means valid; 0 and negative numbers both mean no.
    func verify(_ signature: [UInt8], digest: [UInt8]) -> Bool {
        unsafe EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
    }
}
