// SPDX-License-Identifier: Apache-2.0
// Unpredictable octets.

internal import COpenSSL

/// The operating system's and OpenSSL's random numbers.
public enum Random {
    /// `count` octets for values that are published, such as nonces and identifiers. Stops the
    /// program rather than return predictable octets. Wraps RAND_bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_bytes(&octets, Int32(count)) == 1 else {
            cryptographyUnavailable("no random octets")
        }
        return octets
    }

    /// `count` octets for values that stay secret. Wraps RAND_priv_bytes.
    public static func secret(_ count: Int) -> Secret {
        unsafe Secret(count: count) { octets in
            guard unsafe RAND_priv_bytes(octets.baseAddress, Int32(count)) == 1 else {
                cryptographyUnavailable("no random octets")
            }
        }
    }
}
