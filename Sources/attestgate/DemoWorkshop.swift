// SPDX-License-Identifier: Apache-2.0
// The throw-away directory of the demo: keys, secrets and a configuration file like any other.

import ClientAttestation
import Configuration
import DemoServer
import EventLoop
import Foundation
import Gateway
import Minting
import Octets

/// A directory under the system's temporary one that only this user can read.
struct DemoWorkshop: Sendable {
    /// Who plays in the demo, with the keys that are in the files.
    let cast: DemoCast
    /// Where the files are.
    let directory: String

    /// Makes the directory and every file but the configuration.
    init() throws {
        cast = try DemoCast { UnixTime(WallClock.now().seconds) }
        directory =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("attestgate-demo-\(ProcessInfo.processInfo.processIdentifier)")
            .path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        try write("master.key", MasterKey.generate(id: 1).line)
        try write("attester.jwk", cast.attesterKey.privateJWK)
        try write("attester.jwks.json", cast.attesterKey.publicJWKSet)
        try write("instance.jwk", cast.instanceKey.privateJWK)
        try write("early.secret", cast.earlyClientSecret)
    }

    /// Writes the configuration of a gateway in front of `upstream` and loads it as
    /// `attestgate run` does.
    func settings(upstream: SocketAddress) throws -> GatewaySettings {
        let path = directory + "/attestgate.yaml"
        try write("attestgate.yaml", Array(Self.configuration(upstream: upstream).utf8))
        return try ConfigurationLoader.load(path: path, environment: [:]).get().settings
    }

    /// Removes the directory; what can't be removed stays.
    func remove() {
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func write(_ name: String, _ octets: [UInt8]) throws {
        try Files.writeNew(directory + "/" + name, octets)
    }

    private static func configuration(upstream: SocketAddress) -> String {
        """
        # Made by `attestgate demo`.
        listeners:
          - address: "127.0.0.1:0"
        authorization_servers:
          - issuer: https://as.example.com
            upstream: http://\(upstream)
            endpoints:
              token: /token
              pushed_authorization_request: /par
              authorization: /authorize
            profiles: [abca-05, abca-11]
            dpop: { owner: verify-and-strip, nonce_owner: gateway, require_nonce: true, \
        allow_bearer: true }
            attesters:
              - id: example-attester
                issuers: [https://attester.example.com]
                jwks_file: attester.jwks.json
                clients: [https://client.example.com, https://early.example.com]
            clients:
              - client_id: https://client.example.com
                profiles: [abca-11]
                methods: [attestation_pop_jwt, dpop_combined]
                upstream: { authentication: none }
              - client_id: https://early.example.com
                profiles: [abca-05]
                upstream: { authentication: client_secret_basic, secret_file: early.secret }
        secrets: { master_key_file: master.key }
        workers: 1

        """
    }
}
