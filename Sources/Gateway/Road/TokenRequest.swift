// SPDX-License-Identifier: Apache-2.0
// The form of a protected request: read strictly once, judged, and rebuilt for the AS
// (REQ-09 to REQ-21, FWD-06, CRED-01).

import ClientAttestation
import Cryptography
import HTTPWire
import Octets

/// A protected `POST` whose body has been read.
struct TokenRequest {
    /// What was known before the body.
    let start: ProtectedRequest
    var form: Form
    /// `client_id` of the body; nil: absent or empty.
    let clientID: [UInt8]?
    /// What a pushed request object claims (REQ-18).
    private let requestObject: RequestObject?

    var server: ProtectedServer { start.server }
    var endpoint: EndpointSettings { start.endpoint }
    private var head: RequestHead { start.head }
    private var trace: RuleTrace? { start.trace }

    /// Judges the body (step 5) of a request that passed `requireReadable`; `ProtectedRequest`
    /// alone calls it.
    init(_ body: [UInt8], of start: ProtectedRequest) throws(Refusal) {
        self.start = start
        let trace = start.trace
        try Self.requireFormContent(start.head, isEmpty: body.isEmpty, trace)
        form = try Self.parse(body, trace)
        clientID = form.value(of: .clientID)
        try Self.requireKnownAssertion(form, trace)
        switch start.endpoint.endpoint {
        case .pushedAuthorizationRequest:
            trace?.begin(.req(18))
            if form.has(.requestURI) { throw Refusal(.req(18), .invalidRequest) }
            requestObject = try form.value(of: .request).map(RequestObject.init(peeking:))
            trace?.begin(.req(13))
            if start.server.settings.parRequiresClientID, clientID == nil {
                throw Refusal(.req(13), .invalidRequest)
            }
        default:
            requestObject = nil
        }
    }

    // MARK: Shape

    /// What the head says of the body before anybody waits for it.
    static func requireReadable(_ head: RequestHead, trace: RuleTrace?) throws(Refusal) {
        trace?.begin(.req(14), .http(17))
        // REQ-14: the target of a protected POST has no query.
        guard head.target.query == nil else { throw Refusal(.req(14), .invalidRequest) }
        try requireIdentityCoding(head)
        trace?.begin(.bind(14))
        try requireUnsigned(head)
    }

    /// BIND-14: digest and signature would be of another body than the one that the AS gets.
    private static func requireUnsigned(_ head: RequestHead) throws(Refusal) {
        for name in FieldName.bodyProofs where head.fields.contains(name) {
            throw Refusal(.bind(14), .invalidRequest)
        }
    }

    private static let identity = "identity".octets

    /// HTTP-17.
    private static func requireIdentityCoding(_ head: RequestHead) throws(Refusal) {
        for value in head.fields.values(of: .contentEncoding)
        where !ASCII.equalsIgnoringCase(value, Self.identity) {
            throw Refusal(.http(17), .http(415))
        }
    }

    /// REQ-09.
    private static func requireFormContent(
        _ head: RequestHead, isEmpty: Bool, _ trace: RuleTrace?
    ) throws(Refusal) {
        trace?.begin(.req(9))
        let values = head.fields.values(of: .contentType)
        if values.isEmpty && isEmpty { return }
        guard values.count == 1, ContentType.isForm(values[0]) else {
            throw Refusal(.req(9), .invalidRequest)
        }
    }

    /// REQ-10, REQ-11, REQ-21, HTTP-11.
    private static func parse(
        _ body: [UInt8], _ trace: RuleTrace?
    ) throws(Refusal) -> Form {
        trace?.begin(.req(10), .req(11), .req(21))
        let form: Form
        do {
            form = try Form.parse(body)
            try form.check(ParameterName.protocolNames)
        } catch {
            throw Refusal(error.rule, .invalidRequest)
        }
        trace?.begin(.http(11))
        if form.has(.method) { throw Refusal(.http(11), .invalidRequest) }
        return form
    }

