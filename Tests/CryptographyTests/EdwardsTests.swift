// SPDX-License-Identifier: Apache-2.0
// EdDSA keys and signatures: published vectors and what the library would let through (JOSE-16).

import Cryptography
import Octets
import Testing

private func hex(_ text: String) throws -> [UInt8] {
    try #require(Hex.decode(Array(text.utf8)))
}

/// A published pair with its signature.
struct EdwardsVector: Sendable {
    let curve: EdwardsCurve
    let seed: String
    let x: String
    let message: String
    let signature: String

    static let all = [
        // RFC 8032 section 7.1, test 3.
        EdwardsVector(
            curve: .ed25519,
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            x: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            message: "af82",
            signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
        // RFC 8032 section 7.4, blank.
        EdwardsVector(
            curve: .ed448,
            seed: "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3"
                + "528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
            x: "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778"
                + "edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
            message: "",
            signature: "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f"
                + "2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a"
                + "9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4db"
                + "b61149f05a7363268c71d95808ff2e652600"),
    ]
}

private func scheme(_ curve: EdwardsCurve) -> SignatureScheme {
    switch curve {
    case .ed25519: .ed25519
    case .ed448: .ed448
    }
}

@Suite struct EdwardsTests {
    @Test("EdDSA gives the vectors of RFC 8032", arguments: EdwardsVector.all)
    func published(vector: EdwardsVector) throws {
        let key = try PrivateKey.import(
            .edwards(vector.curve, x: try hex(vector.x)), secrets: [Secret(try hex(vector.seed))])
        let message = try hex(vector.message)
        let signature = try key.sign(scheme(vector.curve), message)
        #expect(Hex.encodeToString(signature) == vector.signature)
        let publicKey = try key.publicKey()
        #expect(publicKey.kind == .edwards(vector.curve))
        #expect(
            publicKey.verify(scheme(vector.curve), signature: signature, message: message[...]))
        #expect(try ConstantTime.equal(key.scalar(), try hex(vector.seed)))
    }

