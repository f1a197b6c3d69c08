// SPDX-License-Identifier: Apache-2.0
// Heads to octets; no value can end its line (HTTP-21).

import Octets

/// Writes the head of a message. A field whose name is no token or whose value holds CR, LF, NUL or
/// another control is left out and counted: nothing that went into a value can become a field.
public struct HeadWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8]
    /// How many fields or targets were refused. Anything but 0 is a fault of the caller, who should
    /// answer 500 instead.
    public private(set) var refusals = 0

    /// An empty head with room for `capacity` octets.
    public init(reserving capacity: Int = 1024) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// The octets of `HTTP/1.1 100 Continue` (HTTP-14).
    public static let continueResponse = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// `METHOD target HTTP/1.1`. A target with anything but visible ASCII is refused.
    public mutating func requestLine(method: Method, target: [UInt8]) {
        let method = method.octets
        guard !method.isEmpty, method.allSatisfy(ASCII.isTokenCharacter), !target.isEmpty,
            target.allSatisfy(ASCII.isVisible)
        else {
            refusals += 1
            return
        }
        bytes += method
        bytes.append(0x20)
        bytes += target
        bytes.append(contentsOf: " HTTP/1.1\r\n".utf8)
    }

    /// `HTTP/1.1 status reason`, with our own reason phrase. A status outside 100 to 599 is refused
    /// and written as 500.
    public mutating func statusLine(_ status: Int) {
        if !(100...599).contains(status) { refusals += 1 }
        let status = (100...599).contains(status) ? status : 500
        bytes.append(contentsOf: "HTTP/1.1 ".utf8)
        append(decimal: status)
        bytes.append(0x20)
        bytes.append(contentsOf: Status.reason(status).utf8)
        endLine()
    }

    /// One field line.
    public mutating func field(_ name: FieldName, _ value: [UInt8]) {
        guard name.isToken else {
            refusals += 1
            return
        }
        append(spelling: name.spelling, value: value)
    }

    /// One field line with a value written in the source or made by this program.
    public mutating func field(_ name: FieldName, _ value: String) {
        guard name.isToken else {
            refusals += 1
            return
        }
        append(spelling: name.spelling, value: value.utf8)
    }

    /// One field line with a name written in the source.
    public mutating func field(_ name: StaticString, _ value: [UInt8]) {
        let spelling = Array(name.description.utf8)
        guard !spelling.isEmpty, spelling.allSatisfy(ASCII.isTokenCharacter) else {
            refusals += 1
            return
        }
        append(spelling: spelling, value: value)
    }

    /// A received field as it was spelled.
    public mutating func field(_ field: Field, of fields: Fields) {
        let storage = fields.storage
        guard isToken(storage, field.name), isPlain(storage, field.value) else {
            refusals += 1
            return
        }
        // As nearly every sender writes it, a field is one piece: `name: value`.
        let colon = field.name.upperBound
        if field.value.lowerBound == colon + 2, storage[colon] == UInt8(ascii: ":"),
            storage[colon + 1] == 0x20
        {
            bytes.append(contentsOf: storage[field.name.lowerBound..<field.value.upperBound])
        } else {
            bytes.append(contentsOf: storage[field.name])
            bytes.append(UInt8(ascii: ":"))
            bytes.append(0x20)
            bytes.append(contentsOf: storage[field.value])
        }
        endLine()
    }

    private func isToken(_ storage: [UInt8], _ range: Range<Int>) -> Bool {
        for index in range where !ASCII.isTokenCharacter(storage[index]) { return false }
        return !range.isEmpty
    }

    private func isPlain(_ storage: [UInt8], _ range: Range<Int>) -> Bool {
        for index in range where isForbiddenControl(storage[index]) { return false }
        return true
    }

    /// All fields of `prepared`, which began without a start line. For those that never change.
    public mutating func fields(_ prepared: HeadWriter) {
        bytes += prepared.bytes
        refusals += prepared.refusals
    }

    /// `Content-Length`.
    public mutating func contentLength(_ length: Int) {
        bytes.append(contentsOf: "Content-Length: ".utf8)
        append(decimal: max(length, 0))
        endLine()
    }

    /// `Transfer-Encoding: chunked`; the body must then go through `ChunkWriter`.
    public mutating func chunked() {
        bytes.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
    }

    /// The empty line after the fields.
    public mutating func end() {
        endLine()
    }

    /// Content right behind the head, for messages small enough to be one write.
    public mutating func body(_ content: [UInt8]) {
        bytes += content
    }

    /// One field line whose name is known to be a token.
    private mutating func append(spelling: [UInt8], value: some Collection<UInt8>) {
        guard !value.contains(where: isForbiddenControl) else {
            refusals += 1
            return
        }
        bytes.append(contentsOf: spelling)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(0x20)
        bytes.append(contentsOf: value)
        endLine()
    }

    private mutating func append(decimal number: Int) {
        bytes.append(decimal: number)
    }

    private mutating func endLine() {
        bytes.append(0x0D)
        bytes.append(0x0A)
    }
}
