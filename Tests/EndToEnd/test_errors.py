# SPDX-License-Identifier: Apache-2.0
"""ERR: how faults of the client and of the AS are answered."""

import time

import pytest

from harness import jose, settings
from harness.expect import ATT, CHAL, CLI, SYN, UP, accepted, oauth_error, refused
from harness.gateway import AUTHORITY, attested, form, presented
from harness.upstream import answer
from harness.wire import Request, WireError

GRANT = ("grant_type", "client_credentials")


def test_ERR_01_ERR_02_ERR_09_errors_are_small_and_say_no_cause(gateway11, upstream, trust):
    requests = [
        form(("client_id", "unknown-client-name"), GRANT),
        attested(trust.public, None),
        presented("x.y.z", "x.y.z"),
        attested(trust.public, gateway11.challenge(), GRANT, ("client_id", "unknown-client-name")),
    ]
    for request in requests:
        response = gateway11.send(request)
        oauth_error(response, response.json["error"])
        assert b"unknown-client-name" not in response.raw
        assert len(response.body) < 300
    upstream.nothing()


def test_ERR_03_the_code_follows_the_fault(gateway11, upstream, trust):
    challenge = gateway11.challenge()
    bad = jose.resigned(trust.public.proof(challenge=challenge), b"\x01" * 64)
    refused(gateway11, upstream, presented(trust.public.attestation, bad), ATT, "POP-03")
    refused(gateway11, upstream, attested(trust.public, "c"), CHAL, "CHAL-21")
    refused(gateway11, upstream, form(GRANT), CLI, {"EP-06", "REQ-06"})


def test_ERR_05_no_401_without_need_and_none_without_a_challenge(gateway11, upstream, trust):
    requests = [
        form(GRANT, ("client_id", settings.PUBLIC)),
        form(GRANT, ("client_id", settings.BASIC)).add("Authorization", "Basic eDp5"),
        attested(trust.public, None),
        form(("token", "opaque-value"), endpoint="introspection"),
        form(("token", "opaque-value"), endpoint="revocation"),
    ]
    for request in requests:
        response = gateway11.send(request)
        assert response.status in (400, 401), response
        if response.status == 401:
            assert response.one("WWW-Authenticate"), response
    upstream.nothing()


def test_ERR_07_draft_05_clients_get_the_one_code_they_know(gateway05, upstream, trust):
    now = int(time.time())
    expired = trust.attester.attest(
        trust.public.key, settings.PUBLIC, iat=now - 7200, exp=now - 600
    )
    request = presented(expired, trust.public.proof05(gateway05.nonce()))
    refused(gateway05, upstream, request, CLI, "ATT-04")


def test_ERR_07_the_specific_codes_can_be_switched_off(factory, upstream, trust):
    with factory(settings.base(upstream.url, errors={"specific": False})) as gateway:
        response = gateway.send(attested(trust.public, None))
        oauth_error(response, CLI)
        assert response.one("OAuth-Client-Attestation-Challenge")
    upstream.nothing()


def test_ERR_09_the_cause_is_in_the_log(gateway11, upstream, trust):
    start = gateway11.mark()
    gateway11.send(attested(trust.public, "c"))
    record = gateway11.wait_for(lambda r: r.get("rule") == "CHAL-21", start)[0]
    assert record["request_id"] and record["status"] == 400
    assert record["client_id"] == settings.PUBLIC and record["attester"] == "attester"


DENIALS = {
    "401": answer({"error": "invalid_client"}, "401 Unauthorized", ("WWW-Authenticate", "Basic x")),
    "400": answer({"error": "invalid_client"}, "400 Bad Request"),
    "401 without body": answer(b"", "401 Unauthorized", ("WWW-Authenticate", 'Basic realm="as"')),
}


@pytest.mark.parametrize("reply", DENIALS.values(), ids=DENIALS.keys())
def test_ERR_10_an_AS_that_denies_our_credential(gateway11, upstream, trust, reply):
    upstream.then(reply)
    start = gateway11.mark()
    response = gateway11.send(attested(trust.basic, gateway11.challenge()))
    oauth_error(response, UP)
    assert response.one("WWW-Authenticate") is None
    gateway11.wait_for(lambda r: r.get("rule") == "ERR-10", start)


