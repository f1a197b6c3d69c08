// SPDX-License-Identifier: Apache-2.0
// RSA keys within their bounds and both paddings (JOSE-14, JOSE-15).

import Cryptography
import Octets
import Testing

/// One key for the whole file: making one takes long.
private let made = Result { try PrivateKey.generate(.rsa) }

private let schemes: [SignatureScheme] = [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]

@Suite struct RSATests {
    let key: PrivateKey
    let n: [UInt8]
    let e: [UInt8]
    let message = Array("message".utf8)

    init() throws {
        key = try made.get()
        guard case .rsa(let n, let e) = key.members else { throw PrivateKey.Failure.wrongKind }
        (self.n, self.e) = (n, e)
    }

    @Test("JOSE-15: a signature holds under its own padding and hash alone")
    func paddings() throws {
        let publicKey = try key.publicKey()
        #expect(publicKey.kind == .rsa)
        for scheme in schemes {
            let signature = try key.sign(scheme, message)
            #expect(signature.count == 256)
            for other in schemes {
                let isValid = publicKey.verify(other, signature: signature, message: message[...])
                #expect(isValid == (other == scheme))
            }
            #expect(!publicKey.verify(scheme, signature: signature, message: [1]))
            var changed = signature
            changed[255] ^= 1
            for bad in [
                changed, Array(signature.dropLast()), [0] + signature, signature + [0], [],
            ] {
                #expect(!publicKey.verify(scheme, signature: bad, message: message[...]))
            }
        }
    }

    @Test("JOSE-15: PSS is salted anew, PKCS#1 is not")
    func salt() throws {
        #expect(try key.sign(.ps256, message) != key.sign(.ps256, message))
        #expect(try key.sign(.rs256, message) == key.sign(.rs256, message))
    }

    @Test("JOSE-14: a modulus has 2048 to 8192 bits")
    func modulusLength() throws {
        func modulus(bits: Int) -> [UInt8] {
            var octets = [UInt8](repeating: 0x5B, count: (bits + 7) / 8)
            octets[0] = UInt8(1 << ((bits - 1) % 8))
            return octets
        }
        for bits in [2048, 2049, 3072, 4096, 8191, 8192] {
            let n = modulus(bits: bits)
            #expect(RSAModulus.bitCount(n) == bits)
            #expect(throws: Never.self) { try PublicKey(modulus: n, exponent: e) }
        }
        for bits in [1, 512, 1024, 2040, 2047, 8193, 16384, 131_072] {
            let n = modulus(bits: bits)
            #expect(throws: KeyImportError.size) { try PublicKey(modulus: n, exponent: e) }
        }
    }

    @Test("JOSE-14: a modulus is odd and does not begin with a zero octet")
    func modulusForm() throws {
        let even = Array(n.dropLast()) + [0x10]
        #expect(throws: KeyImportError.range) { try PublicKey(modulus: even, exponent: e) }
        for bad in [[0] + n, [], [0]] {
            #expect(throws: KeyImportError.form) { try PublicKey(modulus: bad, exponent: e) }
        }
    }

    @Test("JOSE-14: an exponent is odd, at least 65537, below 2^64")
    func exponent() throws {
        let full = [UInt8](repeating: 0xFF, count: 8)
        for good: [UInt8] in [[1, 0, 1], [1, 0, 3], [1, 0, 0, 0, 1], full] {
            #expect(throws: Never.self) { try PublicKey(modulus: n, exponent: good) }
        }
        for bad: [UInt8] in [
            [], [1], [3], [17], [0xFF, 0xFF], [1, 0, 0], [1, 0, 2], [1] + [0, 0, 0, 0, 0, 0, 0, 1],
            [1] + full, [UInt8](repeating: 0xFF, count: 256),
        ] {
            #expect(throws: KeyImportError.range) { try PublicKey(modulus: n, exponent: bad) }
        }
        for bad: [UInt8] in [[0], [0, 1, 0, 1]] {
            #expect(throws: KeyImportError.form) { try PublicKey(modulus: n, exponent: bad) }
        }
    }

    @Test("JOSE-10: an RSA key verifies and signs nothing of another family")
    func otherFamilies() throws {
        let publicKey = try key.publicKey()
        for scheme: SignatureScheme in [.es256, .es384, .es512, .ed25519, .ed448] {
            #expect(throws: PrivateKey.Failure.wrongKind) { try key.sign(scheme, message) }
            let signature = try PrivateKey.generate(scheme.keyKind).sign(scheme, message)
            #expect(!publicKey.verify(scheme, signature: signature, message: message[...]))
        }
        let curve = try PrivateKey.generate(.p256)
        for scheme in schemes {
            let signature = try key.sign(scheme, message)
            #expect(
                !(try curve.publicKey().verify(
                    scheme, signature: signature, message: message[...])))
        }
    }

    @Test("a private key survives export and import, and mismatched numbers are refused")
    func privateImport() throws {
        let secrets = try key.secrets()
        #expect(secrets.count == 6)
        let again = try PrivateKey.import(key.members, secrets: secrets)
        let signature = try again.sign(.ps256, message)
        #expect(try key.publicKey().verify(.ps256, signature: signature, message: message[...]))
        for index in secrets.indices {
            var wrong = secrets
            var octets = secrets[index].bytes
            octets[octets.count - 1] ^= 2
            wrong[index] = Secret(octets)
            #expect(throws: KeyImportError.mismatch) {
                try PrivateKey.import(key.members, secrets: wrong)
            }
            var empty = secrets
            empty[index] = Secret([])
            #expect(throws: KeyImportError.size) {
                try PrivateKey.import(key.members, secrets: empty)
            }
        }
        #expect(throws: KeyImportError.size) {
            try PrivateKey.import(key.members, secrets: Array(secrets.dropLast()))
        }
        #expect(throws: PrivateKey.Failure.library) {
            try PrivateKey.generate(.rsa, bits: 1024)
        }
    }
}
