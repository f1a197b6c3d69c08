// SPDX-License-Identifier: Apache-2.0
// SHA-2 over octets.

/// Hash functions. Each is fetched from OpenSSL once per process; a fetch costs more than a hash.
public enum Digest {
    /// A SHA-256 hash as four big-endian words: a key for tables, without an array.
    public typealias Words = (UInt64, UInt64, UInt64, UInt64)

    /// The SHA-256 hash, 32 octets. Wraps EVP_Digest.
    public static func sha256(_ octets: [UInt8]) -> [UInt8] {
        FetchedDigest.sha256.hash(octets[...])
    }

    /// The SHA-256 hash of a slice, 32 octets.
    public static func sha256(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        FetchedDigest.sha256.hash(octets)
    }

    /// The SHA-256 hash of two to four fields, each behind its length as in `LengthPrefixed`, and
    /// never put together in memory. A field of 4 GiB or more is a programmer error.
    public static func sha256(
        framing first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>,
        _ third: ArraySlice<UInt8>? = nil, _ fourth: ArraySlice<UInt8>? = nil
    ) -> Words {
        FetchedDigest.sha256.framed(first, second, third, fourth)
    }
}
