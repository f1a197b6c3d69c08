# SPDX-License-Identifier: Apache-2.0
"""FWD and CRED: what the AS received, octet by octet, and what the client got back."""

import base64
import time
import urllib.parse

import pytest

from harness import jose, settings, wire
from harness.expect import accepted, refused
from harness.gateway import AUTHORITY, ENDPOINTS, attested, form
from harness.upstream import Upstream, answer
from harness.wire import Request

GRANT = ("grant_type", "client_credentials")
SPOOFS = ["OAuth_Client_Attestation", "OAuth.Client.Attestation", "oauth_client_attestation_pop",
          "X-Attested-Client-Id", "X_Attested_Client_Id", "x.attested.client.id",
          "X-Attested_Jkt", "X-Attested-Method", "X-Attested-Assertion", "X-Attested-Anything",
          "Client-Cert", "X-SSL-Client-Cert", "X_SSL_Client_Verify", "attestation_nonce_request",
          "Proxy", "SSL-Client-Cert", "SSL_CLIENT_VERIFY",
          ]  # fmt: skip
TARGETS = [ENDPOINTS["token"], "/login", "/authorize"]


def spoofed(request: Request) -> Request:
    for name in SPOOFS:
        request = request.add(name, "spoofed-value")
    return request


@pytest.mark.parametrize("target", TARGETS)
def test_FWD_01_FWD_02_FWD_03_FWD_04_spoofed_fields_never_arrive(
    gateway_marked, upstream, trust, target
):
    request = attested(trust.public, gateway_marked.challenge())
    if target != ENDPOINTS["token"]:
        request = Request("GET", target, [("Host", AUTHORITY)])
    _, recorded = accepted(gateway_marked, upstream, spoofed(request))
    assert b"spoofed-value" not in recorded.raw
    assert not [name for name in recorded.names if "oauth" in name or "nonce" in name]
    own = {name for name in recorded.names if name.startswith("x-attested")}
    protected = target == ENDPOINTS["token"]
    assert own == ({"x-attested-client-id", "x-attested-jkt", "x-attested-attester",
                    "x-attested-method"} if protected else set())  # fmt: skip


@pytest.mark.parametrize("name", SPOOFS)
def test_FWD_01_FWD_02_also_without_identity_headers(gateway11, upstream, trust, name):
    request = attested(trust.public, gateway11.challenge()).add(name, "spoofed-value")
    _, recorded = accepted(gateway11, upstream, request)
    assert b"spoofed-value" not in recorded.raw


def test_FWD_04_the_tokens_stay_here(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge()).add("attestation-nonce-request", "true")
    _, recorded = accepted(gateway11, upstream, request)
    assert b"eyJ" not in recorded.raw and b"ttestation" not in recorded.head


def test_FWD_04_also_on_pass_through(gateway11, upstream, trust):
    request = attested(trust.public, "c").copy(method="GET", target="/jwks", body=b"")
    request = request.without("Content-Type")
    _, recorded = accepted(gateway11, upstream, request)
    assert b"eyJ" not in recorded.raw and b"ttestation" not in recorded.head


FORMS = [
    [GRANT, ("scope", "a b+c")],
    [("scope", "ä € 𝄞"), GRANT],
    [GRANT, ("x", ""), ("y", "=&+%")],
    [GRANT, ("z", "*-._~")],
]


@pytest.mark.parametrize("pairs", FORMS)
def test_FWD_06_the_body_is_rebuilt_in_order(gateway11, upstream, trust, pairs):
    _, recorded = accepted(
        gateway11, upstream, attested(trust.public, gateway11.challenge(), *pairs)
    )
    assert [p for p in recorded.form if p[0] != "client_id"] == pairs
    assert recorded.form.count(("client_id", settings.PUBLIC)) == 1
    assert recorded.one("Content-Type") == "application/x-www-form-urlencoded"


def test_FWD_06_one_canonical_encoding(gateway11, upstream, trust):
    challenge, seen = gateway11.challenge(), set()
    for scope in (b"a+b", b"a%20b", b"%61%20b", b"a%20%62"):
        upstream.reset()
        request = attested(trust.public, challenge)
        request = request.copy(body=b"grant%5ftype=client_credentials&scope=" + scope)
        seen.add(accepted(gateway11, upstream, request)[1].body)
    assert len(seen) == 1, seen


