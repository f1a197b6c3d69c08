// SPDX-License-Identifier: Apache-2.0
// The authorization endpoint is reached by a browser, which proves no key; these are its own rules
// (EP-15, BIND-11, BIND-15).

import ClientAttestation
import HTTPWire
import Octets

/// Judges authorization requests by their parameters, on whatever pass-through path they come.
enum AuthorizationRequest {
    private static let telling: Set<[UInt8]> = [
        ParameterName.responseType.octets, ParameterName.request.octets,
        ParameterName.requestURI.octets,
    ]
    /// BIND-11: what would stand over the pushed values at an AS that merges both.
    private static let pushedOnly: [ParameterName] = [
        .request, .redirectURI, .codeChallenge, .challengeMethod, .dpopThumbprint,
    ]

    /// Refuses with 400 what could hand an attested client's tokens to a browser, or what two
    /// readers could take for two clients. Login, consent and return pass untouched.
    ///
    /// - Parameters:
    ///   - body: how `form`, the body as far as it may hold parameters, would be read.
    /// - Returns: the attested client whose request this is, if it is one's. The request may name
    ///   it by its id at the AS, as redirections of the AS do.
    static func check(
        query: [UInt8], form: [UInt8], body: PassThroughBody, isEndpoint: Bool,
        server: ProtectedServer
    ) throws(Refusal) -> ClientSettings? {
        let isTelling =
            LooseParameters.occur(telling, in: query) || body.occur(telling, in: form)
        guard isTelling else { return nil }
        let client: Set = [ParameterName.clientID.octets]
        let namesClient = LooseParameters.occur(client, in: query) || body.occur(client, in: form)
        guard isEndpoint || namesClient else { return nil }
        if body != .form, body.occur(telling.union(client), in: form) {
            // RFC 6749 section 3.1 knows queries and forms only.
            throw Refusal(.ep(15), .http(400))
        }
        // Query and form are one request to most servers, so they are read as one.
        let form = body == .form ? form : []
        let separator = query.isEmpty || form.isEmpty ? [] : [UInt8(ascii: "&")]
        let parameters = try parse(query + separator + form)
        guard let clientID = parameters.value(of: .clientID) else {
            throw Refusal(.ep(15), .http(400))
        }
        guard let client = server.attestedClient(named: clientID) else {
            try refuseAttestedInside(parameters.value(of: .request), server: server)
            return nil
        }
        try checkAttested(parameters, client: client, server: server)
        return client
    }

    private static func parse(_ text: [UInt8]) throws(Refusal) -> Form {
        do {
            let form = try Form.parse(text)
            try form.check(ParameterName.protocolNames)
            return form
        } catch {
            throw Refusal(error.rule, .http(400))
        }
    }

    /// REQ-18: no request object names an attested client inside another one's request. Some
    /// servers let what is inside win.
    private static func refuseAttestedInside(
        _ object: [UInt8]?, server: ProtectedServer
    ) throws(Refusal) {
        guard let object else { return }
        guard let named = RequestObject.clients(in: object),
            named.allSatisfy({ server.attestedClient(named: $0) == nil })
        else { throw Refusal(.req(18), .http(400)) }
    }

    /// BIND-11: nothing but a reference to a pushed request, which the AS holds to its client.
    private static func requirePushed(_ parameters: Form) throws(Refusal) {
        guard parameters.value(of: .requestURI) != nil, !pushedOnly.contains(where: parameters.has)
        else { throw Refusal(.bind(11), .http(400)) }
    }

    /// BIND-15: the response type is on the client's list wherever it is said.
    private static func checkAttested(
        _ parameters: Form, client: ClientSettings, server: ProtectedServer
    ) throws(Refusal) {
        if client.requiresPAR || client.bindsCodes { try requirePushed(parameters) }
        let refusal = Refusal(.bind(15), .http(400))
        var types: [[UInt8]] = []
        if let type = parameters.value(of: .responseType) { types.append(type) }
        if let object = parameters.value(of: .request) {
            // CRED-07: it names its client under a signature.
            if client.isMapped { throw Refusal(.cred(7), .http(400)) }
            let claims: RequestObject
            do { claims = try RequestObject(peeking: object) } catch {
                throw Refusal(.req(18), .http(400))
            }
            guard claims.clientID == client.clientID,
                claims.issuer == nil || claims.issuer == client.clientID
            else { throw Refusal(.req(18), .http(400)) }
            if let type = claims.responseType { types.append(type) }
        }
        if let reference = parameters.value(of: .requestURI) {
            // RFC 9126 section 2.2. Any other form may name a request object from anywhere.
            guard reference.starts(with: server.settings.requestURIPrefix) else { throw refusal }
        } else if types.isEmpty {
            throw refusal
        }
        guard types.allSatisfy(client.responseTypes.contains) else { throw refusal }
    }
}
