// SPDX-License-Identifier: Apache-2.0
// The rule book: what is bound to an instance key (BIND).

import Octets

extension RuleBook {
    static let binding: [RuleNote] = [
        RuleNote(
            .bind(1), "the AS's refresh token can be sealed", "A11 10.3; 8693 2.2.1", .operator,
            "Let the token endpoint of the AS answer with one JSON object of type "
                + "application/json, within `upstream_limits.edited_body`."),
        RuleNote(
            .bind(2), "the refresh token is this instance's", "A11 10.3", .client,
            "Refresh with the key and the client that the token was issued to, in "
                + "`refresh_token`; after a reinstall authorize anew."),
        RuleNote(
            .bind(3), "the sealed value is one of ours", "6749 5.2", .client,
            "Send the value as it was issued, where it belongs; if its key was retired, authorize "
                + "anew."),
        RuleNote(
            .bind(5), "the attester is the same", "A11 10.3", .operator,
            "Leave out `bind.same_attester` if clients may change their attester."),
        RuleNote(
            .bind(7), "the token is this instance's", "7009 2.1; 7662 2.2", .client,
            "Revoke and introspect refresh tokens with the key and the client they were issued to."
        ),
        RuleNote(
            .bind(8), "the device code is this instance's", "A10 9.4; 8628 3.4", .client,
            "Poll with the key and the client that asked for the device code."),
        RuleNote(
            .bind(9), "the authentication request is this instance's", "A10 9.4", .client,
            "Poll with the key that began the request, without `client_notification_token`; the "
                + "operator can write `ciba: ping`."),
        RuleNote(
            .bind(10), "the code is bound by PKCE", "A10 9.4; 7636 4.3", .client,
            "Push `code_challenge` with `code_challenge_method=S256`, and redeem the code with its "
                + "verifier and the same key."),
        RuleNote(
            .bind(11), "the authorization request was pushed", "9126 4, 5", .client,
            "Push the request first and send the browser with `client_id` and `request_uri` "
                + "alone."),
        RuleNote(
            .bind(12), "the AS does not give its own value away", "gateway", .operator,
            "Let the AS answer uncompressed, and keep tokens out of its error texts and header "
                + "fields."),
        RuleNote(
            .bind(13), "the AS's answer names no member twice", "8259 4", .operator,
            "Check the AS; the client did nothing wrong."),
        RuleNote(
            .bind(14), "no digest or signature of the body", "9530; 9421", .client,
            "Leave out Content-Digest, Repr-Digest, Digest and Signature-Input: the gateway "
                + "rewrites the body."),
        RuleNote(
            .bind(15), "the response type is allowed", "6749 4.2; 9700 2.1.2", .client,
            "Use `response_type=code`; the operator lists others in `response_types`."),
    ]
}
