# SPDX-License-Identifier: Apache-2.0
"""BIND: what the AS issues to an instance is sealed for it, opened for it, and for nobody else."""

import json
import urllib.parse

import pytest

from harness import jose, settings
from harness.drafts import adoption
from harness.expect import CLI, GRANT, SYN, UP, logged, oauth_error, refused
from harness.gateway import attested, form
from harness.upstream import TOKEN, answer

RAW = "raw/refresh+token=of~the as"
CODE = [("grant_type", "authorization_code"), ("code", "the-code-of-the-client")]
EXCHANGE = ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
REFRESH_TYPE = "urn:ietf:params:oauth:token-type:refresh_token"
DEVICE = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
CIBA = ("grant_type", "urn:openid:params:grant-type:ciba")


def refresh(sealed: str) -> list[tuple[str, str]]:
    return [("grant_type", "refresh_token"), ("refresh_token", sealed)]


def send(gateway, instance, *pairs, endpoint="token"):
    return gateway.send(attested(instance, gateway.challenge(), *pairs, endpoint=endpoint))


def ends(gateway, response, *raw: str) -> None:
    """None of these left the gateway, however written, towards the client or into the log."""
    for value in raw or (RAW,):
        gateway.sensitive.add(value)
        for text in (value, json.dumps(value)[1:-1], urllib.parse.quote(value)):
            assert text.encode() not in response.raw


def issued(gateway, upstream, instance, raw=RAW) -> str:
    """A sealed refresh token of this instance."""
    upstream.then(answer(TOKEN | {"refresh_token": raw}))
    response = send(gateway, instance, *CODE)
    assert response.status == 200, response
    ends(gateway, response, raw)
    sealed = response.json["refresh_token"]
    assert sealed.startswith("ag1.07."), sealed
    upstream.reset()
    return sealed


def twin(instance, attester, client_id):
    """The same key as another client, or by another attester."""
    other = jose.Instance(attester, client_id)
    other.key = instance.key
    other.attestation = attester.attest(other.key, client_id)
    return other


