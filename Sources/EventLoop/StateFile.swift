// SPDX-License-Identifier: Apache-2.0
// A few numbers that survive the death of the process: what the next one must know (RPL-09).
import Glibc
import Synchronization

/// A small file of 64-bit integers in memory. Stores cost no system call and survive `kill -9`,
/// since the kernel keeps the page; they may not survive the loss of power.
///
/// The memory holds atomic integers and stays mapped as long as this object lives.
@safe public final class SharedNumbers: @unchecked Sendable {
    private static let width = MemoryLayout<Atomic<Int64>>.size

    private let count: Int
    private let memory: UnsafeMutablePointer<Atomic<Int64>>

    /// Opens the file at `path`, or makes it with `count` zeros and mode 0600. One with fewer
    /// numbers, of an earlier release, is given the others as zeros.
    ///
    /// Throws for anything that is not a regular file of one to `count` whole numbers, or empty: a
    /// file that was cut must not count as time zero.
    public init(_ path: String, count: Int) throws(FileError) {
        let size = count * Self.width
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let number = unsafe open(path, flags, 0o600)
        guard number >= 0 else { throw FileError(path, errno: errno) }
        let file = Descriptor(owning: number)
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0 else { throw FileError(path, errno: errno) }
        try Files.requireRegular(path, status)
        guard (0...size).contains(Int(status.st_size)), Int(status.st_size) % Self.width == 0 else {
            throw FileError(path, .notRegular, "it is not a clock file of this program")
        }
        // Blocks are reserved now: a full disk must not kill the process at a later store.
        let reserved = posix_fallocate(file.number, 0, off_t(size))
        guard reserved == 0 else { throw FileError(path, errno: reserved) }
        let address = unsafe mmap(
            nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw FileError(path, errno: errno)
        }
        self.count = count
        unsafe memory = address.bindMemory(to: Atomic<Int64>.self, capacity: count)
    }

    deinit {
        unsafe munmap(memory, count * Self.width)
    }

    /// The number at `index`, which must be below the count. Any thread.
    public subscript(index: Int) -> Int64 {
        precondition((0..<count).contains(index), "a number of this file")
        return unsafe memory[index].load(ordering: .acquiring)
    }

    /// Stores `number` at `index` unless a greater one is stored already. Any thread.
    public func raise(_ index: Int, to number: Int64) {
        precondition((0..<count).contains(index), "a number of this file")
        _ = unsafe memory[index].max(number, ordering: .acquiringAndReleasing)
    }

    /// Stores `number` at `index`. Any thread.
    public func store(_ number: Int64, at index: Int) {
        precondition((0..<count).contains(index), "a number of this file")
        unsafe memory[index].store(number, ordering: .releasing)
    }
}
