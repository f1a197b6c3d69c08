// SPDX-License-Identifier: Apache-2.0
// Files of the operator, the clock file and the writer of lines.
import Glibc
import Testing

@testable import EventLoop

@Suite struct FileTests {
    private func code(
        _ path: String, atMost: Int = 100, secret: Bool = false
    ) -> FileError.Code? {
        do throws(FileError) {
            _ = try Files.read(path, atMost: atMost, secret: secret)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a regular file is read whole, up to its limit")
    func reading() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a")
        try Files.writeNew(path, Array("content".utf8))
        #expect(try Files.read(path, atMost: 7) == Array("content".utf8))
        #expect(code(path, atMost: 6) == .tooLarge)
        #expect(code(directory.file("none")) == .missing)
        #expect(code("") == .missing)
        #expect(code("/etc/passwd\u{0}x") == .missing)
    }

    @Test("what is not a regular file is refused without waiting for it")
    func irregular() throws {
        let directory = try TemporaryDirectory()
        #expect(code(directory.path) == .notRegular)
        #expect(unsafe mkfifo(directory.file("fifo"), 0o600) == 0)
        #expect(code(directory.file("fifo")) == .notRegular)
        #expect(code("/dev/zero") == .notRegular)
        #expect(unsafe symlink("/nowhere/at/all", directory.file("dangling")) == 0)
        #expect(code(directory.file("dangling")) == .missing)
        // A file that claims to be empty and grows as it is read.
        #expect(code("/proc/self/maps", atMost: 10) == .tooLarge)
    }

    @Test(
        "a secret that others may read or its group may change is refused",
        arguments: [
            (0o600, true), (0o400, true), (0o640, true), (0o604, false), (0o602, false),
            (0o620, false),
            (0o601, false), (0o644, false),
        ])
    func secrets(mode: Int, isFine: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("secret")
        try Files.writeNew(path, [1])
        #expect(unsafe chmod(path, mode_t(mode)) == 0)
        #expect(code(path, secret: true) == (isFine ? nil : .exposed))
        #expect(code(path) == nil)
    }

    @Test("a new file is private and never replaces another")
    func writing() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("new")
        try Files.writeNew(path, [1, 2])
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let error = #expect(throws: FileError.self) { try Files.writeNew(path, [3]) }
        #expect(error?.code == .exists)
        #expect(try Files.read(path, atMost: 9) == [1, 2])
    }

    @Test("RPL-09: the clock file keeps the latest second over the death of the process")
    func sharedNumbers() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("clock")
        let first = try SharedNumbers(path, count: 2)
        #expect(first[0] == 0 && first[1] == 0)
        first.raise(0, to: 1_000)
        first.raise(0, to: 999)
        #expect(first[0] == 1_000)
        first.store(7, at: 1)
        first.store(5, at: 1)
        // As another process sees it while the first never closes its file.
        let second = try SharedNumbers(path, count: 2)
        #expect(second[0] == 1_000 && second[1] == 5)
        #expect(try Files.read(path, atMost: 16).count == 16)
    }

    @Test("RPL-09: a clock file of an earlier release, with fewer numbers, keeps its second")
    func sharedNumbersGrow() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("clock")
        do {
            try SharedNumbers(path, count: 1).raise(0, to: 1_000)
        }
        let grown = try SharedNumbers(path, count: 5)
        #expect(grown[0] == 1_000 && grown[4] == 0)
        #expect(throws: FileError.self) { try SharedNumbers(path, count: 4) }
    }

    @Test("RPL-09: the second survives kill -9")
    func sharedNumbersSurviveKill() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("clock")
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            try SharedNumbers(path, count: 1).raise(0, to: 4_711)
            raiseInProcess(SIGKILL)
        }
        #expect(try SharedNumbers(path, count: 1)[0] == 4_711)
    }

    @Test("RPL-09: a clock file of another size, or a link in its place, is refused")
    func sharedNumbersRefuse() throws {
        let directory = try TemporaryDirectory()
        try Files.writeNew(directory.file("cut"), [1, 2, 3])
        #expect(throws: FileError.self) { try SharedNumbers(directory.file("cut"), count: 1) }
        #expect(unsafe symlink(directory.file("real"), directory.file("link")) == 0)
        #expect(throws: FileError.self) { try SharedNumbers(directory.file("link"), count: 1) }
        #expect(throws: FileError.self) { try SharedNumbers(directory.path, count: 1) }
        #expect(throws: FileError.self) { try SharedNumbers(directory.file("no/such"), count: 1) }
    }
}

@Suite struct LineWriterTests {
    private func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(unsafe pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("lines of many threads arrive whole; flush waits for all of them")
    func lines() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("log")
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
        let writer = LineWriter(descriptor: descriptor)
        await withTaskGroup { group in
            for sender in 0..<4 {
                group.addTask {
                    for number in 0..<500 { writer.write(Array("\(sender):\(number)\n".utf8)) }
                }
            }
        }
        #expect(writer.flush(within: patience))
        let text = String(decoding: try Files.read(path, atMost: 1_000_000), as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2000)
        for sender in 0..<4 {
            let own = lines.filter { $0.hasPrefix("\(sender):") }
            #expect(own == (0..<500).map { "\(sender):\($0)" })
        }
        #expect(writer.dropped == 0)
        #expect(writer.flush(within: patience), "nothing to do is done at once")
        close(descriptor)
    }

    @Test("a reader that stalls costs lines, counted, but never the writer's time or memory")
    func stalledReader() throws {
        let ends = try makePipe()
        let writer = LineWriter(descriptor: ends.write, capacity: 10_000)
        let line = [UInt8](repeating: 120, count: 999) + [10]
        // Until the pipe is full and the thread stands still.
        repeat {
            for _ in 0..<20 { writer.write(line) }
        } while writer.flush(within: .milliseconds(50))
        let before = writer.dropped
        for _ in 0..<2000 { writer.write(line) }
        #expect(writer.dropped >= before + 1990)
        // Closing the reading end frees the thread: its writes fail from now on.
        close(ends.read)
        #expect(writer.flush(within: patience))
        close(ends.write)
    }

    @Test("lines queued before the writer is dropped are still written")
    func droppedWriter() throws {
        let ends = try makePipe()
        LineWriter(descriptor: ends.write).write(Array("last\n".utf8))
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(unsafe read(ends.read, &bytes, 16) == 5)
        close(ends.read)
        close(ends.write)
    }
}
