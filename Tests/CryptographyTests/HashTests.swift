// SPDX-License-Identifier: Apache-2.0
// Hashes, MACs, derivation, randomness and secrets against published vectors.

import Octets
import Testing

@testable import Cryptography

private func hex(_ text: String) throws -> [UInt8] {
    try #require(Hex.decode(Array(text.utf8)))
}

@Suite struct HashTests {
    @Test(
        "SHA-256 gives the vectors of FIPS 180",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ])
    func sha256(text: String, hash: String) {
        #expect(Hex.encodeToString(Digest.sha256(Array(text.utf8))) == hash)
        let embedded = Array("<\(text)>".utf8)
        #expect(Hex.encodeToString(Digest.sha256(embedded[1..<(embedded.count - 1)])) == hash)
    }

    @Test(
        "HMAC-SHA-256 gives the vectors of RFC 4231",
        arguments: [
            (
                "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                "4a656665", Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                String(repeating: "aa", count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func hmac(key: String, message: [UInt8], tag: String) throws {
        let key = Secret(try hex(key))
        for _ in 0..<3 { #expect(Hex.encodeToString(HMAC.sha256(key: key, message)) == tag) }
        for keyed in [HMACKey(key), HMACKey(key, restarts: false)] {
            for _ in 0..<3 { #expect(Hex.encodeToString(keyed.sha256(message)) == tag) }
        }
        #expect(HMAC.sha256(key: Secret([1]), message) != HMAC.sha256(key: key, message))
    }

    @Test("HMAC-SHA-384 and HMAC-SHA-512 give the vectors of RFC 4231")
    func longerHMACs() throws {
        let key = Secret([UInt8](repeating: 0x0B, count: 20))
        let message = Array("Hi There".utf8)
        #expect(
            Hex.encodeToString(HMAC.sha384(key: key, message))
                == "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
                + "faea9ea9076ede7f4af152e8b2fa9cb6")
        #expect(
            Hex.encodeToString(HMAC.sha512(key: key, message))
                == "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854")
    }

    @Test("an empty key and an empty message have an HMAC")
    func emptyHMAC() {
        #expect(
            Hex.encodeToString(HMAC.sha256(key: Secret([]), []))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test("HKDF-SHA-256 gives the vectors of RFC 5869")
    func hkdf() throws {
        let key = Secret([UInt8](repeating: 0x0b, count: 22))
        let first = HKDF.sha256(
            key: key, salt: try hex("000102030405060708090a0b0c"),
            info: try hex("f0f1f2f3f4f5f6f7f8f9"), count: 42)
        #expect(
            Hex.encodeToString(first.bytes)
                == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                + "34007208d5b887185865")
        let third = HKDF.sha256(key: key, salt: [], info: [], count: 42)
        #expect(
            Hex.encodeToString(third.bytes)
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                + "9d201395faa4b61a96c8")
    }

    @Test("random octets have the length asked for and differ")
    func random() {
        #expect(Random.bytes(0).isEmpty)
        #expect(Set((0..<100).map { _ in Random.bytes(16) }).count == 100)
        #expect(Set((0..<100).map { _ in Random.secret(16).bytes }).count == 100)
        #expect(Random.secret(33).count == 33)
    }

    @Test("CHAL-16: octets for nonces are given out once, also across draws and from many threads")
    func nonces() async {
        #expect(Random.nonce(0).isEmpty)
        #expect(Random.nonce(5000).count == 5000)
        let drawn = await withTaskGroup(of: [[UInt8]].self) { group in
            for _ in 0..<4 { group.addTask { (0..<1000).map { _ in Random.nonce(16) } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(drawn.allSatisfy { $0.count == 16 })
        #expect(Set(drawn).count == 4000)
    }

    @Test("JOSE-25: a comparison sees every octet, the last included")
    func constantTime() {
        let tag = Digest.sha256(Array("tag".utf8))
        #expect(ConstantTime.equal(tag, tag))
        #expect(ConstantTime.equal(Secret(tag), tag))
        #expect(ConstantTime.equal([], []))
        for index in tag.indices {
            var other = tag
            other[index] ^= 1
            #expect(!ConstantTime.equal(tag, other))
            #expect(!ConstantTime.equal(Secret(tag), other))
        }
        #expect(!ConstantTime.equal(tag, Array(tag.dropLast())))
        #expect(!ConstantTime.equal(tag, tag + [0]))
        #expect(!ConstantTime.equal(Secret([]), [0]))
    }

    @Test("a secret never prints")
    func printing() {
        let secret = Secret(Array("hunter2".utf8))
        struct Holder { let secret: Secret }
        var dumped = ""
        dump(Holder(secret: secret), to: &dumped)
        let texts = ["\(secret)", String(reflecting: secret), "\(Holder(secret: secret))", dumped]
        for text in texts {
            #expect(text.contains("<secret>"))
            #expect(!text.contains("hunter2") && !text.contains("104"))
        }
        #expect(secret.count == 7)
        #expect(secret.withBytes { $0[0] } == 0x68)
        #expect(secret.bytes == Array("hunter2".utf8))
    }

    @Test("a secret that takes its octets over leaves zeros behind")
    func wiping() {
        var octets = Array("hunter2".utf8)
        let secret = Secret(wiping: &octets)
        #expect(octets.isEmpty)
        #expect(secret.bytes == Array("hunter2".utf8))
    }
}
