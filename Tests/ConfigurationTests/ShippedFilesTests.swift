// SPDX-License-Identifier: Apache-2.0
// The files under conf/ are right: they load, and show every key that is built and no other.

import Foundation
import Gateway
import Testing

@testable import Configuration

@Suite struct ShippedFilesTests {
    let workspace: Workspace
    let folder: String

    init() throws {
        workspace = try Workspace()
        folder =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/conf"
    }

    private func read(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }

    @Test("conf/minimal.yaml loads with a key and a key set beside it")
    func minimal() throws {
        let remarks = try workspace.remarks(read("minimal.yaml"))
        #expect(remarks.allSatisfy { $0.contains(": warning: ") }, "\(remarks)")
        #expect(remarks.count == 2)
    }

    @Test("conf/attestgate.yaml loads with the files it names")
    func annotated() throws {
        try workspace.write("tls/fullchain.pem", Fixtures.certificate)
        try workspace.write("tls/privkey.pem", Fixtures.privateKey, mode: 0o600)
        try workspace.write("attesters/example.jwks.json", "{\"keys\":[\(Workspace.firstKey)]}")
        try workspace.write("secrets/wallet.secret", "s3cret", mode: 0o600)
        try workspace.write("state/.keep", "")
        let remarks = try workspace.remarks(read("attestgate.yaml"))
        #expect(remarks.allSatisfy { $0.contains(": warning: ") }, "\(remarks)")
        let settings = try workspace.settings(read("attestgate.yaml"))
        #expect(settings.servers.first?.endpoints.count == 6)
        #expect(settings.listeners.count == 2)
    }

    @Test("conf/attestgate.yaml shows every key that is built")
    func complete() throws {
        let text = try read("attestgate.yaml")
        let blocks: [KeySet] = [
            .top, .listener, .tls, .server, .endpoints, .endpoint, .upstreamLimits, .challenge,
            .nonce, .proof, .attestation, .dpop, .par, .forward, .cors, .errors, .attester, .client,
            .clientUpstream, .gatewaySecret, .secrets, .replay, .limits, .rateLimits, .shutdown,
            .log,
        ]
        for key in blocks.flatMap(\.built) {
            #expect(text.contains("\(key):"), "\(key) is not shown")
        }
    }

    @Test("Nearest names: slips are found, strangers are not")
    func nearestNames() {
        let names = KeySet.server.built
        #expect(NearestName.find("endpoint", in: names) == "endpoints")
        #expect(NearestName.find("atesters", in: names) == "attesters")
        #expect(NearestName.find("isseur", in: names) == "issuer")
        #expect(NearestName.find("clinets", in: names) == "clients")
        #expect(NearestName.find("passthrough", in: names) == "pass_through")
        #expect(NearestName.find("banana", in: names) == nil)
        #expect(NearestName.find("", in: names) == nil)
        #expect(NearestName.distance("ab", "ba") == 1)
        #expect(NearestName.distance("", "abc") == 3)
    }
}
