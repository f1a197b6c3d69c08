// SPDX-License-Identifier: Apache-2.0
// The replay set of a single process: sharded, bounded, keyed, fails closed (RPL-03, -04, -08).

public import Octets
import Synchronization

/// Replay keys in memory. Begins empty, so it has a start fence (RPL-07).
///
/// A claim takes one lock among 64, held for one table probe and never across a suspension. An
/// entry takes 16 octets in a table about two thirds full; memory is claimed as
/// the set fills. Live entries are never evicted: a full set answers `full` (RPL-08).
public final class MemoryReplayStore: ReplayStore {
    /// RPL-07: the second in which the store began.
    public let fence: StartFence?
    /// The most entries held at once.
    public let capacity: Int

    private final class Part: Sendable {
        let shard = Guarded(ReplayShard())
    }

    private static let partCount = 64
    private let parts: [Part] = (0..<partCount).map { _ in Part() }
    private let hash = KeyedHash()
    private let held = Atomic<Int>(0)
    /// Expiries are counted from here.
    private let base: Int64

    /// An empty store. `began` is the security clock's second now; `bounds` what processes before
    /// this one may have accepted under wider windows.
    public init(capacity: Int, began: UnixTime, after bounds: ProofBounds? = nil) {
        self.capacity = capacity
        fence =
            bounds.map { StartFence(second: began, after: $0) } ?? StartFence(second: began)
        // A day before, so that a clock read just before the store was made still counts.
        base = (began - 86_400).seconds
    }

    /// Entries held, those that expired but were not yet swept included.
    public var count: Int { held.load(ordering: .relaxed) }

    /// RPL-03. Answers without suspending.
    public nonisolated(nonsending)
        func claim(_ key: ReplayKey, until: UnixTime, now: UnixTime) async -> ReplayClaim
    {
        claimNow(key, until: until, now: now)
    }

    /// RPL-03 and RPL-04: the claim itself. A claim that comes after `until` is `unavailable`:
    /// an equal key may have been held and forgotten, so there is no answer about it.
    public func claimNow(_ key: ReplayKey, until: UnixTime, now: UnixTime) -> ReplayClaim {
        guard let expiry = relative(until), let now = relative(now) else { return .unavailable }
        let hash = hash(key.words)
        // The lowest bits, which neither the place in a table nor the comparison uses.
        let part = parts[Int(truncatingIfNeeded: hash.1 & UInt64(Self.partCount - 1))]
        let outcome = part.shard.withLock { shard in
            shard.claim(
                hash, until: expiry, now: now, reserve: reserve,
                release: { held.subtract($0, ordering: .relaxed) })
        }
        switch outcome {
        case .first: return .first
        case .replayed: return .replayed
        case .full: return .full
        case .late: return .unavailable
        }
    }

    private func reserve() -> Bool {
        if held.add(1, ordering: .relaxed).newValue <= capacity { return true }
        held.subtract(1, ordering: .relaxed)
        return false
    }

    private func relative(_ time: UnixTime) -> UInt32? {
        let (seconds, overflow) = time.seconds.subtractingReportingOverflow(base)
        guard !overflow, let relative = UInt32(exactly: seconds),
            (ReplayShard.earliest...ReplayShard.latest).contains(relative)
        else { return nil }
        return relative
    }
}
