// SPDX-License-Identifier: Apache-2.0
// A second that survives the death of the process: the security clock's last value (RPL-09).
import Glibc
import Synchronization

/// An eight-octet file in memory. Stores cost no system call and survive `kill -9`, since the
/// kernel keeps the page; they may not survive the loss of power.
///
/// The memory holds one atomic integer and stays mapped as long as this object lives.
@safe public final class SharedSecond: @unchecked Sendable {
    private static let size = MemoryLayout<Atomic<Int64>>.size

    private let memory: UnsafeMutablePointer<Atomic<Int64>>

    /// Opens the file at `path`, or makes it with the value 0 and mode 0600.
    ///
    /// Throws for anything that is not a regular file of eight octets, or empty: a file that was
    /// cut must not count as time zero.
    public init(_ path: String) throws(FileError) {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let number = unsafe open(path, flags, 0o600)
        guard number >= 0 else { throw FileError(path, errno: errno) }
        let file = Descriptor(owning: number)
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0 else { throw FileError(path, errno: errno) }
        try Files.requireRegular(path, status)
        guard status.st_size == 0 || status.st_size == SharedSecond.size else {
            throw FileError(path, .notRegular, "it is not a clock file of this program")
        }
        // Blocks are reserved now: a full disk must not kill the process at a later store.
        let reserved = posix_fallocate(file.number, 0, SharedSecond.size)
        guard reserved == 0 else { throw FileError(path, errno: reserved) }
        let address = unsafe mmap(
            nil, SharedSecond.size, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw FileError(path, errno: errno)
        }
        unsafe memory = address.bindMemory(to: Atomic<Int64>.self, capacity: 1)
    }

    deinit {
        unsafe munmap(memory, SharedSecond.size)
    }

    /// The last second stored.
    public var value: Int64 { unsafe memory.pointee.load(ordering: .acquiring) }

    /// Stores `second` unless a later one is stored already. Any thread.
    public func store(_ second: Int64) {
        _ = unsafe memory.pointee.max(second, ordering: .acquiringAndReleasing)
    }
}
