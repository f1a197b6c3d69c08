// SPDX-License-Identifier: Apache-2.0
// How much of the replay set one instance key may fill (RPL-13).

import JOSE
import Octets

/// At most so many live entries for one instance key at one AS, counted in a table of 1 MiB that
/// all workers share.
///
/// A key's debt is the time after which all it put into the set will have been paid for. An entry
/// that is held for r seconds costs 2 r / `perKey`, and a key's debt may not exceed r: half of
/// `perKey` at once, and as many again over r seconds, so never more than `perKey` at a time.
///
/// The table has 65,536 places in sets of eight. A place whose debt is paid is free. In a set
/// without a free one the key that owes least gives way: it gains what it owed, while a key at its
/// limit keeps its debt until seven others in the same set, which nobody can aim at, owe more.
/// Whoever is refused is refused for entries of its own key alone.
public struct InstanceBudget: Sendable {
    private let table: InstanceTable
    private let perKey: Int64

    /// An empty table and at most `perKey` live entries for a key; from 10 on.
    public init(perKey: Int) {
        self.init(InstanceTable(), perKey)
    }

    private init(_ table: InstanceTable, _ perKey: Int) {
        self.table = table
        self.perKey = Int64(max(2, perKey))
    }

    /// The same table with another limit.
    public func with(perKey: Int) -> InstanceBudget { InstanceBudget(table, perKey) }

    /// Charges the key for `entries` that are held for `lifetime` seconds; false, and no charge, if
    /// it may not have them now.
    func take(
        _ entries: Int, heldFor lifetime: Int64, by key: InstanceKey, now: UnixTime
    ) -> Bool {
        let place = table.place(of: key)
        let cost = cost(entries, lifetime)
        return table.shards[place.shard].set.withLock { set in
            set.take(
                cost, atMost: max(1, lifetime) * InstanceTable.second, place,
                now: now.seconds &* InstanceTable.second)
        }
    }

    /// Takes back the charge for `entries` that were not made.
    func giveBack(_ entries: Int, heldFor lifetime: Int64, by key: InstanceKey) {
        guard entries > 0 else { return }
        let place = table.place(of: key)
        let cost = cost(entries, lifetime)
        table.shards[place.shard].set.withLock { $0.giveBack(cost, place) }
    }

    private func cost(_ entries: Int, _ lifetime: Int64) -> Int64 {
        Int64(entries) * max(1, 2 * max(1, lifetime) * InstanceTable.second / perKey)
    }
}

/// An instance key at an AS, as far as counting needs it.
struct InstanceKey: Sendable {
    fileprivate let words: (UInt64, UInt64, UInt64, UInt64)

    init(issuer: [UInt8], thumbprint: JWKThumbprint) {
        func word(_ start: Int) -> UInt64 {
            thumbprint.bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        // FNV-1a. Three words of the thumbprint stand alone: no key can be made to meet another.
        let scope = issuer.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        words = (word(0), word(8), word(16), word(24) ^ scope)
    }
}

/// The debts of all keys.
private final class InstanceTable: Sendable {
    /// Debts are counted in microseconds.
    static let second: Int64 = 1_000_000

    struct Place {
        let shard: Int
        let first: Int
        let tag: UInt64
    }

    final class Shard: Sendable {
        let set = Guarded(InstanceShard())
    }

    let shards = (0..<64).map { _ in Shard() }
    private let hash = KeyedHash()

    func place(of key: InstanceKey) -> Place {
        let hash = hash(key.words)
        return Place(
            shard: Int(hash.1 & 63),
            first: Int(hash.1 >> 6 & UInt64(InstanceShard.sets - 1)) * InstanceShard.ways,
            tag: hash.0)
    }
}

/// One part of the table: sets of places, a key may have one in its own set.
private struct InstanceShard {
    static let sets = 128
    static let ways = 8

    struct Slot {
        var tag: UInt64 = 0
        /// When the key's debt is paid.
        var until: Int64 = .min
    }

    private var slots = Array(repeating: Slot(), count: sets * ways)

    mutating func take(
        _ cost: Int64, atMost limit: Int64, _ place: InstanceTable.Place, now: Int64
    ) -> Bool {
        let range = place.first..<place.first + Self.ways
        var index = place.first
        for candidate in range {
            if slots[candidate].tag == place.tag, slots[candidate].until > .min {
                let debt = max(slots[candidate].until, now) - now + cost
                guard debt <= limit else { return false }
                slots[candidate].until = now + debt
                return true
            }
            if slots[candidate].until < slots[index].until { index = candidate }
        }
        guard cost <= limit else { return false }
        slots[index] = Slot(tag: place.tag, until: now + cost)
        return true
    }

    mutating func giveBack(_ cost: Int64, _ place: InstanceTable.Place) {
        for index in place.first..<place.first + Self.ways
        where slots[index].tag == place.tag && slots[index].until > .min {
            slots[index].until -= cost
        }
    }
}
