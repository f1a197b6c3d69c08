// SPDX-License-Identifier: Apache-2.0
// Host names to addresses, by the host's own rules (getaddrinfo). Blocking, so never on a loop.
// An optimised build sees SOCK_STREAM only as part of this module, whose headers bring it too.
internal import CLibevent
import Glibc

/// Why a name has no address.
public struct ResolverError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The host and the reason getaddrinfo gives.
    public let description: String
}

/// Looks up host names. For start-up, reload and helper threads only.
public enum Resolver {
    /// All stream addresses of `host` in the order of the host's policy, without duplicates.
    /// Blocks for as long as the resolver takes, which may be many seconds.
    public static func resolve(
        host: String, port: UInt16
    ) throws(ResolverError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            let reason = unsafe String(cString: gai_strerror(status))
            throw ResolverError(description: "\(host): \(reason)")
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            let bytes = unsafe UnsafeRawBufferPointer(
                start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
            let address = unsafe SocketAddress(kernel: bytes, size: bytes.count)
            if let address, !addresses.contains(address) { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }
}
