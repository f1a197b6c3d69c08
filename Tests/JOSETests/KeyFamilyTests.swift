// SPDX-License-Identifier: Apache-2.0
// RSA and EdDSA keys from JSON, their bounds, thumbprints and places in a set.

import Cryptography
import JOSE
import JSON
import Minting
import Octets
import Testing

/// Published keys and their thumbprints.
enum KeyVectors {
    /// RFC 7638 section 3.1.
    static let rsa =
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_B"
        + "JECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F"
        + "DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4"
        + "vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    static let rsaThumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    /// RFC 8037 appendix A.2 and A.3.
    static let ed25519x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    static let ed25519Thumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
}

private func rule(_ text: String) -> String? {
    brokenRule { _ = try JWK(try json(text)) }
}

private func rsa(n: String = KeyVectors.rsa, e: String = "AQAB", adding: String = "") -> String {
    #"{"kty":"RSA","n":"\#(n)","e":"\#(e)"\#(adding)}"#
}

private func okp(
    _ curve: String = "Ed25519", x: String = KeyVectors.ed25519x, adding: String = ""
) -> String {
    #"{"kty":"OKP","crv":"\#(curve)","x":"\#(x)"\#(adding)}"#
}

private func modulus(bits: Int) -> String {
    var octets = [UInt8](repeating: 0x5B, count: (bits + 7) / 8)
    octets[0] = UInt8(1 << ((bits - 1) % 8))
    return Base64URL.encodeToString(octets)
}

