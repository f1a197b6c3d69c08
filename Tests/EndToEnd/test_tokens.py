# SPDX-License-Identifier: Apache-2.0
"""JOSE, KEY, ATT and POP through the public surface: one hostile token a row.

The full tables are in the kernel's own tests; these show that the rules hold in the real program,
with tokens of another implementation.
"""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from harness import jose, settings
from harness.expect import ATT, CLI, accepted, refused
from harness.gateway import attested, presented
from harness.jose import ABSENT, At

HOUR = 3600


def with_attestation(gateway, instance, attestation):
    return presented(attestation, instance.proof(challenge=gateway.challenge()))


def attest(trust, instance=None, **more):
    instance = instance or trust.public
    return trust.attester.attest(instance.key, instance.client_id, **more)


# Attestations: name -> (rules, claims and header overrides)
HEADERS = {
    "typ JWT": ("ATT-01", {"header": {"typ": "JWT"}}),
    "no typ": ("ATT-01", {"header": {"typ": ABSENT}}),
    "typ a number": ({"ATT-01", "JOSE-05"}, {"header": {"typ": 1}}),
    "typ without +jwt": ("ATT-01", {"header": {"typ": "oauth-client-attestation"}}),
    "typ of a wallet": ("ATT-01", {"header": {"typ": "wallet-attestation+jwt"}}),
    "typ of a proof": ({"ATT-01", "JOSE-26"}, {"header": {"typ": jose.PROOF_TYPE}}),
    "alg none": ({"ATT-02", "JOSE-06"}, {"header": {"alg": "none"}}),
    "alg nOnE": ({"ATT-02", "JOSE-06"}, {"header": {"alg": "nOnE"}}),
    "alg es256": ({"ATT-02", "JOSE-06"}, {"header": {"alg": "es256"}}),
    "alg HS256": ({"ATT-02", "JOSE-06", "JOSE-10"}, {"header": {"alg": "HS256"}}),
    "alg ES384": ({"ATT-02", "JOSE-06", "JOSE-27"}, {"header": {"alg": "ES384"}}),
    "alg ML-DSA-44": ({"ATT-02", "JOSE-06", "JOSE-27"}, {"header": {"alg": "ML-DSA-44"}}),
    "no alg": ("JOSE-06", {"header": {"alg": ABSENT}}),
    "crit": ("JOSE-07", {"header": {"crit": ["exp"]}}),
    "crit empty": ("JOSE-07", {"header": {"crit": []}}),
    "b64": ("JOSE-08", {"header": {"b64": True}}),
    "zip": ("JOSE-09", {"header": {"zip": "DEF"}}),
    "cty": ("JOSE-09", {"header": {"cty": "JWT"}}),
    "kid a number": ("KEY-04", {"header": {"kid": 11}}),
    "kid unknown": ({"KEY-01", "KEY-04"}, {"header": {"kid": "../../etc/passwd"}}),
    "kid empty": ("KEY-04", {"header": {"kid": ""}}),
}

CLAIMS = {
    "unknown issuer": ({"KEY-01", "KEY-02"}, {"iss": "https://evil.example.com"}),
    "issuer of another attester": (
        {"KEY-01", "KEY-02", "KEY-03", "ATT-03"}, {"iss": "https://second.example.com"}
    ),
    "issuer empty": ({"JOSE-22", "KEY-02"}, {"iss": ""}),
    "no exp": ("ATT-04", {"exp": ABSENT}),
    "expired 600 s ago": ("ATT-04", {"iat": At(-2 * HOUR), "exp": At(-600)}),
    "exp a string": ("JOSE-21", {"exp": At(HOUR, str)}),
    "exp true": ("JOSE-21", {"exp": True}),
    "exp huge": ("JOSE-21", {"exp": 1e30}),
    "nbf in an hour": ("ATT-05", {"nbf": At(HOUR)}),
    "iat in an hour": ("ATT-06", {"iat": At(HOUR), "exp": At(2 * HOUR)}),
    "iat after exp": ("ATT-06", {"iat": At(30), "exp": At(20)}),
    "no sub": ({"ATT-09", "JOSE-22"}, {"sub": ABSENT}),
    "sub an array": ({"JOSE-22", "ATT-09"}, {"sub": [settings.PUBLIC]}),
    "sub empty": ({"JOSE-22", "ATT-09"}, {"sub": ""}),
    "sub of another attester's client": ("KEY-03", {"sub": settings.OTHER}),
    "aud of another AS": ("ATT-10", {"aud": "https://other-as.example.com"}),
    "no cnf": ("ATT-11", {"cnf": ABSENT}),
    "cnf a string": ("ATT-11", {"cnf": "x"}),
    "cnf jkt": ("ATT-11", {"cnf": {"jkt": "x"}}),
    "cnf an array": ("ATT-11", {"cnf": [{}]}),
}  # fmt: skip


