// SPDX-License-Identifier: Apache-2.0
// Typed claims (JOSE-21, JOSE-22).

import JOSE
import JSON
import Octets
import Testing

@Suite struct ClaimsTests {
    private func claims(_ text: String) throws -> JWTClaims { JWTClaims(try object(text)) }

    @Test(
        "JOSE-21: dates are numbers in range, rounded down",
        arguments: [
            ("1772487595", 1_772_487_595, false), ("1772487595.5", 1_772_487_595, true),
            ("1.772487595e9", 1_772_487_595, false), ("0", 0, false),
            ("253402300799", 253_402_300_799, false),
        ])
    func dates(text: String, seconds: Int64, hasFraction: Bool) throws {
        let date = try claims("{\"exp\":\(text)}").numericDate("exp")
        #expect(date == NumericDate(seconds: seconds, hasFraction: hasFraction))
        #expect(date?.floor == UnixTime(seconds))
    }

    @Test(
        "JOSE-21: anything else is no date, and absence is not an error",
        arguments: [
            "\"1772487595\"", "true", "false", "null", "-1", "1e400", "1e30", "[1]", "{}",
            "253402300800",
        ])
    func noDates(text: String) throws {
        let claims = try claims("{\"exp\":\(text)}")
        #expect(brokenRule { _ = try claims.numericDate("exp") } == "JOSE-21")
        #expect(try claims.numericDate("iat") == nil)
    }

    @Test("JOSE-21: an expiry is compared exactly")
    func exactExpiry() {
        let whole = NumericDate(seconds: 100)
        let half = NumericDate(seconds: 100, hasFraction: true)
        #expect(whole.isLater(than: UnixTime(99)) && half.isLater(than: UnixTime(99)))
        #expect(!whole.isLater(than: UnixTime(100)) && half.isLater(than: UnixTime(100)))
        #expect(!whole.isLater(than: UnixTime(101)) && !half.isLater(than: UnixTime(101)))
    }

    @Test(
        "JOSE-22: identifiers are non-empty strings without controls",
        arguments: [
            "7", "[\"a\"]", "\"\"", "null", "true", "{}", "\"a\\u0000b\"", "\"a\\nb\"",
            "\"\\u001f\"",
            "\"a\\u007f\"",
        ])
    func strings(text: String) throws {
        let sub = try claims("{\"sub\":\(text),\"aud\":\(text)}")
        #expect(brokenRule { _ = try sub.string("sub", maxOctets: 2048) } == "JOSE-22")
        #expect(try sub.string("iss", maxOctets: 2048) == nil)
    }

    @Test("JOSE-22: octets are limited, not characters")
    func limits() throws {
        let text = try claims("{\"jti\":\"\(String(repeating: "é", count: 128))\"}")
        #expect(try text.string("jti", maxOctets: JWTClaims.tokenIDLimit)?.count == 256)
        #expect(brokenRule { _ = try text.string("jti", maxOctets: 255) } == "JOSE-22")
        #expect(JWTClaims.identifierLimit == 2048 && JWTClaims.challengeLimit == 1024)
        let huge = try claims("{\"jti\":\"\(String(repeating: "a", count: 500_000))\"}")
        #expect(
            brokenRule { _ = try huge.string("jti", maxOctets: JWTClaims.tokenIDLimit) }
                == "JOSE-22")
    }

    @Test("JOSE-22: aud is a string or an array of strings, and the shapes stay apart")
    func audiences() throws {
        #expect(try claims(#"{"aud":"a"}"#).audience() == .one(Array("a".utf8)))
        #expect(try claims(#"{"aud":["a"]}"#).audience() == .many([Array("a".utf8)]))
        #expect(
            try claims(#"{"aud":["a","b"]}"#).audience()?.values == [
                Array("a".utf8), Array("b".utf8),
            ])
        #expect(try claims("{}").audience() == nil)
        let long = "\"\(String(repeating: "a", count: 2049))\""
        for text in [
            "[]", "[1]", "[\"a\",1]", "[\"\"]", "[[\"a\"]]", "{}", "null", "1", long, "[\(long)]",
        ] {
            let claims = try claims("{\"aud\":\(text)}")
            #expect(brokenRule { _ = try claims.audience() } == "JOSE-22")
        }
    }

    @Test("objects are read as such")
    func objects() throws {
        let claims = try claims(#"{"cnf":{"jwk":{}},"sub":"a"}"#)
        #expect(claims.object("cnf")?["jwk"]?.object?.members.isEmpty == true)
        #expect(claims.object("sub") == nil && claims.object("x") == nil)
        #expect(claims["sub"]?.string == Array("a".utf8))
    }
}
