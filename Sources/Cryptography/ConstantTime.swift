// SPDX-License-Identifier: Apache-2.0
// Comparison whose time tells nothing about where two values differ (JOSE-25).

internal import COpenSSL

/// Comparisons of secrets, MACs and challenge tags.
public enum ConstantTime {
    /// JOSE-25: whether both are the same octets. The time depends on the lengths only, which are
    /// no secret. Wraps CRYPTO_memcmp.
    public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// JOSE-25: as for arrays.
    public static func equal(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }

    /// JOSE-25: as for arrays.
    public static func equal(_ left: Secret, _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe left.withUnsafeOctets { octets in
            unsafe CRYPTO_memcmp(octets.baseAddress, right, right.count) == 0
        }
    }
}