def test_FWD_07_identity_headers_say_who_it_is(gateway_marked, upstream, trust):
    _, recorded = accepted(
        gateway_marked, upstream, attested(trust.public, gateway_marked.challenge())
    )
    value = recorded.one("X-Attested-Client-Id")
    assert urllib.parse.unquote(value) == settings.PUBLIC
    assert all("!" <= character <= "~" for character in value)
    assert recorded.one("X-Attested-Jkt") == trust.public.key.thumbprint
    assert recorded.one("X-Attested-Attester") == "attester"
    assert recorded.one("X-Attested-Method") == "attestation_pop_jwt"


COOKIES = [("Cookie", "session=abcdefgh"), ("X-Unknown", "1"), ("X-Api-Key", "1"), ("Origin", "x:"),
           ("Referer", "https://x.example.com/"), ("If-None-Match", "x"), ("Range", "bytes=0-"),
           ("DPoP", "x.y.z") ]  # fmt: skip
KEPT = [("Accept", "application/json"), ("Accept-Language", "de"), ("User-Agent", "wallet/1"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]  # fmt: skip


def test_FWD_09_unknown_fields_and_cookies_of_protected_requests(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge())
    request = request.copy(fields=[*request.fields, *COOKIES[:-1], *KEPT])
    _, recorded = accepted(gateway11, upstream, request)
    assert not recorded.names & {name.lower() for name, _ in COOKIES}
    assert set(KEPT) <= {
        (n if n != "Traceparent" else "traceparent", v) for n, v in recorded.fields
    }


def test_FWD_09_pass_through_is_for_browsers(gateway11, upstream):
    upstream.then(answer(b"<html>", "200 OK", ("Set-Cookie", "a=b"), ("Content-Type", "text/html")))
    fields = [("Host", AUTHORITY), *COOKIES[:3], *KEPT]
    response, recorded = accepted(gateway11, upstream, Request("GET", "/login", fields))
    for name, value in [*COOKIES[:3], *KEPT]:
        assert recorded.one(name) == value
    assert response.one("Set-Cookie") == "a=b"
    assert response.body == b"<html>"


def test_FWD_10_no_content_coding_is_asked_for(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge()).add("Accept-Encoding", "gzip, br")
    _, recorded = accepted(gateway11, upstream, request)
    assert recorded.one("Accept-Encoding") in (None, "identity")


RETURNED = [("OAuth-Client-Attestation-Challenge", "of-the-as"), ("attestation-nonce", "of-the-as"),
            ("X-Attested-Jkt", "of-the-as"), ("X-Attested-Client-Id", "of-the-as"),
            ("Keep-Alive", "timeout=of-the-as"), ("Upgrade", "of-the-as"),
            ("Connection", "X-Private"), ("X-Private", "of-the-as"),
            ("Access-Control-Allow-Origin", "https://of-the-as")]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS[:2])
def test_FWD_11_fields_that_the_AS_must_not_say(gateway11, upstream, trust, target):
    upstream.then(answer({}, "200 OK", *RETURNED))
    request = attested(trust.public, gateway11.challenge())
    if target != ENDPOINTS["token"]:
        request = Request("GET", target, [("Host", AUTHORITY)])
    response = gateway11.send(request)
    assert response.status == 200
    allowed = {"access-control-allow-origin"} if target != ENDPOINTS["token"] else set()
    for name, value in response.fields:
        assert "of-the-as" not in value or name.lower() in allowed, response


def test_FWD_12_pass_through_with_a_foreign_host(gateway11, upstream):
    request = Request("GET", "/login", [("Host", "evil.example.com")])
    refused(gateway11, upstream, request, 400, "HTTP-08")


def test_FWD_12_upstream_host_overrides_it(factory, recorder, upstream, trust):
    for value in ("upstream", "internal.example.com:8080"):
        upstream.reset()
        with factory(settings.base(upstream.url, upstream_host=value)) as gateway:
            _, recorded = accepted(gateway, upstream, attested(trust.public, gateway.challenge()))
        wanted = upstream.url.removeprefix("http://") if value == "upstream" else value
        assert recorded.one("Host") == wanted


