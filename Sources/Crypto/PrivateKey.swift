// SPDX-License-Identifier: Apache-2.0
// A private EC key: generation, import, export and signing, for minting tokens only.

internal import COpenSSL
import Octets

/// A private key and its public point. As for `PublicKey`, nothing changes after creation.
@safe public final class PrivateKey: @unchecked Sendable, CustomStringConvertible {
    /// A private key could not be made or used.
    public enum Failure: Error, Hashable, Sendable {
        /// OpenSSL refused to generate or sign.
        case library
        /// The key is of another kind than the scheme's.
        case wrongKind
    }

    /// The curve.
    public let curve: EllipticCurve
    /// The affine coordinates of the public point, each of the curve's size.
    public let x: [UInt8]
    /// The affine coordinates of the public point, each of the curve's size.
    public let y: [UInt8]
    private let handle: OpaquePointer

    /// Takes over one reference to `handle`.
    private init(owning handle: OpaquePointer, curve: EllipticCurve, point: [UInt8]) {
        unsafe self.handle = handle
        self.curve = curve
        x = Array(point[1...curve.size])
        y = Array(point[(curve.size + 1)...])
    }

    deinit {
        unsafe EVP_PKEY_free(handle)
    }

    /// A fresh key. Wraps EVP_PKEY_generate.
    public static func generate(_ curve: EllipticCurve) throws(Failure) -> PrivateKey {
        let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var handle: OpaquePointer?
        guard unsafe context != nil, unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_group_name(context, curve.groupName) == 1,
            unsafe EVP_PKEY_generate(context, &handle) == 1, let handle = unsafe handle
        else {
            OpenSSLErrors.drain()
            throw .library
        }
        guard let point = unsafe publicPoint(handle, curve: curve) else {
            unsafe EVP_PKEY_free(handle)
            throw .library
        }
        return unsafe PrivateKey(owning: handle, curve: curve, point: point)
    }

    /// The key with the private scalar `d` and the public point `x`, `y`; all are checked, and that
    /// they belong together. Wraps EVP_PKEY_fromdata and EVP_PKEY_check.
    public static func `import`(
        curve: EllipticCurve, d: Secret, x: [UInt8], y: [UInt8]
    ) throws(KeyImportError) -> PrivateKey {
        let point = try KeyImport.uncompressedPoint(curve: curve, x: x, y: y)
        guard d.count == curve.size else { throw .size }
        guard let handle = unsafe importHandle(curve: curve, d: d, point: point) else {
            throw .notOnCurve
        }
        guard unsafe KeyImport.passes(EVP_PKEY_check, handle) else {
            unsafe EVP_PKEY_free(handle)
            throw .mismatch
        }
        return unsafe PrivateKey(owning: handle, curve: curve, point: point)
    }

    /// The public half.
    public func publicKey() throws(KeyImportError) -> PublicKey {
        try PublicKey(curve: curve, x: x, y: y)
    }

    /// The private scalar, of the curve's size.
    public func scalar() throws(Failure) -> Secret {
        var number: OpaquePointer?
        defer { unsafe BN_clear_free(number) }
        guard unsafe EVP_PKEY_get_bn_param(handle, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 else {
            OpenSSLErrors.drain()
            throw .library
        }
        var isComplete = false
        let size = curve.size
        let scalar = unsafe Secret(count: size) { octets in
            isComplete = unsafe BN_bn2binpad(number, octets.baseAddress, Int32(size)) == size
        }
        guard isComplete else { throw .library }
        return scalar
    }

    /// The signature over `message` in the scheme's wire form. Wraps EVP_PKEY_sign.
    public func sign(_ scheme: SignatureScheme, _ message: [UInt8]) throws(Failure) -> [UInt8] {
        guard scheme.keyKind == .ec(curve) else { throw .wrongKind }
        let digest = scheme.hash.digest.hash(message[...])
        let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, handle, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        // SEQUENCE and two INTEGERs add at most nine octets to the raw form.
        var der = [UInt8](repeating: 0, count: 2 * curve.size + 9)
        var count = der.count
        guard unsafe context != nil, unsafe EVP_PKEY_sign_init(context) == 1,
            unsafe EVP_PKEY_sign(context, &der, &count, digest, digest.count) == 1,
            let raw = raw(Array(der[..<count]))
        else {
            OpenSSLErrors.drain()
            throw .library
        }
        return raw
    }

    /// r then s out of OpenSSL's own DER.
    private func raw(_ der: [UInt8]) -> [UInt8]? {
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

    /// The uncompressed point of a key that OpenSSL made, nil if it has another size.
    private static func publicPoint(_ handle: OpaquePointer, curve: EllipticCurve) -> [UInt8]? {
        var point = [UInt8](repeating: 0, count: 2 * curve.size + 1)
        var written = 0
        guard
            unsafe EVP_PKEY_get_octet_string_param(
                handle, OSSL_PKEY_PARAM_PUB_KEY, &point, point.count, &written) == 1,
            written == point.count, point.first == 0x04
        else {
            OpenSSLErrors.drain()
            return nil
        }
        return point
    }

    private static func importHandle(
        curve: EllipticCurve, d: Secret, point: [UInt8]
    ) -> OpaquePointer? {
        // Secure, so that the copies made on the way to the key are wiped too.
        let number = unsafe BN_secure_new()
        defer { unsafe BN_clear_free(number) }
        let isRead = unsafe d.withUnsafeOctets { d in
            unsafe BN_bin2bn(d.baseAddress, Int32(d.count), number) != nil
        }
        guard unsafe number != nil, isRead,
            let handle = unsafe COpenSSL_newECKey(curve.groupName, point, point.count, number)
        else {
            OpenSSLErrors.drain()
            return nil
        }
        return unsafe handle
    }
}
