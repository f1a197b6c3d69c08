// SPDX-License-Identifier: Apache-2.0
// Child processes for tests, by posix_spawn: Foundation's own leaks trouble the sanitizers.
import Glibc
import Testing

@testable import EventLoop

/// A running program with its input and output on pipes.
final class Child {
    private var process: pid_t = 0
    private var input: Int32
    private let output: Int32
    /// Everything the program has printed so far, on both outputs.
    private(set) var printed: [UInt8] = []

    init(_ arguments: [String]) throws {
        var inputPipe: [Int32] = [-1, -1]
        var outputPipe: [Int32] = [-1, -1]
        try #require(Child.makePipe(&inputPipe))
        try #require(Child.makePipe(&outputPipe))
        input = inputPipe[1]
        output = outputPipe[0]
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, inputPipe[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, outputPipe[1], 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, outputPipe[1], 2)
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        let status = unsafe posix_spawnp(
            &process, arguments[0], &actions, nil, &words, environ)
        close(inputPipe[0])
        close(outputPipe[1])
        try #require(status == 0, "\(arguments[0]) cannot be started")
    }

    deinit {
        closeInput()
        close(output)
        if process > 0 { kill() }
    }

    func write(_ text: String) {
        _ = unsafe Glibc.write(input, text, text.utf8.count)
    }

    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Reads output until it contains `text`, ends, or stops for 20 seconds. Returns whether it does.
    func waitFor(_ text: String) -> Bool {
        while !contains(text) {
            if !readMore() { return false }
        }
        return true
    }

    private func readMore() -> Bool {
        var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&waiting, 1, 20_000) == 1 else { return false }
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(output, &piece, piece.count)
        if count > 0 { printed += piece.prefix(count) }
        return count > 0
    }

    func contains(_ text: String) -> Bool {
        printed.contains(text.utf8)
    }

    /// Ends the program without a chance to say goodbye.
    func kill() {
        _ = Glibc.kill(process, SIGKILL)
        _ = exitStatus()
    }

    /// Waits for the end, reading the rest of the output.
    @discardableResult
    func exitStatus() -> Int32 {
        guard process > 0 else { return -1 }
        while readMore() {}
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        process = 0
        return status
    }

    private static func makePipe(_ ends: inout [Int32]) -> Bool {
        guard unsafe pipe(&ends) == 0 else { return false }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return true
    }
}

/// A directory that is removed with its files when dropped.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        guard let template = unsafe strdup("/tmp/attestgate-test-XXXXXX") else {
            throw StreamError.system(errno)
        }
        defer { unsafe free(template) }
        guard let made = unsafe mkdtemp(template) else { throw StreamError.system(errno) }
        path = unsafe String(cString: UnsafePointer(made))
    }

    deinit {
        let remove = try? Child(["rm", "-rf", path])
        remove?.exitStatus()
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A self-signed certificate made by the openssl program.
struct TestCertificate {
    let directory: TemporaryDirectory
    var certificate: String { directory.file("certificate.pem") }
    var key: String { directory.file("key.pem") }

    init() throws {
        directory = try TemporaryDirectory()
        let openssl = try Child([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "30", "-subj", "/CN=localhost", "-keyout", directory.file("key.pem"),
            "-out", directory.file("certificate.pem"),
        ])
        try #require(openssl.exitStatus() == 0)
    }
}
