// SPDX-License-Identifier: Apache-2.0
// The way back: the AS's answer to the client, filtered, and unread by the gateway where no rule
// needs it (FWD-11, ERR-10, ERR-11).

import ClientAttestation
import HTTPWire
import JSON
import Octets

/// Relays one answer.
struct ResponseRoad {
    /// Octets of a protected endpoint's answer that are read before any are sent on.
    private static let heldBody = 64 * 1024

    let exchange: Exchange
    let server: ProtectedServer

    /// An answer of a protected endpoint. `isTranslated`: the credential in the request was ours.
    func relayProtected(_ answer: UpstreamAnswer, isTranslated: Bool) async throws {
        defer { answer.release() }
        let status = answer.head.status
        if status >= 500 {
            throw Refusal(.err(11), status == 504 ? .upstreamTimeout : .upstream)
        }
        // ERR-10: our own credential was refused. The client must not be told it is at fault.
        if isTranslated, status == 401 { throw Refusal(.err(10), .upstream) }
        // HTTP-13: an answer that breaks off is found out before the client sees any of it, as
        // long as it is as short as OAuth's answers are.
        let start = try await readStart(of: answer)
        if isTranslated, status >= 400, Self.saysInvalidClient(start) {
            throw Refusal(.err(10), .upstream)
        }
        try await stream(answer, isProtected: true, after: start)
    }

    /// An answer of a pass-through path: as it came.
    func relayPassThrough(_ answer: UpstreamAnswer) async throws {
        defer { answer.release() }
        try await stream(answer, isProtected: false)
    }

    /// Streams the answer with back-pressure; `start` is what was already read of its body.
    private func stream(
        _ answer: UpstreamAnswer, isProtected: Bool, after start: [UInt8]? = nil
    ) async throws {
        let head = answer.head
        var writer = exchange.beginHead(status: head.status)
        ForwardFields.copyResponse(head, isProtected: isProtected, to: &writer)
        guard head.framing != .none else {
            // To a HEAD, the length that a GET would have had.
            if let length = head.fields.single(.contentLength) {
                writer.field(.contentLength, length)
            }
            exchange.endHead(&writer)
            exchange.connection.write(writer.bytes)
            return
        }
        var length: Int?
        if case .length(let declared) = head.framing { length = declared }
        exchange.beginStream(&writer, length: length)
        if let start { exchange.writePart(start) }
        while let part = try await answer.nextBodyPart() {
            exchange.writePart(part)
            try await answer.waitForRoom(exchange.connection)
        }
        exchange.endStream()
    }

    /// The body, or the first part of one that is longer than OAuth's answers are.
    private func readStart(of answer: UpstreamAnswer) async throws(Refusal) -> [UInt8] {
        var body: [UInt8] = []
        do {
            while body.count <= Self.heldBody, let part = try await answer.nextBodyPart() {
                body += part
            }
        } catch {
            throw error.refusal
        }
        return body
    }

    private static func saysInvalidClient(_ body: [UInt8]) -> Bool {
        guard let value = try? JSONDocument.parse(body) else { return false }
        return value.object?["error"]?.string == "invalid_client".octets
    }
}
