// SPDX-License-Identifier: Apache-2.0
// OpenSSL's per-thread error queue: emptied or looked at.

internal import COpenSSL

/// The error queue of the calling thread. What a failed call leaves there would otherwise be
/// blamed on the next TLS read of the same thread.
enum OpenSSLErrors {
    /// Empties the queue. Wraps ERR_clear_error.
    static func drain() {
        ERR_clear_error()
    }

    /// Whether nothing is in the queue; every call of this module leaves it so. Wraps
    /// ERR_peek_error.
    static var isEmpty: Bool { ERR_peek_error() == 0 }
}

/// Stops the program, because going on would mean weak randomness or a wrong digest. Reached only
/// when OpenSSL cannot allocate memory or has no provider, never because of a message.
func cryptographyUnavailable(_ what: StaticString) -> Never {
    fatalError("OpenSSL: \(what)")
}
