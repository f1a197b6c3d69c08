// SPDX-License-Identifier: Apache-2.0
// A captured request, judged by the functions of the road with a trace and without a connection.

public import ClientAttestation
public import HTTPWire
public import Octets

/// What the gateway would have done with a captured request, and by which rules.
///
/// Every rule is the one that serves requests; nothing is judged here. Two things cannot be known
/// from a capture and are left out: what was accepted before (RPL), and when the gateway started.
public struct RequestExplanation {
    /// How it ends.
    public enum Verdict: Sendable, Equatable {
        /// Every rule before the replay set holds; the AS would get the request.
        case accepted
        /// A rule does not hold.
        case refused(Refusal)
        /// Nothing is verified here: a pass-through path, a listed client, or an answer that the
        /// gateway gives by itself.
        case unverified(Unverified)
        /// The capture has no body and the verdict depends on it.
        case undecided
    }

    /// Requests without attestation that are not refused.
    public enum Unverified: String, Sendable {
        /// The challenge endpoint.
        case challenge
        /// `OPTIONS` at a protected endpoint: a preflight or a nonce request.
        case options
        /// The AS's metadata.
        case metadata
        /// A pass-through path.
        case passThrough = "pass_through"
        /// The authorization endpoint.
        case authorization
        /// A client of `unattested_clients`, with its own credential (EP-06).
        case listedClient = "unattested_client"
    }

    /// The end.
    public private(set) var verdict = Verdict.undecided
    /// The rules in the order in which they were judged.
    public var entries: [RuleTrace.Entry] { trace.entries }
    /// The rule of a refusal that did not announce itself: a fault of this program, for tests.
    public var unannounced: RuleID? { trace.unannounced }
    /// The attester whose entry was selected; nil: the run did not get there.
    public var attesterID: String? { trace.attesterID }
    /// The `kid` of the key that was selected; nil: it has none, or the run did not get there.
    public var attesterKeyID: [UInt8]? { trace.attesterKeyID }
    /// The AS that `Host` selects, as a position in the settings.
    public private(set) var server: Int?
    /// The protected endpoint that was asked.
    public private(set) var endpoint: ProtectedEndpoint?
    /// The tokens as received.
    public private(set) var tokens: PresentedTokens?
    /// Whether the body ended before its announced end, so that no rule about it was judged.
    public private(set) var lacksBody = false
    /// Octets after the end of the request.
    public private(set) var excess = 0
    /// The method; nil if the head could not be read.
    public private(set) var method: [UInt8]?
    /// The target's path without its query; nil if the head could not be read.
    public private(set) var path: [UInt8]?
    /// The parameters of the body; nil if there is none or it is no form.
    public private(set) var parameters: Form?
    /// The value of `Host`; nil if the head could not be read.
    public private(set) var host: [UInt8]?
    /// The client of a request that is not refused.
    public private(set) var clientID: [UInt8]?
    /// The profile that the proof looks like.
    public private(set) var profile: Profile?
    /// Whether the proof carried a challenge or nonce that verified.
    public private(set) var hasChallenge = false

    /// Whether the refusal is answered without an error (BIND-07).
    private var isQuiet = false
    private let settings: GatewaySettings
    private let now: UnixTime
    private let trace = RuleTrace()

    /// Judges `octets`, a request in the form of HTTP/1.1, as of `now`.
    public init(_ octets: [UInt8], settings: GatewaySettings, now: UnixTime) {
        self.settings = settings
        self.now = now
        do throws(Refusal) {
            verdict = try judge(octets)
            trace.finish(nil)
        } catch {
            verdict = .refused(error)
            clientID = error.clientID ?? clientID
            trace.finish(error)
        }
    }

    /// How a refusal is answered at the endpoint that was asked; nil also where the answer is no
    /// error.
    public func response(to refusal: Refusal) -> RefusalResponse? {
        guard let server, let endpoint, !isQuiet else { return nil }
        let policy = settings.servers[server].policy
        return RefusalResponse(
            refusal.failure, errors: policy.errors, policy.circumstances(at: endpoint))
    }

    // MARK: The road

    /// Steps 1 and 2.
    private mutating func judge(_ octets: [UInt8]) throws(Refusal) -> Verdict {
        var input = InputBuffer(octets)
        let head = try readHead(&input)
        method = head.method.octets
        path = head.target.path
        host = head.host
        let servers = settings.servers.enumerated().map { ProtectedServer($1, index: $0) }
        let routes = try RouteTable(servers).server(of: head, trace: trace)
        server = routes.server.index
        switch try routes.route(head, trace: trace) {
        case .protected(let endpoint):
            self.endpoint = endpoint.endpoint
            if head.method == .options { return .unverified(.options) }
            return try judgeProtected(head, &input, server: routes.server, endpoint: endpoint)
        case .challenge:
            try ChallengeEndpoint.requireMethod(head, trace: trace)
            return .unverified(.challenge)
        case .authorization:
            return try judgePassing(head, &input, server: routes.server, isAuthorization: true)
        case .metadata:
            return .unverified(.metadata)
        case .passThrough:
            return try judgePassing(head, &input, server: routes.server, isAuthorization: false)
        }
    }

