// SPDX-License-Identifier: Apache-2.0
// Input made to be expensive: refusals only, after work that the limits bound.
//
// That the work is bounded is shown by where reading stops, which is counted in octets, and by the
// keys that never reach the library; nothing here measures time.

import ClientAttestation
import JOSE
import JSON
import Octets
import Testing

@Suite("Bad input")
struct BadInputTests {
    /// A client of both methods.
    private static func world() throws -> World {
        var world = try World()
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.attestationPoPJWT, .dpopCombined])
        return world
    }

    private static func text(_ length: Int) -> String { String(repeating: "w", count: length) }

    /// Makes a token of exactly `size` octets with padding in the payload, and in the header too,
    /// since base64url has no text of one character more than a multiple of four.
    private static func padded(
        _ size: Int, _ make: (_ claims: Edits, _ header: Edits) throws -> [UInt8]
    ) throws -> [UInt8] {
        for header in 0..<4 {
            let header: Edits = ["pad": quoted(text(header))]
            let bare = try make(["pad": quoted("")], header).count
            for room in ((size - bare) * 3 / 4 - 2)...((size - bare) * 3 / 4 + 2) {
                let token = try make(["pad": quoted(text(room))], header)
                if token.count == size { return token }
            }
        }
        return []
    }

    @Test("REQ-05: tokens that use the whole of their limit are judged, one octet more is not")
    func wholeLimit() throws {
        let world = try Self.world()
        let attestation = try Self.padded(16 * 1024) { try world.attestationToken($0, header: $1) }
        let proof = try Self.padded(4 * 1024) { try world.proofToken($0, header: $1) }
        let dpop = try Self.padded(8 * 1024) { try world.dpopToken($0, header: $1) }
        #expect([attestation.count, proof.count, dpop.count] == [16_384, 4096, 8192])
        try world.verify(attestation, proof, dpop: dpop)
        refused(.req(5), .invalidRequest) { try world.verify(attestation + [0x41], proof) }
        refused(.req(5), .invalidRequest) { try world.verify(attestation, proof + [0x41]) }
        refused(.req(5), .invalidRequest) {
            try world.verify(attestation, proof, dpop: dpop + [0x41])
        }
    }

    @Test("JOSE-03: depth bombs are refused at the seventeenth bracket, wherever they are")
    func depthBombs() throws {
        let world = try Self.world()
        let deep = String(repeating: "[", count: 3000) + String(repeating: "]", count: 3000)
        let objects = String(repeating: #"{"a":"#, count: 800) + "1"
        for bomb in [deep, objects] {
            for edits: Edits in [["x": bomb], ["cnf": #"{"jwk":\#(bomb)}"#], ["aud": bomb]] {
                refused(.jose(3)) {
                    try world.verify(world.attestationToken(edits), world.proofToken())
                }
            }
            refused(.jose(3)) {
                try world.verify(world.attestationToken(header: ["x": bomb]), world.proofToken())
            }
        }
        for bracket in ["[", #"{"a":"#, #"[{"a":"#] {
            let bomb = octets(String(repeating: bracket, count: 150_000))
            let error = #expect(throws: JSONError.self) { try JSONDocument.parse(bomb) }
            #expect(error?.code == .tooDeep)
            #expect((error?.position ?? .max) <= 16 * 5, "reading stops at the limit")
        }
    }

    @Test("JOSE-03, JOSE-04: a hundred thousand members are read once, a double among them found")
    func manyMembers() throws {
        let members = (0..<100_000).map { #""\#($0)":0"# }
        let object = "{" + members.joined(separator: ",")
        #expect(try JSONDocument.parse(octets(object + "}")).object?.members.count == 100_000)
        for double in [#""7":0"#, #""\u0037":0"#, #""99999":0"#] {
            let error = #expect(throws: JSONError.self) {
                try JSONDocument.parse(octets(object + "," + double + "}"))
            }
            #expect(error == JSONError(.duplicateName, at: object.utf8.count + 1))
        }
        // One value more than the limit ends the reading there.
        let zeros = "[" + String(repeating: "0,", count: 200_000) + "0]"
        let error = #expect(throws: JSONError.self) { try JSONDocument.parse(octets(zeros)) }
        #expect(error == JSONError(.tooLarge, at: 1 + 2 * 131_071))
        // A set of keys is read under the same limit.
        let keys = #"{"keys":["# + String(repeating: "{},", count: 140_000) + "{}]}"
        #expect(throws: JOSEError(.jose(3), "")) { try JWKSet(parsing: octets(keys)) }
    }

    @Test("JOSE-04: names that differ as octets are no doubles, names that are equal decoded are")
    func similarNames() throws {
        let world = try Self.world()
        let attestation = try world.attestationToken()
        let similar = (0..<100).map { #""\#($0)é":1,"\#($0)e\u0301":1,"\#($0)É":1"# }
        let header = #"{"typ":"oauth-client-attestation-pop+jwt","alg":"ES256"}"#
        func proof(_ extra: String) throws -> [UInt8] {
            let payload =
                #"{"aud":"\#(world.issuer)","iat":\#(world.now),"jti":"\#(World.newID())","#
                + extra + "}"
            return try world.instance.sign(header: header, payload: payload)
        }
        try world.verify(attestation, proof(similar.prefix(40).joined(separator: ",")))
        for double in [#""aud":"x""#, #""\u0061ud":"x""#, #""x":{"a":1,"\u0061":2}"#] {
            refused(.jose(4)) { try world.verify(attestation, proof(double)) }
        }
    }

    @Test(
        "JOSE-14, DPOP-07: RSA keys of 16 Kibit, and exponents as long, never reach the library",
        arguments: [(2048, "AQAB"), (1025, "AQAB"), (256, String(repeating: "_", count: 2732))])
    func hugeRSA(octetCount: Int, exponent: String) throws {
        let world = try Self.world()
        let modulus = Base64URL.encodeToString([UInt8](repeating: 0xFF, count: octetCount))
        let key = #"{"kty":"RSA","n":"\#(modulus)","e":"\#(exponent)"}"#
        refused(.jose(14)) {
            try world.verify(
                world.attestationToken(["cnf": #"{"jwk":\#(key)}"#]), world.proofToken())
        }
        let refusal = #expect(throws: Refusal.self) {
            try world.verify(
                world.attestationToken(), nil, dpop: world.dpopToken(header: ["jwk": key]))
        }
        #expect([RuleID.dpop(7), .jose(14)].contains(refusal?.rule))
        let set = try? JWKSet(parsing: octets(#"{"keys":[\#(key)]}"#))
        #expect(set?.keys.isEmpty ?? true)
    }

    @Test(
        "JOSE-21: numbers beyond every type are refused as dates",
        arguments: [
            "1e400", "-1e400", "1e999999999999999999999", "9" + String(repeating: "0", count: 400),
            String(repeating: "9", count: 400), "253402300800", "-1e-400", "-1",
        ])
    func numbers(text: String) throws {
        let world = try Self.world()
        for name in ["iat", "nbf", "exp"] {
            refused(.jose(21)) {
                try world.verify(world.attestationToken([name: text]), world.proofToken())
            }
            refused(.jose(21)) {
                try world.verify(world.attestationToken(), world.proofToken([name: text]))
            }
        }
        refused(.jose(21), .dpopProof) {
            try world.verify(world.attestationToken(), nil, dpop: world.dpopToken(["iat": text]))
        }
    }

    @Test("JOSE-21, ATT-04: numbers with very many digits that are dates are those dates")
    func longNumbers() throws {
        let world = try Self.world()
        let zeros = String(repeating: "0", count: 400)
        try world.verify(
            world.attestationToken(["exp": "\(world.now + 60).\(zeros)"]),
            world.proofToken(["iat": "\(world.now)\(zeros)e-400"]))
        refused(.att(4)) {
            try world.verify(world.attestationToken(["exp": "1e-400"]), world.proofToken())
        }
        refused(.pop(8)) {
            try world.verify(world.attestationToken(), world.proofToken(["iat": "0.\(zeros)1"]))
        }
    }

    @Test("POP-04, POP-05, ATT-10: very many audiences, with and without this AS among them")
    func manyAudiences() throws {
        var world = try Self.world()
        world.profiles = [.abca08]
        world.foreignAudiences = [octets("https://foreign")]
        func list(_ count: Int, _ last: String) -> String {
            let others = (0..<count).map { quoted("a\($0)") } + [quoted(last)]
            return "[" + others.joined(separator: ",") + "]"
        }
        let attestation = try world.attestationToken(["aud": list(1200, world.issuer)])
        try world.verify(attestation, world.proofToken(["aud": list(300, world.issuer)]))
        refused(.pop(4)) {
            try world.verify(attestation, world.proofToken(["aud": list(300, "other")]))
        }
        refused(.pop(5)) {
            let both = list(300, world.issuer).dropLast() + #","https://foreign"]"#
            return try world.verify(attestation, world.proofToken(["aud": String(both)]))
        }
        refused(.att(10)) {
            try world.verify(
                world.attestationToken(["aud": list(1200, "other")]), world.proofToken())
        }
        world.profiles = [.abca11]
        refused(.pop(5)) {
            try world.verify(attestation, world.proofToken(["aud": list(300, world.issuer)]))
        }
    }

    @Test("JOSE-19, KEY-04: thousands of key_ops, and key IDs of any length")
    func longMetadata() throws {
        let world = try Self.world()
        let operations = (0..<1000).map { quoted("o\($0)") }
        func attestation(_ operations: [String]) throws -> [UInt8] {
            let list = operations.joined(separator: ",")
            let jwk = world.instance.jwk(#""key_ops":[\#(list)]"#)
            return try world.attestationToken(["cnf": #"{"jwk":\#(jwk)}"#])
        }
        try world.verify(attestation(operations + [quoted("verify")]), world.proofToken())
        for wrong in [operations, operations + [quoted("verify"), quoted("o7")]] {
            refused(.jose(19)) { try world.verify(attestation(wrong), world.proofToken()) }
        }
        for length in [257, 8000] {
            refused(.key(4)) {
                try world.verify(
                    world.attestationToken(header: ["kid": quoted(Self.text(length))]),
                    world.proofToken())
            }
        }
    }

    @Test("JOSE-01, REQ-03: five parts, thousands of dots, and every single octet")
    func shapes() throws {
        let world = try Self.world()
        let proof = try world.proofToken()
        let dots = [UInt8](repeating: UInt8(ascii: "."), count: 16_000)
        let jwe = octets("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA")
        for token in [dots, jwe, dots.map { _ in UInt8(ascii: "A") }] {
            refused(.jose(1)) { try world.verify(token, proof) }
            refused(.jose(1)) {
                try world.verify(world.attestationToken(), Array(token.prefix(4096)))
            }
        }
        for octet in UInt8.min...UInt8.max {
            for token in [[octet], [octet, octet], [UInt8](repeating: octet, count: 16 * 1024)] {
                #expect(throws: Refusal.self) { try world.verify(token, proof) }
            }
        }
    }
}