@Suite struct KeyFamilyTests {
    @Test("published RSA and EdDSA keys have the published thumbprints")
    func thumbprints() throws {
        let first = try JWK(try json(rsa(adding: #","alg":"RS256","kid":"2011-04-29""#)))
        #expect(first.thumbprint.description == KeyVectors.rsaThumbprint)
        #expect(first.publicKey.kind == .rsa)
        let second = try JWK(try json(okp(adding: #","use":"sig""#)))
        #expect(second.thumbprint.description == KeyVectors.ed25519Thumbprint)
        #expect(second.publicKey.kind == .edwards(.ed25519))
    }

    @Test("JOSE-14: RSA keys out of bounds are refused")
    func rsaBounds() {
        #expect(rule(rsa()) == nil)
        for bits in [2048, 8192] { #expect(rule(rsa(n: modulus(bits: bits))) == nil) }
        for bits in [8, 1024, 2047, 8193, 16384] {
            #expect(rule(rsa(n: modulus(bits: bits))) == "JOSE-14", "\(bits)")
        }
        // 1, 3, 65535, 65538, 2^64 + 1.
        for e in ["AQ", "Aw", "__8", "AQAC", "AQAAAAAAAAAB", ""] {
            #expect(rule(rsa(e: e)) == "JOSE-14", "\(e)")
        }
    }

    @Test("JOSE-14: one RSA key has one text")
    func rsaText() throws {
        let n = try #require(Base64URL.decode(Array(KeyVectors.rsa.utf8)))
        let padded = Base64URL.encodeToString([0] + n)
        let even = Base64URL.encodeToString(Array(n.dropLast()) + [0x82])
        let twin = String(KeyVectors.rsa.dropLast()) + "x"
        for other in [padded, even, twin, KeyVectors.rsa + "==", ""] {
            #expect(rule(rsa(n: other)) == "JOSE-14")
        }
        for other in ["AAEAAQ", "AQAB=", "AQAB\\n"] { #expect(rule(rsa(e: other)) == "JOSE-14") }
    }

    @Test("JOSE-16: EdDSA keys are canonical, of their size and not of small order")
    func okpBounds() throws {
        let zero = String(repeating: "A", count: 43)
        let orderEight = Base64URL.encodeToString(
            try #require(
                Hex.decode(
                    Array(
                        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a".utf8))))
        let ones = Base64URL.encodeToString([UInt8](repeating: 0xFF, count: 32))
        #expect(rule(okp()) == nil)
        for x in [
            zero, orderEight, ones, "", String(KeyVectors.ed25519x.dropLast()),
            KeyVectors.ed25519x + "=", "AA" + KeyVectors.ed25519x,
            String(KeyVectors.ed25519x.dropLast()) + "p",
        ] {
            #expect(rule(okp(x: x)) == "JOSE-16", "\(x)")
        }
        #expect(rule(okp("Ed448", x: String(repeating: "A", count: 76))) == "JOSE-16")
    }

    @Test(
        "JOSE-16: a curve that does not sign, or is not named exactly, is refused",
        arguments: ["X25519", "X448", "ed25519", "P-256", "", "Ed448"])
    func okpCurves(name: String) {
        #expect(rule(okp(name)) == "JOSE-16")
    }

    @Test("JOSE-20: members of RSA and EdDSA keys are there and strings")
    func types() {
        for text in [
            #"{"kty":"RSA","e":"AQAB"}"#, #"{"kty":"RSA","n":"\#(KeyVectors.rsa)"}"#,
            #"{"kty":"RSA","n":"\#(KeyVectors.rsa)","e":65537}"#,
            #"{"kty":"RSA","n":1,"e":"AQAB"}"#, #"{"kty":"OKP","crv":"Ed25519"}"#,
            #"{"kty":"OKP","x":"\#(KeyVectors.ed25519x)"}"#,
            #"{"kty":"OKP","crv":1,"x":"\#(KeyVectors.ed25519x)"}"#,
            #"{"kty":"rsa","n":"\#(KeyVectors.rsa)","e":"AQAB"}"#,
        ] {
            #expect(rule(text) == "JOSE-20", "\(text)")
        }
    }

    @Test(
        "JOSE-18: a private RSA or EdDSA key is not taken",
        arguments: ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
    func privateMembers(name: String) {
        #expect(rule(rsa(adding: #","\#(name)":"AA""#)) == "JOSE-18")
        #expect(rule(okp(adding: #","\#(name)":"AA""#)) == "JOSE-18")
    }

    @Test("JOSE-19: use, key_ops and alg hold for every family")
    func metadata() throws {
        for adding in [#","use":"enc""#, #","key_ops":["encrypt"]"#, #","alg":7"#] {
            #expect(rule(rsa(adding: adding)) == "JOSE-19")
            #expect(rule(okp(adding: adding)) == "JOSE-19")
        }
        let any = try JWK(try json(rsa()))
        let all: [JWSAlgorithm] = [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
        #expect(JWSAlgorithm.allCases.filter(any.isUsable) == all)
        let one = try JWK(try json(rsa(adding: #","alg":"PS256""#)))
        #expect(JWSAlgorithm.allCases.filter(one.isUsable) == [.ps256])
        let edwards = try JWK(try json(okp()))
        #expect(JWSAlgorithm.allCases.filter(edwards.isUsable) == [.ed25519, .edDSA])
        let misnamed = try JWK(try json(okp(adding: #","alg":"Ed448""#)))
        #expect(JWSAlgorithm.allCases.filter(misnamed.isUsable).isEmpty)
    }

    @Test("JOSE-14, JOSE-16: keys of a set that are out of bounds or for other uses are kept apart")
    func keptApart() throws {
        let set = try JWKSet(
            parsing: Array(
                """
                {"keys":[\(rsa(n: modulus(bits: 1024))),\(okp("X25519")),\(rsa()),\
                \(rsa(n: modulus(bits: 16384))),\(rsa(n: modulus(bits: 1024), e: "AQ"))]}
                """.utf8))
        #expect(set.keys.count == 1)
        #expect(set.unusable.map(\.index) == [0, 1, 3, 4])
    }

    @Test("JOSE-14, JOSE-16: broken RSA and EdDSA keys spoil a set")
    func spoiled() {
        let zero = String(repeating: "A", count: 43)
        for (expected, text) in [
            ("JOSE-14", rsa(e: "AQ")), ("JOSE-14", rsa(e: "Aw")), ("JOSE-14", rsa(n: "=")),
            ("JOSE-14", rsa(n: "AA" + KeyVectors.rsa)), ("JOSE-14", rsa(n: "AA")),
            ("JOSE-16", okp(x: zero)), ("JOSE-16", okp(x: "AA")),
            ("JOSE-18", rsa(adding: #","d":"AA""#)),
        ] {
            #expect(
                brokenRule { _ = try JWKSet(parsing: Array("{\"keys\":[\(text)]}".utf8)) }
                    == expected, "\(text)")
        }
    }
}
