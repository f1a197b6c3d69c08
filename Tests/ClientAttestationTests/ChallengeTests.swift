// SPDX-License-Identifier: Apache-2.0
// CHAL-06, CHAL-15 to CHAL-24, POP-13, POP-14, LB-03, CFG-07: challenges, nonces, their keys.

import ClientAttestation
import Cryptography
import Octets
import Testing

@Suite("Challenge values")
struct ChallengeValueTests {
    static let now = UnixTime(1_800_000_000)

    static func keys(_ issuer: String = World.issuer) throws -> ChallengeKeys {
        ChallengeKeys(try MasterKeys(current: .generate(id: 3)), issuer: octets(issuer))
    }

    static func fault(
        _ keys: ChallengeKeys, _ text: [UInt8], _ purposes: [ChallengePurpose] = [.pop],
        now: UnixTime = now, allowance: Int64 = 0
    ) -> ChallengeFault? {
        do {
            _ = try keys.verify(
                text, accepting: purposes, now: now, lifetime: 300, allowance: allowance)
            return nil
        } catch {
            return error
        }
    }

    @Test("CHAL-15: 55 characters, the first a letter, the rest of the base64url alphabet")
    func alphabet() throws {
        let keys = try Self.keys()
        for time: Int64 in [0, 1, 1_800_000_000, 253_402_300_799] {
            let value = keys.issue(now: UnixTime(time))
            #expect(value.count == 55)
            #expect(value.first == UInt8(ascii: "c"))
            #expect(
                value.allSatisfy {
                    ASCII.isAlpha($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "-")
                        || $0 == UInt8(ascii: "_")
                })
        }
    }

    @Test("CHAL-16: version, key ID, time, 16 random octets and a 16-octet tag over all of it")
    func construction() throws {
        let line = octets("attestgate-key-1 7 \(String(repeating: "A", count: 42))E\n")
        let master = try MasterKeys(current: MasterKey(parsing: line))
        let keys = ChallengeKeys(master, issuer: octets("https://x/"))
        let random: [UInt8] = Array(0..<16)
        let text = keys.issue(now: UnixTime(0x0102_0304_0506), random: random)
        let value = try #require(Base64URL.decode(text[1...]))
        #expect(Array(value[..<24]) == [1, 7, 1, 2, 3, 4, 5, 6] + random)

        let secret = Secret([UInt8](repeating: 0, count: 31) + [1])
        var info = LengthPrefixed()
        info.append("abca-challenge")
        info.append(octets("https://x/"))
        let subkey = HKDF.sha256(key: secret, salt: [], info: info.bytes, count: 32)
        var fields = LengthPrefixed()
        fields.append(octet: 1)
        fields.append(octet: 7)
        fields.append([1, 2, 3, 4, 5, 6])
        fields.append(random)
        fields.append(octets("https://x/"))
        fields.append("pop")
        #expect(Array(value[24...]) == Array(HMAC.sha256(key: subkey, fields.bytes)[..<16]))
    }

    @Test("CHAL-16: two values of one second differ")
    func random() throws {
        let keys = try Self.keys()
        #expect(keys.issue(now: Self.now) != keys.issue(now: Self.now))
    }

    @Test("CHAL-16: issuer and purpose cannot run into each other")
    func framing() throws {
        let master = try MasterKeys(current: .generate(id: 3))
        let one = ChallengeKeys(master, issuer: octets("https://x/d"))
        let other = ChallengeKeys(master, issuer: octets("https://x/"))
        #expect(Self.fault(other, one.issue(.pop, now: Self.now), [.dpop]) == .forged)
        #expect(Self.fault(other, one.issue(.pop, now: Self.now), [.pop]) == .forged)
        #expect(Self.fault(one, one.issue(.pop, now: Self.now)) == nil)
    }

    @Test("CHAL-17: a value for DPoP is no challenge for proofs; `any` is where it is accepted")
    func purposes() throws {
        let keys = try Self.keys()
        #expect(Self.fault(keys, keys.issue(.dpop, now: Self.now)) == .forged)
        #expect(Self.fault(keys, keys.issue(.any, now: Self.now)) == .forged)
        #expect(Self.fault(keys, keys.issue(.any, now: Self.now), [.pop, .any]) == nil)
        #expect(Self.fault(keys, keys.issue(.pop, now: Self.now), [.pop, .any]) == nil)
        #expect(Self.fault(keys, keys.issue(.pop, now: Self.now), []) == .forged)
    }

    @Test("CHAL-21: alive from its second to the end of its lifetime, and no second longer")
    func age() throws {
        let keys = try Self.keys()
        let value = keys.issue(now: Self.now)
        #expect(Self.fault(keys, value, now: Self.now) == nil)
        #expect(Self.fault(keys, value, now: Self.now + 300) == nil)
        #expect(Self.fault(keys, value, now: Self.now + 301) == .expired)
        #expect(Self.fault(keys, value, now: Self.now - 1) == .early)
        #expect(Self.fault(keys, value, now: Self.now - 5, allowance: 5) == nil)
        #expect(Self.fault(keys, value, now: Self.now - 6, allowance: 5) == .early)
    }

    @Test("CHAL-21, JOSE-25: any changed character is refused, the last one included")
    func tampered() throws {
        let keys = try Self.keys()
        let value = keys.issue(now: Self.now)
        for index in value.indices {
            #expect(Self.fault(keys, altered(value, at: index)) != nil, "character \(index)")
        }
        for octet in value.indices.dropFirst() {
            var text = value
            text[octet] = UInt8(ascii: "=")
            #expect(Self.fault(keys, text) == .malformed)
        }
    }

    @Test("CHAL-21: empty, short, long and foreign values are refused")
    func malformed() throws {
        let keys = try Self.keys()
        let value = keys.issue(now: Self.now)
        #expect(Self.fault(keys, []) == .malformed)
        #expect(Self.fault(keys, Array(value.dropLast())) == .malformed)
        #expect(Self.fault(keys, value + [65]) == .malformed)
        #expect(Self.fault(keys, [UInt8](repeating: 99, count: 1024)) == .malformed)
        #expect(Self.fault(keys, [UInt8(ascii: "d")] + value.dropFirst()) == .malformed)
        #expect(Self.fault(try Self.keys(), value) == .forged)
    }

    @Test("CHAL-15, CHAL-21: a value of another version is not looked at any further")
    func version() throws {
        let keys = try Self.keys()
        var octets = try #require(Base64URL.decode(keys.issue(now: Self.now)[1...]))
        octets[0] = 2
        #expect(Self.fault(keys, [UInt8(ascii: "c")] + Base64URL.encode(octets)) == .malformed)
    }

    @Test("CHAL-21, LB-03: current and previous keys are accepted, a retired one is not")
    func rotation() throws {
        let old = MasterKey.generate(id: 1)
        let new = MasterKey.generate(id: 2)
        let issuer = octets(World.issuer)
        let value = ChallengeKeys(try MasterKeys(current: old), issuer: issuer)
            .issue(now: Self.now)
        let rotated = ChallengeKeys(
            try MasterKeys(current: new, previous: [old]), issuer: issuer)
        #expect(Self.fault(rotated, value) == nil)
        let retired = ChallengeKeys(try MasterKeys(current: new), issuer: issuer)
        #expect(Self.fault(retired, value) == .unknownKey)
        // What is new is made with the current key.
        #expect(Self.fault(retired, rotated.issue(now: Self.now)) == nil)
    }
}

