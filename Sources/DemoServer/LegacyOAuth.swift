// SPDX-License-Identifier: Apache-2.0
// Plain OAuth 2.0 as a small authorization server speaks it; it knows nothing of attestation.

import Cryptography
import HTTPWire
import JSON
import Octets

/// A client as the demo authorization server knows it.
public struct LegacyClient: Sendable {
    /// Its identifier.
    public let clientID: [UInt8]
    /// Its secret; nil for a public client.
    public let secret: [UInt8]?
    /// The one redirect URI it registered.
    public let redirectURI: [UInt8]

    /// A public client, or with a `secret` a confidential one that sends it as `Basic`.
    public init(clientID: [UInt8], secret: [UInt8]? = nil, redirectURI: [UInt8]) {
        self.clientID = clientID
        self.secret = secret
        self.redirectURI = redirectURI
    }
}

/// An answer of the demo authorization server.
struct LegacyReply {
    let status: Int
    var location: [UInt8]?
    var body: [UInt8] = []
}

/// The demo authorization server without its sockets: token, PAR and authorization endpoint, all
/// state in memory. For demonstration only: it approves every authorization request at once.
struct LegacyOAuth {
    /// What an authorization request asked for, pushed or not.
    private struct Authorization {
        let clientID: [UInt8]
        let redirectURI: [UInt8]
        let codeChallenge: [UInt8]
        let state: [UInt8]?
    }

    /// The error of a refused request, RFC 6749 section 5.2.
    private enum Fault: String, Error {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unsupportedGrantType = "unsupported_grant_type"
    }

    private static let mostEntries = 1000

    private let clients: [[UInt8]: LegacyClient]
    private var pushed: [[UInt8]: Authorization] = [:]
    private var codes: [[UInt8]: Authorization] = [:]
    private var refreshTokens: [[UInt8]: [UInt8]] = [:]

    init(clients: [LegacyClient]) {
        self.clients = Dictionary(clients.map { ($0.clientID, $0) }, uniquingKeysWith: { $1 })
    }

    /// Answers one request.
    mutating func answer(_ request: ReceivedRequest) -> LegacyReply {
        forgetWhenFull()
        do throws(Fault) {
            switch (request.head.method, String(decoding: request.head.target.path, as: UTF8.self))
            {
            case (.post, "/token"): return try token(request)
            case (.post, "/par"): return try push(request)
            case (.get, "/authorize"): return try authorize(request)
            default: return LegacyReply(status: 404)
            }
        } catch {
            var json = JSONWriter()
            json.beginObject()
            json.name("error")
            json.string(error.rawValue)
            json.endObject()
            return LegacyReply(status: error == .invalidClient ? 401 : 400, body: json.bytes)
        }
    }

    // MARK: Endpoints

    private mutating func token(_ request: ReceivedRequest) throws(Fault) -> LegacyReply {
        let form = try Self.form(request.body)
        let client = try authenticate(request, form)
        switch form.text("grant_type") {
        case "client_credentials":
            return issueTokens(to: client, refreshable: false)
        case "authorization_code":
            let code = form.octets("code") ?? []
            guard let granted = codes.removeValue(forKey: code),
                granted.clientID == client.clientID,
                granted.redirectURI == form.octets("redirect_uri") ?? [],
                granted.codeChallenge == Self.s256(form.octets("code_verifier") ?? [])
            else { throw .invalidGrant }
            return issueTokens(to: client, refreshable: true)
        case "refresh_token":
            let old = form.octets("refresh_token") ?? []
            guard refreshTokens[old] == client.clientID else { throw .invalidGrant }
            refreshTokens[old] = nil
            return issueTokens(to: client, refreshable: true)
        default:
            throw .unsupportedGrantType
        }
    }

    private mutating func push(_ request: ReceivedRequest) throws(Fault) -> LegacyReply {
        let form = try Self.form(request.body)
        let client = try authenticate(request, form)
        let requestURI = Array("urn:ietf:params:oauth:request_uri:".utf8) + Self.random()
        pushed[requestURI] = try authorization(from: form, client: client)
        var json = JSONWriter()
        json.beginObject()
        json.name("request_uri")
        json.string(requestURI)
        json.name("expires_in")
        json.number(60)
        json.endObject()
        return LegacyReply(status: 201, body: json.bytes)
    }

