// SPDX-License-Identifier: Apache-2.0
// Keyed hashes.

internal import COpenSSL

/// HMAC (RFC 2104). Compare results with `ConstantTime.equal` only (JOSE-25).
public enum HMAC {
    /// HMAC-SHA-256, 32 octets. Wraps EVP_MAC.
    public static func sha256(key: Secret, _ octets: [UInt8]) -> [UInt8] {
        MACTemplate.hmacSHA256.compute(key: key, octets)
    }

    /// HMAC-SHA-384, 48 octets.
    public static func sha384(key: Secret, _ octets: [UInt8]) -> [UInt8] {
        MACTemplate.hmacSHA384.compute(key: key, octets)
    }

    /// HMAC-SHA-512, 64 octets.
    public static func sha512(key: Secret, _ octets: [UInt8]) -> [UInt8] {
        MACTemplate.hmacSHA512.compute(key: key, octets)
    }
}

/// An EVP_MAC context that knows its hash function but no key. It is only ever copied, so threads
/// share it; copying is cheaper than naming the hash function anew.
@safe private final class MACTemplate: @unchecked Sendable {
    static let hmacSHA256 = MACTemplate("HMAC", digest: "SHA256", size: 32)
    static let hmacSHA384 = MACTemplate("HMAC", digest: "SHA384", size: 48)
    static let hmacSHA512 = MACTemplate("HMAC", digest: "SHA512", size: 64)

    private let context: OpaquePointer
    private let size: Int

    private init(_ name: String, digest: String, size: Int) {
        let mac = unsafe EVP_MAC_fetch(nil, name, nil)
        // The context holds its own reference.
        defer { unsafe EVP_MAC_free(mac) }
        guard let context = unsafe EVP_MAC_CTX_new(mac) else {
            cryptographyUnavailable("no MAC")
        }
        let isSet = unsafe COpenSSL_setMACDigest(context, digest)
        guard isSet == 1 else { cryptographyUnavailable("no MAC hash function") }
        unsafe self.context = context
        self.size = size
    }

    deinit {
        unsafe EVP_MAC_CTX_free(context)
    }

    func compute(key: Secret, _ octets: [UInt8]) -> [UInt8] {
        let copy = unsafe EVP_MAC_CTX_dup(context)
        // Freeing wipes the key that the copy holds.
        defer { unsafe EVP_MAC_CTX_free(copy) }
        var result = [UInt8](repeating: 0, count: size)
        var written = 0
        let isInitialized = unsafe key.withUnsafeOctets { key in
            unsafe EVP_MAC_init(copy, key.baseAddress, key.count, nil)
        }
        guard unsafe copy != nil, isInitialized == 1,
            unsafe EVP_MAC_update(copy, octets, octets.count) == 1,
            unsafe EVP_MAC_final(copy, &result, &written, result.count) == 1, written == size
        else { cryptographyUnavailable("MAC failed") }
        return result
    }
}
