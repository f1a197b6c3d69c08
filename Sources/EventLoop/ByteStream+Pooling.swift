// SPDX-License-Identifier: Apache-2.0
// What a pool asks of a stream it has just finished with.

extension ByteStream {
    /// Whether the stream is open, with nothing unread and nothing unsent, as far as the loop knows
    /// by now. `isQuietlyOpen` asks the kernel too, which a stream just used can do without.
    public var isEmptyAndOpen: Bool {
        guard case .open = phase, ending == nil else { return false }
        return queuedOutput == 0 && transport?.unread == 0
    }
}
