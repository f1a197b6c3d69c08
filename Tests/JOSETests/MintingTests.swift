// SPDX-License-Identifier: Apache-2.0
// What is minted is what the kernel reads.

import Cryptography
import JOSE
import JSON
import Minting
import Octets
import Testing

@Suite struct MintingTests {
    let now = UnixTime(1_772_487_600)

    private func claims(_ token: [UInt8], key: SigningKey) throws -> (JOSEHeader, JWTClaims) {
        let jws = try CompactJWS(token)
        try JWSVerification.verify(jws, key: key.jwk, algorithm: .es256)
        return (jws.header, JWTClaims(jws.payload))
    }

    @Test("a key survives its private JWK, and the public one shows nothing private")
    func keys() throws {
        let key = try SigningKey.generate(.es256, keyID: Array("k\"1".utf8))
        let again = try SigningKey(jwk: key.privateJWK)
        #expect(again.thumbprint == key.thumbprint)
        #expect(again.keyID == Array("k\"1".utf8))
        #expect(try object(String(decoding: key.privateJWK, as: UTF8.self))["d"] != nil)
        #expect(try object(String(decoding: key.publicJWK, as: UTF8.self))["d"] == nil)
        let set = try JWKSet(parsing: key.publicJWKSet)
        guard case .one(let found) = set.select(keyID: key.keyID, algorithm: .es256) else {
            Issue.record("key not found in its own set")
            return
        }
        #expect(found.thumbprint == key.thumbprint)
        #expect(!"\(key)".contains("\"d\""))
        let message = Array("message".utf8)
        let signature = try again.sign(message)
        #expect(key.jwk.publicKey.verify(.es256, signature: signature, message: message[...]))
    }

    @Test("texts that hold no usable private key are refused")
    func badKeys() throws {
        let key = try SigningKey.generate()
        let other = try SigningKey.generate()
        func text(_ key: SigningKey) -> String { String(decoding: key.privateJWK, as: UTF8.self) }
        let d = try #require(try object(text(other))["d"]?.string)
        let mine = try #require(try object(text(key))["d"]?.string)
        let mixed = text(key).replacing(
            String(decoding: mine, as: UTF8.self), with: String(decoding: d, as: UTF8.self))
        #expect(throws: MintingError.noPrivateKey) { try SigningKey(jwk: Array(mixed.utf8)) }
        #expect(throws: MintingError.noPrivateKey) { try SigningKey(jwk: key.publicJWK) }
        #expect(throws: MintingError.noPrivateKey) { try SigningKey(jwk: Array("[]".utf8)) }
        #expect(throws: MintingError.self) { try SigningKey(jwk: Array("{".utf8)) }
        #expect(throws: MintingError.self) { try SigningKey(jwk: Array("{}".utf8)) }
        for algorithm: JWSAlgorithm in [.hs256, .es256k, .mldsa44] {
            #expect(throws: MintingError.unsupportedAlgorithm) {
                try SigningKey.generate(algorithm)
            }
        }
        let marked = text(key).replacing(#""use":"sig""#, with: #""use":"sig","key_ops":["sign"]"#)
        #expect(try SigningKey(jwk: Array(marked.utf8)).thumbprint == key.thumbprint)
    }