    /// Steps 3 to 11, and what of step 13 refuses.
    private mutating func judgeProtected(
        _ head: RequestHead, _ input: inout InputBuffer, server: ProtectedServer,
        endpoint: EndpointSettings
    ) throws(Refusal) -> Verdict {
        try ProtectedRequest.requireMethod(head, trace: trace)
        tokens = try? PresentedTokens.read(head)
        let start = try ProtectedRequest(head, server: server, endpoint: endpoint, trace: trace)
        let limit = start.bodyLimit(settings.limits)
        guard let body = try readBody(head, &input, limit: limit) else {
            guard start.isAttested else { return .undecided }
            let facts = RequestFacts(endpoint: endpoint.endpoint, clientIDParameter: nil)
            note(try start.verify(facts, cache: AttestationCache(), fence: nil, now: now))
            return .accepted
        }
        parameters = try? Form.parse(body)
        var request = try start.reading(body)
        guard start.isAttested else {
            clientID = try request.unattestedIdentity()
            try request.requireGrant()
            try open(&request, for: .listed)
            return .unverified(.listedClient)
        }
        let verified = try request.verify(cache: AttestationCache(), fence: nil, now: now)
        note(verified)
        try request.requireOneIdentity(verified.clientID)
        let holder = ArtifactHolder(verified)
        try open(&request, for: .attested(holder))
        try request.bindCode(for: holder)
        _ = try request.allowedClient(verified.clientID)
        return .accepted
    }

    /// Step 11: BIND.
    private mutating func open(
        _ request: inout TokenRequest, for caller: ArtifactCaller
    ) throws(Refusal) {
        do throws(ArtifactRefusal) {
            _ = try request.open(for: caller, now: now)
        } catch {
            if case .refused = error {} else { isQuiet = true }
            throw error.refusal
        }
    }

    private mutating func judgePassing(
        _ head: RequestHead, _ input: inout InputBuffer, server: ProtectedServer,
        isAuthorization: Bool
    ) throws(Refusal) -> Verdict {
        try ForwardFields.checkConnectionOptions(head, server: server, trace: trace)
        trace.begin(.req(9))
        let kind = try PassThroughBody.announced(by: head)
        let limit = kind == .opaque ? settings.limits.passThroughBody : settings.limits.body
        let body = try readBody(head, &input, limit: limit)
        try PassThroughRules(
            head: head, kind: kind, body: body ?? [], isAuthorization: isAuthorization,
            server: server, trace: trace
        ).judge()
        return .unverified(isAuthorization ? .authorization : .passThrough)
    }

    private mutating func note(_ verified: VerifiedRequest) {
        clientID = verified.clientID
        profile = verified.profileGuess
        hasChallenge = verified.hasChallenge
    }

    // MARK: Octets

    /// Step 1. The parser looks at each octet once and at no rule after the first broken one, so
    /// only that one is known to have been judged.
    private func readHead(_ input: inout InputBuffer) throws(Refusal) -> RequestHead {
        var parser = RequestParser(limits: settings.limits)
        do throws(HTTPViolation) {
            if let head = try parser.parse(&input) {
                trace.begin(
                    .http(1), .http(2), .http(3), .http(4), .http(5), .http(6), .http(14))
                return head
            }
        } catch {
            trace.begin(error.rule)
            throw Refusal(error.rule, .http(error.status))
        }
        // The gateway would wait for the rest and give up.
        trace.begin(.http(16))
        throw Refusal(.http(16), .http(408))
    }

    /// The body; nil if the capture ends before it does.
    private mutating func readBody(
        _ head: RequestHead, _ input: inout InputBuffer, limit: Int
    ) throws(Refusal) -> [UInt8]? {
        var reader = try BodyReader(of: head, limit: limit, trace: trace)
        if case .chunked = head.framing { trace.begin(.http(7)) }
        var body: [UInt8] = []
        do throws(HTTPViolation) {
            while true {
                switch try reader.next(&input) {
                case .data(let part): body += part
                case .end:
                    excess = input.count
                    return body
                case .needMore:
                    lacksBody = true
                    return nil
                }
            }
        } catch {
            throw Refusal(error.rule, .http(error.status))
        }
    }
}
