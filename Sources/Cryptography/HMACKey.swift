// SPDX-License-Identifier: Apache-2.0
// A key for HMAC-SHA-256 that is set up once and used for every challenge.

internal import COpenSSL
import Octets

/// HMAC-SHA-256 under one key. Setting up a key costs several times what a short message does, so
/// this keeps contexts with the key in them.
public final class HMACKey: Sendable {
    private let lanes: [Lane]

    /// Sets up `secret`.
    public convenience init(_ secret: Secret) {
        self.init(secret, restarts: KeyedMAC.restarts)
    }

    /// As for OpenSSL from 3.0.3 on, or before.
    init(_ secret: Secret, restarts: Bool) {
        lanes = (0..<ThreadLane.count).map { _ in Lane(secret, restarts) }
    }

    /// The tag of `octets`, 32 octets.
    public func sha256(_ octets: [UInt8]) -> [UInt8] {
        lanes[ThreadLane.current].tag(octets)
    }

    private final class Lane: Sendable {
        private let context: Guarded<KeyedMAC>

        init(_ secret: Secret, _ restarts: Bool) {
            context = Guarded(KeyedMAC(secret, restarts: restarts))
        }

        func tag(_ octets: [UInt8]) -> [UInt8] {
            context.withLock { $0.compute(octets) }
        }
    }
}

/// One EVP_MAC context that holds its key. Freed, it wipes it.
@safe private final class KeyedMAC {
    private static let size = 32
    /// Whether a context begins again under the key it has. OpenSSL before 3.0.3 says that it does
    /// and goes on where it ended; then each tag is made in a copy.
    static let restarts: Bool = {
        let probe = KeyedMAC(Secret([UInt8](repeating: 0, count: size)), restarts: true)
        let tags = (0..<2).map { _ in unsafe probe.tag([], in: probe.context) }
        return tags[0] != nil && tags[0] == tags[1]
    }()

    private let context: OpaquePointer
    private let restarts: Bool

    init(_ secret: Secret, restarts: Bool) {
        let mac = unsafe EVP_MAC_fetch(nil, "HMAC", nil)
        // The context holds its own reference.
        defer { unsafe EVP_MAC_free(mac) }
        guard let context = unsafe EVP_MAC_CTX_new(mac),
            unsafe COpenSSL_setMACDigest(context, "SHA256") == 1,
            unsafe secret.withUnsafeOctets({ key in
                unsafe EVP_MAC_init(context, key.baseAddress, key.count, nil)
            }) == 1
        else { cryptographyUnavailable("no MAC") }
        unsafe self.context = context
        self.restarts = restarts
    }

    deinit {
        unsafe EVP_MAC_CTX_free(context)
    }

    func compute(_ octets: [UInt8]) -> [UInt8] {
        let copy = restarts ? nil : unsafe EVP_MAC_CTX_dup(context)
        defer { unsafe EVP_MAC_CTX_free(copy) }
        guard let tag = unsafe tag(octets, in: restarts ? context : copy) else {
            cryptographyUnavailable("MAC failed")
        }
        return tag
    }

    private func tag(_ octets: [UInt8], in context: OpaquePointer?) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: Self.size)
        var written = 0
        // Without a key: begin again with the one it has.
        guard unsafe context != nil, unsafe EVP_MAC_init(context, nil, 0, nil) == 1,
            unsafe EVP_MAC_update(context, octets, octets.count) == 1,
            unsafe EVP_MAC_final(context, &result, &written, result.count) == 1,
            written == Self.size
        else { return nil }
        return result
    }
}
