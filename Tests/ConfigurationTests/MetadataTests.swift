// SPDX-License-Identifier: Apache-2.0
// What becomes of the issuer and the URLs in an AS's metadata (META-02, META-03).

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

@Suite("Metadata: issuer and URLs") struct MetadataTests {
    private let scene: MetadataScene

    init() throws {
        scene = try MetadataScene()
    }

    // MARK: META-02

    @Test("META-02, CFG-01: an issuer that is not ours is refused, with the ways out")
    func foreignIssuer() throws {
        for issuer in [
            "http://127.0.0.1:8080", "https://as.example.com/", "http://as.example.com",
            "https://AS.example.com", "",
        ] {
            try scene.refuses(document([("issuer", "\"\(issuer)\"")]), rule: 2, "\(issuer)")
        }
        do {
            _ = try scene.merged(document([("issuer", #""http://127.0.0.1:8080""#)]))
        } catch let fault as MetadataFault {
            for word in ["127.0.0.1:8080", "as.example.com", "Host", "issuer: rewrite"] {
                #expect(fault.reason.contains(word), "\(word)")
            }
        }
    }

    @Test("META-02: rewrite puts ours in its place, and nothing else")
    func rewrite() throws {
        let text = document([("issuer", #""http://internal""#)])
        let object = try scene.object(text, "metadata: { issuer: rewrite }")
        #expect(object["issuer"]?.string == octets("https://as.example.com"))
    }

    @Test(
        "META-02, META-13: no rewriting where ID tokens or authorization responses name the other",
        arguments: [
            ("id_token_signing_alg_values_supported", #"["RS256"]"#),
            ("response_types_supported", #"["code","code id_token"]"#),
            ("scopes_supported", #"["read","openid"]"#),
            ("authorization_response_iss_parameter_supported", "true"),
        ])
    func rewriteDeceives(name: String, value: String) throws {
        let text = document([("issuer", #""http://internal""#), (name, value)])
        try scene.refuses(text, "metadata: { issuer: rewrite }", rule: 2)
        _ = try scene.merged(document([(name, value)]), "metadata: { issuer: rewrite }")
    }

    // MARK: META-03

    @Test("META-03: the endpoints have the gateway's URLs, whatever host and slashes the AS writes")
    func endpoints() throws {
        for url in [
            "http://127.0.0.1:8080/token", "https://as.example.com//token",
            "https://as.example.com/token", "http://intern:1//token",
        ] {
            let object = try scene.object(document([("token_endpoint", "\"\(url)\"")]))
            #expect(object["token_endpoint"]?.string == octets("https://as.example.com/token"))
        }
    }

    @Test("META-03, CFG-01: an endpoint at another path contradicts the configuration")
    func otherPath() throws {
        for url in ["https://as.example.com/oauth/token", "https://as.example.com/token/"] {
            try scene.refuses(document([("token_endpoint", "\"\(url)\"")]), rule: 3)
        }
        try scene.refuses(document([("token_endpoint", "7")]), rule: 11)
        try scene.refuses(document([("token_endpoint", #""/token""#)]), rule: 11)
    }

    @Test("META-03: configured endpoints that the AS does not name are added")
    func added() throws {
        let object = try scene.object(
            document(without: ["token_endpoint"]),
            endpoints: "{ token: /token, revocation: /rv, authorization: /authorize }")
        #expect(object["token_endpoint"]?.string == octets("https://as.example.com/token"))
        #expect(object["revocation_endpoint"]?.string == octets("https://as.example.com/rv"))
        #expect(
            object["authorization_endpoint"]?.string == octets("https://as.example.com/authorize"))
    }

    @Test("META-03, EP-13: endpoints that are not served are not named, and their paths are known")
    func unserved() throws {
        let members = [
            "pushed_authorization_request_endpoint", "revocation_endpoint",
            "introspection_endpoint", "device_authorization_endpoint",
            "backchannel_authentication_endpoint", "registration_endpoint",
        ]
        let text = document(
            members.map { ($0, "\"http://127.0.0.1:8080//x/\($0)\"") } + [
                (
                    "mtls_endpoint_aliases",
                    #"{"token_endpoint":"https://mtls.example.com/mtls/token"}"#
                )
            ])
        let merged = try scene.merged(text)
        let object = try #require(try JSONDocument.parse(merged.document).object)
        for member in members { #expect(object[member] == nil, "\(member)") }
        #expect(object["mtls_endpoint_aliases"] == nil)
        #expect(
            merged.unserved == Set(members.map { octets("/x/\($0)") } + [octets("/mtls/token")]))
        #expect(merged.remarks.count == members.count)
    }

    @Test("EP-10: registration is named where it is let through")
    func registration() throws {
        let text = document([("registration_endpoint", #""http://127.0.0.1:8080/register""#)])
        let object = try scene.object(text, "registration: /register")
        #expect(
            object["registration_endpoint"]?.string == octets("https://as.example.com/register"))
        try #expect(
            scene.object(document(), "registration: /register")["registration_endpoint"] == nil)
    }

    @Test(
        "META-03: any other URL at the AS's own host is an error",
        arguments: [
            "http://127.0.0.1:8080/jwks", "http://127.0.0.1/jwks", "https://127.0.0.1:9/",
            "http://localhost:8080/jwks", "HTTP://LOCALHOST./x", "http://[::1]:8080/jwks",
            "http://as.example.com/jwks", "https://as.example.com:8443/jwks",
            "http://user@127.0.0.1:8080/jwks", "https://127.0.0.1", "https://127.0.0.1?x",
            #"https://127.0.0.1\\x"#,
        ])
    func internalURL(url: String) throws {
        try scene.refuses(document([("jwks_uri", "\"\(url)\"")]), rule: 3)
        try scene.refuses(document([("x", "{\"a\":[1,\"\(url)\"]}")]), rule: 3)
    }

    @Test("META-03: the host of upstream_host is internal too, the public one is not")
    func upstreamHost() throws {
        let line = "upstream_host: keycloak.internal:8080"
        let text = document([("service_documentation", #""https://keycloak.internal/doc""#)])
        try scene.refuses(text, line, rule: 3)
        _ = try scene.merged(text)
        _ = try scene.merged(document(), "upstream_host: as.example.com")
    }

    @Test("META-03: a map makes internal URLs public; the longest prefix counts")
    func map() throws {
        let line =
            "metadata: { urls: { \"http://127.0.0.1:8080\": https://as.example.com, "
            + "\"http://127.0.0.1:8080/doc\": https://doc.example.com/x } }"
        let text = document([
            ("jwks_uri", #""http://127.0.0.1:8080/jwks?a=//b""#),
            ("service_documentation", #""http://127.0.0.1:8080/doc/1""#),
            ("op_policy_uri", #""http://127.0.0.1:8080/documents""#),
            ("token_endpoint", #""http://127.0.0.1:8080//token""#),
        ])
        let object = try scene.object(text, line)
        #expect(object["jwks_uri"]?.string == octets("https://as.example.com/jwks?a=//b"))
        #expect(object["service_documentation"]?.string == octets("https://doc.example.com/x/1"))
        #expect(object["op_policy_uri"]?.string == octets("https://as.example.com/documents"))
        #expect(object["token_endpoint"]?.string == octets("https://as.example.com/token"))
        try scene.refuses(
            document([("jwks_uri", #""http://127.0.0.1:80801/jwks""#)]), line, rule: 3)
    }

    @Test("META-03: `//` in a public URL is how nobody can ask this gateway; identifiers stay")
    func slashes() throws {
        let text = document([
            ("jwks_uri", #""https://as.example.com//jwks""#),
            ("end_session_endpoint", #""https://other.example.com//x""#),
            ("scopes_supported", #"["https://as.example.com//read","http://localhost/x"]"#),
        ])
        let object = try scene.object(text)
        #expect(object["jwks_uri"]?.string == octets("https://as.example.com/jwks"))
        #expect(object["end_session_endpoint"]?.string == octets("https://other.example.com//x"))
        #expect(
            object["scopes_supported"]?.array?.first?.string
                == octets("https://as.example.com//read"))
    }

    @Test("META-03: a public URL that is not routed is remarked")
    func unrouted() throws {
        try #expect(scene.merged(document()).remarks == [])
        let remarks = try scene.merged(document([("jwks_uri", #""https://as.example.com/keys""#)]))
            .remarks
        #expect(remarks.count == 1 && remarks[0].contains("/keys"))
    }
}
