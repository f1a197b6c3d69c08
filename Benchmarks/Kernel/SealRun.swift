// SPDX-License-Identifier: Apache-2.0
// A refresh token sealed and opened again, and the answer it comes in.

import ClientAttestation
import Octets

/// CPU microseconds of one operation each, the median of the rounds.
enum SealRun {
    struct Result {
        let seal: Double
        let open: Double
        /// One with an octet changed.
        let refuse: Double
        /// A token answer read, its refresh token sealed, the answer written.
        let answer: Double
    }

    static func measure(_ subject: Subject, rounds: Int, count: Int) throws -> Result {
        let holder = ArtifactHolder(try subject.request())
        let seal = ArtifactSeal(try MasterKeys(current: .generate(id: 7)), issuer: Subject.issuer)
        let token = Array("8xLOxBtZp8_tGzv3JOkF6XG5Qx2TlKWIA1b2c3d4e5f".utf8)
        let sealed = try seal.seal(token, as: .refreshToken, for: holder, issuedAt: Subject.now)
        var altered = sealed
        altered[40] = altered[40] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        let artifacts = try RequestArtifacts(
            opening: [(Array("grant_type".utf8), Array("authorization_code".utf8))], at: .token,
            from: .attested(holder), policy: ArtifactPolicy(), seal: seal)
        let facts = AnswerFacts(status: 200, contentTypes: [Array("application/json".utf8)])
        let body = Array(
            (#"{"access_token":"SlAV32hkKG8xLOxBtZp8_tGzv3JOkF6XG5Qx","token_type":"DPoP","#
                + #""expires_in":3600,"refresh_token":""#
                + String(decoding: token, as: UTF8.self) + #""}"#).utf8)
        return Result(
            seal: try median(rounds, count) {
                _ = try seal.seal(token, as: .refreshToken, for: holder, issuedAt: Subject.now)
            },
            open: try median(rounds, count) {
                _ = try seal.open(sealed, as: .refreshToken, for: holder)
            },
            refuse: try median(rounds, count) {
                if (try? seal.open(altered, as: .refreshToken, for: holder)) != nil {
                    throw Unusable(what: "seal")
                }
            },
            answer: try median(rounds, count) {
                _ = try artifacts.answer(body, facts, seal: seal, now: Subject.now)
            })
    }

    private static func median(
        _ rounds: Int, _ count: Int, _ body: () throws -> Void
    ) throws -> Double {
        var results: [Double] = []
        for round in -1..<rounds {
            let begun = Clock.cpu()
            for _ in 0..<count { try body() }
            // The first round only warms up.
            if round >= 0 { results.append((Clock.cpu() - begun) / Double(count)) }
        }
        return results.sorted()[rounds / 2]
    }
}
