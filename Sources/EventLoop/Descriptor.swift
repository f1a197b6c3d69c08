// SPDX-License-Identifier: Apache-2.0
// Owners of file descriptors: who holds one closes it.
import Glibc
import Synchronization

/// A file descriptor with one owner, closed when the owner goes.
struct Descriptor: ~Copyable {
    /// The number the kernel knows it by.
    let number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// Gives the number away; whoever takes it closes it.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Wraps setsockopt with an integer; failures are left to show when the socket is used.
    func setOption(_ level: Int32, _ option: Int32, to value: Int32) {
        var value = value
        _ = unsafe setsockopt(
            number, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Wraps getsockopt(SO_ERROR): the pending error of a socket, 0 if there is none.
    func pendingError() -> Int32 {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &value, &size) == 0 else {
            return errno
        }
        return value
    }
}

/// A connection taken from a listener and not yet given to a stream. It may be handed to another
/// loop; dropped on the way, it is closed.
public final class AcceptedSocket: Sendable {
    /// The other end. For a Unix socket the path is usually empty.
    public let peer: SocketAddress

    private static let taken: Int32 = -1
    private let number: Atomic<Int32>

    init(_ descriptor: consuming Descriptor, peer: SocketAddress) {
        self.peer = peer
        number = Atomic(descriptor.release())
    }

    deinit {
        let number = number.load(ordering: .acquiring)
        if number != AcceptedSocket.taken { close(number) }
    }

    /// The descriptor, once.
    func take() -> Descriptor? {
        let number = number.exchange(AcceptedSocket.taken, ordering: .acquiringAndReleasing)
        return number == AcceptedSocket.taken ? nil : Descriptor(owning: number)
    }
}
