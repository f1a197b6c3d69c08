// SPDX-License-Identifier: Apache-2.0
// A private key: its public members and signing, for minting tokens only.

internal import COpenSSL
import Octets

/// A private key and its public half. As for `PublicKey`, nothing changes after creation.
@safe public final class PrivateKey: @unchecked Sendable, CustomStringConvertible {
    /// A private key could not be made or used.
    public enum Failure: Error, Hashable, Sendable {
        /// OpenSSL refused to generate or sign.
        case library
        /// The key is of another kind than the scheme's.
        case wrongKind
    }

    /// The public half.
    public let members: KeyMembers
    let handle: OpaquePointer

    /// Takes over one reference to `handle`, whose public half is `members`.
    init(owning handle: OpaquePointer, members: KeyMembers) {
        unsafe self.handle = handle
        self.members = members
    }

    deinit {
        unsafe EVP_PKEY_free(handle)
    }

    /// `x` of the public half, of the curve's size; empty for RSA.
    public var x: [UInt8] {
        switch members {
        case .ec(_, let x, _), .edwards(_, let x): x
        case .rsa: []
        }
    }

    /// `y` of the public half, of the curve's size; empty for families that have none.
    public var y: [UInt8] {
        if case .ec(_, _, let y) = members { y } else { [] }
    }

    /// The public half.
    public func publicKey() throws(KeyImportError) -> PublicKey {
        try PublicKey(members)
    }

    /// The signature over `message` in the scheme's wire form. Wraps EVP_PKEY_sign and, for EdDSA,
    /// EVP_DigestSign.
    public func sign(_ scheme: SignatureScheme, _ message: [UInt8]) throws(Failure) -> [UInt8] {
        guard scheme.keyKind == members.kind else { throw .wrongKind }
        switch scheme.form {
        case .ecdsa(let curve, let hash):
            let der = try sign(digest: hash.digest.hash(message[...]))
            guard let raw = raw(der, curve: curve) else {
                OpenSSLErrors.drain()
                throw .library
            }
            return raw
        case .pkcs1(let hash):
            return try sign(digest: hash.digest.hash(message[...]), .pkcs1(hash.digest))
        case .pss(let hash):
            return try sign(digest: hash.digest.hash(message[...]), .pss(hash.digest))
        case .edwards(let curve):
            return try signWhole(message, curve: curve)
        }
    }

    private func sign(digest: [UInt8], _ padding: RSAPadding? = nil) throws(Failure) -> [UInt8] {
        let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, handle, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        // The most that a signature of this key can take.
        var signature = unsafe [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(handle)))
        var count = signature.count
        guard unsafe context != nil, unsafe EVP_PKEY_sign_init(context) == 1,
            unsafe padding?.set(context) ?? true,
            unsafe EVP_PKEY_sign(context, &signature, &count, digest, digest.count) == 1
        else {
            OpenSSLErrors.drain()
            throw .library
        }
        return Array(signature[..<count])
    }

    private func signWhole(_ message: [UInt8], curve: EdwardsCurve) throws(Failure) -> [UInt8] {
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 2 * curve.size)
        var count = signature.count
        guard unsafe context != nil,
            unsafe EVP_DigestSignInit_ex(context, nil, nil, nil, nil, handle, nil) == 1,
            unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1,
            count == signature.count
        else {
            OpenSSLErrors.drain()
            throw .library
        }
        return signature
    }

    /// r then s out of OpenSSL's own DER.
    private func raw(_ der: [UInt8], curve: EllipticCurve) -> [UInt8]? {
        let size = curve.size
        return unsafe der.withUnsafeBufferPointer { der in
            var cursor = der.baseAddress
            guard let signature = unsafe d2i_ECDSA_SIG(nil, &cursor, der.count) else { return nil }
            defer { unsafe ECDSA_SIG_free(signature) }
            var r = [UInt8](repeating: 0, count: size)
            var s = [UInt8](repeating: 0, count: size)
            guard unsafe BN_bn2binpad(ECDSA_SIG_get0_r(signature), &r, Int32(size)) == size,
                unsafe BN_bn2binpad(ECDSA_SIG_get0_s(signature), &s, Int32(size)) == size
            else { return nil }
            return r + s
        }
    }

    /// Always `<private key>`.
    public var description: String { "<private key>" }
}
