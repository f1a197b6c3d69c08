// SPDX-License-Identifier: Apache-2.0
// BIND-10: the AS's PKCE check made to depend on client and instance key.

import Cryptography
import Octets
import Testing

@testable import ClientAttestation

@Suite("PKCE re-keying")
struct PKCERekeyTests {
    private static let verifier = octets(SealedVectors.verifier)
    private static let pushed = PushedChallenge(
        challenge: octets(SealedVectors.challenge), method: octets("S256"), hasRequestObject: false)

    private func rekey(_ master: MasterKeys? = nil, issuer: String = World.issuer) throws
        -> PKCERekey
    {
        let key = try MasterKey(parsing: octets("attestgate-key-1 167 \(SealedVectors.masterKey)"))
        return PKCERekey(try master ?? MasterKeys(current: key), issuer: octets(issuer))
    }

    /// What an AS that enforces PKCE compares.
    private func passes(_ challenge: [UInt8], _ verifier: [UInt8]) -> Bool {
        Base64URL.encode(Digest.sha256(verifier)) == challenge
    }

    @Test("BIND-10: challenge and verifier become what an independent program makes of them")
    func vectors() throws {
        let rekey = try rekey()
        let holder = try SealingWorld.holder()
        let challenge = try rekey.challenge(replacing: Self.pushed, for: holder)
        let verifier = try rekey.verifier(replacing: Self.verifier, for: holder)
        #expect(text(challenge) == SealedVectors.newChallenge)
        #expect(text(verifier) == SealedVectors.newVerifier)
        #expect(passes(challenge, verifier))
        let none = PushedChallenge(challenge: nil, method: nil, hasRequestObject: false)
        #expect(
            text(try rekey.challenge(replacing: none, for: holder, inserting: true))
                == SealedVectors.insertedChallenge)
        #expect(
            text(try rekey.verifier(replacing: nil, for: holder, inserting: true))
                == SealedVectors.insertedVerifier)
    }

    @Test("BIND-10: a stolen code and verifier fail with another key, client, AS or verifier")
    func theft() throws {
        let rekey = try rekey()
        let world = try SealingWorld()
        let challenge = try rekey.challenge(replacing: Self.pushed, for: world.holder)
        #expect(passes(challenge, try rekey.verifier(replacing: Self.verifier, for: world.holder)))
        for thief in [world.other, world.otherClient] {
            #expect(!passes(challenge, try rekey.verifier(replacing: Self.verifier, for: thief)))
        }
        let tenant = try self.rekey(issuer: "https://as.example.com/b")
        #expect(
            !passes(challenge, try tenant.verifier(replacing: Self.verifier, for: world.holder)))
        let other = octets(String(repeating: "x", count: 43))
        #expect(!passes(challenge, try rekey.verifier(replacing: other, for: world.holder)))
        // BIND-05: the attester may change within a flow.
        #expect(
            passes(
                challenge, try rekey.verifier(replacing: Self.verifier, for: world.otherAttester)))
    }

    @Test("BIND-10: the client's own verifier redeems no code of a front-channel request")
    func frontChannel() throws {
        let verifier = try rekey().verifier(
            replacing: Self.verifier, for: try SealingWorld.holder())
        #expect(!passes(octets(SealedVectors.challenge), verifier))
        #expect(verifier.count == 43)
    }

    @Test(
        "BIND-10: S256 is spelled out and the challenge is one canonical text of 32 octets",
        arguments: [
            (SealedVectors.challenge, nil), (SealedVectors.challenge, "plain"),
            (SealedVectors.challenge, "s256"), (SealedVectors.challenge, "S256 "),
            (SealedVectors.challenge, ""), (nil, "S256"), (nil, nil), ("", "S256"),
            (String(SealedVectors.challenge.dropLast()), "S256"),
            (SealedVectors.challenge + "=", "S256"), (SealedVectors.challenge + "A", "S256"),
            // Trailing bits that are not zero; the standard alphabet.
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN", "S256"),
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "S256"),
        ] as [(String?, String?)])
    func badChallenges(challenge: String?, method: String?) throws {
        let pushed = PushedChallenge(
            challenge: challenge.map(octets), method: method.map(octets), hasRequestObject: false)
        let rekey = try rekey()
        let holder = try SealingWorld.holder()
        refused(.bind(10), .invalidRequest) { try rekey.challenge(replacing: pushed, for: holder) }
        // Only a request with neither has a challenge inserted.
        let isEmpty = (challenge ?? "").isEmpty && (method ?? "").isEmpty
        if !isEmpty {
            refused(.bind(10), .invalidRequest) {
                try rekey.challenge(replacing: pushed, for: holder, inserting: true)
            }
        }
    }

    @Test("BIND-10: a request object, with its own challenge inside, is refused at PAR")
    func requestObject() throws {
        let holder = try SealingWorld.holder()
        for challenge in [Self.pushed.challenge, nil] {
            let pushed = PushedChallenge(
                challenge: challenge, method: challenge == nil ? nil : octets("S256"),
                hasRequestObject: true)
            refused(.bind(10), .invalidRequest) {
                try rekey().challenge(replacing: pushed, for: holder, inserting: true)
            }
        }
    }

    @Test(
        "BIND-10: a verifier is 43 to 128 unreserved characters",
        arguments: [
            nil, "", String(repeating: "a", count: 42), String(repeating: "a", count: 129),
            String(repeating: "a", count: 42) + "+", String(repeating: "a", count: 42) + " ",
            String(repeating: "a", count: 42) + "é", String(repeating: "a", count: 43) + "\n",
            "ag1.03." + String(repeating: "/", count: 40),
        ] as [String?])
    func badVerifiers(verifier: String?) throws {
        refused(.bind(10), .grant) {
            try rekey().verifier(replacing: verifier.map(octets), for: SealingWorld.holder())
        }
    }

    @Test("BIND-10: the shortest and the longest verifier and every unreserved character")
    func goodVerifiers() throws {
        let holder = try SealingWorld.holder()
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        for verifier in [
            String(repeating: "a", count: 43), String(repeating: "~", count: 128), letters,
        ] {
            _ = try rekey().verifier(replacing: octets(verifier), for: holder)
        }
    }

    @Test(
        "BIND-10: with insertion a flow begun without PKCE fails with a verifier, and the reverse")
    func insertion() throws {
        let rekey = try rekey()
        let world = try SealingWorld()
        let none = PushedChallenge(challenge: nil, method: nil, hasRequestObject: false)
        let inserted = try rekey.challenge(replacing: none, for: world.holder, inserting: true)
        let own = try rekey.challenge(replacing: Self.pushed, for: world.holder, inserting: true)
        func verifier(_ verifier: [UInt8]?, _ holder: ArtifactHolder) throws -> [UInt8] {
            try rekey.verifier(replacing: verifier, for: holder, inserting: true)
        }
        #expect(passes(inserted, try verifier(nil, world.holder)))
        #expect(!passes(inserted, try verifier(nil, world.other)))
        #expect(!passes(inserted, try verifier(Self.verifier, world.holder)))
        #expect(passes(own, try verifier(Self.verifier, world.holder)))
        #expect(!passes(own, try verifier(nil, world.holder)))
    }

    @Test("BIND-10, LB-03: a turn of the sealing keys leaves flows in flight alone")
    func rotation() throws {
        let first = MasterKey.generate(id: 1)
        let second = MasterKey.generate(id: 2)
        let holder = try SealingWorld.holder()
        func challenge(_ master: MasterKeys) throws -> [UInt8] {
            try rekey(master).challenge(replacing: Self.pushed, for: holder)
        }
        let before = try challenge(MasterKeys(current: first))
        // Handed out, in use, with the one after it, in any order.
        #expect(try challenge(MasterKeys(current: first, previous: [second])) == before)
        #expect(try challenge(MasterKeys(current: second, previous: [first])) == before)
        let third = MasterKey.generate(id: 3)
        #expect(try challenge(MasterKeys(current: third, previous: [second, first])) == before)
        #expect(try challenge(MasterKeys(current: third, previous: [first, second])) == before)
        // Only taking the oldest away replaces it, unless it is kept for this.
        #expect(try challenge(MasterKeys(current: second)) != before)
        #expect(try challenge(MasterKeys(current: second, codeBinding: first)) == before)
        #expect(
            try challenge(MasterKeys(current: second, previous: [first], codeBinding: first))
                == before)
    }

    @Test("CFG-07: the key for codes has an ID of its own, or is one of the others")
    func codeBindingKey() throws {
        let first = MasterKey.generate(id: 1)
        #expect(throws: MasterKeyError.sameID(1)) {
            try MasterKeys(current: first, codeBinding: .generate(id: 1))
        }
        let line = text(first.line).replacing("attestgate-key-1 1 ", with: "attestgate-key-1 9 ")
        let renamed = try MasterKey(parsing: octets(line))
        #expect(throws: MasterKeyError.sameKey(1, 9)) {
            try MasterKeys(current: first, codeBinding: renamed)
        }
    }
}
