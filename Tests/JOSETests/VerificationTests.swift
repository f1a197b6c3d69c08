// SPDX-License-Identifier: Apache-2.0
// Signatures of whole tokens: published vectors and what must fail (JOSE-10 to JOSE-12, JOSE-23).

import Cryptography
import JOSE
import JSON
import Minting
import Octets
import Testing

private func verify(_ token: String, _ key: JWK) -> String? {
    brokenRule {
        try JWSVerification.verify(try CompactJWS(Array(token.utf8)), key: key, algorithm: .es256)
    }
}

@Suite struct PublishedTokenTests {
    @Test(
        "JOSE-12: the published tokens hold under their keys, most of them with a high s",
        arguments: [
            (Vectors.ca10, Vectors.attester), (Vectors.pop10AS, Vectors.instance),
            (Vectors.pop10RS, Vectors.instance), (Vectors.pop08, Vectors.instance),
            (Vectors.ca06, Vectors.attester), (Vectors.ca05, Vectors.attester),
            (Vectors.pop05, Vectors.attester),
        ])
    func published(token: String, key: ECKeyVector) throws {
        #expect(verify(token, try key.jwk()) == nil)
        for other in [Vectors.attester, Vectors.instance, Vectors.earlierInstance]
        where other.x != key.x {
            #expect(verify(token, try other.jwk()) == "JOSE-23")
        }
    }

    @Test("the early proofs do not hold under the key their attestation confirms")
    func earlyProofs() throws {
        for text in [Vectors.ca05, Vectors.ca06] {
            let attestation = try CompactJWS(Array(text.utf8))
            let confirmed = try #require(attestation.payload["cnf"]?.object?["jwk"])
            let key = try JWK(confirmed)
            #expect(key.thumbprint.description == Vectors.earlierInstance.thumbprint)
            #expect(verify(Vectors.pop05, key) == "JOSE-23")
        }
    }

    @Test(
        "DPoP proofs hold under the key of their header",
        arguments: [
            Vectors.dpop9449, Vectors.dpopSlide,
        ])
    func dpop(token: String) throws {
        let jws = try CompactJWS(Array(token.utf8))
        let key = try JWK(try #require(jws.header.object["jwk"]))
        #expect(verify(token, key) == nil)
        #expect(jws.header.type == Array("dpop+jwt".utf8))
        if token == Vectors.dpop9449 {
            #expect(key.thumbprint.description == Vectors.dpop9449Thumbprint)
        }
    }

    @Test("the wallet sample holds under the key of its certificate")
    func wallet() throws {
        let jws = try CompactJWS(Array(Vectors.caVCI.utf8))
        let certificate = try #require(jws.header.object["x5c"]?.array?.first?.string)
        let der = try #require(Base64.decode(certificate))
        // The certificate carries one uncompressed P-256 point, after the bit string's header.
        let prefix: [UInt8] = [0x03, 0x42, 0x00, 0x04]
        let start = try #require(
            der.indices.first { der[$0...].starts(with: prefix) }.map { $0 + prefix.count })
        let key = try PublicKey(
            curve: .p256, x: Array(der[start..<(start + 32)]),
            y: Array(der[(start + 32)..<(start + 64)]))
        try JWSVerification.verify(jws, key: key, algorithm: .es256)
    }

    @Test(
        "derived signatures get their verdicts: JOSE-02, JOSE-11, JOSE-12, JOSE-23",
        arguments: [
            ("V1", Vectors.Signatures.v1, nil), ("V2", Vectors.Signatures.v2, "JOSE-11"),
            ("V3", Vectors.Signatures.v3, "JOSE-02"), ("V4", Vectors.Signatures.v4, "JOSE-02"),
            ("V5", Vectors.Signatures.v5, "JOSE-12"),
        ] as [(String, String, String?)])
    func derived(name: String, signature: String, expected: String?) throws {
        let token = Vectors.pop10AS(signature: signature)
        #expect(verify(token, try Vectors.instance.jwk()) == expected)
    }

    @Test("JOSE-23: V6, r and s swapped, is refused")
    func swapped() throws {
        let raw = try #require(Base64URL.decode(Array(Vectors.Signatures.original.utf8)))
        let swapped = Base64URL.encodeToString(Array(raw[32...] + raw[..<32]))
        let token = Vectors.pop10AS(signature: swapped)
        #expect(verify(token, try Vectors.instance.jwk()) == "JOSE-23")
    }
}

