// SPDX-License-Identifier: Apache-2.0
// A throw-away folder with the files that a configuration names, and loading from it.

import Configuration
import Foundation
import Gateway
import Octets

/// One configuration file and its neighbours; removed with its last user.
final class Workspace {
    let folder: String

    /// Makes the folder with keys, secrets and a certificate.
    init() throws {
        let path = NSTemporaryDirectory() + "/attestgate-configuration-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        folder = path
        try write("master.key", Self.masterKey(1, fill: 0x11), mode: 0o600)
        try write("attester.jwks.json", "{\"keys\":[\(Self.firstKey)]}")
        try write("other.jwks.json", "{\"keys\":[\(Self.secondKey)]}")
        try write("client.secret", "s3cret\n", mode: 0o600)
        try write("cert.pem", Fixtures.certificate)
        try write("key.pem", Fixtures.privateKey, mode: 0o600)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Writes a text file into the folder.
    func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        try write(name, octets: Array(text.utf8), mode: mode)
    }

    /// Writes a file into the folder.
    func write(_ name: String, octets: [UInt8], mode: Int = 0o644) throws {
        let path = folder + "/" + name
        let parent = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(octets).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Loads `yaml` as the configuration file of this folder.
    func load(
        _ yaml: String, environment: [String: String] = [:], now: Int64 = 1_790_000_000
    ) throws -> Result<LoadedConfiguration, ConfigurationErrors> {
        try write("gate.yaml", yaml)
        return ConfigurationLoader.load(
            path: folder + "/gate.yaml", environment: environment, now: UnixTime(now))
    }

    /// The settings of `yaml`, or the errors as a failure of the test.
    func settings(_ yaml: String) throws -> GatewaySettings {
        try load(yaml).get().settings
    }

    /// Everything said about `yaml`, without the folder's name.
    func remarks(
        _ yaml: String, environment: [String: String] = [:], now: Int64 = 1_790_000_000
    ) throws -> [String] {
        let diagnostics: [Diagnostic]
        switch try load(yaml, environment: environment, now: now) {
        case .success(let loaded): diagnostics = loaded.warnings
        case .failure(let errors): diagnostics = errors.diagnostics
        }
        return diagnostics.map { $0.description.replacing(folder + "/", with: "") }
            .map { $0.replacing("gate.yaml:", with: "") }
    }

    /// A master key file with the octets `fill`.
    static func masterKey(_ id: Int, fill: UInt8, count: Int = 32) -> String {
        "attestgate-key-1 \(id) \(Base64URL.encodeToString(Array(repeating: fill, count: count)))\n"
    }

    /// The P-256 key of RFC 7517 appendix A.1.
    static let firstKey = """
        {"kty":"EC","crv":"P-256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",\
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}
        """

    /// The P-256 key of RFC 7515 appendix A.3.
    static let secondKey = """
        {"kty":"EC","crv":"P-256","kid":"2","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",\
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
        """
}

/// A configuration that has no fault, and edits of it.
enum Sample {
    /// Line numbers of expected remarks refer to this text.
    static let base = """
        listeners:
          - address: "127.0.0.1:0"
        authorization_servers:
          - issuer: https://as.example.com
            upstream: http://127.0.0.1:8080
            endpoints: { token: /token }
            attesters:
              - id: wallet
                jwks_file: attester.jwks.json
                clients: [c1]
            clients:
              - client_id: c1
                upstream: { authentication: client_secret_basic, secret_file: client.secret }
        secrets: { master_key_file: master.key }
        replay: { state_directory: . }

        """

    /// `base` with `old` replaced, and with `line` added to the AS's keys as its sixth line.
    static func edited(_ old: String = "", _ new: String = "", adding line: String? = nil) -> String
    {
        var text = base
        if !old.isEmpty {
            precondition(text.contains(old), "the sample has no \(old)")
            text = text.replacing(old, with: new)
        }
        guard let line else { return text }
        return text.replacing("    endpoints:", with: "    \(line)\n    endpoints:")
    }

    /// A second AS, whole, to put before `secrets:`.
    static let second = """
          - issuer: https://other.example.com
            upstream: http://127.0.0.1:8081
            endpoints: { token: /token }
            attesters:
              - id: wallet
                jwks_file: attester.jwks.json
                clients: [c1]
            clients:
              - client_id: c1
                upstream: { authentication: client_secret_basic, secret_file: client.secret }
        secrets:
        """
}