@pytest.mark.parametrize("rules,changes", HEADERS.values(), ids=HEADERS.keys())
def test_ATT_01_ATT_02_JOSE_05_JOSE_06_JOSE_07_JOSE_08_JOSE_09_JOSE_27_KEY_04_headers(
    gateway11, upstream, trust, rules, changes
):
    token = attest(trust, **changes)
    refused(gateway11, upstream, with_attestation(gateway11, trust.public, token), ATT, rules)


@pytest.mark.parametrize("rules,changes", CLAIMS.values(), ids=CLAIMS.keys())
def test_ATT_04_ATT_05_ATT_06_ATT_09_ATT_10_ATT_11_KEY_02_KEY_03_JOSE_21_JOSE_22_claims(
    gateway11, upstream, trust, rules, changes
):
    changes = dict(changes)
    subject = changes.pop("sub", settings.PUBLIC)
    token = trust.attester.attest(trust.public.key, subject, **changes)
    refused(gateway11, upstream, with_attestation(gateway11, trust.public, token), ATT, rules)


def confirmed(gateway, trust, change):
    """A request whose attestation confirms an edited instance key."""
    instance = jose.Instance(trust.attester, settings.PUBLIC)
    jwk = change(dict(instance.key.jwk), instance.key)
    instance.attestation = attest(trust, instance, cnf={"jwk": jwk})
    return attested(instance, gateway.challenge())


def off_curve(jwk, key):
    y = (int.from_bytes(jose.unb64(jwk["y"]), "big") + 1).to_bytes(32, "big")
    return jwk | {"y": jose.b64(y)}


KEYS = {
    "private": ("JOSE-18", lambda jwk, key: key.private_jwk),
    "oct": ("JOSE-18", lambda jwk, key: {"kty": "oct", "k": "AAAA"}),
    "off the curve": ("JOSE-13", off_curve),
    "31 octets": ("JOSE-13", lambda jwk, key: jwk | {"x": jwk["x"][:-2]}),
    "zero": (
        "JOSE-13",
        lambda jwk, key: jwk | {"x": jose.b64(bytes(32)), "y": jose.b64(bytes(32))},
    ),
    "labelled P-384": ("JOSE-13", lambda jwk, key: jwk | {"crv": "P-384"}),
    "padded text": ({"JOSE-13", "JOSE-02"}, lambda jwk, key: jwk | {"x": jwk["x"] + "="}),
    "use enc": ("JOSE-19", lambda jwk, key: jwk | {"use": "enc"}),
    "key_ops twice": ("JOSE-19", lambda jwk, key: jwk | {"key_ops": ["verify", "verify"]}),
    "alg ES384": ("JOSE-19", lambda jwk, key: jwk | {"alg": "ES384"}),
    "kty ec": ("JOSE-20", lambda jwk, key: jwk | {"kty": "ec"}),
    "x a number": ("JOSE-20", lambda jwk, key: jwk | {"x": 7}),
}


@pytest.mark.parametrize("rule,change", KEYS.values(), ids=KEYS.keys())
def test_ATT_12_JOSE_13_JOSE_18_JOSE_19_JOSE_20_an_instance_key_that_is_no_good(
    gateway11, upstream, trust, rule, change
):
    rules = {"ATT-12"} | ({rule} if isinstance(rule, str) else rule)
    refused(gateway11, upstream, confirmed(gateway11, trust, change), ATT, rules)


def test_ATT_03_a_signature_of_somebody_else(gateway11, upstream, trust):
    for key in (trust.other.key, jose.Key("11")):
        token = attest(trust, key=key)
        request = with_attestation(gateway11, trust.public, token)
        refused(gateway11, upstream, request, ATT, "ATT-03")


def test_JOSE_23_ATT_03_one_octet_changed(gateway11, upstream, trust):
    head, body, signature = trust.public.attestation.split(".")
    claims = json.loads(jose.unb64(body)) | {"sub": settings.BASIC}
    for changed in (json.dumps(claims), json.dumps(json.loads(jose.unb64(body)), indent=1)):
        token = f"{head}.{jose.b64(changed.encode())}.{signature}"
        request = with_attestation(gateway11, trust.public, token)
        refused(gateway11, upstream, request, ATT, "ATT-03")


