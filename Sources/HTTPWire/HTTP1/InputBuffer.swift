// SPDX-License-Identifier: Apache-2.0
// Octets received and not yet understood.

/// What arrived on a connection and no reader has consumed yet. Readers look at `bytes` from
/// `position` on; offsets they remember between calls count from `position`, which only moves when
/// something is consumed.
public struct InputBuffer: Sendable {
    /// The storage. Octets before `position` are consumed and mean nothing any more.
    public private(set) var bytes: [UInt8]
    /// The index in `bytes` of the first octet not consumed.
    public private(set) var position: Int

    /// An empty buffer.
    public init() {
        bytes = []
        position = 0
    }

    /// A buffer that holds `bytes`.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
    }

    /// How many octets wait.
    public var count: Int { bytes.count - position }

    /// Whether nothing waits.
    public var isEmpty: Bool { position == bytes.count }

    /// Adds what was received. An empty buffer takes the array over instead of copying it.
    public mutating func append(_ received: consuming [UInt8]) {
        if isEmpty {
            bytes = received
            position = 0
            return
        }
        // Moving the rest down only when at least half is consumed keeps the cost linear.
        if position > 0, position >= bytes.count / 2 {
            bytes.removeFirst(position)
            position = 0
        }
        bytes.append(contentsOf: received)
    }

    /// Drops the first `count` octets, at most all of them.
    public mutating func consume(_ count: Int) {
        position += min(max(count, 0), self.count)
        if position == bytes.count {
            bytes = []
            position = 0
        }
    }

    /// Removes the first `count` octets, at most all of them, and returns them; without a copy
    /// when that is the whole storage.
    public mutating func take(_ count: Int) -> [UInt8] {
        let count = min(max(count, 0), self.count)
        if position == 0, count == bytes.count {
            let all = bytes
            bytes = []
            return all
        }
        let taken = Array(bytes[position..<position + count])
        consume(count)
        return taken
    }
}
