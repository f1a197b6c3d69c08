// SPDX-License-Identifier: Apache-2.0
// Exact comparisons of claims' times with the security clock's whole seconds (JOSE-21).

import JOSE
import Octets

extension NumericDate {
    /// The next whole second, for retention.
    var ceiling: UnixTime { hasFraction ? UnixTime(seconds) + 1 : UnixTime(seconds) }

    /// `now < self + slack`, exactly: for `exp`.
    func isAfter(_ now: UnixTime, slack: Int64) -> Bool {
        isLater(than: now - slack)
    }

    /// `self <= bound`, exactly.
    func isAtMost(_ bound: UnixTime) -> Bool {
        floor < bound || (floor == bound && !hasFraction)
    }
}
