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

    /// CFG-07: throws if both have one ID, or the same octets.
    func requireUnlike(_ other: MasterKey) throws(MasterKeyError) {
        guard id != other.id else { throw .sameID(id) }
        guard !ConstantTime.equal(secret.bytes, other.secret.bytes) else {
            throw .sameKey(other.id, id)
        }
    }

    func isSame(as other: MasterKey) -> Bool {
        id == other.id && ConstantTime.equal(secret.bytes, other.secret.bytes)
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
    /// The one that codes are bound with: it must outlast a turn of the others (requirements 4.4).
    let codeBinding: MasterKey

    /// CFG-07: refuses two keys with one ID and one key with two IDs.
    ///
    /// Codes are bound with `codeBinding`; left out, with the key of the lowest ID, the oldest one
    /// if IDs count up. That one stays the same while a next key is handed out and becomes current,
    /// in whatever order the files are named, and changes only when the oldest key is taken away.
    /// `codeBinding` may be one of the others, a retired one for example: the very same key.
    public init(
        current: MasterKey, previous: [MasterKey] = [], codeBinding: MasterKey? = nil
    ) throws(MasterKeyError) {
        self.current = current
        self.previous = previous
        let keys = [current] + previous
        for (index, key) in keys.enumerated() {
            for other in keys[..<index] { try key.requireUnlike(other) }
        }
        if let codeBinding {
            for key in keys where !key.isSame(as: codeBinding) {
                try codeBinding.requireUnlike(key)
            }
        }
        self.codeBinding = codeBinding ?? keys.reduce(current) { $1.id < $0.id ? $1 : $0 }
    }

    /// One random key, for a process whose challenges may end with it.
    static func ephemeral() -> MasterKeys {
        MasterKeys(only: .generate(id: 1))
    }

    private init(only key: MasterKey) {
        current = key
        previous = []
        codeBinding = key
    }

    /// LB-03: the subkeys for `purpose` at `issuer`, the current one first.
    func subkeys(purpose: String, issuer: [UInt8]) -> [Subkey] {
        ([current] + previous).map {
            Subkey(id: $0.id, mac: Self.subkey(of: $0, purpose: purpose, issuer: issuer))
        }
    }

    /// The same of the key that codes are bound with.
    func codeBindingSubkey(purpose: String, issuer: [UInt8]) -> HMACKey {
        Self.subkey(of: codeBinding, purpose: purpose, issuer: issuer)
    }

    private static func subkey(of key: MasterKey, purpose: String, issuer: [UInt8]) -> HMACKey {
        var info = LengthPrefixed()
        info.append(purpose)
        info.append(issuer)
        return HMACKey(HKDF.sha256(key: key.secret, salt: [], info: info.bytes, count: 32))
    }
}

/// A key derived from the master key of the same ID.
struct Subkey: Sendable {
    let id: UInt8
    let mac: HMACKey
}
