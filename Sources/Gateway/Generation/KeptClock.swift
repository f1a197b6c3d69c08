// SPDX-License-Identifier: Apache-2.0
// What a process leaves behind for the one after it, however it ends: how late it was, and how far
// ahead the proofs may lie that it accepted (RPL-07, RPL-09).

import ClientAttestation
import EventLoop
public import Octets

/// The security clock's file. The start fence of the next process is as wide as the windows of
/// this one were, even if the configuration is narrower by then.
public final class KeptClock: Sendable {
    private enum Number: Int, CaseIterable {
        /// The security clock.
        case second
        /// How far ahead of it accepted proofs may lie (`ProofReach`).
        case issueReach, expiryReach
        /// What processes before this one may have accepted, as seconds of the clock.
        case latestIssue, latestExpiry
    }

    private let file: SharedNumbers
    /// The last second of the process before; 0 if there was none.
    public let second: UnixTime
    /// What that process, and those before it, may have accepted.
    let bounds: ProofBounds

    /// Opens or makes the file at `path`. Throws a sentence for the operator.
    public init(_ path: String) throws {
        let file = try SharedNumbers(path, count: Number.allCases.count)
        func kept(_ number: Number) -> Int64 { file[number.rawValue] }
        self.file = file
        let last = kept(.second)
        second = UnixTime(last)
        bounds = ProofBounds(
            latestIssue: UnixTime(max(kept(.latestIssue), last + kept(.issueReach))),
            latestExpiry: UnixTime(max(kept(.latestExpiry), last + kept(.expiryReach))))
        file.raise(Number.latestIssue.rawValue, to: bounds.latestIssue.seconds)
        file.raise(Number.latestExpiry.rawValue, to: bounds.latestExpiry.seconds)
    }

    /// RPL-09: keeps the clock's second before anything is judged by it.
    public func advance(to second: UnixTime) {
        file.raise(Number.second.rawValue, to: second.seconds)
    }

    /// Keeps how far ahead proofs may lie from now on, before any is accepted.
    func keep(_ reach: ProofReach) {
        file.store(reach.issue, at: Number.issueReach.rawValue)
        file.store(reach.expiry, at: Number.expiryReach.rawValue)
    }
}
