// SPDX-License-Identifier: Apache-2.0
// Keys of tests and the tokens they sign, hostile ones included.

import Cryptography
import JOSE
import Octets
import Testing

/// A key pair, of P-256 unless said otherwise, that signs any header and payload it is given.
struct TestKey: Sendable {
    let key: PrivateKey
    let keyID: String?
    let algorithm: JWSAlgorithm

    init(_ keyID: String? = nil) throws {
        key = try PrivateKey.generate(.p256)
        self.keyID = keyID
        algorithm = .es256
    }

    /// A key of `algorithm`. RSA keys take long to make: there is one with an ID, and one without.
    init(_ keyID: String? = nil, for algorithm: JWSAlgorithm) throws {
        let kind = try #require(algorithm.scheme).keyKind
        let rsa = keyID == nil ? Self.namelessRSA : Self.namedRSA
        key = try kind == .rsa ? rsa.get() : PrivateKey.generate(kind)
        self.keyID = keyID
        self.algorithm = algorithm
    }

    private static let namedRSA = Result { try PrivateKey.generate(.rsa, bits: 2048) }
    private static let namelessRSA = Result { try PrivateKey.generate(.rsa, bits: 2048) }

    /// The required members of the public JWK, without braces.
    var members: String {
        key.members.jwkMembers.map { #""\#($0)":"\#(String(decoding: $1, as: UTF8.self))""# }
            .joined(separator: ",")
    }

    /// The public JWK, with `extra` members such as `"use":"sig"`.
    func jwk(_ extra: String = "") -> String {
        let keyID = keyID.map { #","kid":"\#($0)""# } ?? ""
        return "{\(members)\(keyID)\(extra.isEmpty ? "" : ",")\(extra)}"
    }

    /// The private scalar as base64url, for keys that should not be shown.
    func privateMember() throws -> String {
        String(decoding: Base64URL.encode(try key.scalar().bytes), as: UTF8.self)
    }

    /// A key set of this key.
    func set() throws -> JWKSet {
        try JWKSet(parsing: Array(#"{"keys":[\#(jwk())]}"#.utf8))
    }

    /// The compact JWS over these two JSON texts.
    func sign(header: String, payload: String) throws -> [UInt8] {
        let input = TestKey.signingInput(header: header, payload: payload)
        let scheme = try #require(algorithm.scheme(for: key.members.kind))
        return input + [UInt8(ascii: ".")] + Base64URL.encode(try key.sign(scheme, input))
    }

    static func signingInput(header: String, payload: String) -> [UInt8] {
        Base64URL.encode(Array(header.utf8)) + [UInt8(ascii: ".")]
            + Base64URL.encode(Array(payload.utf8))
    }
}

/// Members of a JSON object as raw texts, edited by name; nil removes.
typealias Edits = [String: String?]

/// The JSON object of `members` after `edits`.
func object(_ members: [(String, String)], _ edits: Edits) -> String {
    var edited = members.filter { !edits.keys.contains($0.0) }
    for (name, value) in edits.sorted(by: { $0.key < $1.key }) {
        if let value { edited.append((name, value)) }
    }
    return "{" + edited.map { #""\#($0.0)":\#($0.1)"# }.joined(separator: ",") + "}"
}

/// A JSON string.
func quoted(_ text: String) -> String { "\"\(text)\"" }

/// UTF-8 octets.
func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The token with another base64url character at `index`.
func altered(_ token: [UInt8], at index: Int) -> [UInt8] {
    var token = token
    token[index] = token[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    return token
}
