// SPDX-License-Identifier: Apache-2.0
// Keys from their JWK members, with the checks OpenSSL leaves to its caller (JOSE-13, JOSE-14,
// JOSE-16, STK-13).

internal import COpenSSL

/// Why key material is not a usable key.
public enum KeyImportError: Error, Hashable, Sendable {
    /// A coordinate, scalar or encoded point has not exactly the curve's size, or a modulus is out
    /// of bounds.
    case size
    /// A number is not below the field prime or the order, or not an acceptable RSA number.
    case range
    /// An RSA number is empty or begins with a zero octet.
    case form
    /// The point is not on the curve, is infinity, or has the wrong order.
    case notOnCurve
    /// The point has an order that divides the curve's cofactor.
    case smallOrder
    /// The private part does not belong to the public one.
    case mismatch
    /// OpenSSL refused.
    case library
}

extension PublicKey {
    /// JOSE-13, JOSE-14, JOSE-16: the key with these members, all of them checked.
    public convenience init(_ members: KeyMembers) throws(KeyImportError) {
        switch members {
        case .ec(let curve, let x, let y): try self.init(curve: curve, x: x, y: y)
        case .rsa(let n, let e): try self.init(modulus: n, exponent: e)
        case .edwards(let curve, let x): try self.init(curve: curve, x: x)
        }
    }

    /// JOSE-13: the key with the affine coordinates `x` and `y`, both of exactly the curve's size
    /// and below its prime, a point on the curve that is not infinity. Wraps EVP_PKEY_fromdata and
    /// EVP_PKEY_public_check.
    public convenience init(
        curve: EllipticCurve, x: [UInt8], y: [UInt8]
    ) throws(KeyImportError) {
        let point = try KeyImport.uncompressedPoint(curve: curve, x: x, y: y)
        guard let handle = unsafe KeyImport.ecKey(curve: curve, point: point) else {
            throw .notOnCurve
        }
        unsafe self.init(owning: handle, kind: .ec(curve))
    }

    /// JOSE-14: the RSA key with this modulus and exponent, big-endian, within the bounds of
    /// `RSAModulus`. Wraps EVP_PKEY_fromdata.
    public convenience init(modulus: [UInt8], exponent: [UInt8]) throws(KeyImportError) {
        try RSAModulus.check(modulus: modulus, exponent: exponent)
        guard let handle = unsafe KeyImport.rsaKey([modulus, exponent]) else { throw .library }
        unsafe self.init(owning: handle, kind: .rsa)
    }

    /// JOSE-16: the EdDSA key with the encoded point `x`. A point that is not on the curve is
    /// found when a signature is verified, and verifies none. Wraps EVP_PKEY_new_raw_public_key_ex.
    public convenience init(curve: EdwardsCurve, x: [UInt8]) throws(KeyImportError) {
        try curve.check(x)
        guard
            let handle = unsafe EVP_PKEY_new_raw_public_key_ex(
                nil, curve.algorithmName, nil, x, x.count)
        else {
            OpenSSLErrors.drain()
            throw .library
        }
        unsafe self.init(owning: handle, kind: .edwards(curve))
    }
}

enum KeyImport {
    /// JOSE-13: sizes and ranges checked here, not left to the library. x = y = 0 is a point the
    /// curve check refuses.
    static func uncompressedPoint(
        curve: EllipticCurve, x: [UInt8], y: [UInt8]
    ) throws(KeyImportError) -> [UInt8] {
        guard x.count == curve.size, y.count == curve.size else { throw .size }
        guard isBelow(x[...], curve.prime), isBelow(y[...], curve.prime) else { throw .range }
        return [0x04] + x + y
    }

    /// A validated EC public key of which the caller owns one reference, nil if it is not valid.
    static func ecKey(curve: EllipticCurve, point: [UInt8]) -> OpaquePointer? {
        guard let handle = unsafe COpenSSL_newECKey(curve.groupName, point, point.count, nil) else {
            OpenSSLErrors.drain()
            return nil
        }
        guard unsafe passes(EVP_PKEY_public_check, handle) else {
            unsafe EVP_PKEY_free(handle)
            return nil
        }
        return unsafe handle
    }

    /// An RSA key, unchecked, of which the caller owns one reference: public from n and e, a pair
    /// if `secrets` holds d, p, q, dp, dq and qi.
    static func rsaKey(_ numbers: [[UInt8]], secrets: [Secret] = []) -> OpaquePointer? {
        var handles: [OpaquePointer?] = unsafe []
        defer { unsafe handles.forEach { unsafe BN_clear_free($0) } }
        for number in numbers {
            unsafe handles.append(BN_bin2bn(number, Int32(number.count), nil))
        }
        for secret in secrets { unsafe handles.append(secureNumber(secret)) }
        guard let key = unsafe COpenSSL_newRSAKey(handles, handles.count) else {
            OpenSSLErrors.drain()
            return nil
        }
        return unsafe key
    }

    /// A number whose copies made on the way to a key are wiped too; the caller frees it.
    static func secureNumber(_ secret: Secret) -> OpaquePointer? {
        let number = unsafe BN_secure_new()
        let isRead = unsafe secret.withUnsafeOctets { octets in
            unsafe BN_bin2bn(octets.baseAddress, Int32(octets.count), number) != nil
        }
        guard unsafe number != nil, isRead else {
            unsafe BN_clear_free(number)
            return nil
        }
        return unsafe number
    }

    /// Whether the key passes one of OpenSSL's checks; STK-13, an imported key is not a valid one.
    static func passes(_ check: (OpaquePointer?) -> Int32, _ handle: OpaquePointer) -> Bool {
        let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, handle, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe context != nil, unsafe check(context) == 1 else {
            OpenSSLErrors.drain()
            return false
        }
        return true
    }
}