    private mutating func authorize(_ request: ReceivedRequest) throws(Fault) -> LegacyReply {
        let query = try Self.form(request.head.target.query ?? [])
        guard let client = clients[query.octets("client_id") ?? []] else { throw .invalidRequest }
        let asked: Authorization
        if let requestURI = query.octets("request_uri") {
            guard let found = pushed.removeValue(forKey: requestURI),
                found.clientID == client.clientID
            else { throw .invalidRequest }
            asked = found
        } else {
            asked = try authorization(from: query, client: client)
        }
        let code = Self.random()
        codes[code] = asked
        var location = asked.redirectURI + Array("?code=".utf8) + code
        if let state = asked.state {
            location += Array("&state=".utf8) + PercentEncoding.encode(state)
        }
        return LegacyReply(status: 302, location: location)
    }

    // MARK: Parts of them

    /// RFC 6749 section 2.3: `Basic` for a client with a secret, `client_id` alone for a public one.
    private func authenticate(
        _ request: ReceivedRequest, _ form: Form
    ) throws(Fault) -> LegacyClient {
        let named = form.octets("client_id")
        guard let field = request.head.fields.single(.authorization) else {
            guard let named, let client = clients[named], client.secret == nil else {
                throw .invalidClient
            }
            return client
        }
        guard let (id, secret) = Self.basic(field), let client = clients[id],
            let expected = client.secret, ConstantTime.equal(expected, secret),
            named == nil || named == id
        else { throw .invalidClient }
        return client
    }

    private func authorization(
        from form: Form, client: LegacyClient
    ) throws(Fault) -> Authorization {
        guard form.text("response_type") == "code", form.text("code_challenge_method") == "S256",
            let challenge = form.octets("code_challenge"),
            form.octets("redirect_uri") == client.redirectURI
        else { throw .invalidRequest }
        return Authorization(
            clientID: client.clientID, redirectURI: client.redirectURI,
            codeChallenge: challenge, state: form.octets("state"))
    }

    private mutating func issueTokens(to client: LegacyClient, refreshable: Bool) -> LegacyReply {
        var json = JSONWriter()
        json.beginObject()
        json.name("access_token")
        json.string(Self.random())
        json.name("token_type")
        json.string("Bearer")
        json.name("expires_in")
        json.number(600)
        if refreshable {
            let refreshToken = Self.random()
            refreshTokens[refreshToken] = client.clientID
            json.name("refresh_token")
            json.string(refreshToken)
        }
        json.endObject()
        return LegacyReply(status: 200, body: json.bytes)
    }

    /// Nothing expires here, so that a demo that runs for days stays small it starts over.
    private mutating func forgetWhenFull() {
        if pushed.count >= Self.mostEntries { pushed = [:] }
        if codes.count >= Self.mostEntries { codes = [:] }
        if refreshTokens.count >= Self.mostEntries { refreshTokens = [:] }
    }

    private static func form(_ octets: [UInt8]) throws(Fault) -> Form {
        do { return try Form.parse(octets) } catch { throw .invalidRequest }
    }

    private static func basic(_ field: [UInt8]) -> (id: [UInt8], secret: [UInt8])? {
        let scheme = Array("Basic ".utf8)
        guard field.starts(with: scheme),
            let plain = Base64.decode(field.dropFirst(scheme.count)),
            let colon = plain.firstIndex(of: UInt8(ascii: ":")),
            let id = formDecoded(plain[..<colon]),
            let secret = formDecoded(plain[(colon + 1)...])
        else { return nil }
        return (id, secret)
    }

    private static func formDecoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        try? Form.parse(Array("v=".utf8) + text).octets("v")
    }

    private static func s256(_ verifier: [UInt8]) -> [UInt8] {
        Base64URL.encode(Digest.sha256(verifier))
    }

    private static func random() -> [UInt8] { Base64URL.encode(Random.bytes(24)) }
}

extension Form {
    fileprivate func octets(_ name: String) -> [UInt8]? { value(of: name) }

    fileprivate func text(_ name: String) -> String? {
        octets(name).map { String(decoding: $0, as: UTF8.self) }
    }
}
