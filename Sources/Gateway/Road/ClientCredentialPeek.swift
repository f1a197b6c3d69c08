// SPDX-License-Identifier: Apache-2.0
// Who a request says it is, read from credentials that only the AS can judge (REQ-17, REQ-18).

import ClientAttestation
import HTTPWire
import JSON
import Octets

/// The user of `Authorization: Basic`.
enum BasicIdentity {
    /// Both readings of the user: servers differ in whether they form-decode it (RFC 6749 2.3.1).
    static func readings(_ head: RequestHead) throws(Refusal) -> Set<[UInt8]> {
        let values = head.fields.values(of: .authorization)
        guard let value = values.first else { return [] }
        let scheme = value.prefix { $0 != UInt8(ascii: " ") }
        guard values.count == 1,
            ASCII.equalsIgnoringCase(Array(scheme), "basic".octets),
            let pair = Base64.decode(
                value.dropFirst(scheme.count).drop { $0 == UInt8(ascii: " ") }),
            let colon = pair.firstIndex(of: UInt8(ascii: ":")), colon > 0
        else { throw Refusal(.req(15), .invalidRequest) }
        let user = Array(pair[..<colon])
        // Read as the one value of a form.
        guard let form = try? Form.parse("user=".octets + user), form.pairs.count == 1 else {
            throw Refusal(.req(17), .invalidRequest)
        }
        return [user, form.pairs[0].value]
    }
}

/// The issuer and subject of a client assertion (RFC 7523), unverified.
enum AssertionIdentity {
    /// `iss` and `sub`; both must be there.
    static func readings(_ assertion: [UInt8]) throws(Refusal) -> Set<[UInt8]> {
        guard let claims = UnverifiedClaims.peek(assertion),
            let issuer = claims["iss"]?.string, let subject = claims["sub"]?.string
        else { throw Refusal(.req(17), .invalidRequest) }
        return [issuer, subject]
    }
}

/// What a pushed or front-channel request object (RFC 9101) claims; the AS verifies it.
struct RequestObject {
    let clientID: [UInt8]
    let issuer: [UInt8]?
    let responseType: [UInt8]?
    let dpopThumbprint: [UInt8]?

    /// REQ-18: one that can't be looked into is refused, since the AS might see another client.
    init(peeking object: [UInt8]) throws(Refusal) {
        guard let claims = UnverifiedClaims.peek(object),
            let clientID = claims["client_id"]?.string
        else { throw Refusal(.req(18), .invalidRequest) }
        self.clientID = clientID
        issuer = claims["iss"]?.string
        responseType = claims["response_type"]?.string
        dpopThumbprint = claims["dpop_jkt"]?.string
        let isReferred = claims["request_uri"] != nil || claims["request"] != nil
        let hasOddType = claims["response_type"] != nil && responseType == nil
        let hasOddIssuer = claims["iss"] != nil && issuer == nil
        let hasOddKey = claims["dpop_jkt"] != nil && dpopThumbprint == nil
        if isReferred || hasOddType || hasOddIssuer || hasOddKey {
            throw Refusal(.req(18), .invalidRequest)
        }
    }

    /// The clients that an object names, for requests of clients that are none of ours: none if it
    /// is encrypted, nil if two readers could read it differently.
    static func clients(in object: [UInt8]) -> [[UInt8]]? {
        if object.count(where: { $0 == UInt8(ascii: ".") }) == 4 { return [] }
        guard let claims = UnverifiedClaims.peek(object) else { return nil }
        return ["client_id", "iss"].compactMap { claims[$0]?.string }
    }

    /// Its `client_id`, and its `iss` if there is one, are `subject`: the gateway does not know all
    /// clients of the AS, so an issuer that is not this client may be another one.
    func requireClient(_ subject: [UInt8]) throws(Refusal) {
        guard clientID == subject, issuer == nil || issuer == subject else {
            throw Refusal(.req(18), .invalidRequest)
        }
    }
}

/// The payload of a compact JWS whose signature is somebody else's to check.
private enum UnverifiedClaims {
    static func peek(_ token: [UInt8]) -> JSONObject? {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decode(parts[1]),
            let value = try? JSONDocument.parse(payload)
        else { return nil }
        return value.object
    }
}
