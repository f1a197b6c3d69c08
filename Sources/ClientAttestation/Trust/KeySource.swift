// SPDX-License-Identifier: Apache-2.0
// Where the keys of an attester come from: one source for each entry (KEY-07, KEY-18).

public import Cryptography
public import JOSE

/// What an attester's signatures are verified with. Always the operator's, never a message's.
public enum KeySource: Sendable {
    /// Public keys that the operator has as a JWK set.
    case publicKeys(JWKSet)
    /// A secret that attester and gateway share (JOSE-17, KEY-18).
    case sharedSecret(SharedSecret)

    /// The keys that verify something.
    public var keyCount: Int {
        switch self {
        case .publicKeys(let set): set.keys.count
        case .sharedSecret: 1
        }
    }

    /// The `kid` values that name a key here, those of keys that verify nothing included.
    var keyIDs: [[UInt8]] {
        switch self {
        case .publicKeys(let set):
            set.keys.compactMap(\.keyID) + set.unusable.compactMap(\.keyID)
        case .sharedSecret(let shared): [shared.keyID]
        }
    }

    /// Whether a message cannot name every key here.
    var hasNamelessKey: Bool {
        switch self {
        case .publicKeys(let set): set.keys.contains { $0.keyID == nil }
        case .sharedSecret: false
        }
    }

    /// JOSE-10, JOSE-17: whether this kind of source goes with the algorithm, whatever its keys.
    func isOfFamily(_ algorithm: JWSAlgorithm) -> Bool {
        switch self {
        case .publicKeys: algorithm.isImplemented
        case .sharedSecret: algorithm.mac != nil
        }
    }

    /// Whether there is a key that verifies this algorithm.
    public func canVerify(_ algorithm: JWSAlgorithm) -> Bool {
        switch self {
        case .publicKeys(let set): set.keys.contains { $0.isUsable(with: algorithm) }
        case .sharedSecret(let shared): shared.isLongEnough(for: algorithm)
        }
    }
}

/// The secret of a MAC attester. Whoever verifies with it could also sign: the drafts allow it
/// from 07 on, and here it is for the operator to choose (AMB-06).
public struct SharedSecret: Sendable {
    /// The `kid` its attestations must carry (KEY-18).
    public let keyID: [UInt8]
    /// The secret; at least as long as the hash of each algorithm used with it (JOSE-17).
    public let secret: Secret

    /// A secret under its name.
    public init(keyID: [UInt8], secret: Secret) {
        self.keyID = keyID
        self.secret = secret
    }

    /// JOSE-17: whether `algorithm` is a MAC whose hash is not longer than the secret.
    func isLongEnough(for algorithm: JWSAlgorithm) -> Bool {
        guard let mac = algorithm.mac else { return false }
        return secret.count >= mac.size
    }
}
