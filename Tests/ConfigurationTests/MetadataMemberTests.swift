// SPDX-License-Identifier: Apache-2.0
// What the gateway adds to an AS's metadata, and that all else stays (META-04 to META-13).

import ClientAttestation
import Configuration
import Foundation
import Gateway
import JSON
import Octets
import Testing

private let standard = standardMetadata
private let octets = metadataOctets

private func document(_ members: [(String, String)] = [], without: [String] = []) -> String {
    metadataDocument(members, without: without)
}

@Suite("Metadata: members") struct MetadataMemberTests {
    private let scene: MetadataScene

    init() throws {
        scene = try MetadataScene()
    }

    // MARK: META-04

    @Test("META-04: attestation alone, with the AS's methods only where legacy clients exist")
    func methods() throws {
        let name = "token_endpoint_auth_methods_supported"
        let listed = document([(name, #"["client_secret_basic","none","private_key_jwt"]"#)])
        let legacy = "unattested_clients: [old]"
        func methods(_ text: String, _ line: String? = nil) throws -> [String] {
            try strings(scene.object(text, line)[name])
        }
        try #expect(methods(listed) == ["attest_jwt_client_auth"])
        try #expect(methods(document()) == ["attest_jwt_client_auth"])
        try #expect(
            methods(listed, legacy) == [
                "attest_jwt_client_auth", "client_secret_basic", "none", "private_key_jwt",
            ])
        try #expect(
            methods(document(), legacy) == ["attest_jwt_client_auth", "client_secret_basic"])
        let lie = document([(name, #"["attest_jwt_client_auth_dpop","client_secret_post"]"#)])
        try #expect(methods(lie, legacy) == ["attest_jwt_client_auth", "client_secret_post"])
        for garbage in ["7", #""none""#, #"["none",7]"#, "null", "{}"] {
            try scene.refuses(document([(name, garbage)]), rule: 11)
        }
    }

    @Test("META-04: the same at revocation and introspection, where they are served")
    func furtherMethods() throws {
        let names = ["revocation", "introspection"].map { "\($0)_endpoint_auth_methods_supported" }
        let text = document(names.map { ($0, #"["client_secret_post"]"#) })
        let both = try scene.object(
            text, endpoints: "{ token: /token, revocation: /rv, introspection: /in }")
        let none = try scene.object(text)
        for name in names {
            #expect(strings(both[name]) == ["attest_jwt_client_auth"])
            #expect(strings(none[name]) == ["client_secret_post"])
        }
    }

    // MARK: META-05 to META-10

    @Test("META-05: the algorithm lists are what is enforced, in place of what the AS says")
    func algorithms() throws {
        let lists = [
            "client_attestation_signing_alg_values_supported",
            "client_attestation_pop_signing_alg_values_supported",
        ]
        let text = document(lists.map { ($0, #"["none","HS256"]"#) })
        let object = try scene.object(text, "proof: { algorithms: [ES384, ES256] }")
        #expect(strings(object[lists[0]]) == ["ES256"])
        #expect(strings(object[lists[1]]) == ["ES256", "ES384"])
        let old = try scene.object(text, "profiles: [abca-05, abca-06]")
        #expect(old[lists[0]] == nil && old[lists[1]] == nil)
    }

    @Test("META-06: DPoP is advertised only where a proof leads to something")
    func dpop() throws {
        let name = "dpop_signing_alg_values_supported"
        let theirs = document([(name, #"["RS256","ES256"]"#)])
        func list(_ text: String, _ line: String?, combined: Bool = false) throws -> [String]? {
            let methods = combined ? "\n        methods: [attestation_pop_jwt, dpop_combined]" : ""
            let settings = Sample.edited(
                "      - client_id: c1", "      - client_id: c1\(methods)",
                adding: "pass_through: [/jwks]\n    \(line ?? "cors: { origins: [] }")")
            let server = try #require(try scene.workspace.settings(settings).servers.first)
            let merged = try MetadataMerge.merge(octets(text), for: server)
            return try JSONDocument.parse(merged.document).object?[name].map(strings)
        }
        let strip = "dpop: { owner: verify-and-strip }"
        let bearer = "dpop: { owner: verify-and-strip, allow_bearer: true }"
        try #expect(list(theirs, nil) == ["ES256"])
        try #expect(list(document(), nil) == nil)
        try #expect(list(document(), nil, combined: true) == ["ES256"])
        try #expect(list(theirs, strip) == nil)
        try #expect(list(theirs, bearer, combined: true) == ["ES256"])
        try #expect(list(theirs, "dpop: { owner: pass }") == ["RS256", "ES256"])
        try #expect(list(document([(name, #"["RS256"]"#)]), nil) == nil)
    }

    @Test("META-07: the challenge endpoint is named if and only if it is served")
    func challenge() throws {
        let name = "challenge_endpoint"
        let theirs = document([(name, #""http://127.0.0.1:8080/x""#)])
        let own = octets("https://as.example.com/attestgate/challenge")
        try #expect(scene.object(theirs)[name]?.string == own)
        try #expect(scene.object(document())[name]?.string == own)
        try #expect(scene.object(theirs, "challenge: { policy: off }")[name] == nil)
        try #expect(scene.object(theirs, "profiles: [abca-05]")[name] == nil)
    }

    @Test("META-08: the nonce endpoints as absolute URLs, exactly those that serve nonces")
    func nonces() throws {
        let name = "client_attestation_pop_nonce_required"
        let theirs = document([(name, "true")])
        try #expect(scene.object(theirs)[name] == nil)
        let paths = "{ token: /token, revocation: /rv, pushed_authorization_request: /par }"
        let object = try scene.object(theirs, "profiles: [abca-05, abca-11]", endpoints: paths)
        #expect(
            Set(strings(object[name]))
                == ["https://as.example.com/token", "https://as.example.com/par"])
    }

    @Test("META-09: the proof methods that are enabled, from abca-10 on, never an empty list")
    func proofMethods() throws {
        let name = "client_attestation_pop_methods_supported"
        let theirs = document([(name, #"["none"]"#)])
        try #expect(strings(scene.object(theirs)[name]) == ["attestation_pop_jwt"])
        try #expect(scene.object(theirs, "metadata: { pop_methods: false }")[name] == nil)
        try #expect(scene.object(theirs, "profiles: [abca-09]")[name] == nil)
    }

    @Test("META-10: signed_metadata would take precedence, so it goes")
    func signed() throws {
        try #expect(
            scene.object(document([("signed_metadata", #""eyJ.x.y""#)]))["signed_metadata"] == nil)
    }

    // MARK: META-11, META-13

    @Test(
        "META-11: what is no object of unique members is no document",
        arguments: [
            "", "[]", "null", "<html>", "{", #"{"issuer":"https://as.example.com"}x"#,
            document([("issuer", #""https://as.example.com","issuer":"x""#)]),
            document([("x", #"{"a":1,"\u0061":2}"#)]), document(without: ["issuer"]),
            document([("issuer", "null")]), "\u{FEFF}" + document(),
        ])
    func garbage(text: String) throws {
        try scene.refuses(text, rule: 11)
    }

    @Test("META-11, META-13: a thousand random documents keep every member that has no rule")
    func property() throws {
        let server = try scene.server("unattested_clients: [old]")
        var random = SystemRandomNumberGenerator()
        let values = [
            "1e400", "-0.0", "123456789012345678901234567890", #""\u00e9\/\n""#, "true", "null",
            #"{"a" : [ 1 , {"b":"é"} ] }"#, "[ ]", #""https://elsewhere.example//x""#,
            #""plain \"text\" with , and }""#,
        ]
        for _ in 0..<1000 {
            var members = (0..<Int.random(in: 1...8, using: &random)).map { number in
                ("m\(number)", values.randomElement(using: &random) ?? "1")
            }
            members += [
                ("authorization_response_iss_parameter_supported", "true"),
                ("signed_metadata", #""eyJ""#), ("mtls_endpoint_aliases", "{}"),
                ("token_endpoint_auth_methods_supported", #"["none"]"#),
            ]
            let text =
                "{"
                + (standard + members).shuffled(using: &random)
                .map { #"  "\#($0.0)" : \#($0.1) "# }.joined(separator: ",\n") + "}\r\n"
            let result = String(
                decoding: try MetadataMerge.merge(octets(text), for: server).document,
                as: UTF8.self)
            let kept = members.filter {
                !["signed_metadata", "mtls_endpoint_aliases"].contains($0.0)
                    && !$0.0.hasPrefix("token_endpoint")
            }
            for (name, value) in kept + standard {
                #expect(result.contains(#"  "\#(name)" : \#(value)"#), "\(name) in \(text)")
            }
            let order = kept.sorted { position($0.0, text) < position($1.0, text) }
            #expect(
                order.map(\.0)
                    == kept.map(\.0).sorted { position($0, result) < position($1, result) })
            #expect(throws: Never.self) { try JSONDocument.parse(octets(result)) }
        }
    }

    @Test("META-11: a document that is as it should be keeps every octet")
    func idempotent() throws {
        let server = try scene.server()
        let once = try MetadataMerge.merge(octets(document()), for: server).document
        try #expect(MetadataMerge.merge(once, for: server).document == once)
    }

    // MARK: Configuration

    @Test("META-11: document_file stands in; its faults are found before the start")
    func documentFile() throws {
        try scene.workspace.write("doc.json", document())
        let line = "metadata: { document_file: doc.json }"
        try #expect(scene.server(line).metadata.document == octets(document()))
        try scene.workspace.write("doc.json", document([("issuer", #""http://x""#)]))
        let remarks = try scene.workspace.remarks(Sample.edited(adding: line))
        #expect(remarks.count == 1 && remarks[0].contains("META-02"), "\(remarks)")
        try scene.workspace.write("doc.json", "<html>")
        try #expect(scene.workspace.remarks(Sample.edited(adding: line))[0].contains("META-11"))
        let missing = "metadata: { document_file: nowhere.json }"
        try #expect(scene.workspace.remarks(Sample.edited(adding: missing)).count == 1)
    }

    @Test(
        "META-03, META-10: what can't be meant is an error where it stands",
        arguments: [
            ("signed: resign", "not built yet"), ("signed: keep", "drop"),
            ("issuer: ignore", "verify or rewrite"), ("max_age: 2d", "no duration"),
            ("urls: [a]", "write internal prefixes"),
            ("urls: { \"ftp://x\": https://a }", "prefix"),
            ("urls: { \"http://x/\": https://a }", "final /"),
            ("urls: { \"http://x\": http://a }", "https://as.example.com"),
            ("signing_key_file: k", "not built yet"), ("pop_methods: maybe", "true or false"),
        ])
    func mistakes(key: String, words: String) throws {
        let remarks = try scene.workspace.remarks(Sample.edited(adding: "metadata: { \(key) }"))
        #expect(remarks.count == 1 && remarks[0].contains(words), "\(remarks)")
    }
}

private func strings(_ value: JSONValue?) -> [String] {
    (value?.array ?? []).map { String(decoding: $0.string ?? [], as: UTF8.self) }
}

private func position(_ name: String, _ text: String) -> Int {
    text.range(of: "\"\(name)\"").map { text.distance(from: text.startIndex, to: $0.lowerBound) }
        ?? -1
}
