// SPDX-License-Identifier: Apache-2.0
// A private key with its JWK form, for signing tokens.

import Cryptography
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
    private let secrets: [Secret]
    private let scheme: SignatureScheme

    /// A fresh key; `bits` is the length of an RSA modulus. HMAC has no public half and is not made
    /// here.
    public static func generate(
        _ algorithm: JWSAlgorithm = .es256, keyID: [UInt8]? = nil, bits: Int = 2048
    ) throws(MintingError) -> SigningKey {
        guard let scheme = algorithm.scheme else { throw .unsupportedAlgorithm }
        do {
            let privateKey = try PrivateKey.generate(scheme.keyKind, bits: bits)
            return try SigningKey(privateKey, algorithm: algorithm, scheme: scheme, keyID: keyID)
        } catch let error as MintingError {
            throw error
        } catch {
            throw .library
        }
    }

    /// The key of a private JWK, which signs with `algorithm`, else with its `alg`, else with the
    /// usual algorithm of its family: that of its curve, or RS256.
    public init(jwk text: [UInt8], algorithm named: JWSAlgorithm? = nil) throws(MintingError) {
        let object = try Self.object(text)
        // What remains is the public key; the operations are those of the private one.
        let members = object.members.filter { !Self.privateMembers.contains($0.name) }
        jwk = try Self.publicJWK(
            JSONValue(.object(JSONObject(members: members)), range: 0..<text.count))
        if let named { algorithm = named } else { algorithm = try Self.algorithm(jwk) }
        guard jwk.isUsable(with: algorithm),
            let scheme = algorithm.scheme(for: jwk.publicKey.kind)
        else { throw named == nil ? .unsupportedAlgorithm : .otherAlgorithm }
        secrets = try Self.secrets(object, jwk.publicKey.kind)
        do {
            privateKey = try PrivateKey.import(jwk.members, secrets: secrets)
        } catch {
            throw .noPrivateKey
        }
        self.scheme = scheme
        keyID = jwk.keyID
    }

    private static func algorithm(_ jwk: JWK) throws(MintingError) -> JWSAlgorithm {
        guard let name = jwk.algorithm else {
            switch jwk.publicKey.kind {
            case .ec(.p256): return .es256
            case .ec(.p384): return .es384
            case .ec(.p521): return .es512
            case .rsa: return .rs256
            case .edwards(.ed25519): return .ed25519
            case .edwards(.ed448): return .ed448
            }
        }
        guard let algorithm = JWSAlgorithm(name: name) else { throw .unsupportedAlgorithm }
        return algorithm
    }

    /// The private members of the family, in the order of `PrivateKey.secrets()`.
    private static func secrets(
        _ object: JSONObject, _ kind: PublicKey.Kind
    ) throws(MintingError) -> [Secret] {
        var secrets: [Secret] = []
        for name in secretNames(kind) {
            guard var decoded = object[name]?.string.flatMap({ Base64URL.decode($0) }) else {
                throw .noPrivateKey
            }
            secrets.append(Secret(wiping: &decoded))
        }
        return secrets
    }

    private static func secretNames(_ kind: PublicKey.Kind) -> [String] {
        kind == .rsa ? ["d", "p", "q", "dp", "dq", "qi"] : ["d"]
    }

    private static let privateMembers = ["d", "p", "q", "dp", "dq", "qi", "key_ops"].map {
        Array($0.utf8)
    }

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
        let text = Self.text(privateKey, secrets: [], keyID: keyID, algorithm: algorithm)
        do {
            secrets = try privateKey.secrets()
            jwk = try Self.publicJWK(try JSONDocument.parse(text))
        } catch let error as MintingError {
            throw error
        } catch {
            throw .library
        }
    }

    /// The same key with its thumbprint as `kid`.
    public func namedByThumbprint() throws(MintingError) -> SigningKey {
        guard let scheme = algorithm.scheme(for: jwk.publicKey.kind) else {
            throw .unsupportedAlgorithm
        }
        return try SigningKey(
            privateKey, algorithm: algorithm, scheme: scheme,
            keyID: thumbprint.text)
    }

    /// The RFC 7638 thumbprint of the public half.
    public var thumbprint: JWKThumbprint { jwk.thumbprint }

    /// The public JWK, with `kid` if there is one, `use` and `alg`, as JSON.
    public var publicJWK: [UInt8] {
        Self.text(privateKey, secrets: [], keyID: keyID, algorithm: algorithm)
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
        Self.text(privateKey, secrets: secrets, keyID: keyID, algorithm: algorithm)
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
        _ key: PrivateKey, secrets: [Secret], keyID: [UInt8]?, algorithm: JWSAlgorithm
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        let members = key.members.jwkMembers
        for (name, value) in members where name == "kty" { writer.member(name, value) }
        writer.member("kid", keyID)
        writer.name("use")
        writer.string("sig")
        writer.name("alg")
        writer.string(algorithm.rawValue)
        for (name, value) in members where name != "kty" { writer.member(name, value) }
        for (name, secret) in zip(secretNames(key.members.kind), secrets) {
            writer.name(name)
            writer.string(Base64URL.encode(secret.bytes))
        }
        writer.endObject()
        return writer.bytes
    }
}
