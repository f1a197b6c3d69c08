// SPDX-License-Identifier: Apache-2.0
// What can end a stream other than the peer's clean goodbye.
import Glibc

/// Why a read, a drain or a connect failed.
public enum StreamError: Error, Equatable, Sendable {
    /// The deadline passed.
    case timedOut
    /// Our own side closed or aborted the stream.
    case closed
    /// The peer cut the connection: a reset, or TLS that ended without close_notify, so that what
    /// was read may be less than what was sent.
    case truncated
    /// A system call failed: `errno` and its text.
    case failed(Int32, String)
    /// TLS failed: OpenSSL's reason, for the log.
    case tls(String)

    /// The error of a system call.
    static func system(_ code: Int32) -> StreamError {
        switch code {
        case ECONNRESET, EPIPE: .truncated
        default: .failed(code, unsafe String(cString: strerror(code)))
        }
    }
}
