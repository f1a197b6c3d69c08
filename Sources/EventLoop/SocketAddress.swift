// SPDX-License-Identifier: Apache-2.0
// Addresses of sockets: their text form, and the form the kernel wants. No name look-up here.
// An optimised build sees SOCK_STREAM only as part of this module, whose headers bring it too.
internal import CLibevent
import Glibc
import Octets

/// The address of a TCP or Unix stream socket.
public enum SocketAddress: Hashable, Sendable {
    /// Four octets in network order.
    case ipv4(octets: [UInt8], port: UInt16)
    /// Sixteen octets in network order. `scope` is the interface of a link-local address, else 0.
    case ipv6(octets: [UInt8], port: UInt16, scope: UInt32)
    /// A path in the file system, empty for an unnamed peer.
    case unix(path: String)

    /// The longest path the kernel takes.
    static let maximumPathLength = 107

    /// Reads "192.0.2.1:443", "[2001:db8::1]:443" or "unix:/run/as.sock"; nil for anything else.
    /// Host names are not resolved, see `Resolver`.
    public init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            let length = path.utf8.count
            guard path.hasPrefix("/"), length > 1, length <= SocketAddress.maximumPathLength,
                !path.utf8.contains(0)
            else { return nil }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = SocketAddress.port(text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let octets = SocketAddress.parse(host.dropFirst().dropLast(), AF_INET6, 16)
            else { return nil }
            self = .ipv6(octets: octets, port: port, scope: 0)
        } else {
            guard let octets = SocketAddress.parse(host, AF_INET, 4) else { return nil }
            self = .ipv4(octets: octets, port: port)
        }
    }

    /// The TCP port; nil for a Unix socket.
    public var portOrNil: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port, _): port
        case .unix: nil
        }
    }

    /// The host without the port: 4 or 16 octets, or those of the path. For limits by peer. An
    /// IPv4 address mapped into IPv6 gives the same four octets as the plain one.
    public var addressOctets: [UInt8] {
        switch self {
        case .ipv4(let octets, _): octets
        case .ipv6(let octets, _, _):
            octets.starts(with: SocketAddress.mappedPrefix) ? Array(octets[12...]) : octets
        case .unix(let path): Array(path.utf8)
        }
    }

    /// The host without the port as text, for logs: no brackets, a mapped address as IPv4.
    public var hostDescription: String {
        switch self {
        case .ipv4, .ipv6:
            let octets = addressOctets
            return SocketAddress.text(octets, octets.count == 4 ? AF_INET : AF_INET6)
        case .unix(let path): return path.isEmpty ? "unix" : path
        }
    }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    private static func port(_ digits: Substring) -> UInt16? {
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ ASCII.isDigit($0) })
        else { return nil }
        return UInt16(digits)
    }

    private static func parse(_ host: Substring, _ family: Int32, _ count: Int) -> [UInt8]? {
        guard !host.utf8.contains(0) else { return nil }
        var octets = [UInt8](repeating: 0, count: count)
        return unsafe inet_pton(family, String(host), &octets) == 1 ? octets : nil
    }

    private static func text(_ octets: [UInt8], _ family: Int32) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) {
            guard let base = $0.baseAddress,
                let text = unsafe inet_ntop(family, octets, base, socklen_t($0.count))
            else { return "?" }
            return unsafe String(cString: text)
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// The text that `init(_:)` reads.
    public var description: String {
        switch self {
        case .ipv4(let octets, let port):
            "\(SocketAddress.text(octets, AF_INET)):\(port)"
        case .ipv6(let octets, let port, _):
            "[\(SocketAddress.text(octets, AF_INET6))]:\(port)"
        case .unix(let path):
            "unix:\(path)"
        }
    }
}

extension SocketAddress {
    /// AF_INET, AF_INET6 or AF_UNIX.
    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Whether this is TCP, so that its options apply.
    var isTCP: Bool { family != AF_UNIX }

    /// A new non-blocking stream socket of this family; nil with `errno` set.
    func makeSocket() -> Descriptor? {
        let kind = Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC
        let number = socket(family, kind, 0)
        return number < 0 ? nil : Descriptor(owning: number)
    }

    /// Calls `body` with the address as the kernel wants it.
    func withKernelAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        return unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            let size = unsafe fill(bytes)
            return unsafe bytes.withMemoryRebound(to: sockaddr.self) { address in
                guard let base = address.baseAddress else {
                    preconditionFailure("a socket address has no memory")
                }
                return unsafe body(UnsafePointer(base), size)
            }
        }
    }

    /// Writes the kernel's form into zeroed `bytes`; returns its size.
    private func fill(_ bytes: UnsafeMutableRawBufferPointer) -> socklen_t {
        switch self {
        case .ipv4(let octets, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &address.sin_addr) {
                unsafe $0.copyBytes(from: octets.prefix(4))
            }
            unsafe withUnsafeBytes(of: &address) { unsafe bytes.copyMemory(from: $0) }
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        case .ipv6(let octets, let port, let scope):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            unsafe withUnsafeMutableBytes(of: &address.sin6_addr) {
                unsafe $0.copyBytes(from: octets.prefix(16))
            }
            unsafe withUnsafeBytes(of: &address) { unsafe bytes.copyMemory(from: $0) }
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        case .unix(let path):
            var family = sa_family_t(AF_UNIX)
            unsafe withUnsafeBytes(of: &family) { unsafe bytes.copyMemory(from: $0) }
            let octets = path.utf8.prefix(SocketAddress.maximumPathLength)
            let start = MemoryLayout<sa_family_t>.size
            unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...]).copyBytes(from: octets)
            return socklen_t(start + octets.count + 1)
        }
    }

    /// Reads an address the kernel wrote through `call`; nil when `call` fails or gives a family
    /// that is not ours.
    static func fromKernel(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.withMemoryRebound(to: sockaddr.self) { address -> Int32 in
                guard let base = address.baseAddress else { return -1 }
                return unsafe call(base, &size)
            }
        }
        guard status >= 0 else { return nil }
        return unsafe withUnsafeBytes(of: &storage) {
            unsafe SocketAddress(kernel: $0, size: Int(size))
        }
    }

    /// Reads the first `size` octets of `bytes`, a sockaddr of any family.
    init?(kernel bytes: UnsafeRawBufferPointer, size: Int) {
        let size = min(size, bytes.count)
        // An unnamed Unix peer may come with no more than its family, or with nothing at all.
        guard size >= MemoryLayout<sa_family_t>.size else {
            self = .unix(path: "")
            return
        }
        switch Int32(unsafe bytes.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET where size >= MemoryLayout<sockaddr_in>.size:
            var address = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
            let octets = unsafe withUnsafeBytes(of: &address.sin_addr) { unsafe Array($0) }
            self = .ipv4(octets: octets, port: UInt16(bigEndian: address.sin_port))
        case AF_INET6 where size >= MemoryLayout<sockaddr_in6>.size:
            var address = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
            let octets = unsafe withUnsafeBytes(of: &address.sin6_addr) { unsafe Array($0) }
            let port = UInt16(bigEndian: address.sin6_port)
            self = .ipv6(octets: octets, port: port, scope: address.sin6_scope_id)
        case AF_UNIX:
            let path = unsafe bytes[MemoryLayout<sa_family_t>.size..<size].prefix { $0 != 0 }
            self = .unix(path: unsafe String(decoding: path, as: UTF8.self))
        default:
            return nil
        }
    }
}
