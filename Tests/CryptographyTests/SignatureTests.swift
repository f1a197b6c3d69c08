// SPDX-License-Identifier: Apache-2.0
// Key import, ECDSA signatures and their wire form (JOSE-11, JOSE-12, JOSE-13).

import Cryptography
import Octets
import Testing

private func hex(_ text: String) throws -> [UInt8] {
    try #require(Hex.decode(Array(text.utf8)))
}

/// n of P-256.
private let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
/// p of P-256.
private let prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"

@Suite struct SignatureTests {
    let message = Array("message".utf8)

    @Test("what is signed verifies, and with any change it does not")
    func signAndVerify() throws {
        let key = try PrivateKey.generate(.p256)
        let publicKey = try key.publicKey()
        let signature = try key.sign(.es256, message)
        #expect(signature.count == 64)
        func verifies(_ signature: [UInt8], _ message: [UInt8], _ key: PublicKey) -> Bool {
            key.verify(.es256, signature: signature, message: message[...])
        }
        #expect(verifies(signature, message, publicKey))
        let embedded = [0] + message + [0]
        #expect(
            publicKey.verify(
                .es256, signature: signature, message: embedded[1..<(embedded.count - 1)]))
        #expect(!verifies(signature, message + [0], publicKey))
        #expect(!verifies(signature, message, try PrivateKey.generate(.p256).publicKey()))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 0x01
            #expect(!verifies(changed, message, publicKey))
        }
        #expect(!verifies(Array(signature[32...] + signature[..<32]), message, publicKey))
    }

    @Test("JOSE-12: signatures with short r or s verify, whatever their leading zeros")
    func manySignatures() throws {
        let key = try PrivateKey.generate(.p256)
        let publicKey = try key.publicKey()
        var sawLeadingZero = false
        for counter in 0..<600 {
            let message = Array("message \(counter)".utf8)
            let signature = try key.sign(.es256, message)
            sawLeadingZero = sawLeadingZero || signature[0] == 0 || signature[32] == 0
            #expect(publicKey.verify(.es256, signature: signature, message: message[...]))
        }
        // 600 signatures have none with probability 0.9 %, so this is said, not required.
        if !sawLeadingZero { print("no signature had a leading zero this time") }
    }

    @Test(
        "JOSE-11: a raw signature has 64 octets exactly",
        arguments: [0, 1, 63, 65, 70, 71, 96, 132])
    func length(count: Int) throws {
        let raw = [UInt8](repeating: 1, count: count)
        #expect(throws: ECDSASignature.Fault.length) {
            try ECDSASignature.check(raw, curve: .p256)
        }
    }

    @Test("JOSE-12: r and s lie in 1 to n-1")
    func range() throws {
        let zero = [UInt8](repeating: 0, count: 32)
        let one = Array(zero.dropLast() + [1])
        let n = try hex(order)
        let below = Array(n.dropLast() + [0x50])
        let above = Array(n.dropLast() + [0x52])
        let ones = [UInt8](repeating: 0xFF, count: 32)
        for good in [one, below] {
            try ECDSASignature.check(good + one, curve: .p256)
            try ECDSASignature.check(one + good, curve: .p256)
        }
        for bad in [zero, n, above, ones] {
            for raw in [bad + one, one + bad, bad + bad] {
                #expect(throws: ECDSASignature.Fault.range) {
                    try ECDSASignature.check(raw, curve: .p256)
                }
            }
        }
    }

    @Test("JOSE-12: a high s is as valid as a low one")
    func highS() throws {
        let key = try PrivateKey.generate(.p256)
        let signature = try key.sign(.es256, message)
        var mirrored = try hex(order)
        var borrow = 0
        for index in (0..<32).reversed() {
            let difference = Int(mirrored[index]) - Int(signature[32 + index]) - borrow
            mirrored[index] = UInt8(truncatingIfNeeded: difference)
            borrow = difference < 0 ? 1 : 0
        }
        let other = Array(signature[..<32]) + mirrored
        #expect(other != signature)
        #expect(try key.publicKey().verify(.es256, signature: other, message: message[...]))
    }

    @Test("JOSE-10: a key of another curve verifies nothing and does not sign")
    func wrongCurve() throws {
        let key = try PrivateKey.generate(.p384)
        let signature = try PrivateKey.generate(.p256).sign(.es256, message)
        #expect(throws: PrivateKey.Failure.wrongKind) { try key.sign(.es256, message) }
        #expect(!(try key.publicKey().verify(.es256, signature: signature, message: message[...])))
    }

    @Test("JOSE-10: a P-256 key signs nothing with the hash and length of a longer curve")
    func longerForm() throws {
        // Made with `openssl dgst -sha512 -sign` and `-sha384`, the private key thrown away; the
        // numbers are good, so that only the kind of the key is wrong.
        let key = try PublicKey(
            curve: .p256,
            x: try hex("a053c7ab85595c1f13bd45a74c9f0e57f4075dd4295cc867645e1938ed324651"),
            y: try hex("c7c5864b91b6474e4473e8440bf7c518284314143c84692f7e7360824e6ddc6a"))
        let cases: [(SignatureScheme, EllipticCurve, String, String)] = [
            (
                .es512, .p521, "19e41f12222805aa8fc0270b6582c601123a99e7b7b439f295a7bef652768c6b",
                "df82ce454915160b5e4e4e002007a26938c2dfdff646c0dddf9885f5b8529b9f"
            ),
            (
                .es384, .p384, "0b269a34cbf766d7cafb6b3be008816c3de692a6171cdbde361d0cd7669ee6b4",
                "71d5ed0629ae8076d688c2c02c2d5c7c67a3a53180233c2cbd85dfdfdaefcbda"
            ),
        ]
        for (scheme, curve, r, s) in cases {
            let padding = [UInt8](repeating: 0, count: curve.size - 32)
            let signature = try padding + hex(r) + padding + hex(s)
            #expect(!key.verify(scheme, signature: signature, message: message[...]))
        }
    }

    @Test("JOSE-13: coordinates have exactly the curve's size", arguments: EllipticCurve.allCases)
    func sizes(curve: EllipticCurve) throws {
        let key = try PrivateKey.generate(curve)
        #expect(key.x.count == [.p256: 32, .p384: 48, .p521: 66][curve])
        #expect(try key.publicKey().kind == .ec(curve))
        for x in [Array(key.x.dropFirst()), [0] + key.x, key.x + [0], []] {
            #expect(throws: KeyImportError.size) { try PublicKey(curve: curve, x: x, y: key.y) }
            #expect(throws: KeyImportError.size) { try PublicKey(curve: curve, x: key.x, y: x) }
        }
    }

    @Test("JOSE-13: coordinates are below the prime", arguments: EllipticCurve.allCases)
    func belowPrime(curve: EllipticCurve) throws {
        let key = try PrivateKey.generate(curve)
        let ones = [UInt8](repeating: 0xFF, count: curve.size)
        #expect(throws: KeyImportError.range) { try PublicKey(curve: curve, x: ones, y: key.y) }
        #expect(throws: KeyImportError.range) { try PublicKey(curve: curve, x: key.x, y: ones) }
        guard curve == .p256 else { return }
        let p = try hex(prime)
        #expect(throws: KeyImportError.range) { try PublicKey(curve: .p256, x: p, y: key.y) }
        #expect(throws: KeyImportError.notOnCurve) {
            try PublicKey(curve: .p256, x: Array(p.dropLast() + [0xFE]), y: key.y)
        }
    }

    @Test("JOSE-13: the same point plus the prime is not a second text of one key")
    func unreducedCoordinate() throws {
        // x = 5 is on P-256 with this y; x + p fits into 32 octets and must still be refused.
        let y = try hex("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc")
        let five = [UInt8](repeating: 0, count: 31) + [5]
        #expect(throws: Never.self) { try PublicKey(curve: .p256, x: five, y: y) }
        let unreduced = try hex("ffffffff00000001000000000000000000000001000000000000000000000004")
        #expect(throws: KeyImportError.range) {
            try PublicKey(curve: .p256, x: unreduced, y: y)
        }
    }

    @Test(
        "JOSE-13: points off the curve and infinity are refused", arguments: EllipticCurve.allCases)
    func offCurve(curve: EllipticCurve) throws {
        let key = try PrivateKey.generate(curve)
        var other = key.y
        other[other.count - 1] ^= 1
        let zero = [UInt8](repeating: 0, count: curve.size)
        for (x, y) in [(key.x, other), (zero, zero), (key.x, zero)] {
            #expect(throws: KeyImportError.notOnCurve) { try PublicKey(curve: curve, x: x, y: y) }
        }
    }

    @Test("a private key survives export and import, and mismatched halves are refused")
    func privateImport() throws {
        for curve in EllipticCurve.allCases {
            let key = try PrivateKey.generate(curve)
            let again = try PrivateKey.import(curve: curve, d: key.scalar(), x: key.x, y: key.y)
            #expect(ConstantTime.equal(try again.scalar(), try key.scalar().bytes))
            let other = try PrivateKey.generate(curve)
            #expect(throws: KeyImportError.mismatch) {
                try PrivateKey.import(curve: curve, d: other.scalar(), x: key.x, y: key.y)
            }
            #expect(throws: (any Error).self) {
                try PrivateKey.import(
                    curve: curve, d: Secret([UInt8](repeating: 0, count: curve.size)), x: key.x,
                    y: key.y)
            }
            #expect(throws: KeyImportError.size) {
                try PrivateKey.import(curve: curve, d: Secret([1]), x: key.x, y: key.y)
            }
            #expect("\(key)" == "<private key>")
        }
    }
}