def test_ERR_10_a_listed_client_gets_the_answer_of_the_AS(gateway11, upstream):
    upstream.then(DENIALS["401"])
    request = form(GRANT, ("client_id", settings.LISTED), ("client_secret", "wrong-secret"))
    response = gateway11.send(request)
    assert response.status == 401 and response.json["error"] == "invalid_client"
    assert response.one("WWW-Authenticate") == "Basic x"


@pytest.mark.parametrize("status", [400, 403, 429])
def test_ERR_11_other_answers_of_the_AS_pass(gateway11, upstream, trust, status):
    body = {"error": "invalid_grant", "error_description": "of the AS"}
    upstream.then(answer(body, f"{status} X"))
    response = gateway11.send(attested(trust.public, gateway11.challenge()))
    assert (response.status, response.json) == (status, body)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_ERR_11_an_AS_in_trouble(gateway11, upstream, trust, status):
    page = b"<html>stack trace of the AS</html>"
    upstream.then(answer(page, f"{status} Oops", ("Content-Type", "text/html")))
    response = gateway11.send(attested(trust.public, gateway11.challenge()))
    oauth_error(response, UP)
    assert b"trace" not in response.raw
    assert len(upstream.requests) == 1


def never(exchange, _):
    assert exchange.wait_for_peer(), "the gateway kept waiting"
    exchange.close = True


def half_a_head(exchange, _):
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    never(exchange, _)


def half_a_body(exchange, _):
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    never(exchange, _)


def dripping(exchange, _):
    for octet in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1000:
        exchange.send(bytes([octet]))
        time.sleep(0.05)


@pytest.mark.parametrize("silence", [never, half_a_head, dripping])
def test_ERR_11_an_AS_that_does_not_answer_in_time(gateway_hasty, upstream, trust, silence):
    upstream.then(silence)
    start = time.monotonic()
    response = gateway_hasty.send(attested(trust.public, gateway_hasty.challenge()))
    oauth_error(response, "temporarily_unavailable", 504)
    assert time.monotonic() - start < 8
    assert len(upstream.requests) == 1
    upstream.reset()
    gateway_hasty.works(trust.public)


def test_ERR_11_an_AS_that_stops_within_a_body(gateway_hasty, upstream, trust):
    upstream.then(half_a_body)
    try:
        response = gateway_hasty.send(attested(trust.public, gateway_hasty.challenge()))
        assert response.status in (502, 504), response
    except WireError:
        pass  # what was streamed is visibly cut
    upstream.reset()
    gateway_hasty.works(trust.public)


def test_ERR_11_an_AS_that_is_not_there(factory, upstream, trust):
    from harness.servers import _free_port

    config = settings.base(f"http://127.0.0.1:{_free_port()}")
    with factory(config, start=False) as gateway:
        gateway.start()
        response = gateway.send(attested(trust.public, gateway.challenge()))
        oauth_error(response, UP)


def test_ERR_11_a_reset_after_the_request_was_read_is_never_retried(gateway11, upstream, trust):
    upstream.then(lambda exchange, _: exchange.reset())
    pairs = [("grant_type", "authorization_code"), ("code", "single-use-code")]
    response = gateway11.send(attested(trust.public, gateway11.challenge(), *pairs))
    oauth_error(response, UP)
    assert len(upstream.requests) == 1


def test_ERR_11_a_refused_pass_through_is_JSON_too(gateway_hasty, upstream):
    upstream.then(never)
    response = gateway_hasty.send(Request("GET", "/jwks", [("Host", AUTHORITY)]))
    assert response.status == 504, response


def test_ERR_02_success_is_not_stored_either(gateway11, upstream, trust):
    upstream.then(answer({"a": 1}, "200 OK", ("Cache-Control", "public, max-age=60")))
    response, _ = accepted(gateway11, upstream, attested(trust.public, gateway11.challenge()))
    assert response.one("Cache-Control") == "no-store"
    assert response.one("Pragma") == "no-cache"


def test_ERR_03_precedence_shape_before_tokens_before_challenge(gateway11, upstream, trust):
    request = presented("x.y.z", "x.y.z", GRANT, ("client_id", "a"), ("client_id", "b"))
    refused(gateway11, upstream, request, SYN, "REQ-11")
    request = presented("x.y.z", trust.public.proof(challenge="c"))
    assert gateway11.send(request).json["error"] == ATT
