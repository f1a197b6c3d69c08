// SPDX-License-Identifier: Apache-2.0
// Octets that are wiped when the last owner lets go and that never print.

internal import COpenSSL

/// A key or password. It lives in one place of memory, which is overwritten before it is freed.
/// The memory is written in `init` only, so threads may share it.
@safe
public final class Secret: @unchecked Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    // Never empty, so that its base address is never nil.
    private let storage: UnsafeMutableRawBufferPointer
    /// The number of octets.
    public let count: Int

    /// A copy of `octets`. The array it came from is the caller's; see `init(wiping:)`.
    public init(_ octets: [UInt8]) {
        count = octets.count
        unsafe storage = .allocate(byteCount: max(1, octets.count), alignment: 16)
        unsafe storage.copyBytes(from: octets)
    }

    /// Takes the octets over and overwrites `octets` with zeros. Other copies of the array, if it
    /// was shared, keep theirs.
    public convenience init(wiping octets: inout [UInt8]) {
        self.init(octets)
        unsafe octets.withUnsafeMutableBytes { buffer in
            unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count)
        }
        octets = []
    }

    /// `count` octets that `body` writes, all of them.
    init(count: Int, writing body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        self.count = count
        unsafe storage = .allocate(byteCount: max(1, count), alignment: 16)
        let octets = unsafe storage.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe body(UnsafeMutableBufferPointer(rebasing: octets[..<count]))
    }

    deinit {
        unsafe OPENSSL_cleanse(storage.baseAddress, storage.count)
        unsafe storage.deallocate()
    }

    /// Lends the octets without copying them.
    public func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        try unsafe withUnsafeOctets { octets in
            try unsafe body(octets.span)
        }
    }

    /// A copy of the octets, which nobody wipes; for interfaces that need an array.
    public var bytes: [UInt8] {
        unsafe withUnsafeOctets { octets in unsafe Array(octets) }
    }

    func withUnsafeOctets<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(
            UnsafeBufferPointer(
                start: storage.baseAddress?.assumingMemoryBound(to: UInt8.self), count: count))
    }

    /// Always `<secret>`.
    public var description: String { "<secret>" }
    /// Always `<secret>`.
    public var debugDescription: String { "<secret>" }
    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