    /// REQ-08: the forms of drafts -00 to -02 are named, so that their clients learn why.
    private static func requireKnownAssertion(
        _ form: Form, _ trace: RuleTrace?
    ) throws(Refusal) {
        trace?.begin(.req(8))
        guard let type = form.value(of: .clientAssertionType) else { return }
        if type == ParameterName.jwtClientAttestation || type == ParameterName.jwtKeyAttestation {
            throw Refusal(.req(8), .invalidClient)
        }
    }

    /// REQ-19.
    func requireGrant() throws(Refusal) {
        guard endpoint.endpoint == .token else { return }
        trace?.begin(.req(19))
        guard let grant = form.value(of: .grantType) else {
            throw Refusal(.req(19), .invalidRequest)
        }
        if let grants = endpoint.grants, !grants.contains(grant) {
            throw Refusal(.req(19), .unsupportedGrantType)
        }
    }

    // MARK: Identity

    /// REQ-15, REQ-16: an attested client brings no second credential.
    func requireNoForeignCredential() throws(Refusal) {
        trace?.begin(.req(15), .req(16))
        if head.fields.count(of: .authorization) > 0 { throw Refusal(.req(15), .invalidRequest) }
        if form.has(.clientSecret) || form.has(.clientAssertion) || form.has(.clientAssertionType) {
            throw Refusal(.req(16), .invalidRequest)
        }
    }

    /// What the tokens are compared with.
    var facts: RequestFacts {
        get throws(Refusal) {
            RequestFacts(
                endpoint: endpoint.endpoint, clientIDParameter: clientID,
                method: head.method.octets, dpopThumbprint: try dpopThumbprint)
        }
    }

    /// DPOP-15: the `dpop_jkt` of a pushed request, wherever it is said. That of an authorization
    /// request is the AS's to compare with the use of the code.
    private var dpopThumbprint: [UInt8]? {
        get throws(Refusal) {
            let outer = form.value(of: .dpopThumbprint)
            guard let inner = requestObject?.dpopThumbprint else { return outer }
            trace?.begin(.dpop(15))
            trace?.begin(.dpop(15))
            if let outer, outer != inner { throw Refusal(.dpop(15), .dpopProof) }
            return inner
        }
    }

    /// REQ-17, REQ-18, BIND-15: everything in the request that names a client names `subject`, and
    /// the response type is one this client may use. CRED-07: a request object names its client
    /// under a signature, so none can be sent on under another id.
    func requireOneIdentity(_ subject: [UInt8]) throws(Refusal) {
        if let requestObject {
            trace?.begin(.req(18), .cred(7))
            try requestObject.requireClient(subject)
            if server.settings.clients[subject]?.isMapped == true {
                throw Refusal(.cred(7), .invalidRequest)
            }
        }
        guard endpoint.endpoint == .pushedAuthorizationRequest,
            let client = server.settings.clients[subject]
        else { return }
        trace?.begin(.bind(15))
        let types = [form.value(of: .responseType), requestObject?.responseType]
        for case let type? in types where !client.responseTypes.contains(type) {
            throw Refusal(.bind(15), .invalidRequest)
        }
    }

    /// EP-06: the single identity of an unattested request, if it may pass (REQ-17).
    func unattestedIdentity() throws(Refusal) -> [UInt8] {
        trace?.begin(.req(15), .req(17), .ep(6))
        var identities: Set<[UInt8]> = []
        if let clientID { identities.insert(clientID) }
        identities.formUnion(try BasicIdentity.readings(head))
        if let assertion = form.value(of: .clientAssertion) {
            identities.formUnion(try AssertionIdentity.readings(assertion))
        }
        if let object = requestObject {
            identities.insert(object.clientID)
            // An issuer that is a client is an identity too; any other is the AS's business.
            if let issuer = object.issuer, server.attestedClient(named: issuer) != nil {
                identities.insert(issuer)
            }
        }
        guard let identity = identities.first else { throw Refusal(.ep(6), .invalidClient) }
        guard identities.count == 1 else { throw Refusal(.req(17), .invalidRequest) }
        guard server.settings.clients[identity] == nil,
            server.settings.unattestedClients.contains(identity)
        else { throw Refusal(.ep(6), .invalidClient) }
        return identity
    }

