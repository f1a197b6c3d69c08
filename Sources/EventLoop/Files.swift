// SPDX-License-Identifier: Apache-2.0
// Reading an operator's files whole, with a size limit and the checks a secret needs. Blocking.
import Glibc

/// Why a file was not read or written.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of trouble.
    public enum Code: Equatable, Sendable {
        /// Nothing has that path, or a symbolic link leads nowhere.
        case missing
        /// It exists, but this user may not open it.
        case notPermitted
        /// A directory, device, socket or FIFO.
        case notRegular
        /// Larger than the limit.
        case tooLarge
        /// A secret that others may read or change.
        case exposed
        /// It exists and was to be made new.
        case exists
        /// Any other error of the system: its `errno`.
        case system(Int32)
    }

    /// The path as given.
    public let path: String
    /// What kind of trouble.
    public let code: Code
    /// The trouble in words, with the remedy where there is one.
    public let reason: String

    /// Path and reason, for the operator.
    public var description: String { "\(path): \(reason)" }

    init(_ path: String, _ code: Code, _ reason: String) {
        self.path = path
        self.code = code
        self.reason = reason
    }

    /// The error of a system call on `path`.
    init(_ path: String, errno code: Int32) {
        switch code {
        case ENOENT, ENOTDIR: self.init(path, .missing, "there is no such file")
        case EACCES, EPERM: self.init(path, .notPermitted, "this user may not open it")
        case EEXIST: self.init(path, .exists, "it exists already and is not overwritten")
        case EISDIR: self.init(path, .notRegular, "it is a directory, not a file")
        default: self.init(path, .system(code), unsafe String(cString: strerror(code)))
        }
    }
}

/// Whole files, for start-up and reload. Blocking: never on a worker's loop.
public enum Files {
    /// Permissions a secret must not have: any for others, and writing for the group.
    private static let exposing: mode_t = 0o027

    /// The contents of a regular file of at most `atMost` octets. Symbolic links are followed.
    ///
    /// - Parameter secret: refuses a file that others may read or the group may write.
    public static func read(
        _ path: String, atMost: Int, secret: Bool = false
    ) throws(FileError) -> [UInt8] {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw FileError(path, .missing, "this is not a path")
        }
        // Without O_NONBLOCK opening a FIFO would wait for its writer.
        let number = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard number >= 0 else { throw FileError(path, errno: errno) }
        let file = Descriptor(owning: number)
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0 else { throw FileError(path, errno: errno) }
        try requireRegular(path, status)
        if secret { try requirePrivate(path, status) }
        guard status.st_size <= atMost else { throw tooLarge(path, atMost) }
        return try contents(of: file.number, path: path, atMost: atMost)
    }

    /// Makes a new file with these contents, on disk before this returns.
    ///
    /// - Parameter mode: its permissions; by default only the owner may read and write.
    public static func writeNew(
        _ path: String, _ bytes: [UInt8], mode: UInt16 = 0o600
    ) throws(FileError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw FileError(path, .missing, "this is not a path")
        }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let number = unsafe open(path, flags, mode_t(mode))
        guard number >= 0 else { throw FileError(path, errno: errno) }
        let file = Descriptor(owning: number)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[written...])
                return unsafe Glibc.write(file.number, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw discard(path, errno) }
            written += count
        }
        guard fsync(file.number) == 0 else { throw discard(path, errno) }
    }

    /// Half a secret must not stay behind under its name.
    private static func discard(_ path: String, _ code: Int32) -> FileError {
        _ = unsafe unlink(path)
        return FileError(path, errno: code)
    }

    static func requireRegular(_ path: String, _ status: stat) throws(FileError) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: return
        case S_IFDIR: throw FileError(path, .notRegular, "it is a directory, not a file")
        case S_IFIFO: throw FileError(path, .notRegular, "it is a FIFO, not a file")
        default: throw FileError(path, .notRegular, "it is not a regular file")
        }
    }

    private static func requirePrivate(_ path: String, _ status: stat) throws(FileError) {
        guard status.st_mode & exposing != 0 else { return }
        throw FileError(
            path, .exposed, "others may read it or its group may change it; run: chmod 600 \(path)")
    }

    private static func tooLarge(_ path: String, _ limit: Int) -> FileError {
        FileError(path, .tooLarge, "it is larger than the limit of \(limit) bytes")
    }

    /// Reads to the end rather than to the size seen before: the file may be growing.
    private static func contents(
        of number: Int32, path: String, atMost: Int
    ) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            var status = 0
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, filled in
                status = unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
                filled = max(0, status)
            }
            if status < 0, errno == EINTR { continue }
            guard status >= 0 else { throw FileError(path, errno: errno) }
            if status == 0 { return bytes }
            bytes.append(contentsOf: piece)
            guard bytes.count <= atMost else { throw tooLarge(path, atMost) }
        }
    }
}
