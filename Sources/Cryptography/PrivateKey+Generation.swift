// SPDX-License-Identifier: Apache-2.0
// Fresh private keys.

internal import COpenSSL

extension PrivateKey {
    /// A fresh EC key.
    public static func generate(_ curve: EllipticCurve) throws(Failure) -> PrivateKey {
        try generate(.ec(curve))
    }

    /// A fresh key of the family; `bits` is the length of an RSA modulus, 2048 to 8192 bits. Wraps
    /// EVP_PKEY_generate.
    public static func generate(
        _ kind: PublicKey.Kind, bits: Int = 2048
    ) throws(Failure) -> PrivateKey {
        guard RSAModulus.bits.contains(bits) else { throw .library }
        let context = unsafe EVP_PKEY_CTX_new_from_name(nil, algorithmName(kind), nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var handle: OpaquePointer?
        guard unsafe context != nil, unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe setParameters(context, kind, bits: bits),
            unsafe EVP_PKEY_generate(context, &handle) == 1, let handle = unsafe handle
        else {
            OpenSSLErrors.drain()
            throw .library
        }
        guard let members = unsafe publicMembers(handle, kind) else {
            OpenSSLErrors.drain()
            unsafe EVP_PKEY_free(handle)
            throw .library
        }
        return unsafe PrivateKey(owning: handle, members: members)
    }

    private static func algorithmName(_ kind: PublicKey.Kind) -> String {
        switch kind {
        case .ec: "EC"
        case .rsa: "RSA"
        case .edwards(let curve): curve.algorithmName
        }
    }

    private static func setParameters(
        _ context: OpaquePointer?, _ kind: PublicKey.Kind, bits: Int
    ) -> Bool {
        switch kind {
        case .ec(let curve):
            unsafe EVP_PKEY_CTX_set_group_name(context, curve.groupName) == 1
        case .rsa: unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1
        case .edwards: true
        }
    }

    /// The public half of a key that OpenSSL made, nil if it has another size.
    private static func publicMembers(
        _ handle: OpaquePointer, _ kind: PublicKey.Kind
    ) -> KeyMembers? {
        switch kind {
        case .ec(let curve):
            let size = curve.size
            guard let point = unsafe publicOctets(handle, count: 2 * size + 1), point[0] == 0x04
            else { return nil }
            return .ec(curve, x: Array(point[1...size]), y: Array(point[(size + 1)...]))
        case .rsa:
            guard let n = unsafe number(handle, OSSL_PKEY_PARAM_RSA_N),
                let e = unsafe number(handle, OSSL_PKEY_PARAM_RSA_E)
            else { return nil }
            return .rsa(n: n.bytes, e: e.bytes)
        case .edwards(let curve):
            return unsafe publicOctets(handle, count: curve.size).map { .edwards(curve, x: $0) }
        }
    }

    /// The encoded public point, nil if it has not `count` octets.
    static func publicOctets(_ handle: OpaquePointer, count: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        var written = 0
        guard
            unsafe EVP_PKEY_get_octet_string_param(
                handle, OSSL_PKEY_PARAM_PUB_KEY, &octets, octets.count, &written) == 1,
            written == count
        else { return nil }
        return octets
    }
}
