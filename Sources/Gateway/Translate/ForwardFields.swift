// SPDX-License-Identifier: Apache-2.0
// Which header fields reach the AS, and which come back (FWD-01 to FWD-12, HTTP-11, -12, -20).

import ClientAttestation
import HTTPWire
import JOSE
import Octets

/// Field filters and the fields that the gateway writes itself.
public enum ForwardFields {
    // MARK: Towards the AS

    /// Names that no request of a client brings to the AS on any route, however spelled, because
    /// CGI, WSGI and PHP fold `_`, `.` and space to one variable (FWD-01, FWD-02): what the gateway
    /// injects, what it consumes, and what overrides method or target (HTTP-11).
    private static let spoofable: [NormalisedName] = [
        .forwarded, .xRealIP, .clientCert, .clientCertChain, .attestationNonceRequest,
        .contentLength, .transferEncoding, .xHTTPMethodOverride, .xMethodOverride, .xHTTPMethod,
        .xOriginalURL, .xRewriteURL,
        // CGI turns it into HTTP_PROXY, which the AS's own HTTP clients obey.
        FieldName("Proxy"),
    ].map { (name: FieldName) in NormalisedName(name) }

    /// Families of such names.
    private static let spoofableFamilies: [NormalisedName] = [
        "x-attested-", "oauth-client-attestation", "x-forwarded-", "x-ssl-", "ssl-client-",
    ].map { NormalisedName($0.octets) }

    /// Fields a protected request may bring (FWD-09).
    private static let allowed: [FieldName] = [
        .accept, .acceptLanguage, .userAgent, .traceparent,
    ]

    /// Fields of a pass-through request that the gateway writes itself or that end here.
    private static let ownBusiness: [FieldName] = [
        .host, .contentLength, .expect, .via, .http2Settings,
    ]

    /// Whether back ends could take the field for one of ours.
    private static func isSpoofable(_ field: Field, of fields: Fields) -> Bool {
        spoofable.contains { $0.matches(field, of: fields) }
            || spoofableFamilies.contains { $0.isPrefix(of: field, in: fields) }
    }

    /// Whether configuration must not let a field of this name through (FWD-09).
    public static func isReserved(_ name: FieldName) -> Bool {
        var fields = Fields()
        fields.append(name: name, value: [])
        let written: [FieldName] = [
            .contentType, .contentEncoding, .authorization, .dpop, .acceptEncoding,
        ]
        return ownBusiness.contains(name) || written.contains(name)
            || HopByHop.always.contains(name)
            || isSpoofable(fields[0], of: fields)
    }

    /// Whether clients send a field of this name for purposes of their own (EP-08).
    public static func isClients(_ name: FieldName) -> Bool {
        let others: [FieldName] = [
            FieldName("Cookie"), FieldName("Origin"), FieldName("Referer"), FieldName("Range"),
        ]
        return allowed.contains(name) || others.contains(name)
    }

    /// HTTP-12: nobody removes a field by naming it hop-by-hop.
    static func checkConnectionOptions(
        _ head: RequestHead, server: ProtectedServer, trace: RuleTrace? = nil
    ) throws(Refusal) {
        trace?.begin(.http(12))
        if head.connectionOptions.isEmpty { return }
        let secret = server.settings.gatewaySecret.map { [$0.name] } ?? []
        do {
            try HopByHop.requireHarmless(head.connectionOptions, injected: secret)
        } catch {
            throw Refusal(error.rule, .http(error.status))
        }
        for option in head.connectionOptions {
            guard let name = FieldName(option) else { continue }
            var fields = Fields()
            fields.append(name: name, value: [])
            if isSpoofable(fields[0], of: fields) { throw Refusal(.http(12), .http(400)) }
        }
    }

    /// FWD-09: the few fields of the client that a protected endpoint gets.
    static func addAllowed(
        _ head: RequestHead, server: ProtectedServer, to writer: inout HeadWriter
    ) {
        for field in head.fields
        where allowed.contains(where: { head.fields.matches(field, $0) })
            || server.settings.forwardedFields.contains(where: { head.fields.matches(field, $0) })
        {
            writer.field(field, of: head.fields)
        }
    }

    /// FWD-05: the DPoP proof as the client sent it. The AS compares its `htu` with the public URL,
    /// which `addOrigin` tells it.
    static func addDPoP(_ head: RequestHead, to writer: inout HeadWriter) {
        for value in head.fields.values(of: .dpop) { writer.field(.dpop, value) }
    }

    private static let thisHop = "1.1 attestgate".octets

