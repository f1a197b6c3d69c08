// SPDX-License-Identifier: Apache-2.0
// Instances and keys that the operator has suspended (ATT-16).

public import JOSE

/// What is refused although a trusted attester vouched for it. Part of the policy, so that a new
/// list is a new generation (KEY-20), and judged at every request.
public struct Denylist: Sendable, Equatable {
    /// Thumbprints of instance keys.
    public private(set) var thumbprints: Set<JWKThumbprint> = []
    /// SHA-256 hashes of the public keys (SubjectPublicKeyInfo) of certificates, which count where
    /// attesters have certificates.
    public private(set) var certificateKeys: Set<[UInt8]> = []
    /// By `sub`, the attesters whose word for it is not taken.
    private var clients: [[UInt8]: Set<[UInt8]>] = [:]

    /// A list that denies nothing.
    public init() {}

    /// Whether nothing is denied.
    public var isEmpty: Bool {
        thumbprints.isEmpty && certificateKeys.isEmpty && clients.isEmpty
    }

    /// Denies the instance whose key has this thumbprint.
    public mutating func deny(_ thumbprint: JWKThumbprint) {
        thumbprints.insert(thumbprint)
    }

    /// Denies a client as far as this attester vouches for it.
    public mutating func deny(attesterID: String, subject: [UInt8]) {
        clients[subject, default: []].insert(Array(attesterID.utf8))
    }

    /// Denies certificates whose SubjectPublicKeyInfo has this SHA-256 hash, 32 octets.
    public mutating func deny(certificateKey hash: [UInt8]) {
        certificateKeys.insert(hash)
    }

    /// Whether `attestation` is denied: its instance key, or its client as this attester's.
    func denies(_ attestation: VerifiedAttestation) -> Bool {
        if thumbprints.contains(attestation.instanceKey.thumbprint) { return true }
        guard !clients.isEmpty, let attesters = clients[attestation.subject] else { return false }
        return attesters.contains(Array(attestation.attester.id.utf8))
    }
}
