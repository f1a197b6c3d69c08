// SPDX-License-Identifier: Apache-2.0
// Nothing here leaves an error behind for the thread's next TLS read to find.

import Octets
import Testing

@testable import Cryptography

@Suite struct ErrorQueueTests {
    @Test("no call leaves anything in OpenSSL's error queue, whether it succeeds or fails")
    func queue() throws {
        OpenSSLErrors.drain()
        let message = Array("message".utf8)
        let key = try PrivateKey.generate(.p256)
        #expect(OpenSSLErrors.isEmpty)
        let publicKey = try key.publicKey()
        let signature = try key.sign(.es256, message)
        #expect(OpenSSLErrors.isEmpty)
        #expect(publicKey.verify(.es256, signature: signature, message: message[...]))
        #expect(OpenSSLErrors.isEmpty)
        var wrong = signature
        wrong[40] ^= 1
        for bad in [wrong, [], Array(signature.dropLast()), [UInt8](repeating: 0, count: 64)] {
            #expect(!publicKey.verify(.es256, signature: bad, message: message[...]))
            #expect(OpenSSLErrors.isEmpty)
        }
        #expect(throws: KeyImportError.notOnCurve) {
            try PublicKey(curve: .p256, x: key.x, y: key.x)
        }
        #expect(OpenSSLErrors.isEmpty)
        let other = try PrivateKey.generate(.p256)
        #expect(throws: KeyImportError.mismatch) {
            try PrivateKey.import(curve: .p256, d: other.scalar(), x: key.x, y: key.y)
        }
        #expect(throws: KeyImportError.notOnCurve) {
            try PrivateKey.import(curve: .p256, d: other.scalar(), x: key.x, y: key.x)
        }
        #expect(OpenSSLErrors.isEmpty)
        let secret = Random.secret(32)
        _ = HMAC.sha256(key: secret, message)
        _ = HKDF.sha256(key: secret, salt: [], info: [], count: 32)
        _ = Digest.sha256(message)
        #expect(OpenSSLErrors.isEmpty)
    }
    @Test(
        "the same for every scheme",
        arguments: [
            SignatureScheme.es384, .es512, .rs256, .rs384, .rs512, .ps256, .ps384, .ps512, .ed25519,
            .ed448,
        ])
    func everyScheme(scheme: SignatureScheme) throws {
        OpenSSLErrors.drain()
        let message = Array("message".utf8)
        let key = try PrivateKey.generate(scheme.keyKind)
        let again = try PrivateKey.import(key.members, secrets: key.secrets())
        #expect(OpenSSLErrors.isEmpty)
        let publicKey = try again.publicKey()
        let signature = try again.sign(scheme, message)
        #expect(publicKey.verify(scheme, signature: signature, message: message[...]))
        #expect(OpenSSLErrors.isEmpty)
        var wrong = signature
        wrong[8] ^= 1
        for bad in [wrong, [], Array(signature.dropLast()), [0] + signature] {
            #expect(!publicKey.verify(scheme, signature: bad, message: message[...]))
            #expect(OpenSSLErrors.isEmpty)
        }
        var secrets = try key.secrets()
        secrets[0] = Random.secret(secrets[0].count)
        #expect(throws: KeyImportError.self) {
            try PrivateKey.import(key.members, secrets: secrets)
        }
        #expect(OpenSSLErrors.isEmpty)
    }
}
