// SPDX-License-Identifier: Apache-2.0
// The AS's own metadata with what the gateway adds to it; pure (META-02 to META-13).

import ClientAttestation
import JOSE
import JSON
import Octets

/// A document as it is published.
public struct MergedMetadata: Sendable, Equatable {
    /// The whole text.
    public let document: [UInt8]
    /// Paths of the AS's protected family that the gateway does not serve (EP-13).
    public let unserved: Set<[UInt8]>
    /// What the operator should know.
    public let remarks: [String]
}

/// Edits one document in place: every member that is not named here keeps its octets (META-11).
public struct MetadataMerge {
    private let server: ServerSettings
    private var edit: JSONEdit
    private var unserved: Set<[UInt8]> = []
    private var remarks: [String] = []

    /// `document` as the AS in front of which the gateway stands publishes it, made its public one.
    public static func merge(
        _ document: [UInt8], for server: ServerSettings
    ) throws(MetadataFault) -> MergedMetadata {
        var merge = try MetadataMerge(document, server)
        try merge.checkIssuer()
        try merge.placeEndpoints()
        try merge.placeOtherURLs()
        try merge.writeAuthenticationMethods()
        try merge.writeAlgorithms()
        merge.writeAttestation()
        try merge.writeCodeBinding()
        // META-10: it would take precedence over every member edited here.
        merge.edit.remove("signed_metadata")
        return MergedMetadata(
            document: merge.edit.edited, unserved: merge.unserved, remarks: merge.remarks)
    }

    private init(_ document: [UInt8], _ server: ServerSettings) throws(MetadataFault) {
        self.server = server
        do {
            edit = try JSONEdit(document)
        } catch {
            throw .garbage("the document is no JSON object without duplicate names (\(error))")
        }
    }

    private var policy: VerificationPolicy { server.policy }

    // MARK: Issuer

    /// META-02, META-13: the public issuer, since it is what proofs name and clients compare.
    private mutating func checkIssuer() throws(MetadataFault) {
        guard let issuer = edit.object["issuer"]?.string else {
            throw .garbage("the document has no issuer")
        }
        guard issuer != policy.issuer else { return }
        let named =
            "the AS names the issuer \(MetadataFault.shown(issuer)), configured is "
            + MetadataFault.shown(policy.issuer)
        guard server.metadata.issuer == .rewrite else {
            throw MetadataFault(
                .meta(2),
                "\(named): configure it at the AS, or let the AS derive it from Host and "
                    + "X-Forwarded-Proto, or, for an AS without ID tokens, write "
                    + "metadata: { issuer: rewrite } (CFG-01)")
        }
        if issuesIDTokens
            || edit.object["authorization_response_iss_parameter_supported"]?.bool == true
        {
            throw MetadataFault(
                .meta(2),
                "\(named), and its ID tokens or authorization responses name it too: "
                    + "metadata.issuer can't be rewrite; configure the issuer at the AS")
        }
        edit.set("issuer", to: policy.issuer)
    }

    private var issuesIDTokens: Bool {
        let object = edit.object
        let types = object["response_types_supported"]?.array ?? []
        let words = types.compactMap(\.string).flatMap { $0.split(separator: 0x20) }
        let scopes = object["scopes_supported"]?.array ?? []
        return object["id_token_signing_alg_values_supported"] != nil
            || words.contains { $0.elementsEqual("id_token".utf8) }
            || scopes.contains { $0.string == "openid".octets }
    }

    // MARK: URLs

    /// The members of the protected family, with the paths they have at the gateway (META-03).
    private var family: [(member: String, path: [UInt8]?)] {
        ProtectedEndpoint.allCases.map { endpoint in
            (
                "\(endpoint.rawValue)_endpoint",
                server.endpoints.first { $0.endpoint == endpoint }?.path
            )
        } + [("registration_endpoint", server.registrationPath)]
    }

