// SPDX-License-Identifier: Apache-2.0
// Keys from their JWK members, with the checks OpenSSL leaves to its caller (JOSE-13, STK-13).

internal import COpenSSL

/// Why key material is not a usable key.
public enum KeyImportError: Error, Hashable, Sendable {
    /// A coordinate or scalar has not exactly the curve's size.
    case size
    /// A coordinate is not below the field prime, or a scalar is not in 1...n-1.
    case range
    /// The point is not on the curve, is infinity, or has the wrong order.
    case notOnCurve
    /// The private scalar does not belong to the public point.
    case mismatch
}

extension PublicKey {
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
