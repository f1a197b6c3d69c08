// SPDX-License-Identifier: Apache-2.0
// Signatures against the Wycheproof vectors in wire form.
//
// Every case of the files named here is judged. Those that do not apply, or get another verdict
// than the published one, are in `exceptions` with the reason, and printed.

import Cryptography
import Foundation
import Octets
import Testing

private struct Vectors: Decodable {
    struct Group: Decodable {
        struct Key: Decodable {
            let uncompressed: String?
            let pk: String?
            let modulus: String?
            let publicExponent: String?
        }
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

private func hex(_ text: String) throws -> [UInt8] {
    try #require(Hex.decode(Array(text.utf8)))
}

@Suite struct WycheproofTests {
    /// How many cases of a file do not apply, by reason.
    static let exceptions: [String: [String: Int]] = [
        "rsa_signature_2048_sha256_test.json": [
            "keys with e = 3, which JOSE-14 refuses": 2,
            "acceptable (Missing NULL in the ASN encoding), which need not be taken": 1,
        ]
    ]

    static let curves: [(String, SignatureScheme, EllipticCurve)] = [
        ("ecdsa_secp256r1_sha256_p1363_test.json", .es256, .p256),
        ("ecdsa_secp384r1_sha384_p1363_test.json", .es384, .p384),
        ("ecdsa_secp521r1_sha512_p1363_test.json", .es512, .p521),
    ]

    @Test(
        "JOSE-11, JOSE-12: the Wycheproof vectors for ECDSA get their verdicts", arguments: curves)
    func ecdsa(file: String, scheme: SignatureScheme, curve: EllipticCurve) throws {
        try run(file, scheme) { key in
            let point = try hex(try #require(key.uncompressed))
            let size = curve.size
            return .ec(curve, x: Array(point[1...size]), y: Array(point[(size + 1)...]))
        }
    }

    @Test("JOSE-16: the Wycheproof vectors for Ed25519 get their verdicts")
    func ed25519() throws {
        try run("ed25519_test.json", .ed25519) { key in
            .edwards(.ed25519, x: try hex(try #require(key.pk)))
        }
    }

    @Test(
        "JOSE-14, JOSE-15: the Wycheproof vectors for RSA get their verdicts",
        arguments: [
            ("rsa_signature_2048_sha256_test.json", SignatureScheme.rs256),
            ("rsa_pss_2048_sha256_mgf1_32_test.json", .ps256),
        ])
    func rsa(file: String, scheme: SignatureScheme) throws {
        try run(file, scheme) { key in
            func number(_ text: String?) throws -> [UInt8] {
                Array(try hex(try #require(text)).drop { $0 == 0 })
            }
            return .rsa(n: try number(key.modulus), e: try number(key.publicExponent))
        }
    }

    private func run(
        _ file: String, _ scheme: SignatureScheme,
        key members: (Vectors.Group.Key) throws -> KeyMembers
    ) throws {
        guard let data = sharedData("wycheproof/\(file)") else { return }
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(data))
        var count = 0
        var exceptions: [String: Int] = [:]
        for group in vectors.testGroups {
            let members = try members(group.publicKey)
            let key = try? PublicKey(members)
            if case .rsa(_, e: [3]) = members {
                #expect(key == nil)
                count += group.tests.count
                exceptions["keys with e = 3, which JOSE-14 refuses", default: 0] +=
                    group.tests.count
                continue
            }
            let publicKey = try #require(key)
            for test in group.tests {
                let message = try hex(test.msg)
                let isValid = publicKey.verify(
                    scheme, signature: try hex(test.sig), message: message[...])
                #expect(isValid == (test.result == "valid"), "\(test.tcId) \(test.comment)")
                count += 1
                if test.result == "acceptable" {
                    let reason = "acceptable (\(test.comment)), which need not be taken"
                    exceptions[reason, default: 0] += 1
                }
            }
        }
        #expect(count == vectors.numberOfTests && count > 100)
        #expect(exceptions == Self.exceptions[file, default: [:]])
        print("Wycheproof \(file): \(count) cases; exceptions: \(exceptions)")
    }
}
