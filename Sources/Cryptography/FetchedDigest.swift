// SPDX-License-Identifier: Apache-2.0
// The hash functions of OpenSSL, with contexts that are used again and again.

internal import COpenSSL
import Octets

/// One hash function. EVP_MD is read only once it is fetched, so threads share it; contexts are kept
/// because to make one takes as long as a short hash.
@safe final class FetchedDigest: @unchecked Sendable {
    static let sha256 = FetchedDigest("SHA256", size: 32)
    static let sha384 = FetchedDigest("SHA384", size: 48)
    static let sha512 = FetchedDigest("SHA512", size: 64)

    private final class Lane: Sendable {
        let context: Guarded<HashContext>

        init(_ name: String) {
            context = Guarded(HashContext(name))
        }
    }

    /// The length of a hash in octets.
    let size: Int
    let handle: OpaquePointer
    private let lanes: [Lane]

    private init(_ name: String, size: Int) {
        guard let handle = unsafe EVP_MD_fetch(nil, name, nil),
            unsafe EVP_MD_get_size(handle) == size
        else { cryptographyUnavailable("no hash function") }
        self.size = size
        unsafe self.handle = handle
        lanes = (0..<ThreadLane.count).map { _ in Lane(name) }
    }

    deinit {
        unsafe EVP_MD_free(handle)
    }

    func hash(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        let size = size
        return lanes[ThreadLane.current].context.withLock { context in
            context.begin()
            context.append(octets)
            return context.finish(size)
        }
    }

    /// The hash of SHA-256, of fields framed as in `Digest.sha256(framing:)`.
    func framed(
        _ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>, _ third: ArraySlice<UInt8>?,
        _ fourth: ArraySlice<UInt8>?
    ) -> Digest.Words {
        lanes[ThreadLane.current].context.withLock { context in
            context.begin()
            context.append(field: first)
            context.append(field: second)
            if let third { context.append(field: third) }
            if let fourth { context.append(field: fourth) }
            return context.finishWords()
        }
    }
}

/// One EVP_MD_CTX, which computes hash after hash.
@safe private final class HashContext {
    private let context: OpaquePointer

    init(_ name: String) {
        let digest = unsafe EVP_MD_fetch(nil, name, nil)
        // The context holds its own reference.
        defer { unsafe EVP_MD_free(digest) }
        guard unsafe digest != nil, let context = unsafe EVP_MD_CTX_new(),
            unsafe EVP_DigestInit_ex2(context, digest, nil) == 1
        else { cryptographyUnavailable("no hash context") }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    func begin() {
        // Without a hash function: begin again with the one it has.
        require(unsafe EVP_DigestInit_ex2(context, nil, nil))
    }

    func append(_ octets: ArraySlice<UInt8>) {
        let done = unsafe octets.withUnsafeBytes { input in
            unsafe EVP_DigestUpdate(context, input.baseAddress, input.count)
        }
        require(done)
    }

    /// The field's length as four octets, then the field.
    func append(field: ArraySlice<UInt8>) {
        var length = UInt32(field.count).bigEndian
        require(unsafe EVP_DigestUpdate(context, &length, MemoryLayout<UInt32>.size))
        append(field)
    }

    func finish(_ size: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: size)
        require(unsafe EVP_DigestFinal_ex(context, &result, nil))
        return result
    }

    /// The hash of a function whose hash is 32 octets.
    func finishWords() -> Digest.Words {
        var words: Digest.Words = (0, 0, 0, 0)
        let done = unsafe withUnsafeMutableBytes(of: &words) { octets in
            unsafe EVP_DigestFinal_ex(
                context, octets.assumingMemoryBound(to: UInt8.self).baseAddress, nil)
        }
        require(done)
        return (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }

    private func require(_ done: Int32) {
        guard done == 1 else { cryptographyUnavailable("hashing failed") }
    }
}
