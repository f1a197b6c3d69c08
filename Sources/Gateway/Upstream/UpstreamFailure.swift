// SPDX-License-Identifier: Apache-2.0
// What can go wrong on the way to the AS and back, and what the client hears of it (ERR-11).

import ClientAttestation
import EventLoop
import Octets

/// Why there is no usable answer of the AS.
enum UpstreamFailure: Error, Equatable {
    /// No connection to any of its addresses, or none free within the deadline.
    case unreachable
    /// No answer in time.
    case timedOut
    /// The connection broke before the answer was whole.
    case broken
    /// The answer is no strict HTTP (HTTP-13).
    case malformed(RuleID)

    init(_ error: StreamError) {
        self = error == .timedOut ? .timedOut : .broken
    }

    /// 502 or 504. A POST is never sent a second time: codes and rotated tokens are single-use.
    var refusal: Refusal {
        switch self {
        case .unreachable, .broken: Refusal(.err(11), .upstream)
        case .timedOut: Refusal(.err(11), .upstreamTimeout)
        case .malformed(let rule): Refusal(rule, .upstream)
        }
    }
}