    @Test(
        "JOSE-16: what is signed verifies, and with any change not",
        arguments: EdwardsCurve.allCases)
    func changed(curve: EdwardsCurve) throws {
        let key = try PrivateKey.generate(.edwards(curve))
        let publicKey = try key.publicKey()
        let message = Array("message".utf8)
        let signature = try key.sign(scheme(curve), message)
        func verifies(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
            publicKey.verify(scheme(curve), signature: signature, message: message[...])
        }
        #expect(verifies(signature, message))
        #expect(!verifies(signature, message + [0]))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1
            #expect(!verifies(changed, message))
        }
        for other in EdwardsCurve.allCases where other != curve {
            let isValid = publicKey.verify(
                scheme(other), signature: signature, message: message[...])
            #expect(!isValid)
            #expect(throws: PrivateKey.Failure.wrongKind) { try key.sign(scheme(other), message) }
        }
    }

    @Test("JOSE-16: a signature has exactly two halves", arguments: EdwardsCurve.allCases)
    func length(curve: EdwardsCurve) throws {
        #expect(curve.size == [.ed25519: 32, .ed448: 57][curve])
        for count in [0, 1, 63, 65, 96, 113, 115, 128] {
            #expect(throws: EdwardsSignature.Fault.length) {
                try EdwardsSignature.check([UInt8](repeating: 0, count: count), curve: curve)
            }
        }
    }

    @Test(
        "JOSE-16: S is below L, and S + L is no second signature",
        arguments: [
            (
                EdwardsCurve.ed25519,
                "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"
            ),
            (
                EdwardsCurve.ed448,
                "003fffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                    + "7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3"
            ),
        ])
    func range(curve: EdwardsCurve, order: String) throws {
        let order = Array(try hex(order).reversed())
        let r = [UInt8](repeating: 1, count: curve.size)
        var below = order
        below[0] -= 1
        var above = order
        above[0] += 1
        try EdwardsSignature.check(r + below, curve: curve)
        for s in [order, above, [UInt8](repeating: 0xFF, count: curve.size)] {
            #expect(throws: EdwardsSignature.Fault.range) {
                try EdwardsSignature.check(r + s, curve: curve)
            }
        }
        let key = try PrivateKey.generate(.edwards(curve))
        var signature = try key.sign(scheme(curve), [1])
        var carry = 0
        for index in 0..<curve.size {
            let sum = Int(signature[curve.size + index]) + Int(order[index]) + carry
            signature[curve.size + index] = UInt8(truncatingIfNeeded: sum)
            carry = sum >> 8
        }
        #expect(throws: EdwardsSignature.Fault.range) {
            try EdwardsSignature.check(signature, curve: curve)
        }
        #expect(!(try key.publicKey().verify(scheme(curve), signature: signature, message: [1])))
    }

    @Test("JOSE-16: a key has exactly the curve's size", arguments: EdwardsCurve.allCases)
    func size(curve: EdwardsCurve) throws {
        let x = try PrivateKey.generate(.edwards(curve)).x
        for bad in [[], Array(x.dropLast()), x + [0], [0] + x] {
            #expect(throws: KeyImportError.size) { try PublicKey(curve: curve, x: bad) }
        }
    }

    /// Every encoding of the points whose order divides 8, or 4: the sign of x set and not.
    static let smallOrderPoints: [(EdwardsCurve, String)] = {
        let zeros = String(repeating: "0", count: 62)
        let ones = String(repeating: "f", count: 60)
        let long = String(repeating: "0", count: 110)
        let prime448 =
            "fe" + String(repeating: "f", count: 54) + "fe" + String(repeating: "f", count: 54)
        return [
            (.ed25519, "00" + zeros), (.ed25519, "00" + zeros.dropLast(2) + "80"),
            (.ed25519, "01" + zeros), (.ed25519, "01" + zeros.dropLast(2) + "80"),
            (.ed25519, "ec" + ones + "7f"), (.ed25519, "ec" + ones + "ff"),
            (.ed25519, "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            (.ed25519, "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
            (.ed25519, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            (.ed25519, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
            (.ed448, "00" + long + "00"), (.ed448, "00" + long + "80"),
            (.ed448, "01" + long + "00"), (.ed448, "01" + long + "80"),
            (.ed448, prime448 + "00"), (.ed448, prime448 + "80"),
        ]
    }()

    @Test(
        "JOSE-16: a point of small order is no key, because it signs for everyone",
        arguments: smallOrderPoints)
    func smallOrder(curve: EdwardsCurve, x: String) throws {
        let x = try hex(x)
        #expect(x.count == curve.size)
        #expect(throws: KeyImportError.smallOrder) { try PublicKey(curve: curve, x: x) }
    }

    @Test("JOSE-16: y is below the prime, so that a point has one encoding")
    func canonical() throws {
        let ones = String(repeating: "f", count: 60)
        let half448 = String(repeating: "f", count: 54)
        for (curve, x) in [
            (EdwardsCurve.ed25519, "ed" + ones + "7f"), (.ed25519, "ee" + ones + "7f"),
            (.ed25519, "f0" + ones + "7f"), (.ed25519, "ff" + ones + "ff"),
            (.ed448, "ff" + half448 + "fe" + half448 + "00"),
            (.ed448, "ff" + half448 + "ff" + half448 + "00"),
            (.ed448, "02" + String(repeating: "0", count: 110) + "01"),
            (.ed448, "02" + String(repeating: "0", count: 110) + "40"),
        ] {
            #expect(throws: KeyImportError.range) { try PublicKey(curve: curve, x: try hex(x)) }
        }
        #expect(throws: Never.self) {
            try PublicKey(curve: .ed25519, x: try hex("eb" + ones + "7f"))
        }
    }

    @Test("a seed that is not the key's is refused", arguments: EdwardsCurve.allCases)
    func mismatch(curve: EdwardsCurve) throws {
        let (key, other) = (
            try PrivateKey.generate(.edwards(curve)), try PrivateKey.generate(.edwards(curve))
        )
        #expect(throws: KeyImportError.mismatch) {
            try PrivateKey.import(key.members, secrets: [other.scalar()])
        }
        for secrets in [[], [Secret([1])], [try key.scalar(), try key.scalar()]] {
            #expect(throws: KeyImportError.size) {
                try PrivateKey.import(key.members, secrets: secrets)
            }
        }
        #expect(throws: Never.self) {
            try PrivateKey.import(key.members, secrets: key.secrets())
        }
    }
}