@Suite("Master keys")
struct MasterKeyTests {
    static let key = String(repeating: "A", count: 43)

    static func fault(_ file: String) -> MasterKeyError? {
        do {
            _ = try MasterKey(parsing: octets(file))
            return nil
        } catch {
            return error
        }
    }

    @Test("CFG-07: a key file is one line with version, ID and 32 octets")
    func lines() {
        #expect(Self.fault("attestgate-key-1 0 \(Self.key)\n") == nil)
        #expect(Self.fault("attestgate-key-1 255 \(Self.key)\r\n") == nil)
        #expect(Self.fault("attestgate-key-1 7 \(Self.key)") == nil)
        for file in [
            "", "\n", Self.key, "attestgate-key-2 7 \(Self.key)", "attestgate-key-1 7",
            "attestgate-key-1 7 \(Self.key) x", "attestgate-key-1  7 \(Self.key)",
            " attestgate-key-1 7 \(Self.key)",
        ] {
            #expect(Self.fault(file) == .notAKeyLine, "\(file)")
        }
        for id in ["256", "-1", "+1", "07", "x", "", "1e1", "00000000000000000007"] {
            #expect(Self.fault("attestgate-key-1 \(id) \(Self.key)\n") == .badID, "\(id)")
        }
    }

    @Test("CFG-07: fewer or more than 32 octets, or another text of them, are refused")
    func lengths() {
        let texts = [
            "", String(repeating: "A", count: 42), String(repeating: "A", count: 44),
            String(repeating: "A", count: 42) + "B", String(repeating: "A", count: 43) + "=",
            String(repeating: "+", count: 43), String(repeating: "A", count: 43) + "\n",
        ]
        for text in texts {
            #expect(Self.fault("attestgate-key-1 7 \(text)\n") == .badKey, "\(text)")
        }
    }

