// SPDX-License-Identifier: Apache-2.0
// What an EdDSA signature must be before any key is asked (JOSE-16).

/// The wire form of an EdDSA signature: R then S, each as long as a public key.
public enum EdwardsSignature {
    /// What is wrong with a signature before any key is asked.
    public enum Fault: Error, Hashable, Sendable {
        /// Not 64 octets for Ed25519, 114 for Ed448.
        case length
        /// S is not below the order L, so the signature is a second form of another one.
        case range
    }

    /// JOSE-16: exact length, and S < L.
    public static func check(_ signature: [UInt8], curve: EdwardsCurve) throws(Fault) {
        let size = curve.size
        guard signature.count == 2 * size else { throw .length }
        let s = Array(signature[size...].reversed())
        guard isBelow(s[...], curve.order) else { throw .range }
    }
}
