# SPDX-License-Identifier: Apache-2.0
"""CHAL: nonces by OPTIONS (-05), challenges by the endpoint and by the header (-11)."""

import base64
import time

import pytest

from harness import jose, settings
from harness.expect import (
    ATT, CHAL, CHALLENGE_FIELD, CHALLENGE_FORM, CLI, accepted, bare, oauth_error, refused,
)  # fmt: skip
from harness.gateway import AUTHORITY, CHALLENGE, ENDPOINTS, attested, form, presented
from harness.upstream import answer
from harness.wire import Request

ASK = ("attestation-nonce-request", "true")
POP = "OAuth-Client-Attestation-PoP"
GRANT = ("grant_type", "client_credentials")


def options(endpoint: str = "token", *fields: tuple[str, str]) -> Request:
    return Request("OPTIONS", ENDPOINTS[endpoint], [("Host", AUTHORITY), *fields])


def request05(gateway, instance, nonce=None, *pairs, endpoint: str = "token", **claims) -> Request:
    proof = instance.proof05(nonce or gateway.nonce(endpoint), **claims)
    return presented(instance.attestation, proof, *pairs, endpoint=endpoint)


# Nonces


@pytest.mark.parametrize("endpoint", ["token", "pushed_authorization_request"])
def test_CHAL_01_CHAL_02_CHAL_05_a_nonce_by_OPTIONS(gateway05, upstream, endpoint):
    response = gateway05.send(options(endpoint, ASK))
    assert (response.status, response.body) == (200, b""), response
    assert response.one("Content-Length") == "0"
    assert response.one("Cache-Control") == "no-store"
    assert set(response.one("Allow").replace(" ", "").split(",")) == {"POST", "OPTIONS"}
    assert CHALLENGE_FORM.fullmatch(response.one("attestation-nonce"))
    upstream.nothing()


def test_CHAL_01_a_request_with_the_nonce_is_served(gateway05, upstream, trust):
    _, recorded = accepted(gateway05, upstream, request05(gateway05, trust.public))
    assert dict(recorded.form)["client_id"] == settings.PUBLIC


@pytest.mark.parametrize("value", ["TRUE", "True", "1", "false", "", "true, true", "true;x"])
def test_CHAL_03_another_value_asks_for_nothing(gateway05, upstream, value):
    response = gateway05.send(options("token", ("attestation-nonce-request", value)))
    assert response.status in (200, 204) and response.one("attestation-nonce") is None, response
    assert "POST" in response.one("Allow")
    upstream.nothing()


def test_CHAL_03_an_endpoint_without_nonces(gateway05, upstream):
    response = gateway05.send(options("revocation", ASK))
    assert response.status in (200, 204) and response.one("attestation-nonce") is None, response
    upstream.nothing()


def test_CHAL_03_without_profile_05_there_are_no_nonces(gateway11, upstream):
    response = gateway11.send(options("token", ASK))
    assert response.status in (200, 204) and response.one("attestation-nonce") is None, response
    upstream.nothing()


PAYLOADS = [
    options("token", ASK, ASK),
    options("token", ASK).copy(body=b"hello"),
    options("token", ASK, ("Transfer-Encoding", "chunked")).copy(body=b"0\r\n\r\n", frame=False),
]


@pytest.mark.parametrize("request_", PAYLOADS, ids=["twice", "body", "chunked"])
def test_CHAL_04_a_nonce_request_with_a_payload_or_asked_twice(gateway05, upstream, request_):
    refused(gateway05, upstream, request_, 400, "CHAL-04")


def test_CHAL_06_a_proof_without_a_nonce(gateway05, upstream, trust):
    request = request05(gateway05, trust.public, jose.ABSENT)
    response = refused(gateway05, upstream, request, CLI, "CHAL-06")
    hint = response.one("attestation-nonce")
    assert CHALLENGE_FORM.fullmatch(hint)
    accepted(gateway05, upstream, request05(gateway05, trust.public, hint))


def test_CHAL_06_a_nonce_that_is_not_ours(gateway05, upstream, trust):
    for nonce in ("made-up", tampered(gateway05.nonce()), gateway05.nonce()[:-1]):
        request = request05(gateway05, trust.public, nonce)
        refused(gateway05, upstream, request, CLI, {"CHAL-06", "CHAL-21"})


# Challenges


