// SPDX-License-Identifier: Apache-2.0
// The replay set filled to its design size: time and memory of an entry.

import ClientAttestation
import JOSE
import Octets

/// Inserts distinct keys, none of which expires.
enum ReplayRun {
    struct Result {
        /// CPU microseconds of one insert, over all of them.
        let insert: Double
        /// The same for the last 100,000, into a set that is full.
        let last: Double
        /// Resident octets of one entry.
        let octets: Double
    }

    private static let batch = 100_000

    static func measure(entries: Int) throws -> Result {
        let now = Subject.now
        let store = MemoryReplayStore(capacity: entries, began: now - 1000)
        guard let thumbprint = JWKThumbprint(bytes: [UInt8](repeating: 7, count: 32)) else {
            throw Unusable(what: "thumbprint")
        }
        var keys = batchOfKeys(0, thumbprint)
        let before = Clock.resident()
        var (used, last) = (0.0, 0.0)
        for start in stride(from: 0, to: entries, by: batch) {
            if start > 0 { keys = batchOfKeys(start, thumbprint) }
            let begun = Clock.cpu()
            for key in keys {
                guard store.claimNow(key, until: now + 600, now: now) == .first else {
                    throw Unusable(what: "replay set")
                }
            }
            last = Clock.cpu() - begun
            used += last
        }
        return Result(
            insert: used / Double(entries), last: last / Double(batch),
            octets: (Clock.resident() - before) / Double(entries))
    }

    private static func batchOfKeys(_ start: Int, _ thumbprint: JWKThumbprint) -> [ReplayKey] {
        (start..<start + batch).map { number in
            var jwtID: [UInt8] = []
            jwtID.append(decimal: number)
            return ReplayKey(issuer: Subject.issuer, thumbprint: thumbprint, jwtID: jwtID)
        }
    }
}
