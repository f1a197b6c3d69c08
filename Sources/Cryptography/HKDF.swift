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
        let context = unsafe EVP_KDF_CTX_new(FetchedKDF.hkdf.handle)
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

/// A key derivation function, fetched from OpenSSL once per process: every sealed token derives a
/// key. EVP_KDF is only read, so threads share it.
@safe private final class FetchedKDF: @unchecked Sendable {
    static let hkdf = FetchedKDF("HKDF")
    let handle: OpaquePointer

    private init(_ name: String) {
        guard let handle = unsafe EVP_KDF_fetch(nil, name, nil) else {
            cryptographyUnavailable("no HKDF")
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe EVP_KDF_free(handle)
    }
}
