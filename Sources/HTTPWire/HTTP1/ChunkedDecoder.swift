// SPDX-License-Identifier: Apache-2.0
// The chunked coding, decoded strictly (HTTP-07).

import Octets

/// HTTP-07. Takes chunks apart. Sizes are bare hexadecimal, extensions are skipped, trailer fields
/// are checked, bounded and dropped: nothing of them can reach a field section.
struct ChunkedDecoder: Sendable {
    private enum State {
        case size(digits: Int, value: Int)
        case `extension`(length: Int, value: Int)
        case sizeLineFeed(value: Int)
        case content(remaining: Int)
        case contentReturn, contentLineFeed
        case trailer(FieldSectionScanner)
        case ended
    }

    /// So that a size always fits an Int: 60 bits.
    private static let mostDigits = 15
    private static let longestExtension = 256
    /// Extensions of one body together; without it a body of one-octet chunks could cost the
    /// reader 256 times its limit.
    private static let mostExtensionOctets = 16 * 1024
    private static let trailerLimits: HTTPLimits = {
        var limits = HTTPLimits()
        limits.headerSection = 8 * 1024
        limits.field = 8 * 1024
        limits.fieldCount = 32
        return limits
    }()

    private var state = State.size(digits: 0, value: 0)
    private var extensionOctets = 0

    /// Whether the last chunk and the trailer were read.
    var isComplete: Bool {
        if case .ended = state { return true }
        return false
    }

    /// Decodes as much of `input` as there is, consuming it, and returns the content. Throws
    /// HTTP-16, 413, as soon as a chunk is announced that exceeds `limit` octets of content.
    mutating func decode(
        _ input: inout InputBuffer, limit: Int
    ) throws(HTTPViolation) -> [UInt8] {
        var content: [UInt8] = []
        while !input.isEmpty, !isComplete {
            if case .content(let remaining) = state {
                let count = min(remaining, input.count)
                state =
                    count == remaining
                    ? .contentReturn : .content(remaining: remaining - count)
                if content.isEmpty {
                    content = input.take(count)
                } else {
                    content += input.bytes[input.position..<(input.position + count)]
                    input.consume(count)
                }
            } else if case .trailer(var scanner) = state {
                state = .ended
                guard try scan(&scanner, input) else {
                    state = .trailer(scanner)
                    break
                }
                input.consume(scanner.cursor)
            } else {
                try readFraming(&input, room: limit - content.count)
            }
        }
        return content
    }

    /// Reads framing octets up to the next content or trailer.
    private mutating func readFraming(
        _ input: inout InputBuffer, room: Int
    ) throws(HTTPViolation) {
        let bytes = input.bytes
        var index = input.position
        loop: while index < bytes.count {
            switch state {
            case .content, .trailer, .ended: break loop
            default: try read(bytes[index], room)
            }
            index += 1
        }
        input.consume(index - input.position)
    }

    /// Reads one octet of framing.
    private mutating func read(_ octet: UInt8, _ room: Int) throws(HTTPViolation) {
        switch state {
        case .size(let digits, let value):
            try readSize(octet, digits, value, room)
        case .extension(let length, let value):
            if octet == 0x0D {
                state = .sizeLineFeed(value: value)
                return
            }
            extensionOctets += 1
            guard !isForbiddenControl(octet), length < Self.longestExtension,
                extensionOctets <= Self.mostExtensionOctets
            else { throw .http(7) }
            state = .extension(length: length + 1, value: value)
        case .sizeLineFeed(let value):
            guard octet == 0x0A else { throw .http(7) }
            state = value == 0 ? .trailer(FieldSectionScanner(at: 0)) : .content(remaining: value)
        case .contentReturn:
            guard octet == 0x0D else { throw .http(7) }
            state = .contentLineFeed
        case .contentLineFeed:
            guard octet == 0x0A else { throw .http(7) }
            state = .size(digits: 0, value: 0)
        case .content, .trailer, .ended:
            break
        }
    }

    private mutating func readSize(
        _ octet: UInt8, _ digits: Int, _ value: Int, _ room: Int
    ) throws(HTTPViolation) {
        if let digit = ASCII.hexValue(octet) {
            guard digits < Self.mostDigits else { throw .http(7) }
            state = .size(digits: digits + 1, value: value << 4 | Int(digit))
            return
        }
        guard digits > 0, octet == 0x0D || octet == UInt8(ascii: ";") else { throw .http(7) }
        guard value <= room else { throw .http(16, 413) }
        state = octet == 0x0D ? .sizeLineFeed(value: value) : .extension(length: 0, value: value)
    }

    /// Trailer fields obey the rules of fields; which one is broken no longer matters.
    private func scan(
        _ scanner: inout FieldSectionScanner, _ input: InputBuffer
    ) throws(HTTPViolation) -> Bool {
        do {
            return try scanner.scan(
                input.bytes, base: input.position, limits: Self.trailerLimits)
        } catch {
            throw error.status == 431 ? error : .http(7)
        }
    }
}
