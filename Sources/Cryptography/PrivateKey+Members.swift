// SPDX-License-Identifier: Apache-2.0
// Private keys from and to the private members of a JWK (RFC 7518 section 6, RFC 8037).

internal import COpenSSL

extension PrivateKey {
    /// The EC key with the private scalar `d` and the public point `x`, `y`; all are checked, and
    /// that they belong together.
    public static func `import`(
        curve: EllipticCurve, d: Secret, x: [UInt8], y: [UInt8]
    ) throws(KeyImportError) -> PrivateKey {
        try `import`(.ec(curve, x: x, y: y), secrets: [d])
    }

    /// The key with these public members and the private ones in the order of `secrets()`; all are
    /// checked, and that they belong together. Wraps EVP_PKEY_fromdata and EVP_PKEY_check.
    public static func `import`(
        _ members: KeyMembers, secrets: [Secret]
    ) throws(KeyImportError) -> PrivateKey {
        let handle: OpaquePointer
        switch members {
        case .ec(let curve, let x, let y):
            unsafe handle = try ecPair(curve, x: x, y: y, secrets)
        case .rsa(let n, let e):
            unsafe handle = try rsaPair(n: n, e: e, secrets)
        case .edwards(let curve, let x):
            unsafe handle = try edwardsPair(curve, x: x, secrets)
        }
        return unsafe PrivateKey(owning: handle, members: members)
    }

    /// The private members: `d` for EC keys, of the curve's size, and for EdDSA keys, the seed; `d`,
    /// `p`, `q`, `dp`, `dq` and `qi` for RSA keys.
    public func secrets() throws(Failure) -> [Secret] {
        switch members {
        case .ec(let curve, _, _):
            return [try secret(OSSL_PKEY_PARAM_PRIV_KEY, count: curve.size)]
        case .rsa:
            var secrets: [Secret] = []
            for name in Self.rsaNames { secrets.append(try secret(name)) }
            return secrets
        case .edwards(let curve, _):
            return [try seed(curve)]
        }
    }

    /// The private member `d`.
    public func scalar() throws(Failure) -> Secret {
        guard let first = try secrets().first else { throw .library }
        return first
    }

    /// OpenSSL's names of the private RSA members; Swift does not import all of its macros.
    private static let rsaNames = [
        "d", "rsa-factor1", "rsa-factor2", "rsa-exponent1", "rsa-exponent2", "rsa-coefficient1",
    ]

    private func secret(_ name: String, count: Int? = nil) throws(Failure) -> Secret {
        guard let secret = unsafe Self.number(handle, name, count: count) else {
            OpenSSLErrors.drain()
            throw .library
        }
        return secret
    }

    /// A number of a key, big-endian, `count` octets long or as short as it can be.
    static func number(_ handle: OpaquePointer, _ name: String, count: Int? = nil) -> Secret? {
        var number: OpaquePointer?
        defer { unsafe BN_clear_free(number) }
        guard unsafe EVP_PKEY_get_bn_param(handle, name, &number) == 1 else { return nil }
        let size = unsafe count ?? Int((BN_num_bits(number) + 7) / 8)
        var isComplete = false
        let secret = unsafe Secret(count: size) { octets in
            isComplete = unsafe BN_bn2binpad(number, octets.baseAddress, Int32(size)) == size
        }
        return isComplete ? secret : nil
    }

    private func seed(_ curve: EdwardsCurve) throws(Failure) -> Secret {
        var count = curve.size
        var isRead = false
        let seed = unsafe Secret(count: curve.size) { octets in
            isRead =
                unsafe EVP_PKEY_get_raw_private_key(handle, octets.baseAddress, &count) == 1
        }
        guard isRead, count == curve.size else {
            OpenSSLErrors.drain()
            throw .library
        }
        return seed
    }

    private static func ecPair(
        _ curve: EllipticCurve, x: [UInt8], y: [UInt8], _ secrets: [Secret]
    ) throws(KeyImportError) -> OpaquePointer {
        let point = try KeyImport.uncompressedPoint(curve: curve, x: x, y: y)
        guard let d = secrets.first, secrets.count == 1, d.count == curve.size else { throw .size }
        let number = unsafe KeyImport.secureNumber(d)
        defer { unsafe BN_clear_free(number) }
        guard unsafe number != nil,
            let handle = unsafe COpenSSL_newECKey(curve.groupName, point, point.count, number)
        else {
            OpenSSLErrors.drain()
            throw .notOnCurve
        }
        return try unsafe requirePair(handle)
    }

    private static func rsaPair(
        n: [UInt8], e: [UInt8], _ secrets: [Secret]
    ) throws(KeyImportError) -> OpaquePointer {
        try RSAModulus.check(modulus: n, exponent: e)
        guard secrets.count == rsaNames.count, secrets.allSatisfy({ 1...n.count ~= $0.count })
        else { throw .size }
        guard let handle = unsafe KeyImport.rsaKey([n, e], secrets: secrets) else {
            throw .mismatch
        }
        return try unsafe requirePair(handle)
    }

    private static func requirePair(_ handle: OpaquePointer) throws(KeyImportError) -> OpaquePointer
    {
        guard unsafe KeyImport.passes(EVP_PKEY_check, handle) else {
            unsafe EVP_PKEY_free(handle)
            throw .mismatch
        }
        return unsafe handle
    }

    /// The library makes the public point of the seed, which must be the one that is given.
    private static func edwardsPair(
        _ curve: EdwardsCurve, x: [UInt8], _ secrets: [Secret]
    ) throws(KeyImportError) -> OpaquePointer {
        try curve.check(x)
        guard let seed = secrets.first, secrets.count == 1, seed.count == curve.size else {
            throw .size
        }
        let made = unsafe seed.withUnsafeOctets { seed in
            unsafe EVP_PKEY_new_raw_private_key_ex(
                nil, curve.algorithmName, nil, seed.baseAddress, seed.count)
        }
        guard let handle = unsafe made else {
            OpenSSLErrors.drain()
            throw .library
        }
        guard unsafe publicOctets(handle, count: curve.size) == x else {
            unsafe EVP_PKEY_free(handle)
            throw .mismatch
        }
        return unsafe handle
    }
}
