// SPDX-License-Identifier: Apache-2.0
// One part of the memory replay set: an open hash table of 16-octet entries with expiry.

/// Entries of 96 bits of keyed hash and 32 bits of expiry in one table with linear probing.
///
/// Expiries are seconds since the store's base. An entry is live up to and including its expiry;
/// after it, it only keeps probe chains together until it is swept or the table is rebuilt. A
/// live entry is never moved out (RPL-08).
struct ReplayShard {
    /// What a claim found.
    enum Outcome {
        case first
        case replayed
        case full
        case late
    }

    /// `high` is 64 bits of the hash, `low` 32 more above 32 bits of expiry; expiry 0 is a slot
    /// never used, expiry `swept` one whose entry is gone.
    private struct Slot {
        var high: UInt64 = 0
        var low: UInt64 = 0

        @inline(__always) var expiry: UInt32 { UInt32(truncatingIfNeeded: low) }
        @inline(__always) var isUnused: Bool { expiry == 0 }
        @inline(__always) var isSwept: Bool { expiry == ReplayShard.swept }
    }

    /// Expiries lie between the two marks.
    static let earliest: UInt32 = 1
    static let latest: UInt32 = .max - 1
    private static let swept: UInt32 = .max

    private var slots: [Slot] = []
    /// Slots that were ever used since the last rebuild, swept ones included.
    private var used = 0
    /// Entries not yet known to have expired.
    private(set) var occupied = 0
    /// The latest second any claim brought: what expired before it may be gone.
    private var horizon: UInt32 = 0
    private var cursor = 0

    /// Inserts the hash if absent. `reserve` is asked for room before an entry is added, and
    /// `release` told how many were given up; both count over all shards.
    mutating func claim(
        _ hash: (UInt64, UInt64), until expiry: UInt32, now: UInt32,
        reserve: () -> Bool, release: (Int) -> Void
    ) -> Outcome {
        horizon = max(horizon, now)
        // An equal key may have been held up to this very second and be forgotten already: a
        // claim that comes after its own expiry cannot be answered.
        guard expiry >= horizon else { return .late }
        release(sweep(slotCount: 8))
        makeRoom()
        let low = hash.1 & ~0xFFFF_FFFF
        var index = home(hash.0)
        var reusable: Int?
        while !slots[index].isUnused {
            let slot = slots[index]
            if slot.isSwept {
                reusable = reusable ?? index
            } else if slot.high == hash.0 && slot.low & ~0xFFFF_FFFF == low {
                if slot.expiry >= horizon { return .replayed }
                // The same key, expired: held again from now on.
                slots[index].low = low | UInt64(expiry)
                return .first
            }
            index = index + 1 == slots.count ? 0 : index + 1
        }
        if !reserve() {
            release(sweep(slotCount: 256))
            guard reserve() else { return .full }
        }
        if reusable == nil { used += 1 }
        slots[reusable ?? index] = Slot(high: hash.0, low: low | UInt64(expiry))
        occupied += 1
        return .first
    }

    /// Where the search for a hash begins: its high bits scaled to the table.
    @inline(__always)
    private func home(_ high: UInt64) -> Int {
        Int(high.multipliedFullWidth(by: UInt64(slots.count)).high)
    }

    /// Looks at the next slots in turn, marks those whose entry has expired, and says how many.
    private mutating func sweep(slotCount: Int) -> Int {
        var gone = 0
        for _ in 0..<min(slotCount, slots.count) {
            let slot = slots[cursor]
            if !slot.isUnused && !slot.isSwept && slot.expiry < horizon {
                slots[cursor] = Slot(high: 0, low: UInt64(Self.swept))
                gone += 1
            }
            cursor = cursor + 1 == slots.count ? 0 : cursor + 1
        }
        occupied -= gone
        return gone
    }

    /// Keeps a fifth of the table unused: rebuilds it without swept slots, larger by a quarter if
    /// entries alone fill 65 % of it, smaller if they fill less than an eighth. An entry thus
    /// costs 20 to 31 octets while the set grows or turns over.
    private mutating func makeRoom() {
        guard (used + 1) * 5 > slots.count * 4 else { return }
        var count = max(slots.count, 16)
        if (occupied + 1) * 20 > count * 13 { count += count / 4 }
        while count > 16 && (occupied + 1) * 8 < count { count /= 2 }
        let old = slots
        slots = Array(repeating: Slot(), count: count)
        used = occupied
        cursor = 0
        for slot in old where !slot.isUnused && !slot.isSwept {
            var index = home(slot.high)
            while !slots[index].isUnused { index = index + 1 == count ? 0 : index + 1 }
            slots[index] = slot
        }
    }
}