    @Test("CFG-07: two keys with one ID, and one key with two IDs, are refused")
    func sets() throws {
        let one = MasterKey.generate(id: 1)
        #expect(throws: MasterKeyError.sameID(1)) {
            try MasterKeys(current: one, previous: [.generate(id: 1)])
        }
        let line = String(decoding: one.line, as: UTF8.self)
        let copy = try MasterKey(
            parsing: octets(line.replacing("key-1 1 ", with: "key-1 2 ")))
        #expect(throws: MasterKeyError.sameKey(1, 2)) {
            try MasterKeys(current: one, previous: [copy])
        }
        _ = try MasterKeys(current: one, previous: [.generate(id: 2), .generate(id: 3)])
    }

    @Test("CFG-07: a generated key survives its own line")
    func roundTrip() throws {
        let key = MasterKey.generate(id: 200)
        let copy = try MasterKey(parsing: key.line)
        let issuer = octets(World.issuer)
        let value = ChallengeKeys(try MasterKeys(current: key), issuer: issuer)
            .issue(now: UnixTime(5))
        _ = try ChallengeKeys(try MasterKeys(current: copy), issuer: issuer).verify(
            value, accepting: [.pop], now: UnixTime(5), lifetime: 1, allowance: 0)
        #expect(key.line.last == 0x0A)
    }
}

@Suite("Challenge rules")
struct ChallengeRuleTests {
    @Test("CHAL-20: required, optional and off")
    func modes() throws {
        var world = try World([.abca11], .required)
        let attestation = try world.attestationToken()
        refused(.chal(20), .challenge) { try world.verify(attestation, world.proofToken()) }
        try world.verify(
            attestation, world.proofToken(["challenge": world.challengeJSON()]))

        world.challenge.mode = .optional
        try world.verify(attestation, world.proofToken())
        refused(.chal(21), .challenge) {
            try world.verify(attestation, world.proofToken(["challenge": quoted("x")]))
        }

        world.challenge.mode = .off
        try world.verify(attestation, world.proofToken())
        try world.verify(attestation, world.proofToken(["challenge": quoted("x")]))
    }

    @Test("CHAL-20: required at every endpoint")
    func endpoints() throws {
        let world = try World([.abca11], .required)
        let attestation = try world.attestationToken()
        for endpoint in ProtectedEndpoint.allCases {
            refused(.chal(20), .challenge) {
                try world.verify(attestation, world.proofToken(), at: endpoint)
            }
        }
    }

    @Test("CHAL-21: expired, from the future, of another AS, made up or empty")
    func invalid() throws {
        var world = try World([.abca11], .required)
        let attestation = try world.attestationToken()
        var other = world
        other.issuer = "https://two.example.com"
        for value in [
            world.challengeJSON(at: world.now - 301), world.challengeJSON(at: world.now + 1),
            other.challengeJSON(), quoted("made-up"), quoted(""), world.challengeJSON(.dpop),
            world.challengeJSON(.any),
        ] {
            refused(.chal(21), .challenge) {
                try world.verify(attestation, world.proofToken(["challenge": value]))
            }
        }
        try world.verify(
            attestation, world.proofToken(["challenge": world.challengeJSON(at: world.now - 300)]))
        let ahead = world.challengeJSON(at: world.now + 5)
        world.challenge.clockAllowance = 5
        try world.verify(attestation, world.proofToken(["challenge": ahead]))
    }

    @Test("CHAL-24: no challenge is asked for before both signatures and the claims hold")
    func noOracle() throws {
        let world = try World([.abca11], .required)
        let attestation = try world.attestationToken()
        refused(.jose(1)) { try world.verify(attestation, octets("garbage")) }
        refused(.pop(3)) { try world.verify(attestation, world.proofToken(by: TestKey())) }
        refused(.att(3)) {
            try world.verify(world.attestationToken(by: TestKey("11")), world.proofToken())
        }
        refused(.pop(8)) {
            try world.verify(attestation, world.proofToken(["iat": "\(world.now - 600)"]))
        }
    }

