// SPDX-License-Identifier: Apache-2.0
// Step 13 while the AS may know but the old one of two secrets (CRED-08).

import ClientAttestation
import HTTPWire
import Octets

extension RequestRoad {
    /// Sends a verified request in the AS's terms. Where a second try does no harm, and the AS
    /// denies the new secret, the one before is tried.
    func send(
        _ request: TokenRequest, for instance: AttestedInstance, _ exchange: Exchange
    ) async throws -> UpstreamAnswer {
        let pool = exchange.generation.pools(of: request.server).protected
        let answer = try await pool.exchange(
            request.translated(for: instance, exchange: exchange), record: exchange)
        guard let previous = request.server.settings.clients[instance.clientID]?.previousCredential,
            request.isRepeatable, try await answer.deniesCredential()
        else { return answer }
        answer.release()
        exchange.generation.shared.journal.event(
            .warning,
            "the authorization server refused the current secret, the previous one is tried",
            [
                .text("rule", "CRED-08"),
                .text("client_id", String(decoding: instance.clientID, as: UTF8.self)),
                .text("hint", "give the server the new secret; token requests fail until then"),
            ])
        return try await pool.exchange(
            request.translated(for: instance, exchange: exchange, previous: previous),
            record: exchange)
    }
}

extension TokenRequest {
    /// Whether to ask twice is as good as once. A grant is not: a code or a rotated token that is
    /// shown a second time is taken for stolen.
    fileprivate var isRepeatable: Bool {
        switch endpoint.endpoint {
        case .introspection, .revocation: true
        default: false
        }
    }
}

extension UpstreamAnswer {
    /// Whether the AS refused our credential, by the same signs as ERR-10. An answer that breaks
    /// off is released.
    fileprivate func deniesCredential() async throws(Refusal) -> Bool {
        guard (400..<500).contains(head.status) else { return false }
        do throws(UpstreamFailure) {
            let body = try await connection.peekBody(atMost: ResponseRoad.heldBody)
            return ResponseRoad.deniesCredential(head.status, ResponseRoad.error(in: body))
        } catch {
            release()
            throw error.refusal
        }
    }
}
