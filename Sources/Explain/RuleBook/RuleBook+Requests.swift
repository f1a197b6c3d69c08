// SPDX-License-Identifier: Apache-2.0
// The rule book: framing, routes and the shape of requests (HTTP, EP, REQ).

import Octets

extension RuleBook {
    static let http: [RuleNote] = [
        RuleNote(
            .http(1), "lines end with CRLF, no control characters", "9112 2.2", .client,
            "End each line of the head with CRLF and send no control characters in it."),
        RuleNote(
            .http(2), "field names are tokens followed by a colon", "9112 5.1", .client,
            "Write each field as `Name: value`, with no space before the colon."),
        RuleNote(
            .http(3), "no folded lines", "9112 5.2", .client,
            "Send each field on one line; tokens must not be wrapped."),
        RuleNote(
            .http(4), "not both Content-Length and Transfer-Encoding", "9112 6.1", .client,
            "Send either Content-Length or Transfer-Encoding, never both."),
        RuleNote(
            .http(5), "Transfer-Encoding is exactly `chunked`", "9112 6.1", .client,
            "Send `Transfer-Encoding: chunked` once, or Content-Length instead."),
        RuleNote(
            .http(6), "one Content-Length, digits alone", "9112 6.3", .client,
            "Send Content-Length once, in digits."),
        RuleNote(
            .http(7), "well-formed chunks", "9112 7.1", .client,
            "Use the HTTP library's own chunked encoding, or Content-Length."),
        RuleNote(
            .http(8), "one Host, and one of ours", "9112 3.2", .client,
            "Send the request to the host and port of the issuer; if clients rightly use another "
                + "one, the operator lists it in `authorities`."),
        RuleNote(
            .http(9), "an unambiguous path", "9112 3.2", .client,
            "Use the endpoint's path exactly as published, with nothing percent-encoded."),
        RuleNote(
            .http(10), "the method is POST", "6749 3.2", .client,
            "Use POST, in capitals."),
        RuleNote(
            .http(11), "no override of the method", "gateway", .client,
            "Leave out the parameter `_method`."),
        RuleNote(
            .http(12), "Connection names no field that matters", "9110 7.6.1", .client,
            "Do not name end-to-end fields in Connection."),
        RuleNote(
            .http(14), "no expectation but 100-continue", "9110 10.1.1", .client,
            "Leave out Expect."),
        RuleNote(
            .http(15), "HTTP/1.0 or HTTP/1.1, no CONNECT or TRACE", "9110 9.3", .client,
            "Speak HTTP/1.1."),
        RuleNote(
            .http(16), "sizes and deadlines", "gateway; A10 9.5", .client,
            "Send a whole request, smaller and without pauses; the operator can raise `limits`."),
        RuleNote(
            .http(17), "the body is not compressed", "gateway", .client,
            "Send the form without Content-Encoding."),
    ]

    static let endpoints: [RuleNote] = [
        RuleNote(
            .ep(6), "attestation, or a listed client", "gateway", .client,
            "Send OAuth-Client-Attestation and OAuth-Client-Attestation-PoP; the operator can list "
                + "a client that has none in `unattested_clients`."),
        RuleNote(
            .ep(7), "the path is served", "gateway", .client,
            "Use an endpoint that the metadata names; the operator adds paths to `endpoints` or "
                + "`pass_through`."),
        RuleNote(
            .ep(10), "no open client registration", "gateway", .operator,
            "Name the path in `endpoints.registration` if anybody may register clients."),
        RuleNote(
            .ep(13), "no protected endpoint under another name", "gateway", .client,
            "Use the exact path of the endpoint; the operator lists every token endpoint of the AS "
                + "in `endpoints`."),
        RuleNote(
            .ep(15), "an authorization request names one client", "gateway", .client,
            "Send exactly one `client_id` with the authorization request, in query or form."),
    ]

    static let shape: [RuleNote] = [
        RuleNote(
            .req(1), "OAuth-Client-Attestation once", "A11 7.1(1)", .client,
            "Send the field once; look for a proxy that adds or merges it."),
        RuleNote(
            .req(2), "OAuth-Client-Attestation-PoP once", "A11 7.2(1), 7.3(1)", .client,
            "Send the field once; look for a proxy that adds or merges it."),
        RuleNote(
            .req(3), "the value is the token alone", "A10 4; 9110 11.2", .client,
            "Put the JWT alone into the field: no scheme, quotes, commas or parameters."),
        RuleNote(
            .req(4), "the value is not empty", "9110 5.5", .client,
            "Put the JWT into the field, or leave the field out."),
        RuleNote(
            .req(5), "tokens are not too large", "gateway", .client,
            "Keep the attestation within 16 KiB, the proof within 4 KiB, a DPoP proof within 8 KiB."
        ),
        RuleNote(
            .req(6), "the tokens belong together", "A11 7, 7.4", .client,
            "Send attestation and proof together, by a method and draft that the operator enabled "
                + "for this client (`methods`, `profiles`)."),
        RuleNote(
            .req(7), "no concatenated tokens", "A07 7", .client,
            "Send attestation and proof in their own fields, not joined by `~`."),
        RuleNote(
            .req(8), "no client assertion of the first drafts", "A03 history", .client,
            "Move from `client_assertion` to the header fields of draft -05 and later."),
        RuleNote(
            .req(9), "the body is a form", "6749 3.2, App. B", .client,
            "Send `Content-Type: application/x-www-form-urlencoded` once, in UTF-8."),
        RuleNote(
            .req(10), "the form can be decoded one way only", "6749 App. B", .client,
            "Percent-encode names and values as a form, UTF-8, separated by `&`."),
        RuleNote(
            .req(11), "no parameter twice", "6749 3.1, 3.2", .client,
            "Send each parameter once."),
        RuleNote(
            .req(12), "client_id equals the attestation's sub", "A11 7.1(7), 7.5", .client,
            "Send the attestation's `sub` as `client_id`, octet for octet, or no `client_id`."),
        RuleNote(
            .req(13), "client_id at PAR", "9126 2.1", .client,
            "Send `client_id` with the pushed authorization request."),
        RuleNote(
            .req(14), "no query", "6749 2.3.1, 3.2", .client,
            "Move the parameters from the URL into the body."),
        RuleNote(
            .req(15), "no Authorization beside an attestation", "6749 2.3", .client,
            "Leave out Authorization: the attestation is the client's authentication."),
        RuleNote(
            .req(16), "no second client credential", "6749 2.3", .client,
            "Leave out client_secret, client_assertion and client_assertion_type."),
        RuleNote(
            .req(17), "one identity", "gateway", .client,
            "Let everything that names a client name the same one."),
        RuleNote(
            .req(18), "a request object is this client's", "9126 2.1, 3", .client,
            "Push a signed, unencrypted request object whose client_id and iss are the "
                + "attestation's sub, and no request_uri."),
        RuleNote(
            .req(19), "the grant type is served", "6749 4, 5.2", .client,
            "Send a grant_type that this endpoint takes; the operator lists them in `grants`."),
        RuleNote(
            .req(21), "no parameter that the AS could take for another", "gateway", .client,
            "Spell parameters exactly, without brackets, dots or other case."),
    ]
}
