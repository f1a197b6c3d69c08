// SPDX-License-Identifier: Apache-2.0
// The rule book: every JWT, and the attester's keys (JOSE, KEY).

import Octets

extension RuleBook {
    static let jose: [RuleNote] = [
        RuleNote(
            .jose(1), "a compact JWS of three parts", "7515 7.1; 7519 7.2", .client,
            "Send a signed JWT in compact form, not encrypted, not detached."),
        RuleNote(
            .jose(2), "base64url without padding", "7515 2", .client,
            "Encode with the base64url alphabet, without `=`, and change no character afterwards."),
        RuleNote(
            .jose(3), "header and payload are one JSON object", "7515 5.2; 8259", .client,
            "Encode header and payload as UTF-8 JSON objects with nothing after them."),
        RuleNote(
            .jose(4), "no member twice", "7515 4; 7519 4", .client,
            "Write each member once, at every depth."),
        RuleNote(
            .jose(5), "typ is a string", "7515 4.1.9; 8725 3.11", .client,
            "Set `typ` to the type of this token."),
        RuleNote(
            .jose(6), "alg is a known name", "A11 7.1(3), 7.2(3); 8725 3.1", .client,
            "Set `alg` to the algorithm that signed, spelled exactly, never `none`."),
        RuleNote(
            .jose(7), "no critical extension", "7515 4.1.11", .client, "Leave out `crit`."),
        RuleNote(
            .jose(8), "no unencoded payload", "7797 7", .client, "Leave out `b64`."),
        RuleNote(
            .jose(9), "no encryption, compression or nesting", "7519 5.2; 8725 3", .client,
            "Leave out `enc`, `zip` and `cty`."),
        RuleNote(
            .jose(10), "the key is one for this algorithm", "8725 3.1; 7518 3.1; 9864", .client,
            "Sign with the algorithm that belongs to the key's type and curve."),
        RuleNote(
            .jose(11), "the signature has its raw length", "7518 3.4", .client,
            "Encode ECDSA signatures as r and s, not as DER."),
        RuleNote(
            .jose(12), "the signature's numbers are in range", "7518 3.4", .client,
            "Sign again; these octets are no signature."),
        RuleNote(
            .jose(13), "EC keys are points on their curve", "7518 6.2.1; 8725 3.4", .client,
            "Write x and y as 32, 48 or 66 octets, leading zeros included."),
        RuleNote(
            .jose(14), "RSA keys are strong and bounded", "7518 3.3, 6.3.1", .client,
            "Use an RSA key of 2048 to 8192 bits with the exponent 65537."),
        RuleNote(
            .jose(15), "PSS parameters follow the algorithm", "7518 3.5", .client,
            "Sign with a salt as long as the hash."),
        RuleNote(
            .jose(16), "Edwards keys are sound", "8037; 8032 5.1.7; 9864 2.2", .client,
            "Use an Ed25519 or Ed448 key that a library made."),
        RuleNote(
            .jose(17), "a MAC only from a MAC attester", "A07 5.1; A11 12.2", .attester,
            "Sign with a key pair; MACs need an attester entry of their own."),
        RuleNote(
            .jose(18), "keys in tokens are public", "A11 7.1(5); 9449 4.3", .client,
            "Put the public half of the key into the token, and replace the key: its private half "
                + "was sent."),
        RuleNote(
            .jose(19), "the key's use, key_ops and alg allow this", "7517 4.2-4.4", .client,
            "Set `use` to `sig` and `alg` to the algorithm, or leave them out."),
        RuleNote(
            .jose(20), "a key of known type and form", "7517 4", .client,
            "Write the key as a JWK of kty EC, RSA or OKP."),
        RuleNote(
            .jose(21), "times are numbers", "7519 2", .client,
            "Write times as JSON numbers of seconds since 1970."),
        RuleNote(
            .jose(22), "names and identifiers are strings", "7519 2", .client,
            "Write sub, iss, aud and jti as non-empty strings."),
        RuleNote(
            .jose(23), "the signature is over the received octets", "7515 5.2", .client,
            "Send the token exactly as it was signed."),
        RuleNote(
            .jose(26), "a token has one role", "8725 3.11-3.12", .client,
            "Put each token into its own field; look whether two were swapped."),
        RuleNote(
            .jose(27), "the algorithm is built", "A11 7.1(3)", .client,
            "Sign with an algorithm that the metadata lists."),
    ]

    static let keys: [RuleNote] = [
        RuleNote(
            .key(1), "one trusted attester is meant", "A11 7.1(4), 10.8", .operator,
            "Check that the attester is in `attesters`, with its `issuers`, `jwks_file` and "
                + "`clients`; the attestation's iss, else its kid, else its sub selects it."),
        RuleNote(
            .key(2), "iss belongs to the selected attester", "A07 5.1", .attester,
            "Write the `iss` that the gateway's operator lists in `issuers`."),
        RuleNote(
            .key(3), "the attester may vouch for this client", "gateway; issue 225", .operator,
            "Add the attestation's sub to `clients` of the attester, if it may vouch for it."),
        RuleNote(
            .key(4), "one key is meant", "7515 4.1.4", .operator,
            "Check that `jwks_file` has the attester's current keys; the attester names one by "
                + "`kid`."),
        RuleNote(
            .key(5), "one signature attempt", "gateway", .attester,
            "Name the key that signed by its own `kid`."),
        RuleNote(
            .key(6), "jku is the configured one", "A11 10.8; 8725 3.10", .attester,
            "Write the `jku` that the gateway's operator configured."),
        RuleNote(
            .key(7), "keys in the header give no trust", "8725 3.10", .attester,
            "Sign with a key that the gateway's operator knows."),
        RuleNote(
            .key(13), "the selected key verifies this algorithm", "7517", .operator,
            "Check `use`, `key_ops` and `alg` of the attester's key in `jwks_file`."),
        RuleNote(
            .key(15), "the attester is not denied", "gateway", .operator,
            "Take it off the denylist if it may be trusted again."),
        RuleNote(
            .key(17), "the instance key is not the attester's", "A11 1.1", .attester,
            "Put the instance's own key into `cnf.jwk`, and sign proofs with that."),
        RuleNote(
            .key(18), "a MAC attestation names its key", "A11 12.2", .attester,
            "Write `kid` into attestations that are MACs."),
    ]
}
