// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM and HKDF against published vectors, and what must not open.

import Foundation
import Octets
import Testing

@testable import Cryptography

private func hex(_ text: String) throws -> [UInt8] {
    try #require(Hex.decode(Array(text.utf8)))
}

@Suite struct AEADTests {
    private static let key = Secret(Array(0..<32))
    private static let nonce = [UInt8](repeating: 0, count: 12)

    @Test("AES-256-GCM gives test cases 13, 14 and 16 of its specification")
    func specification() throws {
        let zero = Secret([UInt8](repeating: 0, count: 32))
        #expect(
            AES256GCM.seal([], key: zero, nonce: Self.nonce, associated: [])
                == (try hex("530f8afbc74536b9a963b4f1c4cb738b")))
        #expect(
            AES256GCM.seal(
                [UInt8](repeating: 0, count: 16), key: zero, nonce: Self.nonce, associated: [])
                == (try hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")))
        let key = Secret(try hex(String(repeating: "feffe9928665731c6d6a8f9467308308", count: 2)))
        let plaintext = try hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
        let nonce = try hex("cafebabefacedbaddecaf888")
        let associated = try hex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let sealed = AES256GCM.seal(plaintext, key: key, nonce: nonce, associated: associated)
        #expect(
            Hex.encodeToString(sealed)
                == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b")
        #expect(
            AES256GCM.open(sealed[...], key: key, nonce: nonce, associated: associated)
                == plaintext)
    }

    @Test("a text opens under its key, nonce and associated data, and not with one bit changed")
    func tampering() throws {
        let plaintext = Array("refresh token".utf8)
        let associated = Array("ag1".utf8)
        let sealed = AES256GCM.seal(
            plaintext, key: Self.key, nonce: Self.nonce, associated: associated)
        func open(
            _ sealed: [UInt8], _ key: Secret = Self.key, _ nonce: [UInt8] = Self.nonce,
            _ associated: [UInt8] = Array("ag1".utf8)
        ) -> [UInt8]? {
            AES256GCM.open(sealed[...], key: key, nonce: nonce, associated: associated)
        }
        #expect(open(sealed) == plaintext)
        // A slice is read where it is.
        #expect(
            AES256GCM.open(
                ([9] + sealed + [9])[1...sealed.count], key: Self.key, nonce: Self.nonce,
                associated: associated) == plaintext)
        for index in sealed.indices {
            var other = sealed
            other[index] ^= 0x80
            #expect(open(other) == nil)
            #expect(OpenSSLErrors.isEmpty)
        }
        #expect(open(Array(sealed.dropLast())) == nil)
        #expect(open(sealed + [0]) == nil)
        #expect(open(Array(sealed.prefix(15))) == nil)
        #expect(open([]) == nil)
        #expect(open(sealed, Secret(Array(1..<33))) == nil)
        #expect(open(sealed, Self.key, [1] + [UInt8](repeating: 0, count: 11)) == nil)
        #expect(open(sealed, Self.key, Self.nonce, []) == nil)
    }

    @Test("texts of every length come back, the empty one too")
    func lengths() {
        for count in Array(0...64) + [1023, 16_384, 70_000] {
            let plaintext = Random.bytes(count)
            let sealed = AES256GCM.seal(
                plaintext, key: Self.key, nonce: Self.nonce, associated: plaintext)
            #expect(sealed.count == count + 16)
            #expect(
                AES256GCM.open(
                    sealed[...], key: Self.key, nonce: Self.nonce, associated: plaintext)
                    == plaintext)
        }
    }

    private struct Vectors: Decodable {
        struct Group: Decodable {
            struct Case: Decodable {
                let tcId: Int
                let key: String?
                let iv: String?
                let aad: String?
                let msg: String?
                let ct: String?
                let tag: String?
                let ikm: String?
                let salt: String?
                let info: String?
                let okm: String?
                let size: Int?
                let result: String
            }
            let keySize: Int
            let ivSize: Int?
            let tagSize: Int?
            let tests: [Case]
        }
        let testGroups: [Group]
    }

    @Test("the Wycheproof vectors for AES-256-GCM get their verdicts")
    func wycheproofGCM() throws {
        guard let file = sharedData("wycheproof/aes_gcm_test.json") else { return }
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(file))
        var count = 0
        for group in vectors.testGroups
        where group.keySize == 256 && group.ivSize == 96 && group.tagSize == 128 {
            for test in group.tests {
                let key = Secret(try hex(try #require(test.key)))
                let nonce = try hex(try #require(test.iv))
                let associated = try hex(try #require(test.aad))
                let message = try hex(try #require(test.msg))
                let sealed = try hex(try #require(test.ct)) + hex(try #require(test.tag))
                let opened = AES256GCM.open(
                    sealed[...], key: key, nonce: nonce, associated: associated)
                #expect((opened == message) == (test.result == "valid"), "case \(test.tcId)")
                if test.result == "valid" {
                    let again = AES256GCM.seal(
                        message, key: key, nonce: nonce, associated: associated)
                    #expect(again == sealed, "case \(test.tcId)")
                } else {
                    #expect(opened == nil, "case \(test.tcId)")
                }
                count += 1
            }
        }
        #expect(count > 50)
    }

    @Test("the Wycheproof vectors for HKDF-SHA-256 come out")
    func wycheproofHKDF() throws {
        guard let file = sharedData("wycheproof/hkdf_sha256_test.json") else { return }
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(file))
        for test in vectors.testGroups.flatMap(\.tests) where test.result == "valid" {
            let derived = HKDF.sha256(
                key: Secret(try hex(try #require(test.ikm))),
                salt: try hex(try #require(test.salt)), info: try hex(try #require(test.info)),
                count: try #require(test.size))
            #expect(derived.bytes == (try hex(try #require(test.okm))), "case \(test.tcId)")
        }
    }
}
