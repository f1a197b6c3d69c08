// SPDX-License-Identifier: Apache-2.0
// CHAL-15 to CHAL-17, CHAL-21: nothing verifies that was not issued; and the master key file.

import ClientAttestation
import Octets

enum ChallengeTarget {
    private static let line = "attestgate-key-1 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"
    private static let keys: ChallengeKeys? = {
        guard let key = try? MasterKey(parsing: Array(line.utf8)),
            let master = try? MasterKeys(current: key)
        else { return nil }
        return ChallengeKeys(master, issuer: Array("https://as.example.com".utf8))
    }()
    private static let time = UnixTime(1_800_000_000)
    private static let purposes: [ChallengePurpose] = [.pop, .dpop, .any]
    private static let issued: [(purpose: ChallengePurpose, text: [UInt8])] = purposes.map {
        purpose in
        let random = (0..<16).map { UInt8($0) }
        return (purpose, keys?.issue(purpose, now: time, random: random) ?? [])
    }

    static func run(_ input: [UInt8], planted: Bool) throws(BrokenProperty) {
        guard let keys else { throw BrokenProperty(description: "the target has a key") }
        for purpose in purposes {
            let isOurs = issued.contains { $0.purpose == purpose && $0.text == input }
            for late in [Int64(0), 300] {
                let now = time + late
                let challenge = try? keys.verify(
                    input, accepting: [purpose], now: now, lifetime: 300, allowance: 0)
                try hold((challenge != nil) == isOurs, "verified if and only if issued")
                try hold(challenge == nil || challenge?.time == time, "the time is the issue's")
            }
            for late in [Int64(-1), 301] {
                let challenge = try? keys.verify(
                    input, accepting: [purpose], now: time + late, lifetime: 300, allowance: 0)
                try hold(challenge == nil, "outside its life nothing verifies")
            }
        }
        try checkMasterKey(input)
        if planted { try plantedCrash(input, keys) }
    }

    /// CFG-07: a key file has one text, its line end aside.
    private static func checkMasterKey(_ input: [UInt8]) throws(BrokenProperty) {
        guard let key = try? MasterKey(parsing: input) else { return }
        var text = input
        if text.last == 0x0A { text.removeLast() }
        if text.last == 0x0D { text.removeLast() }
        try hold(key.line == text + [0x0A], "a key file has one text")
    }

    /// Reached with the version, the length and a key ID that is none of ours.
    private static func plantedCrash(
        _ input: [UInt8], _ keys: ChallengeKeys
    ) throws(BrokenProperty) {
        do {
            _ = try keys.verify(
                input, accepting: [.pop], now: time, lifetime: 300, allowance: 0)
        } catch {
            guard error == .unknownKey, let octets = Base64URL.decode(input[1...]) else { return }
            try plant(octets[8...])
        }
    }
}