    @Test("attestations have the shape of their profile", arguments: MintingProfile.allCases)
    func attestations(profile: MintingProfile) throws {
        let attester = try SigningKey.generate(.es256, keyID: Array("11".utf8))
        let instance = try SigningKey.generate()
        let parameters = AttestationMint.Parameters.forProfile(
            profile, subject: Array("client".utf8), issuer: Array("https://attester".utf8),
            instanceKey: instance.publicJWK, now: now)
        let (header, claims) = try claims(
            try AttestationMint.token(parameters, key: attester), key: attester)
        #expect(header.type == AttestationMint.type)
        #expect(header.keyID == Array("11".utf8))
        #expect(try claims.string("sub", maxOctets: 2048) == Array("client".utf8))
        #expect(try claims.numericDate("exp") == NumericDate(seconds: now.seconds + 3600))
        let named: [MintingProfile] = [.abca05, .abca06, .abca07]
        #expect((try claims.string("iss", maxOctets: 2048) != nil) == named.contains(profile))
        let confirmed = try JWK(try #require(claims.object("cnf")?["jwk"]))
        #expect(confirmed.thumbprint == instance.thumbprint)
    }

    @Test("proofs have the shape of their profile", arguments: MintingProfile.allCases)
    func proofs(profile: MintingProfile) throws {
        let instance = try SigningKey.generate(.es256, keyID: Array("i".utf8))
        let parameters = ProofMint.Parameters.forProfile(
            profile, clientID: Array("client".utf8), audience: Array("https://as".utf8),
            challenge: Array("c".utf8), now: now)
        let (header, claims) = try claims(
            try ProofMint.token(parameters, key: instance), key: instance)
        let isEarly = profile == .abca05
        #expect(header.type == ProofMint.type)
        #expect(header.keyID == nil)
        #expect(try claims.audience() == .one(Array("https://as".utf8)))
        #expect(try claims.string("jti", maxOctets: 256)?.count == 22)
        let named: [MintingProfile] = [.abca05, .abca06, .abca07]
        #expect((try claims.string("iss", maxOctets: 2048) != nil) == named.contains(profile))
        #expect((try claims.numericDate("exp") != nil) == isEarly)
        #expect((try claims.numericDate("iat") != nil) == !isEarly)
        #expect((claims["nonce"] != nil) == isEarly)
        #expect((claims["challenge"] != nil) == !isEarly)
        #expect(
            try ProofMint.token(parameters, key: instance)
                != ProofMint.token(parameters, key: instance))
    }

    @Test("DPOP-03: a DPoP proof brings its key, names method and URL, and says no more than asked")
    func dpopProofs() throws {
        let key = try SigningKey.generate(.es256, keyID: Array("i".utf8))
        let url = Array("https://as.example.com/token".utf8)
        var parameters = DPoPMint.Parameters(url: url, now: now)
        let bare = try DPoPMint.token(parameters, key: key)
        let (header, claims) = try claims(bare, key: key)
        #expect(header.type == DPoPMint.type && header.keyID == nil)
        let brought = try JWK(try #require(header.object["jwk"]))
        #expect(brought.thumbprint == key.thumbprint)
        #expect(!String(decoding: bare, as: UTF8.self).contains("\"d\""))
        #expect(try claims.string("jti", maxOctets: 256)?.count == 22)
        #expect(try claims.string("htm", maxOctets: 256) == Array("POST".utf8))
        #expect(try claims.string("htu", maxOctets: 2048) == url)
        #expect(try claims.numericDate("iat")?.seconds == now.seconds)
        #expect(claims["nonce"] == nil && claims["ath"] == nil)
        // RFC 9449 section 7.1.
        parameters.accessTokenHash = DPoPMint.tokenHash(
            Array("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU".utf8))
        parameters.nonce = Array("n".utf8)
        let (_, more) = try self.claims(try DPoPMint.token(parameters, key: key), key: key)
        #expect(
            try more.string("ath", maxOctets: 256)
                == Array("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo".utf8))
        #expect(try more.string("nonce", maxOctets: 256) == Array("n".utf8))
    }

    @Test("an audience can be an array and every member can be left out or forced")
    func hostileShapes() throws {
        let key = try SigningKey.generate()
        var parameters = ProofMint.Parameters(
            audience: .many([Array("a".utf8), Array("b".utf8)]), jwtID: Array("id".utf8))
        parameters.type = Array("JWT".utf8)
        parameters.notBefore = now
        let (header, claims) = try claims(try ProofMint.token(parameters, key: key), key: key)
        #expect(header.type == Array("jwt".utf8))
        #expect(try claims.audience() == .many([Array("a".utf8), Array("b".utf8)]))
        #expect(try claims.numericDate("nbf")?.seconds == now.seconds)
        #expect(claims.claims.members.map(\.name) == ["aud", "jti", "nbf"].map { Array($0.utf8) })
    }
}
