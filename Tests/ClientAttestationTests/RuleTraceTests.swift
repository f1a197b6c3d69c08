// SPDX-License-Identifier: Apache-2.0
// The trace of a run: what was judged, in which order, and where it ended.

import ClientAttestation
import Octets
import Testing

@Suite struct RuleTraceTests {
    static func trace(
        _ world: World, _ proof: [UInt8]?, dpop: [UInt8]? = nil, attestation: [UInt8]? = nil
    ) throws -> (RuleTrace, Refusal?) {
        let tokens = try PresentedTokens.read(
            attestation: [try attestation ?? world.attestationToken()],
            proof: proof.map { [$0] } ?? [], dpop: dpop.map { [$0] } ?? [])
        let trace = RuleTrace()
        let policy = try world.policy()
        do throws(Refusal) {
            _ = try Verifier.verify(
                tokens, RequestFacts(endpoint: .token, clientIDParameter: nil),
                policy: policy, cache: AttestationCache(capacity: 0), fence: nil,
                now: UnixTime(world.now), trace: trace)
            return (trace, nil)
        } catch {
            return (trace, error)
        }
    }

    @Test("ERR-12: in an accepted request every rule holds, attestation before proof before replay")
    func accepted() throws {
        let world = try World()
        let (trace, refusal) = try Self.trace(world, try world.proofToken())
        #expect(refusal == nil && trace.unannounced == nil)
        #expect(trace.entries.allSatisfy { $0.outcome == .passed })
        let order: [RuleID] = [.key(1), .att(3), .key(17), .key(3), .req(6), .att(10), .pop(1)]
        let rest: [RuleID] = [.pop(3), .pop(4), .pop(8), .req(12), .att(7), .chal(20), .rpl(7)]
        let places = (order + rest).map { rule in
            trace.entries.lastIndex { $0.rule == rule }
        }
        #expect(!places.contains(nil))
        #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted())
        #expect(trace.attesterID == "provider" && trace.attesterKeyID == octets("11"))
    }

    @Test("ERR-12: the trace ends with the rule that refused; what comes after was not reached")
    func refused() throws {
        let world = try World()
        let (trace, refusal) = try Self.trace(
            world, try world.proofToken(["aud": quoted("https://other.example.com")]))
        #expect(refusal?.rule == .pop(4))
        #expect(trace.entries.last?.rule == .pop(4))
        #expect(trace.entries.last?.outcome == .failed)
        #expect(trace.entries.filter { $0.outcome == .failed }.count == 1)
        #expect(!trace.entries.contains { $0.rule == .pop(5) || $0.rule == .req(12) })
    }

    @Test("JOSE-02: a token's own rules are told apart by the token")
    func roles() throws {
        let world = try World()
        var proof = try world.proofToken()
        proof[proof.count - 1] = UInt8(ascii: "=")
        let (trace, refusal) = try Self.trace(world, proof)
        #expect(refusal?.rule == .jose(2))
        let entries = trace.entries.filter { $0.rule == .jose(2) }
        #expect(entries.map(\.token) == [.attestation, .proof])
        #expect(entries.map(\.outcome) == [.passed, .failed])
        #expect(!trace.entries.contains { $0.rule == .jose(3) && $0.token == .proof })
    }

    @Test("REQ-06: a rule outside what was announced still ends the trace, and is noted")
    func unannounced() {
        let trace = RuleTrace()
        trace.begin(.att(1), .att(2))
        trace.finish(Refusal(.pop(1), .attestation))
        #expect(trace.unannounced == .pop(1))
        #expect(trace.entries.map(\.rule) == [.pop(1)])
    }
}
