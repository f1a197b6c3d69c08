// SPDX-License-Identifier: Apache-2.0
// A gateway in this process, in front of a recording upstream, with a clock that the test moves.

import ClientAttestation
import Cryptography
import EventLoop
import Foundation
import Gateway
import HTTPWire
import JOSE
import Minting
import Octets

/// Everything one scenario needs. `kill` and `start` stand for a crash and the start after it.
final class GatewayUnderTest {
    static let issuer = "https://as.example.com"
    static let clientID = "https://client.example.com"

    let clock: TestClock
    let upstream: RecordingUpstream
    private let attester: SigningKey
    private let instance: SigningKey
    private(set) var settings: GatewaySettings
    private let null: FileHandle
    private var server: GatewayServer?
    /// The file that survives `kill`; nil: no state directory.
    private let clockFile: String?

    /// - Parameter keepsClock: whether the security clock survives `kill`, as with a state
    ///   directory.
    init(
        profile: Profile = .abca11, challenge: ChallengePolicy.Mode = .off,
        keepsClock: Bool = false, clock: TestClock = TestClock()
    ) async throws {
        self.clock = clock
        clockFile = keepsClock ? NSTemporaryDirectory() + UUID().uuidString : nil
        null = FileHandle.nullDevice
        upstream = try await RecordingUpstream()
        attester = try SigningKey.generate(.es256, keyID: "11".octets)
        instance = try SigningKey.generate(.es256)
        settings = try Self.settings(
            profile, challenge, upstream: upstream.address, attester: attester)
        try await start()
    }

    // MARK: Life

    /// A new process: an empty replay set, a security clock that knows what was kept.
    func start() async throws {
        let wall = clock
        let kept = try clockFile.map { try KeptClock($0) }
        let security = SecurityClock(wall: { wall.now }, floor: kept?.second) { second in
            kept?.advance(to: second)
        }
        let journal = Journal(settings.log, writer: LineWriter(descriptor: null.fileDescriptor))
        server = try await GatewayServer.start(
            settings, clock: security, kept: kept, journal: journal)
    }

    /// The configuration, changed for the next start.
    func configure(_ change: (inout GatewaySettings) -> Void) {
        change(&settings)
    }

    /// The configuration, changed and read again.
    @discardableResult
    func reload(_ change: (inout GatewaySettings) throws -> Void) async throws -> ReloadReport? {
        var changed = settings
        try change(&changed)
        let report = try await server?.reload(changed)
        settings = changed
        return report
    }

    /// The process ends without a word; its replay set is gone.
    func kill() async {
        await server?.drain(limit: .zero)
        server = nil
    }

    /// Ends everything.
    func stop() async {
        await kill()
        await upstream.stop()
        if let clockFile { try? FileManager.default.removeItem(atPath: clockFile) }
    }

    // MARK: Requests

    /// A token request with a fresh attestation and a proof issued at `iat`.
    func request(iat: Int64, jti: String, challenge: String? = nil) throws -> [UInt8] {
        let now = clock.now.seconds
        let attestation = try JWTMint.sign(
            header: #"{"typ":"oauth-client-attestation+jwt","alg":"ES256","kid":"11"}"#.octets,
            payload: """
                {"iss":"https://attester.example.com","sub":"\(Self.clientID)","exp":\(now + 86400),\
                "cnf":{"jwk":\(String(decoding: instance.publicJWK, as: UTF8.self))}}
                """.octets, key: attester)
        let fresh = challenge.map { #","challenge":"\#($0)""# } ?? ""
        let proof = try JWTMint.sign(
            header: #"{"typ":"oauth-client-attestation-pop+jwt","alg":"ES256"}"#.octets,
            payload: #"{"aud":"\#(Self.issuer)","jti":"\#(jti)","iat":\#(iat)\#(fresh)}"#.octets,
            key: instance)
        return """
            POST /token HTTP/1.1\r\nHost: as.example.com\r\n\
            OAuth-Client-Attestation: \(String(decoding: attestation, as: UTF8.self))\r\n\
            OAuth-Client-Attestation-PoP: \(String(decoding: proof, as: UTF8.self))\r\n\
            Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 29\r\n\
            Connection: close\r\n\r\ngrant_type=client_credentials
            """.octets
    }

    /// Sends raw octets on a connection of their own; returns the whole answer.
    func send(_ request: [UInt8]) async throws -> String {
        guard let address = server?.addresses.first else { return "" }
        let loop = EventLoop()
        loop.startThread(name: "client")
        defer {
            loop.stop()
            loop.join()
        }
        return String(decoding: try await loop.roundTrip(request, to: address), as: UTF8.self)
    }

    /// Sends the beginning of a request on a connection of its own, which waits for the rest.
    func begin(_ start: [UInt8]) async throws -> SlowRequest {
        guard let address = server?.addresses.first else { throw StreamError.closed }
        let loop = EventLoop()
        loop.startThread(name: "slow client")
        return SlowRequest(loop: loop, stream: try await loop.open(start, to: address))
    }

    /// A challenge from the challenge endpoint.
    func challenge() async throws -> String {
        let answer = try await send(
            """
            POST /attestgate/challenge HTTP/1.1\r\nHost: as.example.com\r\nContent-Length: 0\r\n\
            Connection: close\r\n\r\n
            """.octets)
        let parts = answer.split(separator: "\"")
        return parts.count > 3 ? String(parts[3]) : ""
    }
}

/// A request of which a part has been sent.
struct SlowRequest {
    fileprivate let loop: EventLoop
    fileprivate let stream: LoopBound<ByteStream>

