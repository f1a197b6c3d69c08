// SPDX-License-Identifier: Apache-2.0
// The master keys: their file form, which ones may stand together, what derives from them.

import Cryptography
import Octets

/// Why a master key file, or a set of them, cannot be used (CFG-07). Says nothing of the key.
public enum MasterKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not the one line `attestgate-key-1 ID BASE64URL`.
    case notAKeyLine
    /// The ID is not a decimal number from 0 to 255.
    case badID
    /// The key is not base64url of exactly 32 octets.
    case badKey
    /// Two files have this ID.
    case sameID(UInt8)
    /// Two IDs have the same octets.
    case sameKey(UInt8, UInt8)

    /// One sentence for the operator.
    public var description: String {
        switch self {
        case .notAKeyLine: "not a master key file: expected `attestgate-key-1 ID BASE64URL`"
        case .badID: "the key ID must be a number from 0 to 255"
        case .badKey: "the key must be base64url of exactly 32 octets"
        case .sameID(let id): "two master keys have the ID \(id)"
        case .sameKey(let one, let other): "the master keys \(one) and \(other) are the same key"
        }
    }
}

/// One master key, 32 octets with a one-octet ID that is never used again for other octets.
public struct MasterKey: Sendable {
    /// The ID, part of everything made with the key.
    public let id: UInt8
    let secret: Secret

    private static let prefix = Array("attestgate-key-1".utf8)

    /// Parses a key file: one line, whose final line end may be missing.
    public init(parsing file: [UInt8]) throws(MasterKeyError) {
        var line = file[...]
        if line.last == 0x0A { line = line.dropLast() }
        if line.last == 0x0D { line = line.dropLast() }
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual(Self.prefix) else { throw .notAKeyLine }
        guard let id = Self.id(parts[1]) else { throw .badID }
        guard let octets = Base64URL.decode(parts[2]), octets.count == 32 else { throw .badKey }
        self.id = id
        secret = Secret(octets)
    }

    private init(id: UInt8, secret: Secret) {
        self.id = id
        self.secret = secret
    }

    /// A new random key.
    public static func generate(id: UInt8) -> MasterKey {
        MasterKey(id: id, secret: Secret(Random.bytes(32)))
    }

    /// The key file's content, with its line end.
    public var line: [UInt8] {
        Self.prefix + Array(" \(id) ".utf8) + Base64URL.encode(secret.bytes) + [0x0A]
    }

    /// Decimal without sign or leading zeros, so that one ID has one text.
    private static func id(_ text: ArraySlice<UInt8>) -> UInt8? {
        guard (1...3).contains(text.count), text.allSatisfy(ASCII.isDigit) else { return nil }
        if text.count > 1, text.first == UInt8(ascii: "0") { return nil }
        return UInt8(exactly: text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
    }
}

/// The current master key, used for everything new, and previous ones, still accepted (LB-03).
public struct MasterKeys: Sendable {
    let current: MasterKey
    let previous: [MasterKey]

    /// CFG-07: refuses two keys with one ID and one key with two IDs.
    public init(current: MasterKey, previous: [MasterKey] = []) throws(MasterKeyError) {
        self.current = current
        self.previous = previous
        let keys = [current] + previous
        for (index, key) in keys.enumerated() {
            for other in keys[..<index] {
                guard key.id != other.id else { throw .sameID(key.id) }
                guard !ConstantTime.equal(key.secret.bytes, other.secret.bytes) else {
                    throw .sameKey(other.id, key.id)
                }
            }
        }
    }

    /// One random key, for a process whose challenges may end with it.
    static func ephemeral() -> MasterKeys {
        MasterKeys(only: .generate(id: 1))
    }

    private init(only key: MasterKey) {
        current = key
        previous = []
    }

    /// LB-03: the subkeys for `purpose` at `issuer`, the current one first.
    func subkeys(purpose: String, issuer: [UInt8]) -> [Subkey] {
        var info = LengthPrefixed()
        info.append(purpose)
        info.append(issuer)
        return ([current] + previous).map { key in
            Subkey(
                id: key.id,
                mac: HMACKey(
                    HKDF.sha256(key: key.secret, salt: [], info: info.bytes, count: 32)))
        }
    }
}

/// A key derived from the master key of the same ID.
struct Subkey: Sendable {
    let id: UInt8
    let mac: HMACKey
}
