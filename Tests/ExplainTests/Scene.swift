// SPDX-License-Identifier: Apache-2.0
// A configuration, and requests for it made with fresh keys.

import ClientAttestation
import Cryptography
import EventLoop
import Explain
import Gateway
import HTTPWire
import JOSE
import Minting
import Octets

/// One AS with two attesters, and a client of the first.
struct Scene {
    static let issuer = "https://as.example.com"
    static let clientID = "https://client.example.com"
    static let now = UnixTime(1_795_230_000)

    let attester: SigningKey
    let instance: SigningKey
    let settings: GatewaySettings
    let policy: VerificationPolicy

    init(
        profiles: [Profile] = [.abca11], challenge: ChallengePolicy.Mode = .off,
        dpop: DPoPPolicy = DPoPPolicy(), sharesSecret: Bool = false
    ) throws {
        attester = try SigningKey.generate(.es256, keyID: "11".octets)
        instance = try SigningKey.generate(.es256)
        let other = try SigningKey.generate(.es256, keyID: "12".octets)
        let client = Self.clientID.octets
        let master = try MasterKeys(current: MasterKey.generate(id: 1), previous: [])
        policy = VerificationPolicy(
            issuer: Self.issuer.octets, profiles: ProfileSet(profiles),
            challenge: ChallengePolicy(mode: challenge), dpop: dpop,
            endpointURLs: [.token: TargetURI("\(Self.issuer)/token".octets)].compactMapValues(
                \.self),
            attesters: try AttesterRegistry([
                sharesSecret
                    ? Attester(
                        id: "provider", source: .sharedSecret(Self.shared), algorithms: [.hs256],
                        clients: [client])
                    : Self.attester("provider", attester, clients: [client]),
                Self.attester("partner", other, clients: ["https://partner.example.com".octets]),
            ]),
            clients: [
                client: AttestedClient(
                    clientID: client, methods: [.attestationPoPJWT, .dpopCombined])
            ],
            challengeKeys: ChallengeKeys(master, issuer: Self.issuer.octets),
            errors: ErrorPolicy(specific: true), generation: 1)
        var server = ServerSettings(
            policy: policy, masterKeys: master, origin: Self.issuer.octets,
            authorities: [Authority("as.example.com".octets)].compactMap(\.self),
            upstream: UpstreamSettings(
                addresses: [.ipv4(octets: [127, 0, 0, 1], port: 0)], host: "as.example.com".octets))
        server.endpoints = [
            EndpointSettings(.token, path: "/token".octets),
            EndpointSettings(.pushedAuthorizationRequest, path: "/par".octets),
        ]
        server.challengePath = "/challenge".octets
        server.authorizationPath = "/authorize".octets
        server.passThrough = ["/login".octets]
        server.unattestedClients = ["listed".octets]
        server.clients = [client: ClientSettings(clientID: client, credential: .none)]
        settings = GatewaySettings(
            listeners: [ListenerSettings(address: .ipv4(octets: [127, 0, 0, 1], port: 0))],
            servers: [server])
    }

    private static func attester(
        _ id: String, _ key: SigningKey, clients: [[UInt8]]
    ) throws -> Attester {
        let keySet = #"{"keys":["#.octets + key.publicJWK + "]}".octets
        return Attester(
            id: id, issuers: ["https://\(id).example.com".octets],
            keys: try JWKSet(parsing: keySet), clients: clients)
    }

    // MARK: Tokens

    private static let shared = SharedSecret(
        keyID: "mac".octets, secret: Secret([UInt8](repeating: 7, count: 32)))

