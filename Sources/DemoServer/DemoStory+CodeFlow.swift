// SPDX-License-Identifier: Apache-2.0
// The second part of the story: an authorization code flow, attested where the client speaks.

import HTTPWire
import Octets

extension DemoStory {
    /// EP-02: the same two tokens at another endpoint.
    func pushedAuthorizationRequest() async {
        let request = DemoRequest.post(
            "/par",
            form: [
                ("response_type", Array("code".utf8)),
                ("redirect_uri", DemoCast.redirectURI),
                ("code_challenge", DemoCast.codeChallenge(of: codeVerifier)),
                ("code_challenge_method", Array("S256".utf8)),
            ])
        let step = Step(
            title: "A pushed authorization request (PAR)",
            request: cast.attested(request, as: .current(challenge: challenge)),
            expected: .accepted, arrival: .reachesServer,
            note:
                "The same attestation again, with a new proof: one proof is good for one request.")
        let outcome = await play(step) { outcome in
            outcome.member("request_uri").isEmpty ? ["expected a request_uri"] : []
        }
        requestURI = outcome.member("request_uri")
    }

    /// EP-15: a browser proves no key.
    func authorizationEndpoint() async {
        // Neither value has an octet that a query would need encoded.
        let query =
            "?client_id=" + Shortening.text(DemoCast.clientID)
            + "&request_uri=" + Shortening.text(requestURI)
        let step = Step(
            title: "The user's browser at the authorization endpoint",
            request: DemoRequest(method: .get, target: Array("/authorize\(query)".utf8)),
            expected: .accepted, arrival: .reachesServer,
            note: "A browser proves no key, so this passes through. (This AS approves at once.)",
            showsFields: [.location])
        let outcome = await play(step)
        code = Self.code(in: outcome.field(.location))
    }

    /// EP-01.
    func codeForTokens() async {
        let request = DemoRequest.post(
            "/token",
            form: [
                ("grant_type", Array("authorization_code".utf8)),
                ("code", code),
                ("redirect_uri", DemoCast.redirectURI),
                ("code_verifier", codeVerifier),
            ])
        let step = Step(
            title: "The code and the PKCE verifier for tokens",
            request: cast.attested(request, as: .current(challenge: challenge)),
            expected: .accepted, arrival: .reachesServer,
            note: "The code alone is of no use: it takes the verifier, an attestation and a proof.")
        let outcome = await play(step) { outcome in
            outcome.member("refresh_token").isEmpty ? ["expected a refresh token"] : []
        }
        refreshToken = outcome.member("refresh_token")
    }

    /// BIND-01, BIND-02.
    func refresh() async {
        let step = Step(
            title: "The refresh token for new tokens",
            request: cast.attested(refreshRequest, as: .current(challenge: challenge)),
            expected: .accepted, arrival: .reachesServer,
            note:
                "The client holds it sealed (ag1.…), bound to its key; the AS gets its own back.")
        let outcome = await play(step) { outcome in
            let fresh = outcome.member("refresh_token")
            let isSealed = fresh.starts(with: Array("ag1.".utf8)) && fresh != refreshToken
            return isSealed ? [] : ["expected a new sealed refresh token"]
        }
        refreshToken = outcome.member("refresh_token")
    }

    /// BIND-02: the theft that sealing is for.
    func stolenRefreshToken() async {
        var presentation = Presentation.current(challenge: challenge)
        presentation.instance = .stranger
        let step = Step(
            title: "The refresh token, stolen by another instance of the client",
            request: cast.attested(refreshRequest, as: presentation),
            expected: .refused(rule: "BIND-02"), arrival: .staysOutside,
            note:
                "Its attestation and proof are good, for its own key: not the key of the token.",
            error: "invalid_grant")
        await play(step)
    }

    private var refreshRequest: DemoRequest {
        DemoRequest.post(
            "/token",
            form: [
                ("grant_type", Array("refresh_token".utf8)),
                ("refresh_token", refreshToken),
            ])
    }

    static func code(in location: [UInt8]) -> [UInt8] {
        guard let mark = location.firstIndex(of: UInt8(ascii: "?")),
            let query = try? Form.parse(Array(location[(mark + 1)...]))
        else { return [] }
        return query.value(of: "code") ?? []
    }
}