@pytest.mark.parametrize(
    "fields,body",
    [
        ([], b""),
        ([("Content-Type", "application/json")], b"{}"),
        ([("Content-Type", "application/x-www-form-urlencoded")], b"a=b"),
        ([("Accept", "text/html")], b""),
        ([("Content-Type", "nonsense")], b"\x00\xff" * 512),
    ],
)
def test_CHAL_10_CHAL_11_CHAL_31_the_challenge_endpoint(gateway11, upstream, fields, body):
    request = Request("POST", CHALLENGE, [("Host", AUTHORITY), *fields], body)
    response = gateway11.send(request)
    assert response.status == 200, response
    assert response.one("Content-Type") == "application/json"
    assert response.one("Cache-Control") == "no-store"
    assert not response.all("Set-Cookie")
    assert CHALLENGE_FORM.fullmatch(response.json["attestation_challenge"])
    upstream.nothing()


def test_CHAL_10_a_challenge_request_with_a_large_body_yields_none(gateway11, upstream):
    request = Request("POST", CHALLENGE, [("Host", AUTHORITY)], b"a" * 1025)
    bare(gateway11.send(request), 413)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_CHAL_10_other_methods(gateway11, upstream, method):
    request = Request(method, CHALLENGE, [("Host", AUTHORITY)])
    response = refused(gateway11, upstream, request, 405, {"CHAL-10", "HTTP-10"})
    assert response.one("Allow").replace(" ", "").split(",")[0] == "POST"


def test_CHAL_13_many_challenges_at_once(gateway11, upstream):
    """Stateless: asking is cheap and asking often takes nothing from anyone."""
    with gateway11.connect() as connection:
        request = Request("POST", CHALLENGE, [("Host", AUTHORITY)]).encoded()
        connection.send(request * 200)
        values = {connection.response().json["attestation_challenge"] for _ in range(200)}
    assert len(values) == 200
    upstream.nothing()


OUTCOMES = {
    "success": (answer(), 200),
    "error of the AS": (answer({"error": "invalid_grant"}, "400 Bad Request"), 400),
    "authorization_pending": (answer({"error": "authorization_pending"}, "400 Bad Request"), 400),
}


@pytest.mark.parametrize("reply,status", OUTCOMES.values(), ids=OUTCOMES.keys())
def test_CHAL_14_CHAL_31_ERR_02_a_fresh_challenge_on_every_answer(
    gateway11, upstream, trust, reply, status
):
    upstream.then(reply)
    used = gateway11.challenge()
    response = gateway11.send(attested(trust.public, used))
    assert response.status == status
    value = response.one(CHALLENGE_FIELD)
    assert CHALLENGE_FORM.fullmatch(value) and value != used
    assert response.one("Cache-Control") == "no-store"
    assert response.one("Pragma") == "no-cache"
    assert gateway11.send(attested(trust.public, value)).status == 200


def test_CHAL_14_also_on_refusals(gateway11, upstream):
    response = oauth_error(gateway11.send(form(GRANT, ("client_id", settings.PUBLIC))), CLI)
    assert CHALLENGE_FORM.fullmatch(response.one(CHALLENGE_FIELD))


def test_CHAL_15_CHAL_16_the_form_of_a_value(gateway11, gateway05):
    for value in {gateway11.challenge(), gateway05.nonce()}:
        assert CHALLENGE_FORM.fullmatch(value) and value[0] == "c"
        raw = base64.urlsafe_b64decode(value[1:] + "=" * (-len(value[1:]) % 4))
        assert len(raw) == 40 and raw[1] == 7, raw.hex()
    values = [gateway11.challenge() for _ in range(50)]
    assert len({jose.unb64(value[1:])[8:24] for value in values}) == 50


def test_CHAL_20_CHAL_23_a_missing_challenge(gateway11, upstream, trust):
    response = refused(gateway11, upstream, attested(trust.public, None), CHAL, "CHAL-20")
    fresh = response.one(CHALLENGE_FIELD)
    accepted(gateway11, upstream, attested(trust.public, fresh))


def test_CHAL_20_where_challenges_are_optional_a_missing_one_is_no_fault(factory, upstream, trust):
    changes = {"challenge": {"policy": "optional"}, "proof": {"clock_skew": "0s"}}
    with factory(settings.base(upstream.url, **changes)) as gateway:
        accepted(gateway, upstream, attested(trust.public, None))
        upstream.reset()
        refused(gateway, upstream, attested(trust.public, "made-up"), CHAL, "CHAL-21")