    // MARK: Translation

    /// Step 13: the request as the AS gets it. `client_id` exactly once and verified (FWD-06), the
    /// client's credential replaced (CRED-01 to CRED-05).
    ///
    /// - Parameter previous: presents the credential of before its rotation (CRED-08).
    func translated(
        for instance: AttestedInstance, exchange: Exchange, previous: UpstreamCredential? = nil
    ) throws(Refusal) -> UpstreamRequest {
        let client = try allowedClient(instance.clientID)
        var form = form
        var writer = try requestStart()
        let now = exchange.connection.worker.now()
        let use = CredentialUse(server: server, endpoint: endpoint, now: now)
        try (previous ?? client.credential).present(
            client.upstreamID, use, form: &form, head: &writer)
        // FWD-05, DPOP-21: an AS that knows nothing of DPoP does not get what was verified here.
        if server.settings.policy.dpop.owner != .verifyAndStrip {
            ForwardFields.addDPoP(head, to: &writer)
        }
        ForwardFields.addAllowed(head, server: server, to: &writer)
        ForwardFields.addOrigin(exchange, server: server, to: &writer)
        if server.settings.keepsAttestation { ForwardFields.addTokens(head, to: &writer) }
        if server.settings.identityHeaders {
            ForwardFields.addIdentity(instance, to: &writer)
        }
        try ForwardFields.addIdentityAssertion(instance, server: server, now: now, to: &writer)
        return UpstreamRequest(method: .post, head: writer, form: form)
    }

    private func requestStart() throws(Refusal) -> HeadWriter {
        guard var start = server.requestStarts[endpoint.endpoint] else {
            throw Refusal(.ep(7), .http(404))
        }
        ForwardFields.addGatewaySecret(of: server, to: &start)
        return start
    }

    /// EP-06: a listed client's own request, rebuilt from the parsed pairs all the same.
    func untranslated(exchange: Exchange) throws(Refusal) -> UpstreamRequest {
        var writer = try requestStart()
        for value in head.fields.values(of: .authorization) {
            writer.field(.authorization, value)
        }
        // Nobody has verified it here, so nobody takes it away: to this client the gateway is as
        // good as absent, whoever owns the proofs of attested ones.
        ForwardFields.addDPoP(head, to: &writer)
        ForwardFields.addAllowed(head, server: server, to: &writer)
        ForwardFields.addOrigin(exchange, server: server, to: &writer)
        return UpstreamRequest(method: .post, head: writer, form: form)
    }

    /// CRED-01: the row of `subject`, which allows the grant and the scopes of this request.
    func allowedClient(_ subject: [UInt8]) throws(Refusal) -> ClientSettings {
        trace?.begin(.cred(1))
        guard let client = server.settings.clients[subject] else {
            throw Refusal(.cred(1), .invalidClient)
        }
        try requireAllowed(client)
        return client
    }

    /// The grant and the scopes of `client`.
    private func requireAllowed(_ client: ClientSettings) throws(Refusal) {
        if endpoint.endpoint == .token, let grants = client.grants,
            let grant = form.value(of: .grantType), !grants.contains(grant)
        {
            throw Refusal(.cred(1), .unauthorizedClient)
        }
        guard let scopes = client.scopes, let asked = form.value(of: .scope) else { return }
        for scope in asked.split(separator: UInt8(ascii: " ")) where !scopes.contains(Array(scope))
        {
            throw Refusal(.cred(1), .invalidScope)
        }
    }
}
