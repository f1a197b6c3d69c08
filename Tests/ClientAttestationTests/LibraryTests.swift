// SPDX-License-Identifier: Apache-2.0
// The library's one object under policies that its documentation's example does not have.

import ClientAttestation
import Octets
import Synchronization
import Testing

@Suite("ClientAuthenticator")
struct LibraryTests {
    private final class Clock: Sendable {
        let second: Atomic<Int64>

        init(_ second: Int64) { self.second = Atomic(second) }
    }

    @Test("RPL-07: the start fence includes clocks that may be ahead")
    func clocksAhead() throws {
        var world = try World([.abca11], .required)
        world.challenge.clockAllowance = 5
        let policy = try world.policy()
        let start = world.now
        let clock = Clock(start - 1000)
        func started() -> ClientAuthenticator {
            ClientAuthenticator(policy: policy) { clock.second.load(ordering: .relaxed) }
        }
        let first = started()
        clock.second.store(start, ordering: .relaxed)
        // The challenge is of another instance.
        let challenge = world.challengeJSON(at: start + 4)
        let attestation = try String(decoding: world.attestationToken(), as: UTF8.self)
        let proof = try String(
            decoding: world.proofToken(["challenge": challenge]), as: UTF8.self)
        _ = try first.authenticate(attestation: [attestation], proof: [proof])
        let second = started()
        for seconds in 0...400 as ClosedRange<Int64> {
            clock.second.store(start + seconds, ordering: .relaxed)
            #expect(throws: Refusal.self) {
                try second.authenticate(attestation: [attestation], proof: [proof])
            }
        }
    }
}
