// SPDX-License-Identifier: Apache-2.0
// Documents of an AS, and the gateway in front of it, for the tests of requirements 4.2.

import Configuration
import Foundation
import Gateway
import JSON
import Octets
import Testing

let standardMetadata = [
    ("issuer", #""https://as.example.com""#),
    ("token_endpoint", #""https://as.example.com/token""#),
    ("jwks_uri", #""https://as.example.com/jwks""#),
    ("response_types_supported", #"["code"]"#),
]

func metadataDocument(_ members: [(String, String)] = [], without: [String] = []) -> String {
    let named = Set(members.map(\.0) + without)
    let all = standardMetadata.filter { !named.contains($0.0) } + members
    return "{" + all.map { #""\#($0.0)":\#($0.1)"# }.joined(separator: ",") + "}"
}

/// A folder with a configuration, and what it makes of documents.
struct MetadataScene {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    func server(
        _ line: String? = nil, endpoints: String = "{ token: /token }"
    ) throws -> ServerSettings {
        let lines = ["pass_through: [/jwks, /doc]"] + (line.map { [$0] } ?? [])
        let text = Sample.edited(
            "endpoints: { token: /token }", "endpoints: \(endpoints)",
            adding: lines.joined(separator: "\n    "))
        return try #require(try workspace.settings(text).servers.first)
    }

    func merged(
        _ text: String, _ line: String? = nil, endpoints: String = "{ token: /token }"
    ) throws -> MergedMetadata {
        try MetadataMerge.merge(metadataOctets(text), for: server(line, endpoints: endpoints))
    }

    func object(
        _ text: String, _ line: String? = nil, endpoints: String = "{ token: /token }"
    ) throws -> JSONObject {
        let merged = try merged(text, line, endpoints: endpoints)
        return try #require(try JSONDocument.parse(merged.document).object)
    }

    func refuses(
        _ text: String, _ line: String? = nil, rule: UInt8, _ comment: Comment? = nil
    ) throws {
        let server = try server(line)
        let fault = #expect(throws: MetadataFault.self, comment) {
            try MetadataMerge.merge(metadataOctets(text), for: server)
        }
        #expect(fault?.rule == .meta(rule), comment)
        #expect(fault?.isContradiction == (rule != 11))
    }
}

func metadataOctets(_ text: String) -> [UInt8] { Array(text.utf8) }
