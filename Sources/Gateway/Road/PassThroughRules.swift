// SPDX-License-Identifier: Apache-2.0
// What a request that is forwarded unverified may never be (EP-10, EP-13, EP-15).

import ClientAttestation
import HTTPWire
import Octets

/// One pass-through request, with as much of its body as may hold parameters.
struct PassThroughRules {
    let head: RequestHead
    let kind: PassThroughBody
    let body: [UInt8]
    /// Whether the path is the configured authorization endpoint.
    let isAuthorization: Bool
    let server: ProtectedServer
    /// Nil for requests in service.
    var trace: RuleTrace?

    /// Refuses what must not pass. Returns the attested client whose authorization request it is.
    @discardableResult
    func judge() throws(Refusal) -> ClientSettings? {
        try refuseTokenRequest()
        try refuseRegistration()
        trace?.begin(
            .req(10), .req(11), .req(21), .req(18), .ep(15), .bind(11), .cred(7), .bind(15))
        return try AuthorizationRequest.check(
            query: query, form: body, body: kind, isEndpoint: isAuthorization, server: server)
    }

    private var query: [UInt8] { head.target.query ?? [] }

    /// EP-13, second line: a token endpoint nobody told us of. The name of the parameter is found
    /// under any spelling that some platform reads as it.
    private func refuseTokenRequest() throws(Refusal) {
        trace?.begin(.ep(13))
        if LooseParameters.occur(Self.tokenParameters, in: query)
            || kind.occur(Self.tokenParameters, in: body)
        {
            throw Refusal(.ep(13), .http(404))
        }
    }

    /// EP-10: dynamic registration (RFC 7591 is a POST of JSON) unless its path was let through.
    /// It is known by its path, or by what every such request says.
    private func refuseRegistration() throws(Refusal) {
        trace?.begin(.ep(10))
        guard kind == .text, head.method != .get,
            head.target.path != server.settings.registrationPath
        else { return }
        let segments = head.target.decodedPath.split(separator: UInt8(ascii: "/"))
            .map { $0.prefix { $0 != UInt8(ascii: ".") }.map(ASCII.lowercased) }
        if segments.contains(where: Self.registrationSegments.contains)
            || kind.occur(Self.registrationMembers, in: body)
        {
            throw Refusal(.ep(10), .http(404))
        }
    }

    private static let tokenParameters: Set<[UInt8]> = [
        ParameterName.grantType.octets, ParameterName.clientAssertion.octets,
    ]
    private static let registrationSegments: Set<[UInt8]> = Set(
        ["register", "registration", "reg", "clients-registrations"].map(\.octets))
    private static let registrationMembers: Set<[UInt8]> = ["redirect_uris".octets]
}
