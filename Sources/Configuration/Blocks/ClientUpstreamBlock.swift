// SPDX-License-Identifier: Apache-2.0
// What an attested client is to its AS: id and credential (CRED-01 to CRED-09).

import Cryptography
import Gateway
import JOSE
import Minting

/// `clients[].upstream` as it was read, and the places that later checks point to.
struct ClientUpstreamDraft {
    /// The client's id at the AS.
    var id: [UInt8]
    /// `client_id` of the block, where it is written.
    var idField: Field?
    var credential: UpstreamCredential
    /// The credential of before a rotation.
    var previous: UpstreamCredential?
    /// `authentication`.
    var method: Field
    /// `key_file`, where the credential is a key.
    var keyField: Field?
}

/// Reads `upstream` of one client.
struct ClientUpstreamBlock {
    private static let methods = [
        "none", "client_secret_basic", "client_secret_post", "private_key_jwt",
    ]
    private static let planned = ["tls_client_auth"]

    /// The methods, for remedies.
    static let words = Field.alternatives(methods)

    /// Keys that count for some methods only.
    private static let keys: [(name: String, methods: [String])] = [
        ("secret_file", ["client_secret_basic", "client_secret_post"]),
        ("previous_secret_file", ["client_secret_basic", "client_secret_post"]),
        ("basic_encoding", ["client_secret_basic"]),
        ("body_client_id", ["client_secret_basic"]),
        ("key_file", ["private_key_jwt"]),
        ("key_id", ["private_key_jwt"]),
        ("algorithm", ["private_key_jwt"]),
        ("audience", ["private_key_jwt"]),
    ]

    private let block: Block
    /// The client, for messages about its files.
    private let whose: String
    private let upstreamID: [UInt8]
    private let idField: Field

    /// The block, or nil after the faults were reported. `id` is the client's `client_id`.
    static func read(_ block: Block, id: Field?) -> ClientUpstreamDraft? {
        let field = block.require("authentication", "write \(words) (CFG-02)")
        guard let field, let method = field.choice(methods, planned: planned) else { return nil }
        for key in keys where !key.methods.contains(method) {
            let names = Field.alternatives(key.methods)
            block[key.name]?.fail("counts for \(names) only; leave it out")
        }
        let mapped = block["client_id"]
        guard let id, let clientID = id.octets(),
            let upstreamID = mapped.map({ $0.octets() }) ?? clientID
        else { return nil }
        let reader = ClientUpstreamBlock(
            block: block, whose: String(decoding: clientID, as: UTF8.self),
            upstreamID: upstreamID, idField: mapped ?? id)
        guard let (credential, previous) = reader.credential(method) else { return nil }
        return ClientUpstreamDraft(
            id: upstreamID, idField: mapped, credential: credential, previous: previous,
            method: field, keyField: block["key_file"])
    }

    private func credential(
        _ method: String
    ) -> (UpstreamCredential, previous: UpstreamCredential?)? {
        switch method {
        case "client_secret_basic":
            let encoding = block["basic_encoding"]?.choice(BasicCredential.Encoding.self) ?? .form
            let bodyClientID = block["body_client_id"]?.flag() ?? true
            requireSplittable(encoding)
            return secrets { secret in
                .basic(
                    BasicCredential(
                        clientID: upstreamID, secret: secret, encoding: encoding,
                        bodyClientID: bodyClientID))
            }
        case "client_secret_post": return secrets { .post($0) }
        case "private_key_jwt": return assertion().map { (.assertion($0), nil) }
        default: return (.none, nil)
        }
    }

    /// CFG-17.
    private func requireSplittable(_ encoding: BasicCredential.Encoding) {
        guard encoding == .raw, upstreamID.contains(UInt8(ascii: ":")) else { return }
        idField.fail(
            "a server that takes Basic credentials raw splits this id at its colon (CFG-17); "
                + "use basic_encoding: form"
        )
    }

    // MARK: Secrets

    /// CRED-08. The secret, and the one it replaces.
    private func secrets(
        _ make: (Secret) -> UpstreamCredential
    ) -> (UpstreamCredential, previous: UpstreamCredential?)? {
        let file = block.require(
            "secret_file", "name the file that holds the client secret (CFG-02)")
        let current = file.flatMap { SecretFile.read($0, whose: whose) }
        var previous: Secret?
        if let field = block["previous_secret_file"] {
            guard let secret = SecretFile.read(field, whose: whose) else { return nil }
            if let current, current.bytes == secret.bytes {
                field.fail("holds the same secret as secret_file; leave it out (CRED-08)")
            }
            previous = secret
        }
        return current.map { (make($0), previous.map(make)) }
    }

    // MARK: Keys

    /// CRED-04.
    private func assertion() -> AssertionCredential? {
        let algorithm = block["algorithm"].map { $0.algorithm() } ?? .es256
        let audience = block["audience"]?.choice(AssertionCredential.Audience.self) ?? .issuer
        let keyID = block["key_id"].map { $0.octets() }
        let file = block.require(
            "key_file",
            "name the file with the private key as a JWK; `attestgate keygen client` makes one "
                + "(CRED-04)")
        guard let file, let algorithm,
            let key = SigningKeyFile.read(file, algorithm: algorithm, whose: whose)
        else { return nil }
        if case .some(.none) = keyID { return nil }
        let named = keyID.flatMap { $0 } ?? key.keyID ?? key.thumbprint.text
        return AssertionCredential(key: key, keyID: named, audience: audience)
    }
}

extension Field {
    /// One algorithm with a public key, by its exact name.
    fileprivate func algorithm() -> JWSAlgorithm? {
        let planned = JWSAlgorithm.allCases.filter { !$0.isImplemented && $0.mac == nil }
        return choice(JWSAlgorithm.signatures.map(\.rawValue), planned: planned.map(\.rawValue))
            .flatMap(JWSAlgorithm.init(rawValue:))
    }
}
