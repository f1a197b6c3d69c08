// SPDX-License-Identifier: Apache-2.0
// One address that clients connect to.

import Cryptography
import EventLoop

/// A listening address, with TLS or, behind something that ends TLS, without.
public struct ListenerSettings: Sendable {
    /// TCP address or Unix socket path; port 0 asks the kernel for one.
    public var address: SocketAddress
    /// Certificate and key; nil: plain HTTP.
    public var tls: TLSServerContext?
    /// Permissions of a Unix socket.
    public var unixMode: UInt16

    /// A listener; `unixMode` counts for Unix sockets only.
    public init(address: SocketAddress, tls: TLSServerContext? = nil, unixMode: UInt16 = 0o660) {
        self.address = address
        self.tls = tls
        self.unixMode = unixMode
    }
}
