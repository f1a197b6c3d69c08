// SPDX-License-Identifier: Apache-2.0
// One AS, one attester, one client with one attested instance, and proofs made by it.

import ClientAttestation
import Cryptography
import JOSE
import Octets

/// Everything a request needs before the first rule is asked. Keys are new in every run.
struct Subject {
    static let issuer = Array("https://as.example.com".utf8)
    static let client = Array("https://client.example.com".utf8)
    static let url = "https://as.example.com/token"
    static let now = UnixTime(1_900_000_000)

    let algorithm: JWSAlgorithm
    /// Whether a DPoP proof stands in place of the proof of possession.
    let isCombined: Bool
    let policy: VerificationPolicy
    let attestation: [UInt8]
    private let key: PrivateKey
    private let scheme: SignatureScheme

    init(_ algorithm: JWSAlgorithm, isCombined: Bool = false) throws {
        guard let scheme = algorithm.scheme else { throw Unusable(what: algorithm.rawValue) }
        self.algorithm = algorithm
        self.isCombined = isCombined
        self.scheme = scheme
        key = try PrivateKey.generate(scheme.keyKind)
        let attesterKey = try PrivateKey.generate(.p256)
        let keys = #"{"keys":["# + Self.jwk(attesterKey, more: #","kid":"1""#) + "]}"
        let attester = Attester(
            id: "attester", issuers: [Array("https://attester.example.com".utf8)],
            keys: try JWKSet(parsing: Array(keys.utf8)), clients: [Self.client])
        guard let url = TargetURI(Array(Self.url.utf8)) else { throw Unusable(what: Self.url) }
        policy = VerificationPolicy(
            issuer: Self.issuer, profiles: ProfileSet([.abca11]),
            proof: ProofPolicy(algorithms: [algorithm]),
            challenge: ChallengePolicy(mode: .required),
            dpop: DPoPPolicy(
                nonceOwner: .gateway, requiresNonce: true, algorithms: [algorithm]),
            endpointURLs: [.token: url],
            attesters: try AttesterRegistry([attester]),
            clients: [
                Self.client: AttestedClient(
                    clientID: Self.client,
                    methods: [isCombined ? .dpopCombined : .attestationPoPJWT])
            ],
            challengeKeys: ChallengeKeys(
                try MasterKeys(current: .generate(id: 7)), issuer: Self.issuer),
            errors: ErrorPolicy(specific: true), generation: 1)
        attestation = try Self.sign(
            #"{"alg":"ES256","kid":"1","typ":"oauth-client-attestation+jwt"}"#,
            #"{"iss":"https://attester.example.com","sub":"https://client.example.com","iat":"#
                + "\(Self.now.seconds - 60)" + #","exp":"# + "\(Self.now.seconds + 86400)"
                + #","cnf":{"jwk":"# + Self.jwk(key) + "}}",
            attesterKey, .es256)
    }

    /// `count` proofs that differ in their `jti`, each with a challenge or nonce.
    func proofs(_ count: Int) throws -> [[UInt8]] {
        let purpose = isCombined ? policy.dpopNoncePurpose : policy.challengePurpose
        let challenge = String(
            decoding: policy.challengeKeys.issue(purpose, now: Self.now), as: UTF8.self)
        let type = isCombined ? "dpop+jwt" : "oauth-client-attestation-pop+jwt"
        let header =
            #"{"typ":""# + type + #"","alg":""# + algorithm.rawValue + #"""#
            + (isCombined ? #","jwk":"# + Self.jwk(key) : "") + "}"
        let claims =
            isCombined
            ? #"{"htm":"POST","htu":""# + Self.url + #"","nonce":""#
            : #"{"aud":"https://as.example.com","challenge":""#
        return try (0..<count).map { _ in
            let identifier = Hex.encodeToString(Random.bytes(12))
            return try Self.sign(
                header,
                claims + challenge + #"","iat":"# + "\(Self.now.seconds)" + #","jti":""#
                    + identifier + #""}"#,
                key, scheme)
        }
    }

    /// One verified request.
    func request() throws -> VerifiedRequest {
        let tokens = try PresentedTokens.read(
            attestation: [attestation], proof: try proofs(1), dpop: [])
        return try Verifier.verify(
            tokens, RequestFacts(endpoint: .token, clientIDParameter: nil), policy: policy,
            cache: AttestationCache(), fence: nil, now: Self.now)
    }

    private static func sign(
        _ header: String, _ payload: String, _ key: PrivateKey, _ scheme: SignatureScheme
    ) throws -> [UInt8] {
        let input =
            Base64URL.encode(Array(header.utf8)) + [0x2E] + Base64URL.encode(Array(payload.utf8))
        return input + [0x2E] + Base64URL.encode(try key.sign(scheme, input))
    }

    private static func jwk(_ key: PrivateKey, more: String = "") -> String {
        func member(_ name: String, _ octets: [UInt8]) -> String {
            "\"\(name)\":\"\(Base64URL.encodeToString(octets))\""
        }
        switch key.members {
        case .ec(let curve, let x, let y):
            return #"{"kty":"EC","crv":""# + curve.rawValue + #"","#
                + member("x", x) + "," + member("y", y) + more + "}"
        case .rsa(let n, let e):
            return #"{"kty":"RSA","# + member("n", n) + "," + member("e", e) + more + "}"
        case .edwards(let curve, let x):
            return #"{"kty":"OKP","crv":""# + curve.rawValue + #"","# + member("x", x) + more + "}"
        }
    }
}

struct Unusable: Error {
    let what: String
}
