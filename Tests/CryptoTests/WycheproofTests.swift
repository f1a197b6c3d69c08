// SPDX-License-Identifier: Apache-2.0
// ECDSA verification against the Wycheproof vectors in wire form.

import Crypto
import Foundation
import Octets
import Testing

private struct Vectors: Decodable {
    struct Group: Decodable {
        struct Key: Decodable { let uncompressed: String }
        struct Case: Decodable {
            let tcId: Int
            let comment: String
            let msg: String
            let sig: String
            let result: String
        }
        let publicKey: Key
        let tests: [Case]
    }
    let numberOfTests: Int
    let testGroups: [Group]
}

@Suite struct WycheproofTests {
    @Test("JOSE-11, JOSE-12: the Wycheproof vectors for P-256 with SHA-256 get their verdicts")
    func es256() throws {
        guard let data = sharedData("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json") else {
            return
        }
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(data))
        var count = 0
        for group in vectors.testGroups {
            let point = try #require(Hex.decode(Array(group.publicKey.uncompressed.utf8)))
            let key = try PublicKey(
                curve: .p256, x: Array(point[1..<33]), y: Array(point[33...]))
            for test in group.tests {
                let signature = try #require(Hex.decode(Array(test.sig.utf8)))
                let message = try #require(Hex.decode(Array(test.msg.utf8)))
                let isValid = key.verify(.es256, signature: signature, message: message[...])
                #expect(isValid == (test.result == "valid"), "\(test.tcId) \(test.comment)")
                count += 1
            }
        }
        #expect(count == vectors.numberOfTests && count > 200)
    }
}