    /// Sends the rest; returns the whole answer.
    func end(_ rest: [UInt8]) async throws -> String {
        defer {
            loop.stop()
            loop.join()
        }
        return String(decoding: try await loop.finish(stream, rest), as: UTF8.self)
    }
}

extension EventLoop {
    fileprivate func roundTrip(_ request: [UInt8], to address: SocketAddress) async throws
        -> [UInt8]
    {
        try await finish(open(request, to: address), [])
    }

    fileprivate func open(
        _ start: [UInt8], to address: SocketAddress
    ) async throws -> LoopBound<ByteStream> {
        let stream = try await ByteStream.connect(
            to: address, on: self, deadline: .after(.seconds(60)))
        stream.write(start)
        return LoopBound(stream, on: self)
    }

    fileprivate func finish(
        _ stream: LoopBound<ByteStream>, _ rest: [UInt8]
    ) async throws -> [UInt8] {
        let stream = stream.value(on: self)
        stream.write(rest)
        var answer: [UInt8] = []
        while true {
            let part = try await stream.read(deadline: .after(.seconds(60)))
            if part.isEmpty { break }
            answer += part
        }
        stream.abort()
        return answer
    }
}

extension GatewayUnderTest {
    fileprivate static func settings(
        _ profile: Profile, _ challenge: ChallengePolicy.Mode, upstream: SocketAddress,
        attester: SigningKey
    ) throws -> GatewaySettings {
        let issuer = Self.issuer.octets
        let client = Self.clientID.octets
        let keySet = #"{"keys":["#.octets + attester.publicJWK + "]}".octets
        let master = try MasterKeys(current: MasterKey.generate(id: 1), previous: [])
        let policy = VerificationPolicy(
            issuer: issuer, profiles: ProfileSet([profile]), proof: ProofPolicy(),
            attestation: AttestationPolicy(), challenge: ChallengePolicy(mode: challenge),
            nonceEndpoints: [.token],
            attesters: try AttesterRegistry([
                Attester(
                    id: "attester", issuers: ["https://attester.example.com".octets],
                    keys: try JWKSet(parsing: keySet), algorithms: [.es256], clients: [client])
            ]),
            clients: [
                client: AttestedClient(
                    clientID: client, methods: [.attestationPoPJWT], profiles: nil)
            ],
            foreignAudiences: [], challengeKeys: ChallengeKeys(master, issuer: issuer),
            errors: ErrorPolicy(specific: true), generation: 1)
        var server = ServerSettings(
            policy: policy, masterKeys: master, origin: issuer,
            authorities: [Authority("as.example.com".octets)].compactMap(\.self),
            upstream: UpstreamSettings(addresses: [upstream], host: "as.example.com".octets))
        server.endpoints = [EndpointSettings(.token, path: "/token".octets)]
        server.challengePath = challenge == .off ? nil : "/attestgate/challenge".octets
        server.pushesChallenge = challenge == .required
        server.clients = [client: ClientSettings(clientID: client, credential: .none)]
        var settings = GatewaySettings(
            listeners: [ListenerSettings(address: .anyOnLoopback)],
            servers: [server])
        settings.log.access = false
        return settings
    }
}
