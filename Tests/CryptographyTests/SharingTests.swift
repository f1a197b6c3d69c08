// SPDX-License-Identifier: Apache-2.0
// Keys, hash functions and MAC templates are shared by threads.

import Cryptography
import Octets
import Testing

@Suite struct SharingTests {
    @Test("many threads use one key, one secret and the fetched functions at once")
    func concurrently() async throws {
        let key = try PrivateKey.generate(.p256)
        let publicKey = try key.publicKey()
        let secret = Random.secret(32)
        let message = Array("message".utf8)
        let signature = try key.sign(.es256, message)
        let tag = HMAC.sha256(key: secret, message)
        let keyed = HMACKey(secret)
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { _ in
                        publicKey.verify(.es256, signature: signature, message: message[...])
                            && HMAC.sha256(key: secret, message) == tag
                            && keyed.sha256(message) == tag
                            && Digest.sha256(message).count == 32
                            && (try? key.sign(.es256, message))?.count == 64
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results == Array(repeating: true, count: 8))
    }
}
