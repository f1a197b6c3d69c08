// SPDX-License-Identifier: Apache-2.0
// Keys of tests and the tokens they sign, hostile ones included.

import Crypto
import JOSE
import Octets

/// A P-256 key pair that signs any header and payload it is given.
struct TestKey: Sendable {
    let key: PrivateKey
    let keyID: String?

    init(_ keyID: String? = nil) throws {
        key = try PrivateKey.generate(.p256)
        self.keyID = keyID
    }

    /// The required members of the public JWK, without braces.
    var members: String {
        let x = String(decoding: Base64URL.encode(key.x), as: UTF8.self)
        let y = String(decoding: Base64URL.encode(key.y), as: UTF8.self)
        return #""kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)""#
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
        return input + [UInt8(ascii: ".")] + Base64URL.encode(try key.sign(.es256, input))
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
