// SPDX-License-Identifier: Apache-2.0
// Reads field lines up to the empty line, resumable at any octet: one look at each octet.

import Octets

/// The section of field lines of a request, a response or a trailer (HTTP-01 to HTTP-03, HTTP-16).
/// Offsets count from the start of the message, so the octets may move between calls.
struct FieldSectionScanner {
    private enum Step {
        case lineStart, name, value, lineFeed, lastLineFeed
    }

    private var step = Step.lineStart
    private let sectionStart: Int
    private var lineStart: Int
    private var nameEnd = 0
    private var hash: UInt32 = FieldName.hashSeed
    /// The offset of the next octet to look at; after the section once `scan` returned true.
    private(set) var cursor: Int
    /// The field lines read so far.
    private(set) var entries: [Field] = []

    /// A section that begins at `offset` of its message.
    init(at offset: Int) {
        sectionStart = offset
        lineStart = offset
        cursor = offset
    }

    /// Reads on. True when the empty line was read, false when more octets are needed. `base` is
    /// the index in `bytes` of the first octet of the message.
    mutating func scan(
        _ bytes: [UInt8], base: Int, limits: HTTPLimits
    ) throws(HTTPViolation) -> Bool {
        let end = bytes.count - base
        while cursor < end {
            switch step {
            case .lineStart:
                if try startLine(bytes[base + cursor], limits) { continue }
                cursor += 1
            case .name:
                try scanName(bytes, base, end)
            case .value:
                scanValue(bytes, base, end)
                if cursor < end { try endValue(bytes, base) }
            case .lineFeed:
                try requireLineFeed(bytes[base + cursor])
                try requireWithin(limits)
                lineStart = cursor
                step = .lineStart
            case .lastLineFeed:
                try requireLineFeed(bytes[base + cursor])
                return true
            }
        }
        try requireWithin(limits)
        return false
    }

    /// HTTP-03. True if a field line begins here, whose first octet is then read as a name.
    private mutating func startLine(
        _ octet: UInt8, _ limits: HTTPLimits
    ) throws(HTTPViolation) -> Bool {
        if octet == 0x0D {
            step = .lastLineFeed
            return false
        }
        if octet == 0x20 || octet == 0x09 { throw .http(3) }
        if entries.count >= limits.fieldCount { throw .http(16, 431) }
        if entries.isEmpty { entries.reserveCapacity(16) }
        hash = FieldName.hashSeed
        step = .name
        return true
    }

    /// HTTP-02. 1*tchar, then the colon.
    private mutating func scanName(
        _ bytes: [UInt8], _ base: Int, _ end: Int
    ) throws(HTTPViolation) {
        var index = cursor
        var hash = hash
        while index < end {
            let octet = bytes[base &+ index]
            guard ASCII.isTokenCharacter(octet) else { break }
            hash = FieldName.hash(hash, octet)
            index &+= 1
        }
        cursor = index
        self.hash = hash
        guard index < end else { return }
        let octet = bytes[base + index]
        guard octet == UInt8(ascii: ":") else {
            throw isForbiddenControl(octet) && octet != 0x0D ? .http(1) : .http(2)
        }
        guard index > lineStart else { throw .http(2) }
        nameEnd = index
        cursor += 1
        step = .value
    }

    /// Moves to the first octet that cannot be part of a value.
    private mutating func scanValue(_ bytes: [UInt8], _ base: Int, _ end: Int) {
        var index = cursor
        while index < end {
            let octet = bytes[base &+ index]
            if octet < 0x20 && octet != 0x09 || octet == 0x7F { break }
            index &+= 1
        }
        cursor = index
    }

    /// HTTP-01. Only CR ends a value; the entry is the value without the white space around it.
    private mutating func endValue(_ bytes: [UInt8], _ base: Int) throws(HTTPViolation) {
        guard bytes[base + cursor] == 0x0D else { throw .http(1) }
        var start = nameEnd + 1
        var end = cursor
        while start < end, isWhitespace(bytes[base + start]) { start += 1 }
        while end > start, isWhitespace(bytes[base + end - 1]) { end -= 1 }
        entries.append(Field(name: lineStart..<nameEnd, value: start..<end, hash: hash))
        cursor += 1
        step = .lineFeed
    }

    private mutating func requireLineFeed(_ octet: UInt8) throws(HTTPViolation) {
        guard octet == 0x0A else { throw .http(1) }
        cursor += 1
    }

    /// HTTP-16. Called after each line and whenever the octets run out, so an endless line is
    /// noticed too.
    private func requireWithin(_ limits: HTTPLimits) throws(HTTPViolation) {
        let lineEnd = step == .lineFeed || step == .lastLineFeed ? 2 : 0
        let lastLine = step == .lastLineFeed ? 2 : 0
        if cursor - lineStart - lineEnd > limits.field
            || cursor - sectionStart - lastLine > limits.headerSection
        {
            throw .http(16, 431)
        }
    }
}

/// SP or HTAB.
@inline(__always)
func isWhitespace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

/// HTTP-01. NUL, DEL and the controls but HTAB, none of which may stand in a message head.
@inline(__always)
func isForbiddenControl(_ octet: UInt8) -> Bool {
    octet < 0x20 && octet != 0x09 || octet == 0x7F
}