def tampered(value: str) -> str:
    """The last octet of the tag differs, in a canonical encoding."""
    raw = bytearray(jose.unb64(value[1:]))
    raw[-1] ^= 1
    return "c" + jose.b64(bytes(raw))


def edited(position: int, octet: int):
    def edit(value: str) -> str:
        raw = bytearray(jose.unb64(value[1:]))
        raw[position] = octet
        return "c" + jose.b64(bytes(raw))

    return edit


BAD = {
    "tag": tampered,
    "version": edited(0, 2),
    "key id": edited(1, 9),
    "time": edited(7, 0),
    "random": edited(8, 0),
    "cut": lambda value: value[:-1],
    "longer": lambda value: value + "A",
    "case of the first letter": lambda value: "C" + value[1:],
    "another alphabet": lambda value: value[:-1] + "+",
    "made up": lambda value: "made-up",
    "very long": lambda value: "c" + "A" * 800,
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD.keys())
def test_CHAL_21_CHAL_23_a_challenge_that_is_not_ours(gateway11, upstream, trust, spoil):
    value = spoil(gateway11.challenge())
    response = refused(gateway11, upstream, attested(trust.public, value), CHAL, "CHAL-21")
    assert response.one(CHALLENGE_FIELD) != value


def test_CHAL_21_a_challenge_of_another_master_key(gateway11, gateway_marked, upstream, trust):
    request = attested(trust.public, gateway_marked.challenge())
    refused(gateway11, upstream, request, CHAL, "CHAL-21")


def test_CHAL_21_a_challenge_that_has_expired(factory, upstream, trust):
    changes = {"challenge": {"policy": "required", "lifetime": "1s"}}
    config = settings.base(upstream.url, **changes)
    # As many proofs as fit into the second (RPL-13).
    config["replay"] = {"per_key_max": 1_000_000}
    with factory(config) as gateway:
        old = gateway.challenge()
        until = time.monotonic() + 10
        response = gateway.send(attested(trust.public, old))
        while response.status == 200 and time.monotonic() < until:
            response = gateway.send(attested(trust.public, old))
        oauth_error(response, CHAL)
        assert gateway.send(attested(trust.public, gateway.challenge())).status == 200


def test_CHAL_22_one_challenge_serves_several_requests(gateway11, upstream, trust):
    challenge = gateway11.challenge()
    for instance in (trust.public, trust.public, trust.basic):
        assert gateway11.send(attested(instance, challenge)).status == 200


def test_CHAL_13_one_address_may_be_limited(factory, upstream, trust):
    config = settings.base(upstream.url)
    config["rate_limits"] = {"challenge": 5}
    with factory(config) as gateway:
        request = Request("POST", CHALLENGE, [("Host", AUTHORITY)])
        responses = [gateway.send(request) for _ in range(100)]
        assert responses[0].status == 200
        limited = [response for response in responses if response.status != 200]
        assert len(limited) > 50
        assert {response.status for response in limited} == {429}
        assert all(response.one("Retry-After") for response in limited)


def test_CHAL_24_no_word_of_challenges_before_the_signatures(gateway11, upstream, trust):
    broken = jose.resigned(trust.public.proof(), b"\x01" * 64)
    request = presented(trust.public.attestation, broken)
    refused(gateway11, upstream, request, ATT, {"POP-03", "JOSE-12"})
    stranger = jose.Instance(jose.Attester("attester"), settings.PUBLIC)
    refused(gateway11, upstream, attested(stranger, None), ATT, {"ATT-03"})


def test_CHAL_25_no_attestation_is_never_answered_with_a_challenge_error(gateway11, upstream):
    request = form(GRANT, ("client_id", settings.PUBLIC))
    refused(gateway11, upstream, request, CLI, {"EP-06", "REQ-06"})


def test_CHAL_23_ERR_07_draft_05_knows_no_challenge_error(gateway05, upstream, trust):
    request = attested(trust.public, None).put(POP, trust.public.proof05(jose.ABSENT))
    response = refused(gateway05, upstream, request, CLI, "CHAL-06")
    assert response.json["error"] == CLI


def test_CHAL_03_ERR_07_both_profiles_at_once_serve_both(gateway_cors, upstream, trust):
    accepted(gateway_cors, upstream, request05(gateway_cors, trust.public))
    upstream.reset()
    accepted(gateway_cors, upstream, attested(trust.public, gateway_cors.challenge()))
