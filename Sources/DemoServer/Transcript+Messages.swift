// SPDX-License-Identifier: Apache-2.0
// How messages look in the transcript: long values shortened, forms broken between their pairs.

import HTTPWire
import Octets

extension Transcript {
    /// A request of the client and what those of its fields say that are in `decoding`.
    func tell(_ request: DemoRequest, decoding: Set<FieldName>) {
        let fields = request.fields.map { "\($0.name): \(Shortening.shorten($0.value))" }
        message(.clientToGateway, request.method, request.target, fields, request.form ?? [])
        for field in request.fields where decoding.contains(field.name) {
            token(Self.label(of: field.name), field.value)
        }
    }

    private static func label(of name: FieldName) -> Label {
        switch name {
        case .oauthClientAttestation: .attestation
        case .dpop: .dpop
        default: .proof
        }
    }

    /// A request as the AS received it; all fields or only the credential.
    func tell(_ received: ReceivedRequest, withAllFields: Bool) {
        let head = received.head
        var notes = head.fields.filter { withAllFields || head.fields.matches($0, .authorization) }
            .map { field in
                Shortening.text(head.fields.bytes(field.name)) + ": "
                    + Shortening.shorten(head.fields.bytes(field.value))
            }
        notes.append(
            received.carriesAttestation ? "ATTESTATION HEADERS" : "(no attestation headers)")
        message(.gatewayToServer, head.method, head.target.raw, notes, received.body)
    }

    /// The answer to the client.
    func tell(_ response: DemoResponse, fields: [FieldName], serverSawNothing: Bool) {
        var parts = ["\(response.status)"]
        if !response.body.isEmpty { parts[0] += " " + Shortening.shorten(response.body) }
        for name in fields {
            guard let value = response.fields.single(name) else { continue }
            parts.append("\(name): \(Shortening.shorten(value))")
        }
        line(.gatewayToClient, parts + (serverSawNothing ? ["   the AS saw nothing"] : []))
    }

    private func message(
        _ label: Label, _ method: Method, _ target: [UInt8], _ notes: [String], _ body: [UInt8]
    ) {
        // A long target is broken between its parameters, with the notes on a line of their own.
        let pieces = Self.pieces(of: target)
        let first = Shortening.text(method.octets) + " " + (pieces.first ?? "")
        if pieces.count > 1 {
            line(label, [first] + pieces.dropFirst(), separator: "")
            line(nil, notes)
        } else {
            line(label, [first] + notes)
        }
        line(nil, Self.pieces(of: body), separator: "")
    }

    /// The parameters of a form or query, shortened, each with the `&` that ends it.
    private static func pieces(of text: [UInt8]) -> [String] {
        let pairs = text.split(separator: UInt8(ascii: "&"))
        return pairs.enumerated().map { index, pair in
            Shortening.shorten(pair) + (index + 1 < pairs.count ? "&" : "")
        }
    }

    /// Header and payload of a JWT in clear, each on lines of its own; the signature is left out.
    private func token(_ label: Label, _ token: [UInt8]) {
        let parts = token.split(separator: UInt8(ascii: ".")).prefix(2)
        for (index, part) in parts.enumerated() {
            guard let json = Base64URL.decode(part) else { continue }
            line(index == 0 ? label : nil, Self.members(of: json), separator: "")
        }
    }

    /// The text of a JSON object, shortened, in pieces that end behind the commas of its members.
    private static func members(of json: [UInt8]) -> [String] {
        var pieces = [""]
        var depth = 0
        for character in Shortening.shorten(json) {
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            pieces[pieces.count - 1].append(character)
            if character == ",", depth == 1 { pieces.append("") }
        }
        return pieces
    }
}
