// SPDX-License-Identifier: Apache-2.0
// Signs any header and payload; the shapes of real tokens are in AttestationMint and ProofMint.

import Cryptography
import JOSE
import JSON
import Octets

/// The bare signer, which checks nothing: tests make hostile tokens with it.
public enum JWTMint {
    /// The compact JWS of the two JSON texts, exactly as given.
    public static func sign(
        header: [UInt8], payload: [UInt8], key: SigningKey
    ) throws(MintingError) -> [UInt8] {
        let dot = UInt8(ascii: ".")
        let input = Base64URL.encode(header) + [dot] + Base64URL.encode(payload)
        return input + [dot] + Base64URL.encode(try key.sign(input))
    }

    /// The compact JWS of the two JSON texts under a shared secret, as an attester with a MAC
    /// makes it.
    public static func sign(
        header: [UInt8], payload: [UInt8], secret: Secret, algorithm: JWSAlgorithm
    ) throws(MintingError) -> [UInt8] {
        guard let mac = algorithm.mac else { throw .unsupportedAlgorithm }
        let dot = UInt8(ascii: ".")
        let input = Base64URL.encode(header) + [dot] + Base64URL.encode(payload)
        return input + [dot] + Base64URL.encode(mac.tag(key: secret, input))
    }

    /// 22 random characters for a `jti`.
    public static func freshJWTID() -> [UInt8] {
        Base64URL.encode(Random.bytes(16))
    }

    /// The header of a token.
    static func header(
        type: [UInt8], keyID: [UInt8]?, algorithm: JWSAlgorithm
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("typ")
        writer.string(type)
        writer.name("alg")
        writer.string(algorithm.rawValue)
        if let keyID {
            writer.name("kid")
            writer.string(keyID)
        }
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// A member with a string value, left out if there is none.
    mutating func member(_ name: String, _ value: [UInt8]?) {
        guard let value else { return }
        self.name(name)
        string(value)
    }

    /// A member with a NumericDate, left out if there is none.
    mutating func member(_ name: String, _ time: UnixTime?) {
        guard let time else { return }
        self.name(name)
        number(time.seconds)
    }
}