def basic_header(user: str, secret: str) -> str:
    pair = f"{urllib.parse.quote_plus(user)}:{urllib.parse.quote_plus(secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def test_CRED_02_client_secret_basic_in_the_encoding_of_the_standard(gateway11, upstream, trust):
    _, recorded = accepted(gateway11, upstream, attested(trust.basic, gateway11.challenge()))
    scheme, value = recorded.one("Authorization").split(" ")
    assert scheme == "Basic"
    user, secret = base64.b64decode(value).decode().split(":")
    assert urllib.parse.unquote_plus(user) == settings.BASIC
    assert urllib.parse.unquote_plus(secret) == settings.SECRET
    assert recorded.form.count(("client_id", settings.BASIC)) == 1


def test_CRED_02_raw_encoding_and_no_client_id_in_the_body(factory, upstream, trust):
    config = settings.base(upstream.url)
    server = config["authorization_servers"][0]
    server["attesters"][0]["clients"].append("app")
    server["clients"].append({"client_id": "app", "upstream": {
        "authentication": "client_secret_basic", "secret_file": "basic.secret",
        "basic_encoding": "raw", "body_client_id": False,
    }})  # fmt: skip
    with factory(config) as gateway:
        app = jose.Instance(trust.attester, "app")
        _, recorded = accepted(gateway, upstream, attested(app, gateway.challenge()))
        wanted = base64.b64encode(f"app:{settings.SECRET}".encode()).decode()
        assert recorded.one("Authorization") == "Basic " + wanted
        assert "client_id" not in dict(recorded.form)


def test_CRED_01_a_public_client_carries_no_credential(gateway11, upstream, trust):
    _, recorded = accepted(gateway11, upstream, attested(trust.public, gateway11.challenge()))
    assert "authorization" not in recorded.names
    assert not {"client_secret", "client_assertion"} & set(dict(recorded.form))


def test_FWD_12_an_upstream_behind_a_unix_socket(factory, tmp_path, trust):
    upstream = Upstream(str(tmp_path / "as.sock"))
    with factory(settings.base(upstream.url)) as gateway:
        _, recorded = accepted(gateway, upstream, attested(trust.public, gateway.challenge()))
        assert recorded.one("Host") == AUTHORITY
    upstream.stop()


def test_HTTP_13_connections_to_the_AS_are_kept_and_reused(gateway11, upstream, trust):
    with gateway11.connect() as connection:
        for _ in range(20):
            connection.send(attested(trust.public, gateway11.challenge()))
            assert connection.response().status == 200
    assert len({r.connection for r in upstream.requests}) <= 2
    upstream.drop_connections()  # the AS closes its idle side: the next request finds out
    gateway11.works(trust.public)


def test_HTTP_13_large_answers_stream_in_both_framings(gateway11, upstream):
    body = bytes(range(256)) * 4096 * 8
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part)
        for part in (body[i : i + 50_000] for i in range(0, len(body), 50_000))
    )
    coded = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    for reply in (answer(body), coded):
        upstream.then(reply)
        response = gateway11.send(Request("GET", "/jwks", [("Host", AUTHORITY)]))
        assert response.status == 200 and response.body == body


def test_HTTP_13_large_bodies_stream_towards_the_AS_on_pass_through(gateway11, upstream):
    body = b"0123456789abcdef" * (1 << 18)
    request = Request("PUT", "/login/picture", [("Host", AUTHORITY)], body)
    _, recorded = accepted(gateway11, upstream, request)
    assert recorded.body == body


@pytest.mark.parametrize("body", [b"x=1", b"x" * (1 << 17)], ids=["short", "long"])
def test_HTTP_13_nothing_follows_a_body_of_a_clients_choice(gateway11, upstream, body):
    """An AS that overlooks a body would read it as a request, and answer the next client with it."""
    request = Request("POST", "/login", [("Host", AUTHORITY), ("Content-Type", "a/b")], body)
    with gateway11.connect() as connection:
        for sent in (request, request.copy(method="GET", body=b"")):
            connection.send(sent)
            assert connection.response(sent.method).status == 200
    first, second = upstream.requests
    assert first.connection != second.connection