    /// HTTP-20: who came, by which way; written here, never taken over. `Via` alone is appended
    /// to: it names hops and is believed by nobody.
    static func addOrigin(
        _ exchange: Exchange, server: ProtectedServer, to writer: inout HeadWriter
    ) {
        let before = exchange.head.fields.values(of: .via)
        writer.field(
            .via,
            before.isEmpty ? thisHop : Array((before + [thisHop]).joined(separator: ", ".octets)))
        writer.fields(server.originFields)
        if let address = exchange.connection.peerText {
            writer.field(.xForwardedFor, address)
        }
    }

    /// FWD-07: who was verified, as visible ASCII.
    static func addIdentity(_ instance: AttestedInstance, to writer: inout HeadWriter) {
        writer.field(.xAttestedClientID, PercentEncoding.encode(instance.clientID))
        writer.field(.xAttestedJkt, instance.thumbprint.text)
        writer.field(.xAttestedAttester, PercentEncoding.encode(instance.attesterID.octets))
        writer.field(.xAttestedMethod, instance.method.rawValue)
    }

    /// A pass-through request's head: all fields but the spoofable and the hop-by-hop ones.
    static func passThroughRequest(
        _ exchange: Exchange, target: [UInt8], server: ProtectedServer
    ) -> HeadWriter {
        let head = exchange.head
        let fields = head.fields
        let secret = server.settings.gatewaySecret?.normalised
        var writer = HeadWriter(reserving: fields.storage.count + 256)
        writer.requestLine(method: head.method, target: target)
        writer.field(.host, server.settings.upstream.host)
        addGatewaySecret(of: server, to: &writer)
        for field in fields {
            if secret?.matches(field, of: fields) == true { continue }
            if HopByHop.contains(field, of: fields, options: head.connectionOptions)
                || ownBusiness.contains(where: { fields.matches(field, $0) })
                || isSpoofable(field, of: fields)
            {
                continue
            }
            writer.field(field, of: fields)
        }
        addOrigin(exchange, server: server, to: &writer)
        return writer
    }

    // MARK: Back to the client

    /// FWD-11: fields that only the gateway says to a client.
    private static let gatewayOnly: [NormalisedName] = [
        NormalisedName(.oauthClientAttestationChallenge), NormalisedName(.attestationNonce),
    ]
    private static let attestedFamily = NormalisedName("x-attested-".octets)
    private static let corsFamily = NormalisedName("access-control-".octets)
    private static let proxyFields: [FieldName] = [
        .contentLength, .proxyAuthenticate, FieldName("Proxy-Authentication-Info"),
    ]
    private static let caching: [FieldName] = [.cacheControl, .pragma, FieldName("Expires")]

    private static let dpopNonce = NormalisedName(.dpopNonce)

    /// BIND-13: what is true of the AS's own octets alone.
    private static let bodyProofs: [FieldName] =
        [.etag, .contentMD5] + FieldName.bodyProofs
    private static let signatures = NormalisedName("signature".octets)

    /// Copies the fields of an AS's answer that the client may see. At protected endpoints the
    /// gateway alone speaks CORS and caching (HTTP-19, ERR-02).
    /// `DPoP-Nonce` elsewhere is a resource server's, whose nonces are its own (CHAL-30).
    ///
    /// - Parameter isEdited: the body is not the one that came (BIND-13).
    static func copyResponse(
        _ head: ResponseHead, isProtected: Bool, server: ProtectedServer, isEdited: Bool = false,
        to writer: inout HeadWriter
    ) {
        let fields = head.fields
        let ownsNonces = isProtected && server.settings.policy.issuesDPoPNonces
        let secret = server.settings.gatewaySecret?.normalised
        for field in fields {
            // EP-08: a page that shows the AS's view of a request must not show this.
            if secret?.matches(field, of: fields) == true { continue }
            if HopByHop.contains(field, of: fields, options: head.connectionOptions)
                || proxyFields.contains(where: { fields.matches(field, $0) })
                || gatewayOnly.contains(where: { $0.matches(field, of: fields) })
                || attestedFamily.isPrefix(of: field, in: fields)
                || ownsNonces && dpopNonce.matches(field, of: fields)
            {
                continue
            }
            if isProtected
                && (corsFamily.isPrefix(of: field, in: fields)
                    || caching.contains { fields.matches(field, $0) })
            {
                continue
            }
            if isEdited
                && (signatures.isPrefix(of: field, in: fields)
                    || bodyProofs.contains { fields.matches(field, $0) })
            {
                continue
            }
            writer.field(field, of: fields)
        }
    }
}