    /// An attestation under the shared secret.
    func macAttestation() throws -> String {
        let signed = try attestation(
            ["iss": nil], header: ["alg": #""HS256""#, "kid": #""mac""#])
        let text = signed.split(separator: ".").dropLast().joined(separator: ".")
        let tag = HMAC.sha256(key: Self.shared.secret, text.octets)
        return text + "." + String(decoding: Base64URL.encode(tag), as: UTF8.self)
    }

    /// Claims by name as JSON text; nil leaves one out.
    typealias Claims = [String: String?]

    private static func object(_ defaults: [(String, String)], _ changes: Claims) -> String {
        var members: [String] = []
        for (name, value) in defaults {
            guard let change = changes[name] else {
                members.append("\"\(name)\":\(value)")
                continue
            }
            if let change { members.append("\"\(name)\":\(change)") }
        }
        let known = Set(defaults.map(\.0))
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
            if let value { members.append("\"\(name)\":\(value)") }
        }
        return "{\(members.joined(separator: ","))}"
    }

    func attestation(_ changes: Claims = [:], header: Claims = [:]) throws -> String {
        let head: [(String, String)] = [
            ("typ", #""oauth-client-attestation+jwt""#), ("alg", #""ES256""#), ("kid", #""11""#),
        ]
        let claims: [(String, String)] = [
            ("iss", #""https://provider.example.com""#), ("sub", "\"\(Self.clientID)\""),
            ("iat", "\(Self.now.seconds - 60)"), ("exp", "\(Self.now.seconds + 3600)"),
            ("cnf", #"{"jwk":\#(String(decoding: instance.publicJWK, as: UTF8.self))}"#),
        ]
        return try Self.sign(head, header, claims, changes, attester)
    }

    func proof(
        _ changes: Claims = [:], header: Claims = [:], key: SigningKey? = nil
    ) throws -> String {
        let head: [(String, String)] = [
            ("typ", #""oauth-client-attestation-pop+jwt""#), ("alg", #""ES256""#),
        ]
        let claims: [(String, String)] = [
            ("aud", "\"\(Self.issuer)\""), ("jti", #""unrepeated-identifier-0123456789""#),
            ("iat", "\(Self.now.seconds - 1)"),
        ]
        return try Self.sign(head, header, claims, changes, key ?? instance)
    }

    func dpop(_ changes: Claims = [:], key: SigningKey? = nil) throws -> String {
        let key = key ?? instance
        let head: [(String, String)] = [
            ("typ", #""dpop+jwt""#), ("alg", #""ES256""#),
            ("jwk", String(decoding: key.publicJWK, as: UTF8.self)),
        ]
        let claims: [(String, String)] = [
            ("jti", #""unrepeated-identifier-9876543210""#), ("htm", #""POST""#),
            ("htu", "\"\(Self.issuer)/token\""), ("iat", "\(Self.now.seconds - 1)"),
        ]
        return try Self.sign(head, [:], claims, changes, key)
    }

    private static func sign(
        _ head: [(String, String)], _ headChanges: Claims, _ claims: [(String, String)],
        _ changes: Claims, _ key: SigningKey
    ) throws -> String {
        let token = try JWTMint.sign(
            header: object(head, headChanges).octets, payload: object(claims, changes).octets,
            key: key)
        return String(decoding: token, as: UTF8.self)
    }

    // MARK: Requests

    func request(
        _ attestation: String?, _ proof: String?, dpop: String? = nil, path: String = "/token",
        host: String = "as.example.com", fields: String = "",
        body: String = "grant_type=client_credentials"
    ) -> String {
        let tokens = [
            attestation.map { "OAuth-Client-Attestation: \($0)\r\n" },
            proof.map { "OAuth-Client-Attestation-PoP: \($0)\r\n" }, dpop.map { "DPoP: \($0)\r\n" },
        ].compactMap(\.self).joined()
        return """
            POST \(path) HTTP/1.1\r\nHost: \(host)\r\n\(tokens)\(fields)\
            Content-Type: application/x-www-form-urlencoded\r\n\
            Content-Length: \(body.utf8.count)\r\n\r\n\(body)
            """
    }

    func report(_ request: String, now: UnixTime = Scene.now) throws -> Report {
        Report(try Capture(reading: request.octets), settings: settings, now: now)
    }
}
