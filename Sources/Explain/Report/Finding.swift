// SPDX-License-Identifier: Apache-2.0
// What was found and what was expected, for the rule that refused.

import ClientAttestation
import Gateway
import HTTPWire
import JOSE
import JSON
import Octets

/// Reads, for one refused rule, the two values that did not agree. The verdict is the trace's; this
/// only looks up what to show beside it.
struct Finding: Equatable {
    var found: String?
    var expected: String?

    /// The finding for `rule`, empty where there is nothing to compare.
    static func of(_ rule: RuleID, _ token: TokenRole?, in view: RequestView) -> Finding {
        switch rule.family {
        case .http, .ep: return ofRoute(rule, view)
        case .req, .bind, .cred: return ofRequest(rule, view)
        case .jose: return ofToken(rule, token, view)
        case .key: return ofSelection(rule, token, view)
        case .att: return ofAttestation(rule, view)
        case .pop: return ofProof(rule, view)
        case .dpop: return ofDPoP(rule, view)
        case .chal: return ofChallenge(token, view)
        default: return Finding()
        }
    }

    init(_ found: String? = nil, expected: String? = nil) {
        self.found = found
        self.expected = expected
    }

    // MARK: The request

    private static func ofRoute(_ rule: RuleID, _ view: RequestView) -> Finding {
        switch rule {
        case .http(8):
            let hosts = view.settings.servers.flatMap(\.authorities).map(view.text)
            return Finding(view.run.host.map(Shortening.text), expected: list(hosts))
        case .http(9), .ep(7), .ep(13):
            let paths = view.server?.endpoints.map { Shortening.text($0.path) } ?? []
            return Finding(view.run.path.map(Shortening.text), expected: list(paths))
        case .http(10), .chal(10):
            return Finding(view.run.method.map(Shortening.text), expected: "POST")
        case .ep(6):
            let names = view.run.parameters?.value(of: "client_id")
            return Finding(
                names.map { "no attestation, client_id \(Shortening.text($0))" }
                    ?? "no attestation and no client_id",
                expected: "OAuth-Client-Attestation with its proof")
        default: return Finding()
        }
    }

    private static func ofRequest(_ rule: RuleID, _ view: RequestView) -> Finding {
        let form = view.run.parameters
        switch rule {
        case .req(6):
            return Finding(
                view.presented,
                expected: "attestation and proof, by a method and profile of this client")
        case .req(12):
            return Finding(
                form?.value(of: "client_id").map(Shortening.text),
                expected: view.attestation?.string("sub").map(Shortening.text))
        case .req(19):
            let grants = view.endpoint?.grants.map { list($0.map(Shortening.text).sorted()) }
            return Finding(
                form?.value(of: "grant_type").map(Shortening.text) ?? "no grant_type",
                expected: grants ?? "any grant_type")
        case .bind(15):
            let types = view.client?.responseTypes.map(Shortening.text).sorted() ?? []
            return Finding(
                form?.value(of: "response_type").map(Shortening.text), expected: list(types))
        case .cred(1):
            let grants = view.client?.grants.map { list($0.map(Shortening.text).sorted()) }
            let scopes = view.client?.scopes.map { list($0.map(Shortening.text).sorted()) }
            let given = ["grant_type", "scope"].compactMap { name in
                form?.value(of: name).map { "\(name) \(Shortening.text($0))" }
            }
            return Finding(
                list(given), expected: "grants \(grants ?? "all"); scopes \(scopes ?? "all")")
        default: return Finding()
        }
    }

    // MARK: Tokens

    private static func ofToken(
        _ rule: RuleID, _ token: TokenRole?, _ view: RequestView
    ) -> Finding {
        guard let decoded = view.token(token ?? .attestation) else { return Finding() }
        switch rule {
        case .jose(6), .jose(10), .jose(27):
            return algorithm(decoded, view)
        case .jose(26): return type(decoded)
        case .jose(11): return Finding(decoded.signatureLength.map { "\($0) octets" })
        default: return Finding(decoded.problem ?? decoded.fault(of: rule))
        }
    }

    static func algorithm(_ token: DecodedToken, _ view: RequestView) -> Finding {
        let allowed: [JWSAlgorithm]?
        switch token.role {
        case .attestation: allowed = view.attester?.algorithms
        case .proof: allowed = view.server?.policy.proof.algorithms
        case .dpop: allowed = view.server?.policy.dpop.algorithms
        }
        return Finding(
            token.header?.object["alg"].map { shown($0, of: token.header) } ?? "no alg",
            expected: allowed.map { list($0.map(\.rawValue)) })
    }

    static func type(_ token: DecodedToken) -> Finding {
        let expected =
            switch token.role {
            case .attestation: "oauth-client-attestation+jwt"
            case .proof: "oauth-client-attestation-pop+jwt"
            case .dpop: "dpop+jwt"
            }
        return Finding(
            token.header?.object["typ"].map { shown($0, of: token.header) } ?? "no typ",
            expected: expected)
    }

    // MARK: Words

    /// A JSON value as it may be shown.
    static func shown(_ value: JSONValue, of source: DecodedObject?) -> String {
        if let string = value.string { return Shortening.text(string) }
        var writer = JSONWriter()
        Shortening.write(value, name: [], of: source?.text ?? [], to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Up to six of `items`.
    static func list(_ items: [String]) -> String {
        guard !items.isEmpty else { return "none" }
        let shown = items.prefix(6).joined(separator: ", ")
        return items.count > 6 ? "\(shown) and \(items.count - 6) more" : shown
    }
}
