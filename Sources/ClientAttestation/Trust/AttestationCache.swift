// SPDX-License-Identifier: Apache-2.0
// Verified attestations, kept so that a re-used one costs no second signature check (KEY-20).

import Cryptography
import Octets

/// The attestations one worker has verified, by AS and exact token octets, for one generation.
///
/// Only successes are stored, and only what the signature proved: whatever depends on time,
/// route, client or profile is judged anew at each hit. Not `Sendable`: it belongs to its worker.
public final class AttestationCache {
    struct Key: Hashable {
        private let words: Digest.Words

        /// SHA-256 of the length-prefixed AS and token: trust decided for one AS says nothing at
        /// another.
        init(issuer: [UInt8], token: [UInt8]) {
            words = Digest.sha256(framing: issuer[...], token[...])
        }

        static func == (left: Key, right: Key) -> Bool { left.words == right.words }

        func hash(into hasher: inout Hasher) {
            hasher.combine(words.0)
            hasher.combine(words.1)
        }
    }

    private struct Slot {
        var key: Key
        var attestation: VerifiedAttestation
        var generation: UInt64
        var wasUsed: Bool
    }

    /// The most attestations kept.
    public let capacity: Int
    /// How often a verified attestation was found.
    public private(set) var hits = 0
    /// How often none was found.
    public private(set) var misses = 0
    private var places: [Key: Int] = [:]
    private var slots: [Slot] = []
    private var hand = 0

    /// An empty cache of at most `capacity` attestations; 0 keeps none.
    public init(capacity: Int = 4096) {
        self.capacity = max(0, capacity)
    }

    /// The attestations kept.
    public var count: Int { slots.count }

    /// The attestation under `key`, if it was verified in this generation.
    func find(_ key: Key, generation: UInt64) -> VerifiedAttestation? {
        guard let place = places[key], slots[place].generation == generation else {
            misses += 1
            return nil
        }
        hits += 1
        slots[place].wasUsed = true
        return slots[place].attestation
    }

    /// Keeps `attestation`, in place of one not used since the hand last passed if full.
    func store(_ attestation: VerifiedAttestation, _ key: Key, generation: UInt64) {
        guard capacity > 0 else { return }
        let slot = Slot(
            key: key, attestation: attestation, generation: generation, wasUsed: false)
        if let place = places[key] {
            slots[place] = slot
        } else if slots.count < capacity {
            places[key] = slots.count
            slots.append(slot)
        } else {
            let place = victim(generation: generation)
            places[slots[place].key] = nil
            places[key] = place
            slots[place] = slot
        }
    }

    /// Second chance: the next slot of another generation, or not used since it was last passed.
    private func victim(generation: UInt64) -> Int {
        while true {
            let place = hand
            hand = hand + 1 == slots.count ? 0 : hand + 1
            if slots[place].generation != generation || !slots[place].wasUsed { return place }
            slots[place].wasUsed = false
        }
    }
}