def test_KEY_01_the_same_kid_in_two_entries_without_an_issuer(gateway11, upstream, trust):
    token = attest(trust, iss=ABSENT)
    response = gateway11.send(with_attestation(gateway11, trust.public, token))
    # One entry has this subject and both have this `kid`: several candidates, so none.
    assert response.json["error"] == ATT, response
    upstream.nothing()


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u"])
def test_KEY_06_KEY_07_a_key_in_the_header_is_no_key(gateway11, upstream, trust, name):
    evil = jose.Key("11")
    values = {"jwk": evil.jwk, "jku": upstream.url + "/keys", "x5u": upstream.url + "/cert"}
    token = attest(trust, key=evil, header={name: values[name]})
    request = with_attestation(gateway11, trust.public, token)
    refused(gateway11, upstream, request, ATT, {"ATT-03", "KEY-06", "KEY-07"})


def test_KEY_05_only_the_key_that_kid_names_is_tried(factory, upstream, trust):
    second = jose.Key("12")
    config = settings.base(upstream.url)
    with factory(config, start=False) as gateway:
        path = gateway.directory / "attester.jwks.json"
        path.write_text(json.dumps({"keys": [*trust.attester.jwks["keys"], second.jwk]}))
        gateway.start()
        for kid, rules in (("11", {"ATT-03"}), (ABSENT, {"KEY-04"})):
            token = attest(trust, key=second, header={"kid": kid})
            request = with_attestation(gateway, trust.public, token)
            refused(gateway, upstream, request, ATT, rules)
        token = attest(trust, key=second, header={"kid": "12"})
        accepted(gateway, upstream, with_attestation(gateway, trust.public, token))


ODD = [b'{"sub":"a","sub":"b"}', b"\xef\xbb\xbf{}", b"{} {}", b"[]", b'"x"', b"",
       b"\xff\xfe{\x00}\x00",
       b'{"a":"\\ud800"}', b"[" * 200 + b"]" * 200]  # fmt: skip


@pytest.mark.parametrize("payload", ODD, ids=lambda p: repr(p[:20]))
def test_JOSE_03_JOSE_04_payloads_that_are_not_one_JSON_object(gateway11, upstream, trust, payload):
    header = {"typ": jose.ATTESTATION_TYPE, "alg": "ES256", "kid": "11"}
    token = jose.jws(header, payload, trust.attester.key)
    request = with_attestation(gateway11, trust.public, token)
    refused(gateway11, upstream, request, ATT, {"JOSE-01", "JOSE-03", "JOSE-04"})


SHAPES = ["{h}.{p}", "{h}.{p}.{s}.x", "{h}..{s}", ".{p}.{s}", "{h}.{p}.", "{h}.{p}.{s}=",
          "{h}.{p}.{s}+", "e30.e30.e30.e30.e30", "x"]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_JOSE_01_JOSE_02_tokens_of_another_shape(gateway11, upstream, trust, shape):
    h, p, s = trust.public.attestation.split(".")
    request = with_attestation(gateway11, trust.public, shape.format(h=h, p=p, s=s))
    refused(gateway11, upstream, request, ATT, {"JOSE-01", "JOSE-02", "JOSE-11", "REQ-03"})


def der(proof, key):
    text = proof.rsplit(".", 1)[0].encode()
    from cryptography.hazmat.primitives import hashes

    return jose.resigned(proof, key.private.sign(text, ec.ECDSA(hashes.SHA256())))


SIGNATURES = {
    "DER": ("JOSE-11", der),
    "63 octets": ("JOSE-11", lambda p, k: jose.resigned(p, b"\x01" * 63)),
    "96 octets": ("JOSE-11", lambda p, k: jose.resigned(p, b"\x01" * 96)),
    "zero": ("JOSE-12", lambda p, k: jose.resigned(p, bytes(64))),
    "n": ("JOSE-12", lambda p, k: jose.resigned(p, jose.ORDER.to_bytes(32, "big") * 2)),
    "random": ("POP-03", lambda p, k: jose.resigned(p, b"\x01" * 64)),
    "trailing bits": ("JOSE-02", lambda p, k: p[:-1] + chr(ord(p[-1]) + 1)),
}


