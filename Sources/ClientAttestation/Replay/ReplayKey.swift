// SPDX-License-Identifier: Apache-2.0
// What makes two proofs the same for replay detection (RPL-02, RPL-05).

public import Cryptography
public import JOSE
import Octets

/// SHA-256 of the scope and the `jti` of a proof: the issuer it is for, the instance key that
/// signed it, its identifier. Never of the token: ECDSA signatures have two valid forms (RPL-05).
public struct ReplayKey: Sendable, Hashable {
    /// The 32 octets of the hash as four big-endian words.
    public let words: Digest.Words

    private static let proof = Array("abca-jti".utf8)
    private static let dpop = Array("abca-dpop".utf8)
    private static let challenge = Array("abca-chal".utf8)

    /// RPL-02: the key of the proof `jwtID` of the instance with this thumbprint at `issuer`.
    public init(issuer: [UInt8], thumbprint: JWKThumbprint, jwtID: [UInt8]) {
        words = Digest.sha256(
            framing: Self.proof[...], issuer[...], thumbprint.bytes[...], jwtID[...])
    }

    /// DPOP-12: the key of the DPoP proof `jwtID` made with the key of this thumbprint for `url`.
    public init(issuer: [UInt8], thumbprint: JWKThumbprint, url: TargetURI, jwtID: [UInt8]) {
        var scope = LengthPrefixed()
        scope.append(thumbprint.bytes)
        scope.append(url.octets)
        words = Digest.sha256(framing: Self.dpop[...], issuer[...], scope.bytes[...], jwtID[...])
    }

    /// CHAL-22: the key of the challenge with these random octets.
    init(issuer: [UInt8], challenge random: ArraySlice<UInt8>) {
        words = Digest.sha256(framing: Self.challenge[...], issuer[...], random)
    }

    /// The key of a value of another kind, told apart by `label`.
    init(label: String, issuer: [UInt8], _ scope: [UInt8], _ value: [UInt8]) {
        words = Digest.sha256(
            framing: Array(label.utf8)[...], issuer[...], scope[...], value[...])
    }

    /// The 32 octets, for a store outside the process.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return bytes
    }

    /// Equal hashes.
    public static func == (left: ReplayKey, right: ReplayKey) -> Bool { left.words == right.words }

    /// Feeds the hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}