def raw_answer(body: bytes, kind: str, status="200 OK", *fields) -> bytes:
    """An answer in each framing that HTTP has."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in fields)
    if kind == "length":
        return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
    if kind == "chunked":
        cut = len(body) // 3
        parts = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:cut], body[cut:]))
        return head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


def sender(octets: bytes):
    def respond(exchange, _):
        exchange.send(octets)
        exchange.close = b"Connection: close" in octets

    return respond


# Sealing

BODIES = [
    b'{"refresh_token":"%s"}', b'{"a":1,"refresh\\u005ftoken":"%s","z":[]}',
    b' {"big":12345678901234567890123,"e":1.50e+07,"refresh_token" : "%s" , "\\u00e4":"\\/"}\n',
    b'{"access_token":"a","refresh_token":"%s","refresh_token_expires_in":99,"x":{"y":null}}',
]  # fmt: skip


@pytest.mark.parametrize("kind", ["length", "chunked", "close"])
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_BIND_01_BIND_12_BIND_13_only_the_value_is_another(gateway11, upstream, trust, body, kind):
    upstream.then(sender(raw_answer(body % RAW.encode().replace(b"/", b"\\/"), kind)))
    response = send(gateway11, trust.public, *CODE)
    assert response.status == 200, response
    ends(gateway11, response)
    sealed = response.json["refresh_token"]
    assert sealed.startswith("ag1.07.")
    assert response.body == body % sealed.encode()
    assert response.one("Content-Length") == str(len(response.body))
    response = send(gateway11, trust.public, *refresh(sealed))
    assert response.status == 200, response
    assert upstream.requests[-1].form.count(("refresh_token", RAW)) == 1


@pytest.mark.parametrize("value", [b"null", b'""', None])
def test_BIND_01_no_refresh_token_no_edit(gateway11, upstream, trust, value):
    body = b'{"access_token":"a" }' if value is None else b'{ "refresh_token":%s}' % value
    fields = [("ETag", '"1"'), ("Content-Digest", "sha-256=:x:"), ("X-Own", "1")]
    upstream.then(raw_answer(body, "length", "200 OK", *fields))
    response = send(gateway11, trust.public, *CODE)
    assert response.status == 200 and response.body == body, response
    for name, field in fields:
        assert response.one(name) == field


def test_BIND_13_what_was_computed_over_the_old_body_is_gone(gateway11, upstream, trust):
    gone = ["ETag", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest", "Signature",
            "Signature-Input"]  # fmt: skip
    fields = [(name, "x=:y:") for name in gone] + [("X-Own", "1")]
    upstream.then(raw_answer(b'{"refresh_token":"%s"}' % RAW.encode(), "length", "200 OK", *fields))
    response = send(gateway11, trust.public, *CODE)
    assert response.json["refresh_token"].startswith("ag1.")
    assert [response.all(name) for name in gone] == [[]] * len(gone), response
    assert response.one("X-Own") == "1"


GARBAGE = {
    "nothing": (b"", "application/json"), "HTML": (b"<html>", "text/html"),
    "form": (b"refresh_token=raw%2Frefresh", "application/x-www-form-urlencoded"),
    "JSON called HTML": (b'{"refresh_token":"r"}', "text/html"),
    "array": (b'[{"refresh_token":"r"}]', "application/json"),
    "text after it": (b'{"refresh_token":"r"} x', "application/json"),
    "number": (b'{"refresh_token":1}', "application/json"),
    "object": (b'{"refresh_token":{"value":"r"}}', "application/json"),
    "nested": (b'{"data":{"refresh_token":"r"}}', "application/json"),
    "deep": (b'{"a":' * 200 + b"1" + b"}" * 200, "application/json"),
    "UTF-16": ('{"refresh_token":"r"}'.encode("utf-16"), "application/json"),
}  # fmt: skip


@pytest.mark.parametrize("body,media", GARBAGE.values(), ids=GARBAGE.keys())
def test_BIND_01_garbage_of_the_AS_is_not_relayed(gateway11, upstream, trust, body, media):
    upstream.then(answer(body, "200 OK", ("Content-Type", media)))
    start = gateway11.mark()
    oauth_error(send(gateway11, trust.public, *CODE), UP)
    logged(gateway11, start, "BIND-01", 502)


def test_BIND_01_a_refusal_with_a_token_in_it_is_not_relayed(gateway11, upstream, trust):
    upstream.then(answer({"error": "x", "refresh_token": RAW}, "400 Bad Request"))
    start = gateway11.mark()
    oauth_error(send(gateway11, trust.public, *CODE), UP)
    logged(gateway11, start, "BIND-01", 502)


def test_BIND_13_a_name_twice(gateway11, upstream, trust):
    upstream.then(answer(b'{"refresh_token":"a","refresh\\u005ftoken":"b"}', "200 OK",
                         ("Content-Type", "application/json")))  # fmt: skip
    start = gateway11.mark()
    oauth_error(send(gateway11, trust.public, *CODE), UP)
    logged(gateway11, start, "BIND-13", 502)


ODD = [(b"", "403 Forbidden"), (b"<h1>no</h1>", "400 Bad Request"), (b'{"error":"x" }', "400 No"),
       (b"[]", "422 No"), (b"no", "302 Found")]  # fmt: skip


@pytest.mark.parametrize("body,status", ODD)
def test_BIND_01_other_answers_pass_unharmed(gateway11, upstream, trust, body, status):
    upstream.then(answer(body, status))
    response = send(gateway11, trust.public, *CODE)
    assert (response.status, response.body) == (int(status[:3]), body)


@pytest.mark.parametrize("kind", ["length", "chunked", "close"])
def test_BIND_01_a_long_answer_is_held_up_to_a_limit(factory, upstream, trust, kind):
    limits = {"upstream_limits": {"edited_body": "100KiB"}}
    with factory(settings.base(upstream.url, **limits)) as gateway:
        for size, status in [(102_400, 200), (102_401, 502)]:
            body = b'{"refresh_token":"%s","x":"' % RAW.encode()
            body += b"x" * (size - len(body) - 2) + b'"}'
            upstream.then(sender(raw_answer(body, kind)))
            start = gateway.mark()
            response = send(gateway, trust.public, *CODE)
            assert response.status == status, response.status
            ends(gateway, response)
        oauth_error(response, UP)
        logged(gateway, start, "BIND-01", 502)
        gateway.works(trust.public)


def test_BIND_01_an_endless_answer_and_half_a_one(gateway_hasty, upstream, trust):
    def endless(exchange, _):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                      b"Transfer-Encoding: chunked\r\n\r\n")  # fmt: skip
        for _ in range(20_000):
            exchange.send(b"2000\r\n" + b" " * 0x2000 + b"\r\n")

    upstream.then(endless)
    oauth_error(send(gateway_hasty, trust.public, *CODE), UP)
    half = raw_answer(b'{"refresh_token":"r"}', "length")[:-3]
    upstream.then(lambda exchange, _: exchange.send(half))
    oauth_error(send(gateway_hasty, trust.public, *CODE), BUSY, 504)
    upstream.then(lambda exchange, _: (exchange.send(half), exchange.reset()))
    oauth_error(send(gateway_hasty, trust.public, *CODE), UP)
    gateway_hasty.works(trust.public)


BUSY = "temporarily_unavailable"


def test_BIND_01_an_exchange_that_asks_for_a_refresh_token(gateway11, upstream, trust):
    ask = [EXCHANGE, ("subject_token", "s"), ("subject_token_type", "urn:x:s"),
           ("requested_token_type", REFRESH_TYPE)]  # fmt: skip
    upstream.then(answer({"access_token": RAW, "issued_token_type": REFRESH_TYPE}))
    response = send(gateway11, trust.public, *ask)
    ends(gateway11, response)
    assert response.json["access_token"].startswith("ag1."), response
    upstream.then(answer({"access_token": RAW}))
    oauth_error(send(gateway11, trust.public, *ask), UP)


def test_BIND_01_a_listed_client_has_its_own(gateway11, upstream):
    upstream.then(answer(TOKEN | {"refresh_token": "its-own-token"}))
    response = gateway11.send(form(*CODE, ("client_id", settings.LISTED)))
    assert response.json["refresh_token"] == "its-own-token"
    response = gateway11.send(form(*refresh("its-own-token"), ("client_id", settings.LISTED)))
    assert response.status == 200 and ("refresh_token", "its-own-token") in upstream.requests[1].form


# Opening


def test_BIND_02_BIND_12_the_AS_gets_its_own_back(gateway11, upstream, trust):
    """With rotation and without; the AS never sees a sealed value, the client never a raw one."""
    sealed = issued(gateway11, upstream, trust.public)
    for _ in range(2):  # the AS gives no new one: the old one goes on
        response = send(gateway11, trust.public, *refresh(sealed))
        assert response.status == 200 and "refresh_token" not in response.json
    for turn in range(2):
        upstream.then(answer(TOKEN | {"refresh_token": f"{RAW}{turn}"}))
        response = send(gateway11, trust.public, *refresh(sealed))
        ends(gateway11, response, RAW, f"{RAW}{turn}")
        sealed = response.json["refresh_token"]
    values = [dict(request.form)["refresh_token"] for request in upstream.requests]
    assert values == [RAW, RAW, RAW, f"{RAW}0"]
    assert b"ag1." not in upstream.octets


def thieves(trust) -> dict:
    same = jose.Instance(trust.attester, settings.PUBLIC)
    return {
        "another instance of the client": (same, "BIND-02"),
        "the same key as another client": (
            twin(trust.public, trust.attester, settings.BASIC), "BIND-02"),
        "another client": (trust.foreign, "BIND-02"),
    }  # fmt: skip


@pytest.mark.parametrize("thief", ["another instance of the client", "another client",
                                   "the same key as another client"])  # fmt: skip
def test_BIND_02_a_stolen_token_is_refused(gateway11, upstream, trust, thief):
    sealed = issued(gateway11, upstream, trust.public)
    instance, rule = thieves(trust)[thief]
    request = attested(instance, gateway11.challenge(), *refresh(sealed))
    refused(gateway11, upstream, request, GRANT, rule)
    assert send(gateway11, trust.public, *refresh(sealed)).status == 200


def test_BIND_02_a_stolen_token_without_attestation(gateway11, upstream, trust):
    sealed = issued(gateway11, upstream, trust.public)
    pair = ("client_id", settings.PUBLIC)
    refused(gateway11, upstream, form(*refresh(sealed), pair), CLI, "EP-06")
    pair = ("client_id", settings.LISTED)
    refused(gateway11, upstream, form(*refresh(sealed), pair), GRANT, "BIND-03")


PLACES = [
    ("token", [("grant_type", "authorization_code"), ("code", "SEALED")]),
    ("token", [("grant_type", "client_credentials"), ("refresh_token", "SEALED")]),
    ("token", [("grant_type", "client_credentials"), ("unknown", "SEALED")]),
    ("token", [EXCHANGE, ("assertion", "SEALED")]),
    ("revocation", [("token", "x"), ("token_type_hint", "SEALED")]),
    ("introspection", [("token", "x"), ("scope", "SEALED")]),
    ("device_authorization", [("scope", "SEALED")]),
]


@pytest.mark.parametrize("endpoint,pairs", PLACES)
def test_BIND_02_a_sealed_value_where_none_belongs(gateway11, upstream, trust, endpoint, pairs):
    sealed = issued(gateway11, upstream, trust.public)
    pairs = [(name, value.replace("SEALED", sealed)) for name, value in pairs]
    request = attested(trust.public, gateway11.challenge(), *pairs, endpoint=endpoint)
    refused(gateway11, upstream, request, SYN, "BIND-02")
    request = form(*pairs, ("client_id", settings.LISTED), endpoint=endpoint)
    refused(gateway11, upstream, request, SYN, "BIND-02")


def test_BIND_03_one_answer_for_every_value_that_does_not_open(gateway11, upstream, trust):
    sealed = issued(gateway11, upstream, trust.public)
    upstream.then(answer({"device_code": RAW, "user_code": "u", "expires_in": 9}))
    device = send(gateway11, trust.public, endpoint="device_authorization").json["device_code"]
    other = issued(gateway11, upstream, jose.Instance(trust.attester, settings.PUBLIC))
    at = len(sealed) // 2
    values = [
        RAW, "ag1.", "ag1.07.", "AG1" + sealed[3:], sealed[:-1], sealed[:-4], sealed + "A",
        sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :],
        sealed.replace("ag1.07.", "ag1.08."), sealed.replace("ag1.07.", "ag1.00."),
        sealed.replace("ag1.", "ag2."), sealed + "=", device, other, "x" * 20_000,
    ]  # fmt: skip
    upstream.reset()
    seen = set()
    for value in values:
        start = gateway11.mark()
        response = send(gateway11, trust.public, *refresh(value))
        oauth_error(response, GRANT)
        logged(gateway11, start, {"BIND-02", "BIND-03"}, 400)
        fields = [f for f in response.fields
                  if f[0] not in ("Date", "OAuth-Client-Attestation-Challenge")]  # fmt: skip
        seen.add((response.status, tuple(fields), response.body))
    assert len(seen) == 1, seen
    upstream.nothing()


def test_BIND_03_a_proof_that_was_refused_here_was_not_used(gateway11, upstream, trust):
    """Step 11 comes before the replay set: nothing of the request remains."""
    sealed = issued(gateway11, upstream, trust.public)
    challenge = gateway11.challenge()
    proof = {"jti": "a-jti-that-is-used-once-only"}
    wrong = attested(trust.public, challenge, *refresh(sealed[:-1]), **proof)
    oauth_error(gateway11.send(wrong), GRANT)
    right = attested(trust.public, challenge, *refresh(sealed), **proof)
    assert gateway11.send(right).status == 200
    oauth_error(gateway11.send(right), "invalid_client_attestation")


def test_BIND_05_the_attester_may_change_the_key_may_not(factory, upstream, trust):
    for same, status in [(False, 200), (True, 400)]:
        config = settings.base(upstream.url, bind={"same_attester": same})
        entry = config["authorization_servers"][0]
        entry["attesters"][1]["clients"].append(settings.PUBLIC)
        with factory(config) as gateway:
            sealed = issued(gateway, upstream, trust.public)
            moved = twin(trust.public, trust.other, settings.PUBLIC)
            start = gateway.mark()
            response = send(gateway, moved, *refresh(sealed))
            assert response.status == status, response
            if same:
                oauth_error(response, GRANT)
                logged(gateway, start, "BIND-05", 400)
                upstream.nothing()
            assert send(gateway, trust.public, *refresh(sealed)).status == 200


# Revocation, introspection, exchange


@pytest.mark.parametrize("hint", [[], [("token_type_hint", "access_token")]])
@pytest.mark.parametrize("endpoint", ["revocation", "introspection"])
def test_BIND_07_the_AS_revokes_and_introspects_its_own(
    gateway11, upstream, trust, endpoint, hint
):
    sealed = issued(gateway11, upstream, trust.public)
    upstream.then(answer({"active": True}))
    response = send(gateway11, trust.public, ("token", sealed), *hint, endpoint=endpoint)
    assert response.status == 200 and response.json == {"active": True}
    assert ("token", RAW) in upstream.one().form
    upstream.reset()
    response = send(gateway11, trust.public, ("token", "an-access-token"), endpoint=endpoint)
    assert response.status == 200 and ("token", "an-access-token") in upstream.one().form


def test_BIND_07_revocation_of_what_is_not_ones_own(gateway11, upstream, trust):
    sealed = issued(gateway11, upstream, trust.public)
    for thief, (instance, _) in thieves(trust).items():
        request = attested(
            instance, gateway11.challenge(), ("token", sealed), endpoint="revocation")
        refused(gateway11, upstream, request, GRANT, "BIND-07")
    pair = ("token", sealed[:-1])
    start = gateway11.mark()
    for request in (
        attested(trust.public, gateway11.challenge(), pair, endpoint="revocation"),
        form(("token", sealed), ("client_id", settings.LISTED), endpoint="revocation"),
    ):
        response = gateway11.send(request)
        assert (response.status, response.body) == (200, b""), response
        assert response.one("Cache-Control") == "no-store"
        logged(gateway11, start, "BIND-03", 200)
    upstream.nothing()


def test_BIND_07_introspection_of_what_is_not_ones_own(gateway11, upstream, trust):
    sealed = issued(gateway11, upstream, trust.public)
    requests = [
        attested(instance, gateway11.challenge(), ("token", sealed), endpoint="introspection")
        for instance, _ in thieves(trust).values()
    ]
    pair = ("token", sealed[:-1])
    requests += [
        attested(trust.public, gateway11.challenge(), pair, endpoint="introspection"),
        form(("token", sealed), ("client_id", settings.LISTED), endpoint="introspection"),
    ]
    for request in requests:
        response = gateway11.send(request)
        assert (response.status, response.json) == (200, {"active": False}), response
        assert response.one("Content-Type") == "application/json"
    upstream.nothing()


def test_BIND_07_an_exchange_opens_what_is_the_callers(gateway11, upstream, trust):
    sealed = issued(gateway11, upstream, trust.public)
    for name in ("subject_token", "actor_token"):
        pairs = [EXCHANGE, (name, sealed), (f"{name}_type", REFRESH_TYPE)]
        response = send(gateway11, trust.public, *pairs)
        assert response.status == 200 and (name, RAW) in upstream.one().form
        upstream.reset()
        thief = jose.Instance(trust.attester, settings.PUBLIC)
        request = attested(thief, gateway11.challenge(), *pairs)
        refused(gateway11, upstream, request, GRANT, "BIND-02")
        raw = [EXCHANGE, (name, RAW), (f"{name}_type", REFRESH_TYPE)]
        request = attested(trust.public, gateway11.challenge(), *raw)
        refused(gateway11, upstream, request, GRANT, "BIND-03")


# Device codes and authentication requests


def test_BIND_08_a_device_code_is_polled_by_who_asked_for_it(gateway11, upstream, trust):
    body = {"device_code": RAW, "user_code": "WDJB-MJHT", "expires_in": 1800, "interval": 5}
    upstream.then(answer(body))
    response = send(gateway11, trust.public, ("scope", "read"), endpoint="device_authorization")
    ends(gateway11, response)
    sealed = response.json["device_code"]
    assert response.json == body | {"device_code": sealed} and sealed.startswith("ag1.07.")
    upstream.reset()
    upstream.then(answer({"error": "authorization_pending"}, "400 Bad Request"))
    response = send(gateway11, trust.public, DEVICE, ("device_code", sealed))
    assert response.json == {"error": "authorization_pending"}
    upstream.then(answer(TOKEN | {"refresh_token": RAW}))
    response = send(gateway11, trust.public, DEVICE, ("device_code", sealed))
    assert response.json["refresh_token"].startswith("ag1.07.")
    assert [dict(request.form)["device_code"] for request in upstream.requests] == [RAW, RAW]
    upstream.reset()
    for thief, (instance, _) in thieves(trust).items():
        request = attested(instance, gateway11.challenge(), DEVICE, ("device_code", sealed))
        refused(gateway11, upstream, request, GRANT, "BIND-08")
    for value in (RAW, issued(gateway11, upstream, trust.public)):
        request = attested(trust.public, gateway11.challenge(), DEVICE, ("device_code", value))
        refused(gateway11, upstream, request, GRANT, "BIND-03")


def test_BIND_08_device_codes_may_stay_as_they_are(factory, upstream, trust):
    config = settings.base(upstream.url, bind={"device_code": False})
    with factory(config) as gateway:
        upstream.then(answer({"device_code": "as-it-is", "user_code": "u", "expires_in": 9}))
        response = send(gateway, trust.public, endpoint="device_authorization")
        assert response.json["device_code"] == "as-it-is"
        assert send(gateway, trust.public, DEVICE, ("device_code", "as-it-is")).status == 200
        assert ("device_code", "as-it-is") in upstream.requests[-1].form


BACKCHANNEL = "/oauth/bc-authorize"


def begin(gateway, instance, *pairs):
    """CIBA: the authentication request."""
    request = attested(instance, gateway.challenge(), ("login_hint", "alice"), *pairs)
    return gateway.send(request.copy(target=BACKCHANNEL))


def test_BIND_09_an_authentication_request_is_polled_by_who_began_it(factory, upstream, trust):
    config = settings.base(upstream.url)
    config["authorization_servers"][0]["endpoints"]["backchannel_authentication"] = BACKCHANNEL
    with factory(config) as gateway:
        upstream.then(answer({"auth_req_id": RAW, "expires_in": 9}))
        response = begin(gateway, trust.public)
        ends(gateway, response)
        sealed = response.json["auth_req_id"]
        assert sealed.startswith("ag1.07.") and set(sealed) <= set(jose_alphabet())
        assert send(gateway, trust.public, CIBA, ("auth_req_id", sealed)).status == 200
        assert ("auth_req_id", RAW) in upstream.requests[-1].form
        upstream.reset()
        for _, (instance, _) in thieves(trust).items():
            request = attested(instance, gateway.challenge(), CIBA, ("auth_req_id", sealed))
            refused(gateway, upstream, request, GRANT, "BIND-09")
        start = gateway.mark()
        oauth_error(begin(gateway, trust.public, ("client_notification_token", "n")), SYN)
        logged(gateway, start, "BIND-09", 400)
        upstream.nothing()


def jose_alphabet() -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_"


def test_BIND_09_a_client_that_is_notified(factory, upstream, trust):
    config = settings.base(upstream.url, bind={"auth_req_id": False})
    entry = config["authorization_servers"][0]
    entry["endpoints"]["backchannel_authentication"] = BACKCHANNEL
    entry["clients"][0]["ciba"] = "ping"
    with factory(config) as gateway:
        upstream.then(answer({"auth_req_id": "as-it-is", "expires_in": 9}))
        response = begin(gateway, trust.public, ("client_notification_token", "n"))
        assert response.json["auth_req_id"] == "as-it-is"
        assert ("client_notification_token", "n") in upstream.one().form


# What the AS must not say


def test_BIND_12_a_compressed_answer(gateway11, upstream, trust):
    for status in ("200 OK", "400 Bad Request"):
        upstream.then(answer(b"\x1f\x8b\x08\x00", status, ("Content-Type", "application/json"),
                             ("Content-Encoding", "gzip")))  # fmt: skip
        start = gateway11.mark()
        oauth_error(send(gateway11, trust.public, *CODE), UP)
        logged(gateway11, start, "BIND-12", 502)
    assert upstream.requests[0].one("Accept-Encoding") == "identity"


QUOTES = {
    "error text": answer({"error": "invalid_grant", "error_description": f"no {RAW}!"}, "400 No"),
    "escaped": answer(b'{"error_description":"raw\\/refresh+token=of~the as"}', "400 No"),
    "HTML": answer(f"<p>{RAW}".encode(), "403 No", ("Content-Type", "text/html")),
    "another member": answer(TOKEN | {"old": RAW}),
    "both": answer(TOKEN | {"refresh_token": "new-one-of-the-as", "jti": "new-one-of-the-as"}),
    "header field": answer(TOKEN, "200 OK", ("X-Token", RAW)),
    "cookie": answer(TOKEN | {"refresh_token": "new-one"}, "200 OK", ("Set-Cookie", "rt=new-one")),
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES.keys())
def test_BIND_12_an_answer_that_quotes_it(gateway11, upstream, trust, quote):
    sealed = issued(gateway11, upstream, trust.public)
    upstream.then(quote)
    start = gateway11.mark()
    response = send(gateway11, trust.public, *refresh(sealed))
    oauth_error(response, UP)
    ends(gateway11, response)
    logged(gateway11, start, "BIND-12", 502)


@pytest.mark.parametrize("endpoint", ["revocation", "introspection"])
def test_BIND_12_BIND_07_an_answer_that_quotes_it_elsewhere(gateway11, upstream, trust, endpoint):
    sealed = issued(gateway11, upstream, trust.public)
    upstream.then(answer({"active": True, "token": RAW}))
    oauth_error(send(gateway11, trust.public, ("token", sealed), endpoint=endpoint), UP)


SIGNED = ["Content-Digest", "Digest", "Repr-Digest", "Signature-Input", "content-digest"]


@pytest.mark.parametrize("name", SIGNED)
def test_BIND_14_a_body_with_a_digest_or_a_signature(gateway11, upstream, trust, name):
    request = attested(trust.public, gateway11.challenge()).add(name, "sha-256=:x:")
    refused(gateway11, upstream, request, SYN, "BIND-14")
    request = form(*CODE, ("client_id", settings.LISTED)).add(name, "sha-256=:x:")
    refused(gateway11, upstream, request, SYN, "BIND-14")


# Tokens from before, keys that turn


def test_BIND_04_a_raw_token_is_refused_unless_it_is_adopted(factory, gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge(), *refresh(RAW))
    refused(gateway11, upstream, request, GRANT, "BIND-03")
    bind = {"legacy_refresh": adoption()}
    with factory(settings.base(upstream.url, bind=bind)) as gateway:
        start = gateway.mark()
        response = send(gateway, trust.public, *refresh("a-token-from-before"))
        assert ("refresh_token", "a-token-from-before") in upstream.one().form
        sealed = response.json["refresh_token"]
        assert sealed.startswith("ag1.07."), "the AS gave no new one, and it is sealed all the same"
        wanted = lambda r: r.get("rule") == "BIND-04" and r.get("client_id") == settings.PUBLIC
        assert gateway.wait_for(wanted, start)[0]["level"] == "warning"
        upstream.reset()
        assert send(gateway, trust.public, *refresh(sealed)).status == 200
        assert ("refresh_token", "a-token-from-before") in upstream.one().form
        # BIND-03: what bears the prefix is never raw.
        upstream.reset()
        request = attested(trust.public, gateway.challenge(), *refresh(sealed[:-1]))
        refused(gateway, upstream, request, GRANT, "BIND-03")
        request = form(*refresh("a-token-from-before"), ("client_id", settings.PUBLIC))
        refused(gateway, upstream, request, CLI, "EP-06")


def test_BIND_04_a_date_that_is_over(factory, upstream, trust):
    bind = {"legacy_refresh": "adopt-unrecorded 2026-01-01"}
    with factory(settings.base(upstream.url, bind=bind)) as gateway:
        request = attested(trust.public, gateway.challenge(), *refresh(RAW))
        refused(gateway, upstream, request, GRANT, "BIND-03")


def test_BIND_01_BIND_03_keys_turn_and_retire(factory, upstream, trust):
    with factory(settings.base(upstream.url)) as gateway:
        old = issued(gateway, upstream, trust.public)
        assert gateway.stop() == 0
        gateway.write_secret("next.key", f"attestgate-key-1 8 {jose.b64(b'n' * 32)}\n")
        gateway.settings["secrets"] = {
            "master_key_file": "next.key", "previous_master_key_files": ["master.key"],
        }  # fmt: skip
        gateway.start()
        # The AS keeps the token; the client is told a new name of it.
        response = send(gateway, trust.public, *refresh(old))
        new = response.json["refresh_token"]
        assert new.startswith("ag1.08.") and ("refresh_token", RAW) in upstream.one().form
        assert gateway.stop() == 0
        gateway.settings["secrets"] = {"master_key_file": "next.key"}
        gateway.start()
        upstream.reset()
        request = attested(trust.public, gateway.challenge(), *refresh(old))
        refused(gateway, upstream, request, GRANT, "BIND-03")
        response = send(gateway, trust.public, ("token", old), endpoint="revocation")
        assert (response.status, response.body) == (200, b"")
        upstream.nothing()
        response = send(gateway, trust.public, *refresh(new))
        assert response.status == 200 and "refresh_token" not in response.json
        assert ("refresh_token", RAW) in upstream.one().form