@pytest.mark.parametrize("rule,spoil", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_JOSE_02_JOSE_11_JOSE_12_signatures_that_are_none(gateway11, upstream, trust, rule, spoil):
    proof = trust.public.proof(challenge=gateway11.challenge())
    while proof[-1] not in "AQgw":  # 86 characters hold 516 bits: the last has four spare zeros
        proof = trust.public.proof(challenge=gateway11.challenge())
    request = presented(trust.public.attestation, spoil(proof, trust.public.key))
    refused(gateway11, upstream, request, ATT, rule)


# Proofs: name -> (rules, claims and header overrides)
PROOFS = {
    "typ JWT": ("POP-01", {"header": {"typ": "JWT"}}),
    "typ of an attestation": ({"POP-01", "JOSE-26"}, {"header": {"typ": jose.ATTESTATION_TYPE}}),
    "typ of draft 05": ("POP-01", {"header": {"typ": "oauth-client-attestation-pop"}}),
    "alg HS256": ({"POP-02", "JOSE-06", "JOSE-10"}, {"header": {"alg": "HS256"}}),
    "alg none": ({"POP-02", "JOSE-06"}, {"header": {"alg": "none"}}),
    "aud of another AS": ("POP-04", {"aud": "https://other-as.example.com"}),
    "aud with a slash": ("POP-04", {"aud": jose.ISSUER + "/"}),
    "aud the token endpoint": ("POP-04", {"aud": jose.ISSUER + "/oauth/token"}),
    "aud in capitals": ("POP-04", {"aud": "https://AS.example.com"}),
    "aud http": ("POP-04", {"aud": "http://as.example.com"}),
    "no aud": ({"POP-04", "JOSE-22"}, {"aud": None}),
    "aud of two": ("POP-05", {"aud": [jose.ISSUER, "https://other-as.example.com"]}),
    "aud of none": ({"POP-05", "JOSE-22"}, {"aud": []}),
    "aud of numbers": ({"POP-05", "JOSE-22"}, {"aud": [1]}),
    "aud nested": ({"POP-05", "JOSE-22"}, {"aud": [[jose.ISSUER]]}),
    "jti empty": ({"POP-06", "JOSE-22"}, {"jti": ""}),
    "jti a number": ({"POP-06", "JOSE-22"}, {"jti": 7}),
    "jti too long": ({"POP-06", "JOSE-22"}, {"jti": "j" * 257}),
    "no jti": ("POP-06", {"jti": ABSENT}),
    "no iat": ({"POP-07", "POP-12"}, {"iat": ABSENT}),
    "iat a string": ({"JOSE-21", "POP-07"}, {"iat": At(0, str)}),
    "iat 600 s old": ("POP-08", {"iat": At(-600)}),
    "iat 180 s ahead": ("POP-08", {"iat": At(180)}),
    "expired": ("POP-09", {"exp": At(-120)}),
    "nbf in ten minutes": ("POP-10", {"nbf": At(600)}),
}


@pytest.mark.parametrize("rules,changes", PROOFS.values(), ids=PROOFS.keys())
def test_POP_01_POP_02_POP_04_POP_05_POP_06_POP_07_POP_08_POP_09_POP_10_table(
    gateway11, upstream, trust, rules, changes
):
    request = attested(trust.public, gateway11.challenge(), **changes)
    refused(gateway11, upstream, request, ATT, rules)


GOOD = {
    "aud of one": {"aud": [jose.ISSUER]},
    "claims of older drafts": {"iss": "anything", "exp": At(300), "nbf": At(-5)},
    "unknown claims": {"urn:x:y": 1, "wallet_name": "w", "header": {"foo": "bar"}},
    "typ with a prefix": {"header": {"typ": "application/OAuth-Client-Attestation-PoP+JWT"}},
    "iat with a fraction": {"iat": At(-0.5)},
    "iat in a minute": {"iat": At(50)},
}


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD.keys())
def test_JOSE_05_JOSE_24_POP_05_POP_11_what_must_be_accepted(gateway11, upstream, trust, changes):
    accepted(gateway11, upstream, attested(trust.public, gateway11.challenge(), **changes))


