// SPDX-License-Identifier: Apache-2.0
// Tokens under a shared secret, for attesters that are configured with one (JOSE-17).

import Cryptography
import JOSE
import JSON
import Minting
import Octets
import Testing

@Suite struct MACTests {
    static let algorithms: [JWSAlgorithm] = [.hs256, .hs384, .hs512]
    let payload = Array(#"{"sub":"a"}"#.utf8)

    private func token(_ algorithm: JWSAlgorithm, _ secret: Secret) throws -> [UInt8] {
        let header = Array(#"{"alg":"\#(algorithm.rawValue)","kid":"m"}"#.utf8)
        return try JWTMint.sign(
            header: header, payload: payload, secret: secret, algorithm: algorithm)
    }

    private func rule(_ token: [UInt8], _ secret: Secret, _ algorithm: JWSAlgorithm) -> String? {
        brokenRule {
            try JWSVerification.verify(
                try CompactJWS(token), secret: secret, algorithm: algorithm)
        }
    }

    @Test("JOSE-17: a MAC holds under its own secret and hash alone", arguments: algorithms)
    func matrix(algorithm: JWSAlgorithm) throws {
        let secret = Random.secret(64)
        let token = try token(algorithm, secret)
        #expect(rule(token, secret, algorithm) == nil)
        #expect(rule(token, Random.secret(64), algorithm) == "JOSE-23")
        for other in Self.algorithms where other != algorithm {
            #expect(rule(token, secret, other) == "JOSE-10")
        }
        let dot = UInt8(ascii: ".")
        for index in token.indices where token[index] != dot {
            var changed = token
            changed[index] ^= 1
            #expect(rule(changed, secret, algorithm) != nil)
        }
        let parts = token.split(separator: dot).map(Array.init)
        let tag = try #require(Base64URL.decode(parts[2]))
        for other in [Array(tag.dropLast()), tag + [0], [0], Array(tag[..<16])] {
            let short = parts[0] + [dot] + parts[1] + [dot] + Base64URL.encode(other)
            #expect(rule(short, secret, algorithm) == "JOSE-23")
        }
    }

    @Test("JOSE-17: a secret is at least as long as the hash", arguments: algorithms)
    func secretLength(algorithm: JWSAlgorithm) throws {
        let size = try #require(algorithm.mac?.size)
        #expect(size == [.hs256: 32, .hs384: 48, .hs512: 64][algorithm])
        for count in [0, 1, 31, size - 1] {
            let secret = Random.secret(count)
            let token = try token(algorithm, secret)
            #expect(rule(token, secret, algorithm) == "JOSE-17")
            let jws = try CompactJWS(token)
            let message = jws.token[jws.signingInput]
            let holds = algorithm.mac?.verify(tag: jws.signature, key: secret, message: message)
            #expect(holds == false)
        }
        for count in [size, size + 1, 200] {
            let secret = Random.secret(count)
            #expect(rule(try token(algorithm, secret), secret, algorithm) == nil)
        }
    }

    @Test("JOSE-17: no other algorithm takes a secret, and no MAC takes a public key")
    func noConfusion() throws {
        let secret = Random.secret(64)
        let key = try SigningKey.generate()
        for algorithm in JWSAlgorithm.allCases where algorithm.mac == nil {
            let header = Array(#"{"alg":"\#(algorithm.rawValue)"}"#.utf8)
            let token = try JWTMint.sign(
                header: header, payload: payload, secret: secret, algorithm: .hs256)
            #expect(rule(token, secret, algorithm) == "JOSE-17")
            #expect(throws: MintingError.unsupportedAlgorithm) {
                try JWTMint.sign(
                    header: header, payload: payload, secret: secret, algorithm: algorithm)
            }
        }
        for algorithm in Self.algorithms {
            #expect(!algorithm.isImplemented && !key.jwk.isUsable(with: algorithm))
            // The attack: the public key's text as the secret of a MAC.
            let jws = try CompactJWS(try token(algorithm, Secret(key.publicJWK)))
            #expect(
                brokenRule {
                    try JWSVerification.verify(
                        jws, key: key.jwk.publicKey, algorithm: algorithm)
                } == "JOSE-10")
        }
    }

    @Test("JOSE-17: an attestation can be minted under a secret", arguments: algorithms)
    func attestation(algorithm: JWSAlgorithm) throws {
        let secret = Random.secret(64)
        var parameters = AttestationMint.Parameters(
            subject: Array("client".utf8), expires: UnixTime(1_772_487_600),
            instanceKey: try SigningKey.generate().publicJWK)
        parameters.keyID = Array("m".utf8)
        let token = try AttestationMint.token(parameters, secret: secret, algorithm: algorithm)
        #expect(rule(token, secret, algorithm) == nil)
        let jws = try CompactJWS(token)
        #expect(jws.header.keyID == Array("m".utf8) && jws.header.type == AttestationMint.type)
        #expect(jws.payload["sub"]?.string == Array("client".utf8))
    }

    @Test("HS256 of RFC 7515 appendix A.1 holds")
    func rfc7515() throws {
        let key = try #require(
            Base64URL.decode(
                Array(
                    ("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAz"
                        + "Zr1Z9CAow").utf8)))
        let input =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs"
            + "DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let token = Array((input + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").utf8)
        #expect(rule(token, Secret(key), .hs256) == nil)
    }
}
