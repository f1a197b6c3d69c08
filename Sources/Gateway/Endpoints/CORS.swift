// SPDX-License-Identifier: Apache-2.0
// What a browser's script may do at the endpoints the gateway answers for (HTTP-19).

import HTTPWire
import Octets

/// The `Access-Control-*` side of one request.
struct CORS {
    private let settings: CORSSettings
    private let origin: [UInt8]?
    /// Whether this `OPTIONS` is a preflight: a script without it is asking for a nonce.
    let isPreflight: Bool

    init(_ head: RequestHead, settings: CORSSettings) {
        self.settings = settings
        if case .one(let range) = head.fields.lookup(.origin) {
            let value = head.fields.bytes(range)
            origin = settings.origins.contains(value) ? value : nil
        } else {
            origin = nil
        }
        isPreflight =
            head.method == .options && head.fields.count(of: .origin) > 0
            && head.fields.count(of: .accessControlRequestMethod) > 0
    }

    /// Fields of every answer at these endpoints; never with credentials.
    func addFields(to writer: inout HeadWriter) {
        writer.field(.vary, "Origin")
        guard let origin else { return }
        writer.field(.accessControlAllowOrigin, origin)
        writer.field(.accessControlExposeHeaders, Self.exposed)
    }

    /// The answer to a preflight: 204, from configuration alone.
    func preflight(methods: String = "POST, OPTIONS") -> Reply {
        var reply = Reply(204)
        guard origin != nil else { return reply }
        reply.add(.accessControlAllowMethods, methods)
        reply.add(.accessControlAllowHeaders, Self.allowed)
        reply.add(.accessControlMaxAge, String(settings.maxAge))
        return reply
    }

    private static let exposed =
        "OAuth-Client-Attestation-Challenge, DPoP-Nonce, attestation-nonce, WWW-Authenticate"
    private static let allowed =
        """
        OAuth-Client-Attestation, OAuth-Client-Attestation-PoP, DPoP, \
        attestation-nonce-request, Content-Type
        """
}
