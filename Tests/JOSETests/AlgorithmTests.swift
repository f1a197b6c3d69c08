// SPDX-License-Identifier: Apache-2.0
// Every algorithm of the table: made, minted, read back, and refused under any other.

import Cryptography
import JOSE
import JSON
import Minting
import Octets
import Testing

/// One key for each algorithm that has a public half; made once, RSA takes long.
private let keys = Result {
    var keys: [JWSAlgorithm: SigningKey] = [:]
    for algorithm in JWSAlgorithm.allCases where algorithm.isImplemented {
        keys[algorithm] = try SigningKey.generate(algorithm, keyID: Array("k".utf8))
    }
    return keys
}

@Suite struct AlgorithmTests {
    let keys: [JWSAlgorithm: SigningKey]
    let payload = Array(#"{"sub":"a"}"#.utf8)

    init() throws {
        keys = try JOSETests.keys.get()
    }

    private func token(_ algorithm: JWSAlgorithm, by key: SigningKey) throws -> [UInt8] {
        let header = Array(#"{"alg":"\#(algorithm.rawValue)"}"#.utf8)
        return try JWTMint.sign(header: header, payload: payload, key: key)
    }

    @Test("the table: names, families and what is built")
    func table() {
        let built = JWSAlgorithm.allCases.filter(\.isImplemented).map(\.rawValue)
        #expect(
            built == [
                "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                "Ed25519", "Ed448", "EdDSA",
            ])
        #expect(
            JWSAlgorithm.allCases.filter { $0.mac != nil }.map(\.rawValue) == [
                "HS256", "HS384", "HS512",
            ])
    }

    @Test("JOSE-10: a token holds under its own algorithm and key, and under nothing else")
    func matrix() throws {
        for (algorithm, key) in keys {
            let jws = try CompactJWS(try token(algorithm, by: key))
            for other in JWSAlgorithm.allCases {
                let rule = brokenRule {
                    try JWSVerification.verify(jws, key: key.jwk.publicKey, algorithm: other)
                }
                let isBuilt = other.isImplemented || other.mac != nil
                let expected = isBuilt ? "JOSE-10" : "JOSE-27"
                #expect(rule == (other == algorithm ? nil : expected), "\(algorithm) \(other)")
            }
            for (other, otherKey) in keys where other != algorithm {
                let rule = brokenRule {
                    try JWSVerification.verify(
                        jws, key: otherKey.jwk.publicKey, algorithm: algorithm)
                }
                let kind = otherKey.jwk.publicKey.kind
                // EdDSA with a key of its other curve: the signature has not that curve's length.
                let isOtherCurve = kind != key.jwk.publicKey.kind
                let expected =
                    algorithm.scheme(for: kind) == nil
                    ? "JOSE-10" : isOtherCurve ? "JOSE-16" : "JOSE-23"
                #expect(rule == expected, "\(algorithm) \(other)")
            }
        }
    }

