// SPDX-License-Identifier: Apache-2.0
// SipHash-2-4 with 128-bit output: spreads replay keys so that no client can aim at a slot.

import Cryptography

/// A hash under a random key of this process. Replay keys are hashes of what clients choose, and
/// a client could search for values that fall into one place of a table; under a key it does not
/// know it cannot.
struct KeyedHash: Sendable {
    private let k0: UInt64
    private let k1: UInt64

    /// A new random key.
    init() {
        let key = Random.bytes(16)
        self.init(
            k0: key[..<8].reduce(0) { $0 << 8 | UInt64($1) },
            k1: key[8...].reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// A given key, for the test vectors.
    init(k0: UInt64, k1: UInt64) {
        self.k0 = k0
        self.k1 = k1
    }

    /// SipHash-2-4-128 of the four words, each as eight little-endian octets.
    func callAsFunction(_ words: (UInt64, UInt64, UInt64, UInt64)) -> (UInt64, UInt64) {
        var state = SipState(k0: k0, k1: k1)
        state.absorb(words.0)
        state.absorb(words.1)
        state.absorb(words.2)
        state.absorb(words.3)
        state.absorb(32 << 56)
        return state.finish()
    }
}

private struct SipState {
    var v0: UInt64
    var v1: UInt64
    var v2: UInt64
    var v3: UInt64

    init(k0: UInt64, k1: UInt64) {
        v0 = k0 ^ 0x736f_6d65_7073_6575
        v1 = k1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
        v2 = k0 ^ 0x6c79_6765_6e65_7261
        v3 = k1 ^ 0x7465_6462_7974_6573
    }

    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    mutating func finish() -> (UInt64, UInt64) {
        v2 ^= 0xee
        for _ in 0..<4 { round() }
        let first = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        for _ in 0..<4 { round() }
        return (first, v0 ^ v1 ^ v2 ^ v3)
    }

    @inline(__always)
    private mutating func round() {
        v0 = v0 &+ v1
        v1 = rotated(v1, 13) ^ v0
        v0 = rotated(v0, 32)
        v2 = v2 &+ v3
        v3 = rotated(v3, 16) ^ v2
        v0 = v0 &+ v3
        v3 = rotated(v3, 21) ^ v0
        v2 = v2 &+ v1
        v1 = rotated(v1, 17) ^ v2
        v2 = rotated(v2, 32)
    }

    @inline(__always)
    private func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word << bits | word >> (64 - bits)
    }
}
