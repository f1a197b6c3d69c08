// SPDX-License-Identifier: Apache-2.0
// A refusal as the client sees it: fixed text, never the cause (ERR-01, ERR-09, HTTP-21).

import ClientAttestation
import HTTPWire
import JSON
import Octets

/// Turns refusals into answers.
enum ErrorReply {
    /// The answer to a refusal at a route whose AS is known.
    static func make(_ refusal: Refusal, exchange: Exchange) -> Reply {
        guard let server = exchange.server else { return plain(status(of: refusal.failure)) }
        let response = RefusalResponse(
            refusal.failure, errors: server.settings.policy.errors, exchange.circumstances(server))
        guard let error = response.error else {
            var reply = plain(response.status)
            if response.status == 405 { reply.add(.allow, exchange.allow) }
            if let seconds = response.retryAfter { reply.add(.retryAfter, decimal(seconds)) }
            return reply
        }
        var reply = json(response.status, error: error)
        if let seconds = response.retryAfter { reply.add(.retryAfter, decimal(seconds)) }
        if response.freshChallenge { exchange.pushesChallenge = true }
        if response.freshDPoPNonce { exchange.pushesDPoPNonce = true }
        if response.freshNonce, let nonce = exchange.connection.worker.freshChallenge(of: server) {
            reply.add(.attestationNonce, nonce)
        }
        if response.authenticate {
            reply.add(.wwwAuthenticate, authenticate(error, realm: server.settings.policy.issuer))
        }
        return reply
    }

    /// An OAuth error object (RFC 6749 section 5.2): the code alone.
    private static func json(_ status: Int, error: String) -> Reply {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("error")
        writer.string(error.octets)
        writer.endObject()
        return Reply(status, type: "application/json", body: writer.bytes)
    }

    /// RFC 7662 section 2.2: all that is said of a token which is not the caller's.
    static func inactive() -> Reply {
        Reply(200, type: "application/json", body: #"{"active":false}"#.octets)
    }

    /// A refusal that is no OAuth error: the status and its name.
    static func plain(_ status: Int) -> Reply {
        Reply(status, type: "text/plain", body: "\(Status.reason(status))\n".octets)
    }

    private static func status(of failure: Failure) -> Int {
        if case .http(let status) = failure { return status }
        return 400
    }

    /// ERR-05. The scheme is unregistered and can be ignored; issuer and code are our own text.
    private static func authenticate(_ error: String, realm: [UInt8]) -> [UInt8] {
        "OAuth-Client-Attestation realm=\"".octets + realm
            + "\", error=\"".octets + error.octets + [UInt8(ascii: "\"")]
    }

    private static func decimal(_ number: Int) -> [UInt8] {
        String(number).octets
    }
}
