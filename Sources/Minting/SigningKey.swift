// SPDX-License-Identifier: Apache-2.0
// A private key with its JWK form, for signing tokens.

import Crypto
import JOSE
import JSON
import Octets

/// A key pair that signs with one algorithm.
public struct SigningKey: Sendable, CustomStringConvertible {
    /// The algorithm.
    public let algorithm: JWSAlgorithm
    /// `kid`, written into the headers of tokens; nil for none.
    public let keyID: [UInt8]?
    /// The public half as a verifier reads it.
    public let jwk: JWK
    private let privateKey: PrivateKey
    private let scalar: Secret
    private let scheme: SignatureScheme

    /// A fresh key.
    public static func generate(
        _ algorithm: JWSAlgorithm = .es256, keyID: [UInt8]? = nil
    ) throws(MintingError) -> SigningKey {
        guard let scheme = algorithm.scheme else { throw .unsupportedAlgorithm }
        let curve =
            switch scheme.keyKind {
            case .ec(let curve): curve
            }
        do {
            let privateKey = try PrivateKey.generate(curve)
            return try SigningKey(privateKey, algorithm: algorithm, scheme: scheme, keyID: keyID)
        } catch let error as MintingError {
            throw error
        } catch {
            throw .library
        }
    }

    /// The key of a private JWK: an EC key on P-256 with `d`, which signs with ES256.
    public init(jwk text: [UInt8]) throws(MintingError) {
        let object = try Self.object(text)
        // What remains is the public key; the operations are those of the private one.
        let members = object.members.filter { !Self.privateMembers.contains($0.name) }
        jwk = try Self.publicJWK(
            JSONValue(.object(JSONObject(members: members)), range: 0..<text.count))
        algorithm = .es256
        guard jwk.isUsable(with: algorithm), let scheme = algorithm.scheme else {
            throw .unsupportedAlgorithm
        }
        guard case .ec(let curve) = scheme.keyKind,
            var decoded = object["d"]?.string.flatMap({ Base64URL.decode($0) }),
            let x = object["x"]?.string.flatMap({ Base64URL.decode($0) }),
            let y = object["y"]?.string.flatMap({ Base64URL.decode($0) })
        else { throw .noPrivateKey }
        scalar = Secret(wiping: &decoded)
        do {
            privateKey = try PrivateKey.import(curve: curve, d: scalar, x: x, y: y)
        } catch {
            throw .noPrivateKey
        }
        self.scheme = scheme
        keyID = jwk.keyID
    }

    private static let privateMembers = ["d", "key_ops"].map { Array($0.utf8) }

    private static func object(_ text: [UInt8]) throws(MintingError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONDocument.parse(text)
        } catch {
            throw .malformed(error)
        }
        guard let object = value.object else { throw .noPrivateKey }
        return object
    }

    private init(
        _ privateKey: PrivateKey, algorithm: JWSAlgorithm, scheme: SignatureScheme, keyID: [UInt8]?
    ) throws(MintingError) {
        self.privateKey = privateKey
        self.algorithm = algorithm
        self.scheme = scheme
        self.keyID = keyID
        let text = Self.text(privateKey, scalar: nil, keyID: keyID, algorithm: algorithm)
        do {
            scalar = try privateKey.scalar()
            jwk = try Self.publicJWK(try JSONDocument.parse(text))
        } catch let error as MintingError {
            throw error
        } catch {
            throw .library
        }
    }

    /// The RFC 7638 thumbprint of the public half.
    public var thumbprint: JWKThumbprint { jwk.thumbprint }

    /// The public JWK, with `kid` if there is one, `use` and `alg`, as JSON.
    public var publicJWK: [UInt8] {
        Self.text(privateKey, scalar: nil, keyID: keyID, algorithm: algorithm)
    }

    /// A key set of the public JWK alone, as JSON.
    public var publicJWKSet: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("keys")
        writer.beginArray()
        writer.raw(publicJWK)
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// The private JWK as JSON, for a protected file; the array is not wiped.
    public var privateJWK: [UInt8] {
        Self.text(privateKey, scalar: scalar, keyID: keyID, algorithm: algorithm)
    }

    /// The raw signature over `message`.
    public func sign(_ message: [UInt8]) throws(MintingError) -> [UInt8] {
        do {
            return try privateKey.sign(scheme, message)
        } catch {
            throw .library
        }
    }

    /// The thumbprint; the private half never prints.
    public var description: String { "<key \(thumbprint)>" }

    private static func publicJWK(_ value: JSONValue) throws(MintingError) -> JWK {
        do {
            return try JWK(value)
        } catch {
            throw .unacceptableKey(error)
        }
    }

    private static func text(
        _ key: PrivateKey, scalar: Secret?, keyID: [UInt8]?, algorithm: JWSAlgorithm
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.name("kty")
        writer.string("EC")
        if let keyID {
            writer.name("kid")
            writer.string(keyID)
        }
        writer.name("use")
        writer.string("sig")
        writer.name("alg")
        writer.string(algorithm.rawValue)
        writer.name("crv")
        writer.string(key.curve.rawValue)
        writer.name("x")
        writer.string(Base64URL.encode(key.x))
        writer.name("y")
        writer.string(Base64URL.encode(key.y))
        if let scalar {
            writer.name("d")
            writer.string(Base64URL.encode(scalar.bytes))
        }
        writer.endObject()
        return writer.bytes
    }
}