    @Test("JOSE-10: a header that names another algorithm of the same key does not change it")
    func renamed() throws {
        for (name, other) in [("RS256", "PS256"), ("PS256", "RS256"), ("RS256", "RS512")] {
            let (algorithm, claimed) = (
                try #require(JWSAlgorithm(rawValue: name)),
                try #require(JWSAlgorithm(rawValue: other))
            )
            let key = try #require(keys[algorithm])
            let jws = try CompactJWS(try token(claimed, by: key))
            #expect(
                brokenRule {
                    try JWSVerification.verify(
                        jws, key: key.jwk.publicKey, algorithm: algorithm)
                } == "JOSE-10")
            #expect(
                brokenRule {
                    try JWSVerification.verify(jws, key: key.jwk.publicKey, algorithm: claimed)
                } == "JOSE-23")
        }
    }

    @Test("JOSE-10, JOSE-16: EdDSA means the curve of the key, in both directions")
    func edDSA() throws {
        let ed25519 = try #require(keys[.ed25519])
        let ed448 = try #require(keys[.ed448])
        for key in [ed25519, ed448] {
            let jws = try CompactJWS(try token(.edDSA, by: key))
            try JWSVerification.verify(jws, key: key.jwk.publicKey, algorithm: .edDSA)
        }
        let jws = try CompactJWS(try token(.ed25519, by: ed448))
        #expect(
            brokenRule {
                try JWSVerification.verify(jws, key: ed448.jwk.publicKey, algorithm: .ed25519)
            } == "JOSE-10")
    }

    @Test("JOSE-16, JOSE-19: a key named EdDSA serves Ed25519 and the reverse, and nothing more")
    func edDSAName() throws {
        let named = try #require(keys[.edDSA])
        let exact = try #require(keys[.ed25519])
        for key in [named, exact] {
            for algorithm: JWSAlgorithm in [.ed25519, .edDSA] {
                #expect(key.jwk.isUsable(with: algorithm))
                let jws = try CompactJWS(try token(algorithm, by: key))
                try JWSVerification.verify(jws, key: key.jwk, algorithm: algorithm)
            }
            #expect(!key.jwk.isUsable(with: .ed448))
        }
        let ed448 = try #require(keys[.ed448])
        #expect(ed448.jwk.isUsable(with: .ed448))
        #expect(!ed448.jwk.isUsable(with: .ed25519))
    }

    @Test(
        "JOSE-11: a signature has the length of its curve", arguments: [JWSAlgorithm.es384, .es512])
    func ecdsaLength(algorithm: JWSAlgorithm) throws {
        let key = try #require(keys[algorithm])
        for count in [64, 95, 97, 104, 131, 133] {
            let token = unsigned(
                header: #"{"alg":"\#(algorithm.rawValue)"}"#, payload: "{}",
                signature: [UInt8](repeating: 1, count: count))
            let jws = try CompactJWS(token)
            #expect(
                brokenRule { try JWSVerification.verify(jws, key: key.jwk, algorithm: algorithm) }
                    == "JOSE-11")
        }
    }

    @Test("JOSE-16: an EdDSA signature has its length and S is below L")
    func edwardsForm() throws {
        for algorithm: JWSAlgorithm in [.ed25519, .ed448] {
            let key = try #require(keys[algorithm])
            let size = algorithm == .ed25519 ? 64 : 114
            for signature in [
                [UInt8](repeating: 0, count: size - 1), [UInt8](repeating: 0, count: size + 1),
                [UInt8](repeating: 0xFF, count: size),
            ] {
                let token = unsigned(
                    header: #"{"alg":"\#(algorithm.rawValue)"}"#, payload: "{}",
                    signature: signature)
                let jws = try CompactJWS(token)
                #expect(
                    brokenRule {
                        try JWSVerification.verify(jws, key: key.jwk, algorithm: algorithm)
                    } == "JOSE-16")
            }
        }
    }

    @Test("JOSE-23: the signature of RFC 8037 appendix A.4 holds")
    func rfc8037() throws {
        let x = try #require(Base64URL.decode(Array(KeyVectors.ed25519x.utf8)))
        let key = try PublicKey(curve: .ed25519, x: x)
        let input = Array("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
        let signature = try #require(
            Base64URL.decode(
                Array(
                    ("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr"
                        + "_MuM0KAg").utf8)))
        #expect(key.verify(.ed25519, signature: signature, message: input[...]))
    }

    @Test("a key of every algorithm survives its private JWK and shows nothing private in public")
    func jwkRoundTrip() throws {
        let secrets = ["d", "p", "q", "dp", "dq", "qi"]
        for (algorithm, key) in keys {
            let again = try SigningKey(jwk: key.privateJWK)
            #expect(again.algorithm == algorithm && again.keyID == Array("k".utf8))
            #expect(again.thumbprint == key.thumbprint)
            let jws = try CompactJWS(try token(algorithm, by: again))
            try JWSVerification.verify(jws, key: key.jwk, algorithm: algorithm)
            let names = try object(String(decoding: key.publicJWK, as: UTF8.self)).members
                .map { String(decoding: $0.name, as: UTF8.self) }
            #expect(names.first == "kty" && !names.contains(where: secrets.contains))
            #expect(throws: MintingError.noPrivateKey) { try SigningKey(jwk: key.publicJWK) }
            let set = try JWKSet(parsing: key.publicJWKSet)
            guard case .one(let found) = set.select(keyID: key.keyID, algorithm: algorithm) else {
                Issue.record("\(algorithm) key not found in its own set")
                continue
            }
            #expect(found.thumbprint == key.thumbprint)
        }
    }

    @Test("a private JWK without alg signs with the usual algorithm of its family")
    func usualAlgorithm() throws {
        for algorithm: JWSAlgorithm in [.es256, .es384, .es512, .rs256, .ed25519, .ed448] {
            let key = try #require(keys[algorithm])
            let text = String(decoding: key.privateJWK, as: UTF8.self)
                .replacing(#""alg":"\#(algorithm.rawValue)","#, with: "")
            #expect(try SigningKey(jwk: Array(text.utf8)).algorithm == algorithm)
        }
        let text = String(decoding: try #require(keys[.rs256]).privateJWK, as: UTF8.self)
        for name in ["ES256", "HS256", "RSA1_5", "ML-DSA-44"] {
            let other = text.replacing(#""alg":"RS256""#, with: #""alg":"\#(name)""#)
            #expect(throws: MintingError.unsupportedAlgorithm) {
                try SigningKey(jwk: Array(other.utf8))
            }
        }
    }
}
