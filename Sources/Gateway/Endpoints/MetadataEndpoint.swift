// SPDX-License-Identifier: Apache-2.0
// `GET` of a well-known document: the AS's, edited (META-01, META-11).

import ClientAttestation
import HTTPWire
import Octets

/// Answers for the metadata of one AS.
enum MetadataEndpoint {
    private static let methods = "GET, HEAD, OPTIONS"

    /// The answer; nothing of the request but its path reaches the AS.
    static func answer(
        _ exchange: Exchange, server: ProtectedServer
    ) async throws(Refusal) -> Reply {
        let cors = CORS(exchange.head, settings: server.settings.cors)
        exchange.cors = cors
        exchange.allow = methods
        switch exchange.head.method {
        case .get, .head: break
        case .options:
            if cors.isPreflight { return cors.preflight(methods: methods) }
            var reply = Reply(204)
            reply.add(.allow, methods)
            return reply
        default: throw Refusal(.meta(1), .http(405))
        }
        let document = try await exchange.generation.metadata(of: server).document(
            at: exchange.head.target.path,
            from: exchange.generation.pools(of: server).passThrough,
            journal: exchange.generation.shared.journal)
        var reply = Reply(200, type: "application/json", body: document)
        reply.add(.cacheControl, "max-age=\(server.settings.metadata.maxAge)")
        return reply
    }
}
