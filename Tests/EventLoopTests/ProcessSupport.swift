// SPDX-License-Identifier: Apache-2.0
// Limits, signals and descriptors of the test process itself.
import Glibc
import Testing

func descriptorLimit() throws -> rlim_t {
    var limit = rlimit()
    try #require(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    return limit.rlim_cur
}

func setDescriptorLimit(_ count: rlim_t) throws {
    var limit = rlimit()
    try #require(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    limit.rlim_cur = count
    try #require(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
}

func openDescriptors() -> Int {
    (0..<4096).count { fcntl(Int32($0), F_GETFD) >= 0 }
}

func raiseInProcess(_ signal: Int32) {
    _ = kill(getpid(), signal)
}
