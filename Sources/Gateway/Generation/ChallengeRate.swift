// SPDX-License-Identifier: Apache-2.0
// How often one source may ask for a challenge (CHAL-13).

import Octets

/// Counts requests by source address within each second; shared by all workers.
final class ChallengeRate: Sendable {
    private struct Window {
        var second: UnixTime
        var counts: [[UInt8]: Int]
    }

    /// Sources counted within one second. Beyond it new ones pass uncounted: a challenge costs one
    /// HMAC, refusing strangers would cost them their login.
    private static let sources = 65_536

    private let perSecond: Int
    private let window = Guarded(Window(second: UnixTime(0), counts: [:]))

    init(perSecond: Int) {
        self.perSecond = perSecond
    }

    /// The counter for `perSecond`: `previous` goes on counting unless the rate changed.
    static func following(_ previous: ChallengeRate?, perSecond: Int?) -> ChallengeRate? {
        guard let perSecond else { return nil }
        if let previous, previous.perSecond == perSecond { return previous }
        return ChallengeRate(perSecond: perSecond)
    }

    /// Whether `address` is within its rate; counts the request. An IPv6 source is its /64: a
    /// single host has that many addresses.
    func admits(_ address: [UInt8], now: UnixTime) -> Bool {
        let source = address.count == 16 ? Array(address.prefix(8)) : address
        return window.withLock { window in
            if window.second != now {
                window.second = now
                window.counts.removeAll(keepingCapacity: true)
            }
            let count = window.counts[source, default: 0]
            if count >= perSecond { return false }
            if count > 0 || window.counts.count < Self.sources { window.counts[source] = count + 1 }
            return true
        }
    }
}
