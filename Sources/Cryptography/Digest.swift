// SPDX-License-Identifier: Apache-2.0
// SHA-2 over octets.

internal import COpenSSL

/// Hash functions. Each is fetched from OpenSSL once per process; a fetch costs more than a hash.
public enum Digest {
    /// The SHA-256 hash, 32 octets. Wraps EVP_Digest.
    public static func sha256(_ octets: [UInt8]) -> [UInt8] {
        FetchedDigest.sha256.hash(octets[...])
    }

    /// The SHA-256 hash of a slice, 32 octets.
    public static func sha256(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        FetchedDigest.sha256.hash(octets)
    }
}

/// One hash function of OpenSSL. EVP_MD is read only once it is fetched, so threads share it.
@safe final class FetchedDigest: @unchecked Sendable {
    static let sha256 = FetchedDigest("SHA256", size: 32)
    static let sha384 = FetchedDigest("SHA384", size: 48)
    static let sha512 = FetchedDigest("SHA512", size: 64)

    /// The length of a hash in octets.
    let size: Int
    let handle: OpaquePointer

    private init(_ name: String, size: Int) {
        guard let handle = unsafe EVP_MD_fetch(nil, name, nil),
            unsafe EVP_MD_get_size(handle) == size
        else { cryptographyUnavailable("no hash function") }
        self.size = size
        unsafe self.handle = handle
    }

    deinit {
        unsafe EVP_MD_free(handle)
    }

    func hash(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: size)
        let done = unsafe octets.withUnsafeBytes { input in
            unsafe EVP_Digest(input.baseAddress, input.count, &result, nil, handle, nil)
        }
        guard done == 1 else { cryptographyUnavailable("hashing failed") }
        return result
    }
}
