// SPDX-License-Identifier: Apache-2.0
// The field names this program reads, writes or removes.

extension FieldName {
    /// `Host`.
    public static let host = FieldName("Host")
    /// `Content-Length`.
    public static let contentLength = FieldName("Content-Length")
    /// `Content-Type`.
    public static let contentType = FieldName("Content-Type")
    /// `Content-Encoding`.
    public static let contentEncoding = FieldName("Content-Encoding")
    /// `Transfer-Encoding`.
    public static let transferEncoding = FieldName("Transfer-Encoding")
    /// `Connection`.
    public static let connection = FieldName("Connection")
    /// `Keep-Alive`.
    public static let keepAlive = FieldName("Keep-Alive")
    /// `Proxy-Connection`.
    public static let proxyConnection = FieldName("Proxy-Connection")
    /// `Proxy-Authorization`.
    public static let proxyAuthorization = FieldName("Proxy-Authorization")
    /// `Proxy-Authenticate`.
    public static let proxyAuthenticate = FieldName("Proxy-Authenticate")
    /// `TE`.
    public static let te = FieldName("TE")
    /// `Trailer`.
    public static let trailer = FieldName("Trailer")
    /// `Upgrade`.
    public static let upgrade = FieldName("Upgrade")
    /// `HTTP2-Settings`.
    public static let http2Settings = FieldName("HTTP2-Settings")
    /// `Expect`.
    public static let expect = FieldName("Expect")
    /// `Max-Forwards`.
    public static let maxForwards = FieldName("Max-Forwards")
    /// `Via`.
    public static let via = FieldName("Via")
    /// `Forwarded`.
    public static let forwarded = FieldName("Forwarded")
    /// `X-Forwarded-For`.
    public static let xForwardedFor = FieldName("X-Forwarded-For")
    /// `X-Forwarded-Host`.
    public static let xForwardedHost = FieldName("X-Forwarded-Host")
    /// `X-Forwarded-Proto`.
    public static let xForwardedProto = FieldName("X-Forwarded-Proto")
    /// `X-Forwarded-Port`.
    public static let xForwardedPort = FieldName("X-Forwarded-Port")
    /// `X-Real-IP`.
    public static let xRealIP = FieldName("X-Real-IP")
    /// `Client-Cert`.
    public static let clientCert = FieldName("Client-Cert")
    /// `Client-Cert-Chain`.
    public static let clientCertChain = FieldName("Client-Cert-Chain")
    /// `X-HTTP-Method-Override`.
    public static let xHTTPMethodOverride = FieldName("X-HTTP-Method-Override")
    /// `X-Method-Override`.
    public static let xMethodOverride = FieldName("X-Method-Override")
    /// `X-HTTP-Method`.
    public static let xHTTPMethod = FieldName("X-HTTP-Method")
    /// `X-Original-URL`.
    public static let xOriginalURL = FieldName("X-Original-URL")
    /// `X-Rewrite-URL`.
    public static let xRewriteURL = FieldName("X-Rewrite-URL")
    /// `Authorization`.
    public static let authorization = FieldName("Authorization")
    /// `WWW-Authenticate`.
    public static let wwwAuthenticate = FieldName("WWW-Authenticate")
    /// `Cookie`.
    public static let cookie = FieldName("Cookie")
    /// `Set-Cookie`.
    public static let setCookie = FieldName("Set-Cookie")
    /// `Accept`.
    public static let accept = FieldName("Accept")
    /// `Accept-Encoding`.
    public static let acceptEncoding = FieldName("Accept-Encoding")
    /// `Accept-Language`.
    public static let acceptLanguage = FieldName("Accept-Language")
    /// `User-Agent`.
    public static let userAgent = FieldName("User-Agent")
    /// `traceparent`.
    public static let traceparent = FieldName("traceparent")
    /// `Origin`.
    public static let origin = FieldName("Origin")
    /// `Referer`.
    public static let referer = FieldName("Referer")
    /// `Vary`.
    public static let vary = FieldName("Vary")
    /// `Access-Control-Request-Method`.
    public static let accessControlRequestMethod = FieldName("Access-Control-Request-Method")
    /// `Access-Control-Request-Headers`.
    public static let accessControlRequestHeaders = FieldName("Access-Control-Request-Headers")
    /// `Access-Control-Allow-Origin`.
    public static let accessControlAllowOrigin = FieldName("Access-Control-Allow-Origin")
    /// `Access-Control-Allow-Methods`.
    public static let accessControlAllowMethods = FieldName("Access-Control-Allow-Methods")
    /// `Access-Control-Allow-Headers`.
    public static let accessControlAllowHeaders = FieldName("Access-Control-Allow-Headers")
    /// `Access-Control-Allow-Credentials`.
    public static let accessControlAllowCredentials = FieldName("Access-Control-Allow-Credentials")
    /// `Access-Control-Expose-Headers`.
    public static let accessControlExposeHeaders = FieldName("Access-Control-Expose-Headers")
    /// `Access-Control-Max-Age`.
    public static let accessControlMaxAge = FieldName("Access-Control-Max-Age")
    /// `Allow`.
    public static let allow = FieldName("Allow")
    /// `Cache-Control`.
    public static let cacheControl = FieldName("Cache-Control")
    /// `Pragma`.
    public static let pragma = FieldName("Pragma")
    /// `Date`.
    public static let date = FieldName("Date")
    /// `ETag`.
    public static let etag = FieldName("ETag")
    /// `Location`.
    public static let location = FieldName("Location")
    /// `Retry-After`.
    public static let retryAfter = FieldName("Retry-After")
    /// `Server`.
    public static let server = FieldName("Server")
    /// `DPoP`.
    public static let dpop = FieldName("DPoP")
    /// `DPoP-Nonce`.
    public static let dpopNonce = FieldName("DPoP-Nonce")
    /// `OAuth-Client-Attestation`.
    public static let oauthClientAttestation = FieldName("OAuth-Client-Attestation")
    /// `OAuth-Client-Attestation-PoP`.
    public static let oauthClientAttestationPoP = FieldName("OAuth-Client-Attestation-PoP")
    /// `OAuth-Client-Attestation-Challenge`.
    public static let oauthClientAttestationChallenge = FieldName(
        "OAuth-Client-Attestation-Challenge")
    /// `attestation-nonce-request`.
    public static let attestationNonceRequest = FieldName("attestation-nonce-request")
    /// `attestation-nonce`.
    public static let attestationNonce = FieldName("attestation-nonce")
    /// `X-Attested-Client-Id`.
    public static let xAttestedClientID = FieldName("X-Attested-Client-Id")
    /// `X-Attested-Jkt`.
    public static let xAttestedJkt = FieldName("X-Attested-Jkt")
    /// `X-Attested-Attester`.
    public static let xAttestedAttester = FieldName("X-Attested-Attester")
    /// `X-Attested-Method`.
    public static let xAttestedMethod = FieldName("X-Attested-Method")
    /// `X-Attested-Assertion`.
    public static let xAttestedAssertion = FieldName("X-Attested-Assertion")

    /// `Content-MD5`.
    public static let contentMD5 = FieldName("Content-MD5")
    /// `Digest`, of RFC 3230.
    public static let digest = FieldName("Digest")
    /// `Content-Digest` (RFC 9530).
    public static let contentDigest = FieldName("Content-Digest")
    /// `Repr-Digest` (RFC 9530).
    public static let reprDigest = FieldName("Repr-Digest")
    /// `Signature-Input` (RFC 9421).
    public static let signatureInput = FieldName("Signature-Input")

    /// BIND-14. What says of a request's octets that they are the client's own.
    public static let bodyProofs: [FieldName] = [
        .contentDigest, .digest, .reprDigest, .signatureInput,
    ]

    /// HTTP-11. What some servers read a method or a target from, against the request line. Removed
    /// from every request.
    public static let overrides: [FieldName] = [
        .xHTTPMethodOverride, .xMethodOverride, .xHTTPMethod, .xOriginalURL, .xRewriteURL,
    ]
}