@Suite struct VerificationTests {
    let key: SigningKey
    let header = Array(#"{"typ":"x+jwt","alg":"ES256"}"#.utf8)
    let payload = Array(#"{"sub":"a"}"#.utf8)

    init() throws {
        key = try SigningKey.generate(.es256)
    }

    private func rule(_ token: [UInt8], _ algorithm: JWSAlgorithm = .es256) -> String? {
        brokenRule {
            try JWSVerification.verify(try CompactJWS(token), key: key.jwk, algorithm: algorithm)
        }
    }

    @Test("JOSE-23: the signature covers the received octets, not their meaning")
    func receivedOctets() throws {
        let token = try JWTMint.sign(header: header, payload: payload, key: key)
        #expect(rule(token) == nil)
        let parts = token.split(separator: UInt8(ascii: ".")).map(Array.init)
        let dot = [UInt8(ascii: ".")]
        let spaced = Base64URL.encode(Array(#"{"sub": "a"}"#.utf8))
        #expect(rule(Array([parts[0], spaced, parts[2]].joined(separator: dot))) == "JOSE-23")
        let reordered = Base64URL.encode(Array(#"{"alg":"ES256","typ":"x+jwt"}"#.utf8))
        #expect(rule(Array([reordered, parts[1], parts[2]].joined(separator: dot))) == "JOSE-23")
        // Every single bit of every part matters.
        for index in token.indices where token[index] != UInt8(ascii: ".") {
            var changed = token
            changed[index] ^= 1
            #expect(rule(changed) != nil)
        }
    }

    @Test("JOSE-10: the header's algorithm must be the one that was chosen")
    func headerAlgorithm() throws {
        for name in ["ES384", "HS256", "none", "es256", "RS256"] {
            let header = Array(#"{"alg":"\#(name)"}"#.utf8)
            let token = try JWTMint.sign(header: header, payload: payload, key: key)
            #expect(rule(token) == "JOSE-10")
        }
    }

    @Test("JOSE-10: an HMAC keyed with the public key's octets is not a signature")
    func publicKeyAsSecret() throws {
        let header = Base64URL.encode(Array(#"{"alg":"HS256"}"#.utf8))
        let input = header + [UInt8(ascii: ".")] + Base64URL.encode(payload)
        let tag = HMAC.sha256(key: Secret(key.publicJWK), input)
        let token = input + [UInt8(ascii: ".")] + Base64URL.encode(tag)
        #expect(rule(token) == "JOSE-10")
        #expect(rule(token, .hs256) == "JOSE-19")
        let jws = try CompactJWS(token)
        #expect(
            brokenRule {
                try JWSVerification.verify(jws, key: key.jwk.publicKey, algorithm: .hs256)
            }
                == "JOSE-10")
    }

    @Test("JOSE-10: a key of another curve never verifies ES256")
    func otherCurve() throws {
        let other = try PrivateKey.generate(.p384).publicKey()
        let jws = try CompactJWS(try JWTMint.sign(header: header, payload: payload, key: key))
        #expect(
            brokenRule { try JWSVerification.verify(jws, key: other, algorithm: .es256) }
                == "JOSE-10")
    }

    @Test(
        "JOSE-11: signatures of other lengths are refused before any key is asked",
        arguments: [
            1, 63, 65, 70, 71, 72, 96, 132,
        ])
    func length(count: Int) {
        let signature = [UInt8](repeating: 0x30, count: count)
        let token = unsigned(
            header: String(decoding: header, as: UTF8.self), payload: "{}", signature: signature)
        #expect(rule(token) == "JOSE-11")
    }

    @Test("JOSE-12: r and s out of range are refused")
    func range() throws {
        let n = try #require(
            Hex.decode(
                Array("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551".utf8)))
        let zero = [UInt8](repeating: 0, count: 32)
        let one = Array(zero.dropLast() + [1])
        let above = Array(n.dropLast() + [0x52])
        for bad in [
            zero + zero, zero + one, one + zero, n + one, one + n, above + one, one + above,
        ] {
            let token = unsigned(
                header: String(decoding: header, as: UTF8.self), payload: "{}", signature: bad)
            #expect(rule(token) == "JOSE-12")
        }
    }

    @Test("JOSE-19: a key with another alg verifies nothing")
    func keyForAnotherAlgorithm() throws {
        let token = Vectors.ca10
        #expect(verify(token, try Vectors.attester.jwk(adding: #","alg":"ES384""#)) == "JOSE-19")
        #expect(verify(token, try Vectors.attester.jwk(adding: #","alg":"ES256""#)) == nil)
    }
}
