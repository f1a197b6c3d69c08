// SPDX-License-Identifier: Apache-2.0
// What identifies a person or an installation appears in the log under a key of the day (PRIV-02).

import Cryptography
import EventLoop
import Octets

/// HMAC-SHA-256 under a random key that lives one day, cut to 64 bits.
final class Pseudonyms: Sendable {
    private struct Day {
        var number: Int64
        var key: Secret
    }

    private static let secondsOfDay: Int64 = 86_400
    private let day = Guarded(Day(number: -1, key: Secret(Random.bytes(32))))

    /// The pseudonym of `value` for the day of `now`, 16 hexadecimal digits.
    func pseudonym(_ value: [UInt8], now: Int64) -> [UInt8] {
        let number = now / Self.secondsOfDay
        let key = day.withLock { day in
            if day.number != number { day = Day(number: number, key: Secret(Random.bytes(32))) }
            return day.key
        }
        return Hex.encode(Array(HMAC.sha256(key: key, value).prefix(8)))
    }
}
