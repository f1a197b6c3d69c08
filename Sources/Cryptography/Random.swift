// SPDX-License-Identifier: Apache-2.0
// Unpredictable octets.

internal import COpenSSL
import Octets

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

    /// `count` octets for challenges and nonces, which everybody may see: from a reserve that is
    /// drawn at once, since sixteen octets take OpenSSL nearly as long as a thousand. No octet is
    /// given out twice. Never for keys: the reserve lies in memory before it is used.
    public static func nonce(_ count: Int) -> [UInt8] {
        guard count <= reserveSize else { return bytes(count) }
        return reserve.withLock { reserve in
            if reserve.count < count { reserve = bytes(reserveSize) }
            defer { reserve.removeLast(count) }
            return Array(reserve.suffix(count))
        }
    }

    private static let reserveSize = 1024
    private static let reserve = Guarded<[UInt8]>([])

    /// `count` octets for values that stay secret. Wraps RAND_priv_bytes.
    public static func secret(_ count: Int) -> Secret {
        unsafe Secret(count: count) { octets in
            guard unsafe RAND_priv_bytes(octets.baseAddress, Int32(count)) == 1 else {
                cryptographyUnavailable("no random octets")
            }
        }
    }
}
