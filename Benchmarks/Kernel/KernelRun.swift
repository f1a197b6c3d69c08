// SPDX-License-Identifier: Apache-2.0
// The kernel over distinct proofs, beside bare signature checks in the same moments.

import Bare
import ClientAttestation
import JOSE
import Octets

/// Steps 6 to 12 of one request: from header values to a claimed proof. The attestation is cached,
/// as it is for all but the first request of an instance.
enum KernelRun {
    struct Result {
        /// CPU microseconds of one request, its signature check included.
        let whole: Double
        /// CPU microseconds of one bare check of the same algorithm.
        let bare: Double
        var kernel: Double { whole - bare }
    }

    /// RPL-13, counted as in the gateway, with room for all the proofs of the one instance.
    private static let budget = InstanceBudget(perKey: 1_000_000_000)

    /// The round whose difference is the median of `rounds`.
    static func measure(
        _ subject: Subject, rounds: Int, requests: Int
    ) async throws -> Result {
        guard let bare = bare_new(subject.algorithm.rawValue) else { throw Unusable(what: "bare") }
        let proofs = try subject.proofs(requests)
        let cache = AttestationCache()
        var results: [Result] = []
        for round in -1..<rounds {
            let store = MemoryReplayStore(capacity: 1 << 20, began: Subject.now - 1000)
            let before = bare_verify(bare, Int32(requests / 2))
            let whole = try await serve(proofs, subject, cache, store)
            let after = bare_verify(bare, Int32(requests / 2))
            guard before > 0, after > 0 else { throw Unusable(what: "bare check") }
            // The first round only warms up.
            if round < 0 { continue }
            results.append(Result(whole: whole, bare: (before + after) / 2 / 1000))
        }
        return results.sorted { $0.kernel < $1.kernel }[rounds / 2]
    }

    private static func serve(
        _ proofs: [[UInt8]], _ subject: Subject, _ cache: AttestationCache,
        _ store: MemoryReplayStore
    ) async throws -> Double {
        let start = Clock.cpu()
        for proof in proofs {
            let tokens = try PresentedTokens.read(
                attestation: [subject.attestation], proof: subject.isCombined ? [] : [proof],
                dpop: subject.isCombined ? [proof] : [])
            let facts = RequestFacts(endpoint: .token, clientIDParameter: nil)
            let request = try Verifier.verify(
                tokens, facts, policy: subject.policy, cache: cache, fence: store.fence,
                now: Subject.now)
            _ = try await request.claim(in: store, budget: budget, now: Subject.now)
        }
        return (Clock.cpu() - start) / Double(proofs.count)
    }
}
