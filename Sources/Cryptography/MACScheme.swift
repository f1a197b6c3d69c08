// SPDX-License-Identifier: Apache-2.0
// HMAC as an algorithm for tokens, for attesters that share a secret (JOSE-17).

/// One row per HMAC of RFC 7518 section 3.2. No public key is ever a secret of these.
public enum MACScheme: Hashable, Sendable, CaseIterable {
    /// HMAC with SHA-256.
    case hs256
    /// HMAC with SHA-384.
    case hs384
    /// HMAC with SHA-512.
    case hs512

    /// The length of a tag, and the least length of a secret, in octets (JOSE-17).
    public var size: Int {
        switch self {
        case .hs256: 32
        case .hs384: 48
        case .hs512: 64
        }
    }

    /// The tag of `message` under a secret of any length.
    public func tag(key: Secret, _ message: [UInt8]) -> [UInt8] {
        switch self {
        case .hs256: HMAC.sha256(key: key, message)
        case .hs384: HMAC.sha384(key: key, message)
        case .hs512: HMAC.sha512(key: key, message)
        }
    }

    /// Whether `tag` is the whole tag of `message`. JOSE-17: a secret shorter than the tag verifies
    /// nothing. JOSE-25: compared in constant time.
    public func verify(tag: [UInt8], key: Secret, message: ArraySlice<UInt8>) -> Bool {
        guard key.count >= size else { return false }
        return ConstantTime.equal(self.tag(key: key, Array(message)), tag)
    }
}