def test_HTTP_13_a_HEAD_with_a_body_disturbs_nobody(gateway11, upstream):
    def lying(exchange, _):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n")
        time.sleep(0.01)
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    request = Request("HEAD", "/jwks", [("Host", AUTHORITY)])
    with gateway11.connect() as connection:
        for _ in range(10):
            upstream.then(lying)
            connection.send(request)
            assert connection.response("HEAD").one("Content-Length") == "38"
            connection.send(request.copy(method="GET"))
            assert connection.response("GET").body


def test_HTTP_16_slow_bodies_hold_no_connection_to_the_AS(factory, upstream, trust):
    config = settings.base(upstream.url, upstream_limits={"connections": 2, "response": "2s"})
    head = f"POST /login HTTP/1.1\r\nHost: {AUTHORITY}\r\nContent-Type: a/b\r\n".encode()
    with factory(config | {"workers": 1}) as gateway:
        slow = [gateway.connect() for _ in range(20)]
        for connection in slow[:10]:
            connection.send(head + b"Content-Length: 1000\r\n\r\nx")
        for connection in slow[10:]:  # half of the connections for long bodies, the rest is told so
            connection.send(head + b"Content-Length: 100000\r\n\r\n" + b"x" * 80_000)
        statuses = [connection.response().status for connection in slow[11:]]
        assert statuses == [503] * 9
        gateway.works(trust.public)
        slow[10].send(b"x" * 20_000)
        assert slow[10].response().status == 200
        for connection in slow:
            connection.close()


def test_HTTP_13_what_passes_unverified_takes_no_connection_from_tokens(factory, upstream, trust):
    """An AS whose pages hang still issues tokens, on connections that carried no page."""
    config = settings.base(upstream.url, upstream_limits={"connections": 4})
    with factory(config | {"workers": 1}) as gateway:
        hanging = [gateway.connect() for _ in range(8)]
        for connection in hanging[:2]:
            upstream.then(lambda exchange, _: exchange.wait_for_peer())
            connection.send(Request("GET", "/jwks", [("Host", AUTHORITY)]))
        upstream.wait(2)
        for connection in hanging[2:]:
            connection.send(Request("GET", "/jwks", [("Host", AUTHORITY)]))
        gateway.works(trust.public)
        pages = {recorded.connection for recorded in upstream.requests if recorded.method == "GET"}
        tokens = {recorded.connection for recorded in upstream.requests if recorded.method == "POST"}
        assert len(pages) == 2 and tokens and not pages & tokens
        for connection in hanging:
            connection.close()


def test_HTTP_16_slow_readers_leave_connections_to_the_AS(factory, upstream, trust):
    """Half of the connections may wait for clients that read slowly; others of them are cut off."""
    upstream.default = answer(b"z" * 20_000_000)
    config = settings.base(upstream.url, upstream_limits={"connections": 4})
    with factory(config | {"workers": 1}) as gateway:
        slow = [gateway.connect() for _ in range(8)]
        for connection in slow:
            connection.send(Request("GET", "/jwks", [("Host", AUTHORITY)]))
        upstream.wait(8)
        upstream.default = answer()
        gateway.works(trust.public)
        for connection in slow:
            connection.close()


def test_HTTP_13_an_answer_until_the_end_of_the_connection(gateway11, upstream):
    def reply(exchange, _):
        exchange.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end")
        exchange.close = True

    upstream.then(reply)
    response = wire.exchange(gateway11.address, Request("GET", "/jwks", [("Host", AUTHORITY)]))
    assert response.body == b"until the end"


def test_FWD_06_a_listed_client_keeps_its_own_credentials(gateway11, upstream):
    basic = basic_header(settings.LISTED, "its-own-secret")
    request = form(GRANT, ("client_id", settings.LISTED)).add("Authorization", basic)
    _, recorded = accepted(gateway11, upstream, request)
    assert recorded.one("Authorization") == basic
    assert recorded.form == [GRANT, ("client_id", settings.LISTED)]
