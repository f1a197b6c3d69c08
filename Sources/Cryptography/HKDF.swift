// SPDX-License-Identifier: Apache-2.0
// Subkeys from one master key.

internal import COpenSSL

/// HKDF (RFC 5869), extract and expand.
public enum HKDF {
    /// `count` octets (1 to 8160) derived from `key`, separated by `salt` and `info`. Wraps EVP_KDF.
    public static func sha256(
        key: Secret, salt: [UInt8], info: [UInt8], count: Int
    ) -> Secret {
        precondition((1...8160).contains(count), "HKDF-SHA-256 gives 1 to 8160 octets")
        let kdf = unsafe EVP_KDF_fetch(nil, "HKDF", nil)
        defer { unsafe EVP_KDF_free(kdf) }
        let context = unsafe EVP_KDF_CTX_new(kdf)
        // Freeing wipes the key that the context holds.
        defer { unsafe EVP_KDF_CTX_free(context) }
        guard unsafe context != nil else { cryptographyUnavailable("no HKDF") }
        return unsafe Secret(count: count) { output in
            let derived = unsafe key.withUnsafeOctets { key in
                unsafe COpenSSL_deriveHKDF(
                    context, "SHA256", key.baseAddress, key.count, salt, salt.count, info,
                    info.count, output.baseAddress, count)
            }
            guard derived == 1 else { cryptographyUnavailable("HKDF failed") }
        }
    }
}