    /// META-03: what the gateway serves is named by its public URL, what it blocks is not named.
    private mutating func placeEndpoints() throws(MetadataFault) {
        for (member, path) in family {
            if let path {
                if member != "registration_endpoint" || edit.object[member] != nil {
                    try place(member, at: path)
                }
            } else if let value = edit.object[member] {
                if let url = value.string.flatMap(publicForm) { unserved.insert(url.path) }
                edit.remove(member)
                remarks.append("\(member) is not configured: left out of the metadata")
            }
        }
        if let path = server.authorizationPath { try place("authorization_endpoint", at: path) }
        if let aliases = edit.object["mtls_endpoint_aliases"] {
            for alias in aliases.object?.members ?? [] {
                if let url = alias.value.string.flatMap(publicForm) { unserved.insert(url.path) }
            }
            edit.remove("mtls_endpoint_aliases")
        }
        let served = server.endpoints.map(\.path)
        let named = [server.authorizationPath, server.registrationPath, server.challengePath]
        unserved.subtract(served + named.compactMap(\.self))
    }

    private func publicForm(_ octets: [UInt8]) -> PublishedURL? {
        guard let url = PublishedURL(octets) else { return nil }
        return url.mapped(by: server.metadata.urls) ?? url
    }

    private mutating func place(_ member: String, at path: [UInt8]) throws(MetadataFault) {
        let url = server.origin + path
        if let value = edit.object[member] {
            guard let octets = value.string, let advertised = publicForm(octets) else {
                throw .garbage("\(member) is no URL")
            }
            guard advertised.path == path else {
                throw MetadataFault(
                    .meta(3),
                    "\(member) is \(MetadataFault.shown(octets)) at the AS, configured is "
                        + "\(MetadataFault.shown(path)): correct endpoints, or map its prefix in "
                        + "metadata.urls (CFG-01)")
            }
            if octets == url { return }
        }
        edit.set(member, to: url)
    }

    /// Members that are done, and lists of identifiers, which may look like URLs.
    private func isLink(_ name: [UInt8]) -> Bool {
        let done =
            family.map(\.member) + [
                "issuer", "signed_metadata", "mtls_endpoint_aliases", "challenge_endpoint",
            ]
            + (server.authorizationPath == nil ? [] : ["authorization_endpoint"])
        return !done.contains { name.elementsEqual($0.utf8) }
            && !name.suffix(10).elementsEqual("_supported".utf8)
    }

    /// META-03: every other URL is public, is made public by the map, or is an error.
    private mutating func placeOtherURLs() throws(MetadataFault) {
        for member in edit.object.members where isLink(member.name) {
            try placeURLs(in: member.value, of: member.name)
        }
    }

    private mutating func placeURLs(
        in value: JSONValue, of name: [UInt8]
    ) throws(MetadataFault) {
        switch value.kind {
        case .string:
            guard let octets = value.string, let url = PublishedURL(octets) else { return }
            let result = try published(url, name)
            if result != octets { edit.replace(value, with: result) }
        case .array(let elements):
            for element in elements { try placeURLs(in: element, of: name) }
        case .object(let object):
            for member in object.members { try placeURLs(in: member.value, of: name) }
        case .number, .bool, .null: break
        }
    }

    private mutating func published(
        _ url: PublishedURL, _ name: [UInt8]
    ) throws(MetadataFault) -> [UInt8] {
        let mapped = url.mapped(by: server.metadata.urls) ?? url
        if mapped.isAt(server.origin) {
            remarkUnrouted(mapped.path, name)
            return mapped.collapsed
        }
        let isPublicHost = PublishedURL(server.origin)?.host == mapped.host
        if isPublicHost || mapped.isLoopback || server.metadata.internalHosts.contains(mapped.host)
        {
            throw MetadataFault(
                .meta(3),
                "\(MetadataFault.shown(name)) is the internal URL "
                    + "\(MetadataFault.shown(mapped.octets)): let the AS name its public one, or "
                    + "map its prefix in metadata.urls")
        }
        return mapped.octets
    }

    private mutating func remarkUnrouted(_ path: [UInt8], _ name: [UInt8]) {
        let isRouted =
            server.passThrough.contains { ServerRoutes.covers($0, path) }
            || path == server.authorizationPath
        if !isRouted {
            remarks.append(
                "\(MetadataFault.shown(name)) names \(MetadataFault.shown(path)), which is not in "
                    + "pass_through: clients get 404 there")
        }
    }

    // MARK: Methods and algorithms

