// SPDX-License-Identifier: Apache-2.0
// One AS with its seal and a few instances, for the suites about sealed artifacts.

import Cryptography
import JOSE
import Octets
import Testing

@testable import ClientAttestation

/// A seal, and holders that no attestation has to be made for.
struct SealingWorld {
    static let raw = octets("raw/upstream+value==")
    static let now = UnixTime(1_800_000_000)

    let master: MasterKeys
    let seal: ArtifactSeal
    /// Instance A of the usual client.
    let holder: ArtifactHolder
    /// Instance B of it.
    let other: ArtifactHolder
    /// Instance A's key under another client.
    let otherClient: ArtifactHolder
    /// Instance A under another attester.
    let otherAttester: ArtifactHolder

    init() throws {
        try self.init(MasterKeys(current: .generate(id: 3)))
    }

    init(_ master: MasterKeys) throws {
        self.master = master
        seal = ArtifactSeal(master, issuer: octets(World.issuer))
        holder = try Self.holder()
        other = try Self.holder(instance: "other")
        otherClient = try Self.holder(client: "https://other.example.com")
        otherAttester = try Self.holder(attester: "another")
    }

    static func holder(
        client: String = World.client, instance: String = "instance", attester: String = "provider"
    ) throws -> ArtifactHolder {
        ArtifactHolder(
            clientID: octets(client),
            thumbprint: try #require(JWKThumbprint(bytes: Digest.sha256(octets(instance)))),
            attesterID: attester)
    }

    func sealed(
        _ kind: ArtifactKind = .refreshToken, _ value: [UInt8] = raw, at time: UnixTime = now,
        for holder: ArtifactHolder? = nil
    ) throws -> [UInt8] {
        try seal.seal(value, as: kind, for: holder ?? self.holder, issuedAt: time)
    }

    /// Why `text` does not open; nil if it does.
    func fault(
        _ text: [UInt8], as kind: ArtifactKind = .refreshToken, for holder: ArtifactHolder? = nil,
        sameAttester: Bool = false
    ) -> ArtifactFault? {
        do throws(ArtifactFault) {
            _ = try seal.open(
                text, as: kind, for: holder ?? self.holder, sameAttester: sameAttester)
            return nil
        } catch {
            return error
        }
    }

    /// The artifacts of a request with `parameters`.
    func request(
        _ parameters: [(String, String)], at endpoint: ProtectedEndpoint = .token,
        from caller: ArtifactCaller? = nil, _ policy: ArtifactPolicy = ArtifactPolicy(),
        seal: ArtifactSeal? = nil
    ) throws(ArtifactRefusal) -> RequestArtifacts {
        try RequestArtifacts(
            opening: parameters.map { (octets($0), octets($1)) }, at: endpoint,
            from: caller ?? .attested(holder), policy: policy, seal: seal ?? self.seal)
    }

    /// How such a request is refused; nil if it is not.
    func refusal(
        _ parameters: [(String, String)], at endpoint: ProtectedEndpoint = .token,
        from caller: ArtifactCaller? = nil, _ policy: ArtifactPolicy = ArtifactPolicy(),
        seal: ArtifactSeal? = nil
    ) -> ArtifactRefusal? {
        do throws(ArtifactRefusal) {
            _ = try request(parameters, at: endpoint, from: caller, policy, seal: seal)
            return nil
        } catch {
            return error
        }
    }

    /// The answer to `request` as the client gets it; nil: unchanged.
    func answer(
        _ body: String, to request: RequestArtifacts, status: Int = 200,
        type: String? = "application/json", encoding: String? = nil
    ) throws(Refusal) -> String? {
        let facts = AnswerFacts(
            status: status, contentTypes: type.map { [octets($0)] } ?? [],
            contentEncodings: encoding.map { [octets($0)] } ?? [])
        let result = try request.answer(octets(body), facts, seal: seal, now: Self.now)
        return result.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Octets that are known to be text.
func text(_ octets: some Collection<UInt8>) -> String { String(decoding: octets, as: UTF8.self) }