def test_JOSE_12_both_halves_of_s_are_valid(gateway11, upstream, trust):
    """High and low s, until both were seen."""
    seen = set()
    while len(seen) < 2:
        proof = trust.public.proof(challenge=gateway11.challenge())
        s = int.from_bytes(jose.unb64(proof.split(".")[2])[32:], "big")
        seen.add(s > jose.ORDER // 2)
        upstream.reset()
        accepted(gateway11, upstream, presented(trust.public.attestation, proof))


def test_POP_03_a_key_in_the_proof_is_no_key(gateway11, upstream, trust):
    evil = jose.Key()
    header = {"jwk": evil.jwk, "kid": "11"}
    request = attested(trust.public, gateway11.challenge(), key=evil, header=header)
    refused(gateway11, upstream, request, ATT, "POP-03")
    sibling = jose.Instance(trust.attester, settings.PUBLIC)
    request = attested(trust.public, gateway11.challenge(), key=sibling.key)
    refused(gateway11, upstream, request, ATT, "POP-03")


@pytest.mark.parametrize("value", [7, ["c"], {"c": 1}, True])
def test_POP_13_a_challenge_that_is_no_string(gateway11, upstream, trust, value):
    response = gateway11.send(attested(trust.public, value))
    assert response.status == 400
    assert response.json["error"] in ("use_attestation_challenge", ATT), response
    upstream.nothing()


def test_POP_11_ATT_14_KEY_02_draft_05_wants_issuers(gateway05, upstream, trust):
    def request(attestation=None, **claims):
        proof = trust.public.proof05(gateway05.nonce(), **claims)
        return presented(attestation or trust.public.attestation, proof)

    refused(gateway05, upstream, request(iss=ABSENT), CLI, "POP-11")
    refused(gateway05, upstream, request(iss=settings.BASIC), CLI, "POP-11")
    refused(gateway05, upstream, request(attest(trust, iss=ABSENT)), CLI,
            {"ATT-14", "KEY-01", "KEY-02"})  # fmt: skip
    accepted(gateway05, upstream, request())


def test_POP_09_POP_12_draft_05_wants_an_end(gateway05, upstream, trust):
    for exp, rules in ((ABSENT, {"POP-09", "POP-12"}), (At(-120), {"POP-09"}),
                       (At(9 * HOUR), {"POP-09"})):  # fmt: skip
        proof = trust.public.proof05(gateway05.nonce(), exp=exp)
        refused(gateway05, upstream, presented(trust.public.attestation, proof), CLI, rules)


def test_POP_01_draft_05_also_accepts_its_sample_type(gateway05, upstream, trust):
    header = {"typ": "oauth-client-attestation-pop"}
    proof = trust.public.proof05(gateway05.nonce(), header=header)
    accepted(gateway05, upstream, presented(trust.public.attestation, proof))


def test_POP_14_draft_05_two_names_for_the_nonce_must_agree(gateway05, upstream, trust):
    nonce = gateway05.nonce()
    proof = trust.public.proof05(nonce, challenge="another")
    response = gateway05.send(presented(trust.public.attestation, proof))
    assert response.json["error"] == CLI
    upstream.nothing()


def test_ATT_13_the_attestation_itself_is_reusable(gateway11, upstream, trust):
    for endpoint in ("pushed_authorization_request", "token", "revocation", "token"):
        pair = ("grant_type", "x") if endpoint == "token" else ("token", "opaque-value")
        request = attested(trust.public, gateway11.challenge(), pair, endpoint=endpoint)
        assert gateway11.send(request).status == 200
    assert len(upstream.requests) == 4


def test_ATT_10_an_audience_that_names_this_AS_is_fine(gateway11, upstream, trust):
    for aud in (jose.ISSUER, ["https://x.example.com", jose.ISSUER]):
        upstream.reset()
        request = with_attestation(gateway11, trust.public, attest(trust, aud=aud))
        accepted(gateway11, upstream, request)


def test_POP_16_an_invalid_attestation_does_not_consume_the_proof(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge())
    bad = request.put("OAuth-Client-Attestation", attest(trust, key=jose.Key("11")))
    refused(gateway11, upstream, bad, ATT, "ATT-03")
    accepted(gateway11, upstream, request)


def test_JOSE_26_each_token_in_the_other_place(gateway11, upstream, trust):
    proof = trust.public.proof(challenge=gateway11.challenge())
    refused(gateway11, upstream, presented(proof, trust.public.attestation), ATT,
            {"ATT-01", "JOSE-26", "KEY-01"})  # fmt: skip
    refused(gateway11, upstream, presented(trust.public.attestation, trust.public.attestation), ATT,
            {"POP-01", "JOSE-26"})  # fmt: skip


def test_JOSE_10_a_key_of_another_curve(gateway11, upstream, trust):
    instance = jose.Instance(trust.attester, settings.PUBLIC)
    instance.key = jose.Key(curve=ec.SECP384R1())
    instance.attestation = attest(trust, instance)
    request = attested(instance, gateway11.challenge())
    refused(gateway11, upstream, request, ATT, {"JOSE-10", "JOSE-11", "ATT-12", "JOSE-27"})


def test_KEY_03_an_attester_vouches_only_for_its_own_clients(gateway11, upstream, trust):
    instance = jose.Instance(trust.other, settings.PUBLIC)
    refused(gateway11, upstream, attested(instance, gateway11.challenge()), ATT, "KEY-03")
    accepted(gateway11, upstream, attested(trust.foreign, gateway11.challenge()))
