// SPDX-License-Identifier: Apache-2.0
// How messages look in the transcript: long values shortened, forms broken between their pairs.

import HTTPWire
import Octets

extension Transcript {
    /// A request of the client and, if asked for, what its tokens say.
    func tell(_ request: DemoRequest, showingTokens: Bool) {
        let line = Self.text(request.method.octets) + " " + Shortening.shorten(request.target)
        let fields = request.fields.map { "\($0.name): \(Shortening.shorten($0.value))" }
        self.line(.clientToGateway, [line] + fields)
        if let form = request.form { self.form(form) }
        guard showingTokens else { return }
        for field in request.fields {
            if field.name == .oauthClientAttestation {
                token(.attestation, field.value)
            } else if field.name == .oauthClientAttestationPoP {
                token(.proof, field.value)
            }
        }
    }

    /// A request as the AS received it.
    func tell(_ received: ReceivedRequest, naming: Bool) {
        var parts = [
            Self.text(received.head.method.octets) + " "
                + Shortening.shorten(received.head.target.raw)
        ]
        if let credential = received.head.fields.single(.authorization) {
            parts.append("Authorization: " + Shortening.shorten(credential))
        }
        parts.append(
            received.carriesAttestation ? "ATTESTATION HEADERS" : "(no attestation headers)")
        line(.gatewayToServer, parts)
        if naming { line(nil, ["all its headers: " + received.fieldNames.joined(separator: ", ")]) }
        if !received.body.isEmpty { form(received.body) }
    }

    /// The answer to the client.
    func tell(_ response: DemoResponse, fields: [FieldName], serverSawNothing: Bool) {
        var parts = ["\(response.status)"]
        if !response.body.isEmpty { parts[0] += " " + Shortening.shorten(response.body) }
        for name in fields {
            guard let value = response.fields.single(name) else { continue }
            parts.append("\(name): \(Shortening.shorten(value))")
        }
        line(.gatewayToClient, parts + (serverSawNothing ? ["the AS saw nothing"] : []))
    }

    private func form(_ body: [UInt8]) {
        let pairs = body.split(separator: UInt8(ascii: "&"))
        let texts = pairs.enumerated().map { index, pair in
            Shortening.shorten(pair) + (index + 1 < pairs.count ? "&" : "")
        }
        line(nil, texts, separator: "")
    }

    /// Header and payload of a JWT in clear; the signature is left out.
    private func token(_ label: Label, _ token: [UInt8]) {
        let parts = token.split(separator: UInt8(ascii: "."))
        line(label, parts.prefix(2).compactMap { Base64URL.decode($0).map(Shortening.shorten) })
    }

    private static func text(_ octets: [UInt8]) -> String {
        String(decoding: octets, as: UTF8.self)
    }
}
