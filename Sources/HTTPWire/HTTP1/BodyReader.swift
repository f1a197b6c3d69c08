// SPDX-License-Identifier: Apache-2.0
// Bodies from octets, whatever delimits them.

import Octets

/// What a `BodyReader` found.
public enum BodyEvent: Hashable, Sendable {
    /// Nothing can be said before more octets arrive.
    case needMore
    /// Content, never empty, free of framing.
    case data([UInt8])
    /// The body is complete; what remains in the buffer belongs to the next message.
    case end
}

/// Reads one body up to a limit.
public struct BodyReader: Sendable {
    /// Whose body it is, which decides how a violation is answered.
    public enum Sender: Hashable, Sendable {
        /// A request: the rule that was broken, and its status.
        case client
        /// A response: HTTP-13, 502.
        case server
    }

    private enum State {
        case length(Int)
        case chunks(ChunkedDecoder)
        case untilClose
        case ended
    }

    private let sender: Sender
    private let limit: Int
    private var remainingLimit: Int
    private var state: State

    /// A reader of a body delimited by `framing` of at most `limit` octets of content.
    public init(framing: BodyFraming, limit: Int, from sender: Sender = .client) {
        self.sender = sender
        self.limit = max(limit, 0)
        remainingLimit = self.limit
        switch framing {
        case .none: state = .ended
        case .length(let length): state = .length(max(length, 0))
        case .chunked: state = .chunks(ChunkedDecoder())
        case .untilClose: state = .untilClose
        }
    }

    /// Whether the body was read to its end.
    public var isComplete: Bool {
        if case .ended = state { return true }
        return false
    }

    /// Reads on, consuming from `input` what it returns or drops. Throws HTTP-06 or HTTP-16, 413,
    /// for more than the limit, as soon as that is announced, and HTTP-07 for bad chunks.
    public mutating func next(_ input: inout InputBuffer) throws(HTTPViolation) -> BodyEvent {
        do {
            return try read(&input)
        } catch {
            throw sender == .server ? .upstream : error
        }
    }

    /// To be called when the connection ended. Throws HTTP-13 for a response, HTTP-06 or HTTP-07
    /// for a request, if the body was cut off.
    public mutating func finish() throws(HTTPViolation) {
        switch state {
        case .ended, .length(0): break
        case .untilClose: state = .ended
        case .length: throw sender == .server ? .upstream : .http(6)
        case .chunks: throw sender == .server ? .upstream : .http(7)
        }
    }

    private mutating func read(_ input: inout InputBuffer) throws(HTTPViolation) -> BodyEvent {
        switch state {
        case .ended:
            return .end
        case .length(let remaining):
            return try readLength(remaining, &input)
        case .untilClose:
            if input.isEmpty { return .needMore }
            guard input.count <= remainingLimit else { throw .http(16, 413) }
            remainingLimit -= input.count
            return .data(input.take(input.count))
        case .chunks(var decoder):
            state = .ended
            let content = try decoder.decode(&input, limit: remainingLimit)
            remainingLimit -= content.count
            if !decoder.isComplete { state = .chunks(decoder) }
            if !content.isEmpty { return .data(content) }
            return decoder.isComplete ? .end : .needMore
        }
    }

    private mutating func readLength(
        _ remaining: Int, _ input: inout InputBuffer
    ) throws(HTTPViolation) -> BodyEvent {
        guard remaining <= limit else { throw .http(6, 413) }
        if remaining == 0 {
            state = .ended
            return .end
        }
        if input.isEmpty { return .needMore }
        let data = input.take(remaining)
        state = .length(remaining - data.count)
        return .data(data)
    }
}
