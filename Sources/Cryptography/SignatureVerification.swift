// SPDX-License-Identifier: Apache-2.0
// Verification of one signature with one key.

import Octets

extension PublicKey {
    /// Whether `signature`, in the scheme's wire form, was made over `message` with this key. A key
    /// of another kind than the scheme's verifies nothing. Wraps EVP_PKEY_verify and, for EdDSA,
    /// EVP_DigestVerify.
    ///
    /// The hash is computed first, with the hash function fetched once: EVP_DigestVerify would
    /// fetch it anew for every signature. What else there is to look up, `PreparedVerification`
    /// keeps.
    public func verify(
        _ scheme: SignatureScheme, signature: [UInt8], message: ArraySlice<UInt8>
    ) -> Bool {
        guard kind == scheme.keyKind, let prepared = prepared(for: scheme) else { return false }
        switch scheme.form {
        case .ecdsa(let curve, let hash):
            guard let der = try? ECDSASignature.der(signature, curve: curve) else { return false }
            return prepared.verify(der, digest: hash.digest.hash(message))
        case .pkcs1(let hash), .pss(let hash):
            // JOSE-15: the library checks the whole padding and the signature's length.
            return prepared.verify(signature, digest: hash.digest.hash(message))
        case .edwards(let curve):
            guard (try? EdwardsSignature.check(signature, curve: curve)) != nil else {
                return false
            }
            return prepared.verify(signature, whole: message)
        }
    }

    /// What was set up for an earlier signature of the same scheme, or is now.
    private func prepared(for scheme: SignatureScheme) -> PreparedVerification? {
        verifications.withLock { known in
            if let prepared = known.first(where: { $0.scheme == scheme }) { return prepared }
            guard let prepared = PreparedVerification(self, scheme) else { return nil }
            known.append(prepared)
            return prepared
        }
    }
}
