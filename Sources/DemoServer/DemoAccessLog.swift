// SPDX-License-Identifier: Apache-2.0
// What the gateway of the demo logged: the story reads verdicts there, as an operator would.

import EventLoop
import JSON
import Octets

/// The gateway's log lines, handed in from any thread, taken out by the story.
public final class DemoAccessLog: Sendable {
    private struct State {
        var incomplete: [UInt8] = []
        var isReady = false
        var records: [AccessEntry] = []
        var follower: (@Sendable ([UInt8]) -> Void)?
    }

    private let state = Guarded(State())

    /// An empty log.
    public init() {}

    /// Takes octets the gateway wrote, in any portions. Any thread.
    public func append(_ octets: some Collection<UInt8>) {
        state.withLock { state in
            for octet in octets {
                guard octet == UInt8(ascii: "\n") else {
                    state.incomplete.append(octet)
                    continue
                }
                Self.read(state.incomplete, into: &state)
                state.incomplete = []
            }
        }
    }

    /// From now on calls `body` with each line, which ends in a line feed.
    public func follow(_ body: @escaping @Sendable ([UInt8]) -> Void) {
        state.withLock { $0.follower = body }
    }

    /// Waits for the line `ready`: from then on an honest request passes (RPL-07). Returns whether
    /// it came within `patience`.
    public func waitUntilReady(_ patience: Duration, on loop: EventLoop) async -> Bool {
        let deadline = Deadline.after(patience)
        while !deadline.isPast {
            if state.withLock({ $0.isReady }) { return true }
            await loop.sleep(until: .after(.milliseconds(10)))
        }
        return false
    }

    /// The access record of the one request just answered; nil if none comes within two seconds.
    func record(on loop: EventLoop) async -> AccessEntry? {
        let deadline = Deadline.after(.seconds(2))
        while !deadline.isPast {
            let record = state.withLock { $0.records.isEmpty ? nil : $0.records.removeFirst() }
            if let record { return record }
            await loop.sleep(until: .after(.milliseconds(2)))
        }
        return nil
    }

    /// Drops records nobody asked for.
    func forget() {
        state.withLock { $0.records = [] }
    }

    private static func read(_ line: [UInt8], into state: inout State) {
        state.follower?(line + [UInt8(ascii: "\n")])
        guard let object = try? JSONDocument.parse(line).object else { return }
        switch object["msg"]?.string.map({ String(decoding: $0, as: UTF8.self) }) {
        case "access": state.records.append(AccessEntry(object))
        case "ready": state.isReady = true
        default: break
        }
    }
}

/// What the story needs of one access record.
struct AccessEntry: Sendable {
    /// The rule that refused the request; nil if none did.
    let rule: String?

    init(_ record: JSONObject) {
        rule = record["rule"]?.string.map { String(decoding: $0, as: UTF8.self) }
    }
}