    /// META-04, for the endpoints that the gateway protects.
    private mutating func writeAuthenticationMethods() throws(MetadataFault) {
        let own = policy.advertised.authentication.map(\.rawValue.octets)
        for endpoint in [ProtectedEndpoint.token, .revocation, .introspection]
        where server.endpoints.contains(where: { $0.endpoint == endpoint }) {
            let name = "\(endpoint.rawValue)_endpoint_auth_methods_supported"
            // RFC 8414 section 2: what a list that is left out means.
            let theirs = try list(name) ?? ["client_secret_basic".octets]
            let all = AdvertisedMethods.Authentication.allCases.map(\.rawValue.octets)
            let legacy = server.unattestedClients.isEmpty ? [] : theirs.filter { !all.contains($0) }
            write(own + legacy, to: name)
        }
    }

    /// META-05, META-06.
    private mutating func writeAlgorithms() throws(MetadataFault) {
        let advertised = policy.advertised
        let isListed = since(.abca07)
        let attestation = isListed ? advertised.attestationAlgorithms : []
        write(names(attestation), to: "client_attestation_signing_alg_values_supported")
        let proof = isListed ? advertised.proofAlgorithms : []
        write(names(proof), to: "client_attestation_pop_signing_alg_values_supported")

        let member = "dpop_signing_alg_values_supported"
        let enforced = names(advertised.dpopAlgorithms)
        let theirs = try list(member)
        switch policy.dpop.owner {
        case .pass: break
        case .verifyAndStrip: write(policy.offersCombined ? enforced : [], to: member)
        case .verifyAndForward:
            if let theirs {
                write(enforced.filter(theirs.contains), to: member)
            } else {
                write(policy.offersCombined ? enforced : [], to: member)
            }
        }
    }

    /// META-07, META-08, META-09.
    private mutating func writeAttestation() {
        let advertised = policy.advertised
        if advertised.servesChallenges, let path = server.challengePath {
            edit.set("challenge_endpoint", to: server.origin + path)
        } else {
            edit.remove("challenge_endpoint")
        }
        let nonces = server.endpoints.filter { advertised.nonceEndpoints.contains($0.endpoint) }
        write(nonces.map { server.origin + $0.path }, to: "client_attestation_pop_nonce_required")
        let isShown = server.metadata.advertisesProofMethods && since(.abca10)
        write(
            isShown ? advertised.proofMethods.map(\.rawValue.octets) : [],
            to: "client_attestation_pop_methods_supported")
    }

    /// META-16: what the clients whose codes are bound must do. The other members count for all, so
    /// they are said where no client may do otherwise.
    private mutating func writeCodeBinding() throws(MetadataFault) {
        let bound = server.clients.values.count(where: \.bindsCodes)
        guard bound > 0 else { return }
        let member = "code_challenge_methods_supported"
        // CFG-13. RFC 8414 section 2: a server that leaves it out has no PKCE.
        if try list(member)?.contains(PKCERekey.method) != true {
            remarks.append(
                "\(member) of the AS does not name S256; codes are not bound unless it enforces it "
                    + "(CFG-13)")
        }
        write([PKCERekey.method], to: member)
        guard bound == server.clients.count, server.unattestedClients.isEmpty else { return }
        edit.set("require_pushed_authorization_requests", toJSON: "true".octets)
        edit.set("request_parameter_supported", toJSON: "false".octets)
        edit.set("request_uri_parameter_supported", toJSON: "false".octets)
    }

    private func since(_ first: Profile) -> Bool {
        let new = Profile.allCases.drop { $0 != first }
        return policy.profiles.profiles.contains(where: new.contains)
    }

    private func names(_ algorithms: [JWSAlgorithm]) -> [[UInt8]] {
        algorithms.map(\.rawValue.octets)
    }

    // MARK: Lists

    /// A list of strings; nil if there is none.
    private func list(_ name: String) throws(MetadataFault) -> [[UInt8]]? {
        guard let value = edit.object[name] else { return nil }
        let strings = value.array?.compactMap(\.string)
        guard let strings, strings.count == value.array?.count else {
            throw .garbage("\(name) is no list of strings")
        }
        return strings
    }

    /// Writes a list; none that is empty (META-05, META-09).
    private mutating func write(_ values: [[UInt8]], to name: String) {
        guard !values.isEmpty else { return edit.remove(name) }
        if let there = edit.object[name]?.array, there.map(\.string) == values { return }
        var writer = JSONWriter()
        writer.beginArray()
        for value in values { writer.string(value) }
        writer.endArray()
        edit.set(name, toJSON: writer.bytes)
    }
}
