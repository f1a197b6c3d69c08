// SPDX-License-Identifier: Apache-2.0
// Why attesters cannot stand together (CFG-03, KEY-18), in the operator's words.

public import JOSE

/// A set of attesters that would leave a selection open or an attester without bounds (CFG-03).
public enum RegistryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Two attesters have this ID.
    case duplicateID(String)
    /// The attester has no list of clients it may vouch for.
    case noClients(String)
    /// The attester has no key.
    case noKeys(String)
    /// The attester has no algorithm.
    case noAlgorithms(String)
    /// JOSE-26: a further `typ` of the attester is that of other tokens.
    case reservedType(String, type: String)
    /// JOSE-10, JOSE-17, JOSE-27: an algorithm of the attester is a MAC beside public keys or the
    /// reverse, or is not built.
    case wrongAlgorithm(String, JWSAlgorithm)
    /// JOSE-17: the attester's secret is shorter than the hash of this algorithm.
    case shortSecret(String, JWSAlgorithm)
    /// KEY-18: both have the same secret, so either could sign as the other.
    case sharedSecret(String, String)
    /// KEY-18: an attester with a MAC has one entry, but both list this issuer.
    case sharedMACIssuer(String, String, issuer: String)
    /// Both have this key ID, and their issuers do not tell them apart.
    case sharedKeyID(String, String, keyID: String)
    /// Both vouch for this client, one of them has keys without ID, and their issuers do not tell
    /// them apart.
    case sharedClient(String, String, client: String)

    /// One sentence for the operator.
    public var description: String {
        switch self {
        case .duplicateID(let id): "two attesters have the id \(id)"
        case .noClients(let id): "attester \(id) has no clients it may vouch for"
        case .noKeys(let id): "attester \(id) has no key"
        case .noAlgorithms(let id): "attester \(id) has no algorithm"
        case .reservedType(let id, let type):
            "attester \(id) has the type \(type), which is not for attestations (JOSE-26)"
        case .wrongAlgorithm(let id, let algorithm):
            "attester \(id) has no kind of key that verifies \(algorithm.rawValue)"
        case .shortSecret(let id, let algorithm):
            "attester \(id) has a secret shorter than the hash of \(algorithm.rawValue)"
        case .sharedSecret(let one, let other):
            "attesters \(one) and \(other) have the same secret"
        case .sharedMACIssuer(let one, let other, let issuer):
            "attesters \(one) and \(other) both have the issuer \(issuer), and an attester with "
                + "a MAC has one entry"
        case .sharedKeyID(let one, let other, let keyID):
            "attesters \(one) and \(other) both have a key with the ID \(keyID), and their "
                + "issuers do not tell them apart"
        case .sharedClient(let one, let other, let client):
            "attesters \(one) and \(other) both vouch for \(client), one has a key without an "
                + "ID, and their issuers do not tell them apart"
        }
    }
}
