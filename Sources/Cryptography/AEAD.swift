// SPDX-License-Identifier: Apache-2.0
// Authenticated encryption in one call; what is sealed and under which key is the caller's part.

internal import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) with a nonce of 12 octets and a tag of 16.
public enum AES256GCM {
    /// Octets of a key.
    public static let keyLength = 32
    /// Octets of a nonce.
    public static let nonceLength = 12
    /// Octets of the tag, which ends what `seal` returns.
    public static let tagLength = 16

    /// The ciphertext of `plaintext` and its tag, which also covers `associated`.
    ///
    /// Two texts under one key and nonce give both away, so a pair must never be used twice. Key
    /// and nonce have the lengths above, texts are shorter than 2 GiB: anything else is a
    /// programmer error. Wraps EVP_EncryptUpdate.
    public static func seal(
        _ plaintext: [UInt8], key: Secret, nonce: [UInt8], associated: [UInt8]
    ) -> [UInt8] {
        let cipher = CipherContext(.encrypt, key: key, nonce: nonce)
        return cipher.seal(plaintext, associated)
    }

    /// The plaintext, or nil if ciphertext, tag, nonce and `associated` do not belong together
    /// under `key`. The work depends on the lengths alone. Wraps EVP_DecryptUpdate.
    public static func open(
        _ sealed: ArraySlice<UInt8>, key: Secret, nonce: [UInt8], associated: [UInt8]
    ) -> [UInt8]? {
        guard sealed.count >= tagLength, sealed.count <= Int32.max, associated.count <= Int32.max
        else { return nil }
        let cipher = CipherContext(.decrypt, key: key, nonce: nonce)
        return cipher.open(sealed, associated)
    }
}

/// The cipher, fetched from OpenSSL once per process. EVP_CIPHER is only read, so threads share it.
@safe private final class FetchedCipher: @unchecked Sendable {
    static let aes256GCM = FetchedCipher("AES-256-GCM")
    let handle: OpaquePointer

    private init(_ name: String) {
        guard let handle = unsafe EVP_CIPHER_fetch(nil, name, nil) else {
            cryptographyUnavailable("no cipher")
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe EVP_CIPHER_free(handle)
    }
}

/// One EVP_CIPHER_CTX for one message. Freed, it wipes the key.
@safe private struct CipherContext: ~Copyable {
    enum Direction: Int32 {
        case decrypt = 0
        case encrypt = 1
    }

    private let context: OpaquePointer

    init(_ direction: Direction, key: Secret, nonce: [UInt8]) {
        precondition(key.count == AES256GCM.keyLength, "an AES-256 key has 32 octets")
        precondition(nonce.count == AES256GCM.nonceLength, "a GCM nonce has 12 octets")
        guard let context = unsafe EVP_CIPHER_CTX_new(),
            unsafe key.withUnsafeOctets({ key in
                unsafe EVP_CipherInit_ex2(
                    context, FetchedCipher.aes256GCM.handle, key.baseAddress, nonce,
                    direction.rawValue, nil)
            }) == 1
        else { cryptographyUnavailable("no cipher context") }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
    }

    func seal(_ plaintext: [UInt8], _ associated: [UInt8]) -> [UInt8] {
        let tagLength = AES256GCM.tagLength
        var sealed = [UInt8](repeating: 0, count: plaintext.count + tagLength)
        authenticate(associated)
        let isDone = unsafe sealed.withUnsafeMutableBufferPointer { output in
            unsafe plaintext.withUnsafeBufferPointer { input in
                unsafe update(output.baseAddress, input)
            } && finish()
                && EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength),
                    output.baseAddress?.advanced(by: plaintext.count)) == 1
        }
        guard isDone else { cryptographyUnavailable("encryption failed") }
        return sealed
    }

    func open(_ sealed: ArraySlice<UInt8>, _ associated: [UInt8]) -> [UInt8]? {
        let body = sealed.dropLast(AES256GCM.tagLength)
        var tag = Array(sealed.suffix(AES256GCM.tagLength))
        var plaintext = [UInt8](repeating: 0, count: body.count)
        authenticate(associated)
        let isDecrypted = unsafe plaintext.withUnsafeMutableBufferPointer { output in
            unsafe body.withUnsafeBufferPointer { input in
                unsafe update(output.baseAddress, input)
            }
        }
        guard isDecrypted,
            unsafe EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
        else { cryptographyUnavailable("decryption failed") }
        // The tag is compared here, in constant time, after everything was decrypted.
        guard finish() else {
            OpenSSLErrors.drain()
            return nil
        }
        return plaintext
    }

    /// Covers `associated` with the tag.
    private func authenticate(_ associated: [UInt8]) {
        let isDone = unsafe associated.withUnsafeBufferPointer { unsafe update(nil, $0) }
        guard isDone else { cryptographyUnavailable("authentication failed") }
    }

    /// Runs `input` through the cipher, or the tag alone if there is no output.
    private func update(
        _ output: UnsafeMutablePointer<UInt8>?, _ input: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        // An empty array has no address, which would mean something else.
        guard !input.isEmpty else { return true }
        var written: Int32 = 0
        return unsafe EVP_CipherUpdate(
            context, output, &written, input.baseAddress, Int32(input.count)) == 1
            && Int(written) == input.count
    }

    /// GCM has no last block: nothing is written. False if the tag is not the one given.
    private func finish() -> Bool {
        var unused: UInt8 = 0
        var written: Int32 = 0
        return unsafe EVP_CipherFinal_ex(context, &unused, &written) == 1
    }
}
