// SPDX-License-Identifier: Apache-2.0
// BIND-01 to BIND-05, BIND-08, BIND-09, LB-03: sealed values, made and opened.

import Cryptography
import JOSE
import Octets
import Testing

@testable import ClientAttestation

@Suite("Sealed artifacts")
struct ArtifactSealTests {
    @Test("BIND-01: a sealed value opens to what went in", arguments: ArtifactKind.allCases)
    func roundTrip(kind: ArtifactKind) throws {
        let world = try SealingWorld()
        for value in [SealingWorld.raw, [0], [UInt8](repeating: 0xFF, count: 16 * 1024)] {
            let text = try world.sealed(kind, value)
            let opened = try world.seal.open(text, as: kind, for: world.holder)
            #expect(opened.value == value)
            #expect(opened.kind == kind)
            #expect(opened.issuedAt == SealingWorld.now)
            #expect(opened.isUnderCurrentKey)
        }
    }

    @Test("BIND-01: an upstream value of more than 16 KiB is not sealed")
    func tooLong() throws {
        let world = try SealingWorld()
        #expect(throws: ArtifactTooLong.self) {
            try world.sealed(.refreshToken, [UInt8](repeating: 0x61, count: 16 * 1024 + 1))
        }
    }

    @Test("BIND-01: a verified request and a claimed one are the same holder")
    func holders() async throws {
        let world = try World()
        let store = MemoryReplayStore(capacity: 64, began: UnixTime(0))
        let request = try world.verify(world.attestationToken(), world.proofToken())
        let instance = try await request.claim(in: store, now: UnixTime(world.now))
        let holder = ArtifactHolder(request)
        #expect(holder == ArtifactHolder(instance))
        #expect(holder.clientID == octets(World.client))
        #expect(holder.thumbprint == request.thumbprint.text)
        #expect(holder.attesterID == octets("provider"))
    }

    @Test(
        "BIND-01, BIND-08, BIND-09: what an independent program sealed opens, and is sealed alike",
        arguments: [
            (ArtifactKind.refreshToken, SealedVectors.rt), (.deviceCode, SealedVectors.dc),
            (.authenticationRequest, SealedVectors.ar),
        ])
    func vectors(kind: ArtifactKind, vector: String) throws {
        let key = try MasterKey(parsing: octets("attestgate-key-1 167 \(SealedVectors.masterKey)"))
        let world = try SealingWorld(MasterKeys(current: key))
        let opened = try world.seal.open(octets(vector), as: kind, for: world.holder)
        #expect(opened.value == SealingWorld.raw)
        #expect(opened.issuedAt == SealingWorld.now)
        let again = try world.seal.seal(
            SealingWorld.raw, as: kind, for: world.holder, issuedAt: SealingWorld.now,
            random: Array(0x40..<0x60))
        #expect(text(again) == vector)
    }

    @Test("BIND-09: only letters, digits, dots, hyphens and underscores, as CIBA demands")
    func alphabet() throws {
        let world = try SealingWorld()
        for count in 1...40 {
            let sealed = try world.sealed(.authenticationRequest, Random.bytes(count))
            #expect(sealed.starts(with: octets("ag1.03.")))
            #expect(
                sealed.allSatisfy {
                    ASCII.isAlpha($0) || ASCII.isDigit($0) || octets(".-_").contains($0)
                })
        }
    }

    @Test("BIND-01: two texts of one value differ, also when the generator repeats itself")
    func salts() throws {
        let world = try SealingWorld()
        #expect(try world.sealed() != world.sealed())
        let random = [UInt8](repeating: 7, count: 32)
        func salt(_ value: String, _ time: Int64) throws -> [UInt8] {
            let text = try world.seal.seal(
                octets(value), as: .refreshToken, for: world.holder, issuedAt: UnixTime(time),
                random: random)
            return try #require(SealedArtifact(parsing: text)).salt
        }
        // The hedge: another plaintext, another key.
        #expect(try salt("a", 1) != salt("b", 1))
        #expect(try salt("a", 1) != salt("a", 2))
        #expect(try salt("a", 1) == salt("a", 1))
    }

    @Test("BIND-02: another instance key, and the same key under another client")
    func holder() throws {
        let world = try SealingWorld()
        for kind in ArtifactKind.allCases {
            let sealed = try world.sealed(kind)
            #expect(world.fault(sealed, as: kind) == nil)
            #expect(world.fault(sealed, as: kind, for: world.other) == .otherHolder)
            #expect(world.fault(sealed, as: kind, for: world.otherClient) == .otherHolder)
        }
    }

    @Test("BIND-02: client and key cannot run into each other")
    func framing() throws {
        let world = try SealingWorld()
        let short = try SealingWorld.holder(client: "client")
        let long = try SealingWorld.holder(client: "client" + text(short.thumbprint))
        #expect(try world.fault(world.sealed(for: short), for: long) == .otherHolder)
        #expect(try world.fault(world.sealed(for: long), for: short) == .otherHolder)
    }

    @Test("BIND-05: the attester may change, unless it must be the same; the key may not")
    func attester() throws {
        let world = try SealingWorld()
        let sealed = try world.sealed()
        #expect(world.fault(sealed, for: world.otherAttester) == nil)
        #expect(world.fault(sealed, for: world.otherAttester, sameAttester: true) == .otherAttester)
        #expect(world.fault(sealed, sameAttester: true) == nil)
        #expect(world.fault(sealed, for: world.other, sameAttester: true) == .otherHolder)
    }

    @Test("BIND-03: one kind never opens as another")
    func kinds() throws {
        let world = try SealingWorld()
        for kind in ArtifactKind.allCases {
            let sealed = try world.sealed(kind)
            for wrong in ArtifactKind.allCases where wrong != kind {
                #expect(world.fault(sealed, as: wrong) == .unreadable)
            }
        }
    }

    @Test("BIND-03: another AS under the same master key does not open it")
    func tenants() throws {
        let world = try SealingWorld()
        let tenant = ArtifactSeal(world.master, issuer: octets("https://as.example.com/b"))
        let sealed = try tenant.seal(
            SealingWorld.raw, as: .refreshToken, for: world.holder, issuedAt: SealingWorld.now)
        #expect(world.fault(sealed) == .unreadable)
    }

    @Test("BIND-03: cut anywhere, or with any octet changed, it does not open")
    func altered() throws {
        let world = try SealingWorld()
        let sealed = try world.sealed()
        for index in sealed.indices {
            #expect(world.fault(Array(sealed[..<index])) == .unreadable)
            for octet in [UInt8(ascii: "A"), UInt8(ascii: "b")] where octet != sealed[index] {
                var other = sealed
                other[index] = octet
                #expect(world.fault(other) == .unreadable)
            }
        }
    }

    @Test("BIND-03, JOSE-02: one value has one text")
    func canonical() throws {
        let key = try MasterKey(parsing: octets("attestgate-key-1 167 \(SealedVectors.masterKey)"))
        let world = try SealingWorld(MasterKeys(current: key))
        let sealed = octets(SealedVectors.rt)
        #expect(world.fault(sealed) == nil)
        let (head, tail) = (text(sealed[..<7]), text(sealed[7...]))
        let others: [String] = [
            head + tail + "=", head + tail + "\n", " " + head + tail, head + tail + "A",
            "ag1.A7." + tail, "AG1.a7." + tail, "ag1.167." + tail, "ag1.a7" + tail,
            "ag2.a7." + tail, "ag1.a7..", "ag1.a7.", "ag1.", "ag1", "", "raw token",
            head + tail + head + tail,
        ]
        for other in others.map(octets) {
            #expect(world.fault(other) == .unreadable, "\(text(other))")
        }
        // The unused bits of the last character, if it has any.
        let last = try #require(sealed.last)
        for octet in octets("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        where octet != last {
            #expect(world.fault(sealed.dropLast() + [octet]) == .unreadable)
        }
    }

    @Test("BIND-03, LB-03: previous keys open, a retired one does not, and one ID is one key")
    func rotation() throws {
        let first = MasterKey.generate(id: 1)
        let second = MasterKey.generate(id: 2)
        let old = try SealingWorld(MasterKeys(current: first))
        let turned = try SealingWorld(MasterKeys(current: second, previous: [first]))
        let retired = try SealingWorld(MasterKeys(current: second))
        let sealed = try old.sealed()
        let opened = try turned.seal.open(sealed, as: .refreshToken, for: turned.holder)
        #expect(opened.value == SealingWorld.raw)
        #expect(!opened.isUnderCurrentKey)
        #expect(retired.fault(sealed) == .unreadable)
        // The next key, handed out before it is used.
        let early = try SealingWorld(MasterKeys(current: first, previous: [second]))
        #expect(try early.fault(turned.sealed()) == nil)
        #expect(try turned.sealed().starts(with: octets("ag1.02.")))
        // Under the ID of another key.
        #expect(turned.fault(octets("ag1.02.") + sealed[7...]) == .unreadable)
        let impostor = try SealingWorld(MasterKeys(current: .generate(id: 1)))
        #expect(impostor.fault(sealed) == .unreadable)
    }

    @Test("BIND-03: the prefix is seen whatever comes after it, and only where it begins")
    func prefix() {
        for value in ["ag1.", "ag1.03.x", "ag1.\u{0}"] {
            #expect(SealedArtifact.bearsPrefix(octets(value)))
        }
        for value in ["", "ag1", "AG1.03.x", " ag1.", "x.ag1.", "ag11."] {
            #expect(!SealedArtifact.bearsPrefix(octets(value)))
        }
    }

    @Test("BIND-03: what stands in for a text that is none costs as much as one of its length")
    func imitation() throws {
        let world = try SealingWorld()
        let sealed = try world.sealed()
        let real = try #require(SealedArtifact(parsing: sealed))
        let imitation = SealedArtifact(imitating: sealed)
        #expect(abs(imitation.body.count - real.body.count) <= 1)
        #expect(imitation.salt.count == real.salt.count)
        for count in 0...64 {
            let short = SealedArtifact(imitating: [UInt8](repeating: 0x41, count: count))
            #expect(short.body.count >= 16)
        }
    }

    @Test("BIND-01: nothing stands after the five fields, and the time has eight octets")
    func content() throws {
        let world = try SealingWorld()
        let content = ArtifactContent([1, 2], world.holder, issuedAt: UnixTime(-1))
        #expect(ArtifactContent(parsing: content.plaintext)?.issuedAt == UnixTime(-1))
        #expect(ArtifactContent(parsing: content.plaintext + [0]) == nil)
        #expect(ArtifactContent(parsing: content.plaintext + [0, 0, 0, 0]) == nil)
        #expect(ArtifactContent(parsing: content.plaintext.dropLast()) == nil)
        var fields = LengthPrefixed()
        for field in [[1], [2], [3], [4], [0, 0, 0, 1]] as [[UInt8]] { fields.append(field) }
        #expect(ArtifactContent(parsing: fields.bytes) == nil)
    }
}