    @Test(
        "POP-13: a challenge that is no string",
        arguments: ["7", "[\"x\"]", "{}", "null", "true"])
    func challengeType(value: String) throws {
        var world = try World([.abca11], .optional)
        let attestation = try world.attestationToken()
        refused(.pop(13), .challenge) {
            try world.verify(attestation, world.proofToken(["challenge": value]))
        }
        // Nobody is served a fresh one: a plain fault of the proof.
        world.challenge.mode = .off
        refused(.pop(13), .attestation) {
            try world.verify(attestation, world.proofToken(["challenge": value]))
        }
    }

    @Test("POP-14: nonce is the freshness claim by flag only")
    func nonceClaim() throws {
        var world = try World([.abca11], .required)
        let attestation = try world.attestationToken()
        let nonce: Edits = ["nonce": world.challengeJSON()]
        refused(.chal(20), .challenge) { try world.verify(attestation, world.proofToken(nonce)) }
        // An alias that the profile does not allow stays off.
        world.proof.acceptsNonceAlias = true
        refused(.chal(20), .challenge) { try world.verify(attestation, world.proofToken(nonce)) }
        world.profiles = [.abca08]
        try world.verify(attestation, world.proofToken(nonce))
        world.proof.acceptsNonceAlias = false
        refused(.chal(20), .challenge) { try world.verify(attestation, world.proofToken(nonce)) }
    }

    @Test("POP-14: nonce and challenge together must be equal where both can count")
    func bothClaims() throws {
        let world = try World([.abca05, .abca11], .required)
        let attestation = try world.attestationToken()
        let one = world.challengeJSON()
        let other = world.challengeJSON()
        try world.verify(attestation, world.proofToken(["nonce": one, "challenge": one]))
        refused(.pop(14), .challenge) {
            try world.verify(attestation, world.proofToken(["nonce": other, "challenge": one]))
        }
        refused(.pop(14), .challenge) {
            try world.verify(attestation, world.proofToken(["nonce": "7", "challenge": "7"]))
        }
        // In revision 11 alone, nonce is any unknown claim.
        let strict = try World([.abca11], .required)
        try strict.verify(
            strict.attestationToken(),
            strict.proofToken(["nonce": "7", "challenge": strict.challengeJSON()]))
    }

    @Test("CHAL-06: revision 05 requires the nonce at the listed endpoints")
    func nonceRequired() throws {
        let world = try World([.abca05])
        let attestation = try world.attestationToken()
        let listed: [ProtectedEndpoint] = [.token, .pushedAuthorizationRequest]
        for endpoint in ProtectedEndpoint.allCases {
            let bare = try world.proofToken(world.revision05())
            if listed.contains(endpoint) {
                refused(.chal(6), .nonce) { try world.verify(attestation, bare, at: endpoint) }
            } else {
                try world.verify(attestation, bare, at: endpoint)
            }
            try world.verify(
                attestation, world.proofToken(world.revision05(nonce: world.challengeJSON())),
                at: endpoint)
        }
    }

    @Test("CHAL-06, CHAL-07: a nonce that is old, of another AS, or some other artifact")
    func nonceInvalid() throws {
        let world = try World([.abca05])
        let attestation = try world.attestationToken()
        var other = world
        other.issuer = "https://two.example.com"
        for nonce in [
            world.challengeJSON(at: world.now - 301), other.challengeJSON(),
            quoted("SplxlOBeZQQYbYS6WxSbIA"),
        ] {
            refused(.chal(21), .nonce) {
                try world.verify(attestation, world.proofToken(world.revision05(nonce: nonce)))
            }
        }
    }

    @Test("CHAL-06: a nonce from one endpoint is good at another")
    func nonceNotBound() throws {
        let world = try World([.abca05])
        let attestation = try world.attestationToken()
        let nonce = world.challengeJSON()
        for endpoint in [ProtectedEndpoint.token, .pushedAuthorizationRequest] {
            try world.verify(
                attestation, world.proofToken(world.revision05(nonce: nonce)), at: endpoint)
        }
    }

    @Test("CHAL-17: `any` is accepted only where revision 09 is enabled")
    func anyPurpose() throws {
        var world = try DPoPTests.world([.abca09], .required)
        let attestation = try world.attestationToken()
        let proof = try world.proofToken(["challenge": world.challengeJSON(.any)])
        try world.verify(attestation, proof)
        world.profiles = [.abca11]
        refused(.chal(21), .challenge) { try world.verify(attestation, proof) }
    }
}
