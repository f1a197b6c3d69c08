# SPDX-License-Identifier: Apache-2.0
"""HTTP-01 to HTTP-21 as a client sees them: octets in, one answer out, and what the AS received."""

import gzip
import time

import pytest

from harness import settings
from harness.expect import (
    SYN, UP, accepted, answered, bare, framing_refused, logged, oauth_error, refused,
)  # fmt: skip
from harness.gateway import AUTHORITY, CHALLENGE, ENDPOINTS, attested, form
from harness.upstream import answer
from harness.wire import Request, WireError

TOKEN, PAR = ENDPOINTS["token"], ENDPOINTS["pushed_authorization_request"]
HEAD = f"POST {TOKEN} HTTP/1.1\r\nHost: {AUTHORITY}\r\n".encode()
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
BODY = b"grant_type=client_credentials"


def chunked(body: bytes, *fields: bytes) -> bytes:
    lines = b"".join(field + b"\r\n" for field in fields)
    return HEAD + FORM + lines + b"Transfer-Encoding: chunked\r\n\r\n" + body


def ids(rows) -> list[str]:
    return [repr(row)[:60] for row in rows]


LINES = [
    HEAD.replace(b"\r\nHost", b"\nHost") + b"\r\n",
    HEAD + b"X: a\nOAuth-Client-Attestation: x\r\n\r\n",
    HEAD + b"X: a\rb\r\n\r\n",
    HEAD + b"X: a\x00b\r\n\r\n",
    HEAD + b"X: a\x01b\r\n\r\n",
    HEAD + b"X: a\x7fb\r\n\r\n",
    HEAD.replace(b"POST ", b"PO\x00ST ") + b"\r\n",
    HEAD.replace(b"/oauth", b"/oa\x0buth") + b"\r\n",
    HEAD[:-2] + b"\n\r\n",
]


@pytest.mark.parametrize("octets", LINES, ids=ids(LINES))
def test_HTTP_01_a_line_that_does_not_end_in_CRLF_or_holds_a_control(gateway11, upstream, octets):
    framing_refused(gateway11, upstream, octets, 400, {"HTTP-01", "HTTP-02", "HTTP-09"})


NAMES = [b"Transfer-Encoding : chunked", b": x", b"OAuth-Client-Attestation\t: x", b"a b: c",
         b"novalue", b"Na(me): x", b"K\xe2\x84\xaaelvin: x"]  # fmt: skip


@pytest.mark.parametrize("line", NAMES, ids=ids(NAMES))
def test_HTTP_02_FWD_03_a_field_name_that_is_no_token(gateway11, upstream, line):
    octets = HEAD + line + b"\r\n\r\n"
    framing_refused(gateway11, upstream, octets, 400, {"HTTP-01", "HTTP-02"})


FOLDS = [
    HEAD + b"OAuth-Client-Attestation-PoP: a\r\n b\r\n\r\n",
    HEAD + b"X: a\r\n\tb\r\n\r\n",
    HEAD.replace(b"Host", b" Host") + b"\r\n",
]


@pytest.mark.parametrize("octets", FOLDS, ids=ids(FOLDS))
def test_HTTP_03_folded_lines_and_leading_white_space(gateway11, upstream, octets):
    framing_refused(gateway11, upstream, octets, 400, {"HTTP-02", "HTTP-03"})


BOTH = [
    HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    HEAD + b"transfer-encoding: CHUNKED\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("octets", BOTH, ids=ids(BOTH))
def test_HTTP_04_content_length_with_transfer_encoding(gateway11, upstream, octets):
    smuggled = f"GET /login HTTP/1.1\r\nHost: {AUTHORITY}\r\n\r\n".encode()
    framing_refused(gateway11, upstream, octets + smuggled, 400, "HTTP-04")


CODINGS = [
    (b"Transfer-Encoding: gzip, chunked", {400, 501}),
    (b"Transfer-Encoding: chunked, chunked", {400, 501}),
    (b"Transfer-Encoding: xchunked", {400, 501}),
    (b"Transfer-Encoding: identity", {400, 501}),
    (b"Transfer-Encoding:", {400, 501}),
    (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", {400}),
]


@pytest.mark.parametrize("line,status", CODINGS, ids=ids(CODINGS))
def test_HTTP_05_other_transfer_codings(gateway11, upstream, line, status):
    start = gateway11.mark()
    with gateway11.connect() as connection:
        connection.send(HEAD + line + b"\r\n\r\n0\r\n\r\n")
        response = bare(connection.response(), *status)
        assert connection.at_end()
    upstream.nothing()
    logged(gateway11, start, "HTTP-05", response.status)


def test_HTTP_05_a_transfer_coding_in_HTTP_1_0(gateway11, upstream):
    octets = chunked(b"0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0")
    framing_refused(gateway11, upstream, octets, 400, "HTTP-05")


LENGTHS = [b"+5", b"5, 5", b"0x5", b"9" * 30, b"", b"5 5", b"-1", b"5\r\nContent-Length: 5"]


@pytest.mark.parametrize("value", LENGTHS, ids=ids(LENGTHS))
def test_HTTP_06_a_content_length_that_is_not_one_number(gateway11, upstream, value):
    octets = HEAD + b"Content-Length: " + value + b"\r\n\r\nhello"
    framing_refused(gateway11, upstream, octets, 400, "HTTP-06")


CHUNKS = [b"5 x\r\nhello\r\n0\r\n\r\n", b"3\r\nhello\r\n0\r\n\r\n", b"-1\r\n", b"\r\n", b"0x5\r\n",
          b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n", b"g\r\n", b"ffffffffffffffff1\r\n",
          b"5;" + b"e" * 300 + b"\r\nhello\r\n0\r\n\r\n"]  # fmt: skip


@pytest.mark.parametrize("body", CHUNKS, ids=ids(CHUNKS))
def test_HTTP_07_malformed_chunks(gateway11, upstream, body):
    framing_refused(gateway11, upstream, chunked(body), 400, "HTTP-07", end=True)


def test_HTTP_07_a_chunked_form_is_served_and_its_trailers_are_dropped(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge())
    fields = b"".join(f"{n}: {v}\r\n".encode() for n, v in request.fields[1:])
    body = b"5;ext=1\r\ngrant\r\n18\r\n_type=client_credentials\r\n0\r\n"
    trailer = b"OAuth-Client-Attestation: x\r\nX-Attested-Client-Id: victim\r\n\r\n"
    octets = HEAD + fields + b"Transfer-Encoding: chunked\r\n\r\n" + body + trailer
    assert gateway11.send(octets).status == 200
    recorded = upstream.one()
    assert recorded.one("Content-Length") == str(len(recorded.body))
    assert not recorded.names & {"transfer-encoding", "trailer", "x-attested-client-id"}
    assert ("grant_type", "client_credentials") in recorded.form


HOSTS = [
    HEAD.replace(f"Host: {AUTHORITY}\r\n".encode(), b""),
    HEAD + f"Host: {AUTHORITY}\r\n".encode(),
    HEAD.replace(AUTHORITY.encode(), b"evil.example.com"),
    HEAD.replace(AUTHORITY.encode(), b""),
    HEAD.replace(AUTHORITY.encode(), b"user@as.example.com"),
    HEAD.replace(AUTHORITY.encode(), b"as.example.com:443, evil"),
    HEAD.replace(AUTHORITY.encode(), b"as.example.com:8443"),
    HEAD.replace(TOKEN.encode(), b"http://evil.example.com" + TOKEN.encode()),
]


@pytest.mark.parametrize("head", HOSTS, ids=ids(HOSTS))
def test_HTTP_08_FWD_12_another_authority(gateway11, upstream, head):
    start = gateway11.mark()
    bare(gateway11.send(head + FORM + b"Content-Length: 0\r\n\r\n"), 400)
    upstream.nothing()
    logged(gateway11, start, "HTTP-08", 400)


@pytest.mark.parametrize("host", [AUTHORITY, AUTHORITY + ":443", AUTHORITY.upper()])
def test_HTTP_08_FWD_12_the_host_towards_the_AS_is_the_configured_one(
    gateway11, upstream, trust, host
):
    request = attested(trust.public, gateway11.challenge()).put("Host", host)
    _, recorded = accepted(gateway11, upstream, request)
    assert recorded.one("Host") == AUTHORITY


def test_HTTP_08_an_absolute_target_of_our_own_authority(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge())
    request = request.copy(target="https://AS.example.com" + TOKEN)
    _, recorded = accepted(gateway11, upstream, request)
    assert (recorded.target, recorded.one("Host")) == (TOKEN, AUTHORITY)


TARGETS = ["/oauth//token", "//oauth/token", "/oauth/x/../token", "/oauth/./token",
           "/oauth/token/.", "/oauth/%2e%2e/oauth/token", "/oauth%2ftoken", "/oauth%5ctoken",
           "/oauth\\token", "/oauth/token%00", "/oauth/token;v=1", "/oauth/token#x", "/oauth/%74oken", "/oauth/t%zz",
           "/oauth/tok\xe9n", "oauth/token", "/oauth/token%2F", "/oauth/%2E%2E/login"]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_HTTP_09_EP_07_a_target_that_two_parsers_could_read_differently(
    gateway11, upstream, target, method
):
    request = form(("grant_type", "client_credentials"), ("client_id", settings.LISTED))
    request = request.copy(target=target, method=method)
    start = gateway11.mark()
    bare(gateway11.send(request), 400)
    upstream.nothing()
    logged(gateway11, start, {"HTTP-09", "HTTP-01"}, 400)


METHODS = [("GET", TOKEN + "?grant_type=client_credentials"), ("post", TOKEN), ("HEAD", PAR),
           ("PUT", TOKEN), ("DELETE", PAR), ("PATCH", ENDPOINTS["revocation"])]  # fmt: skip


@pytest.mark.parametrize("method,target", METHODS)
def test_HTTP_10_methods_of_a_protected_endpoint(gateway11, upstream, method, target):
    request = Request(method, target, [("Host", AUTHORITY)])
    refused(gateway11, upstream, request, 405, "HTTP-10")


OVERRIDES = ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "X-Original-URL",
             "X-Rewrite-URL", "X_Original_URL"]  # fmt: skip


def test_HTTP_11_overrides_of_method_and_URL_are_removed(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge())
    for name in OVERRIDES:
        request = request.add(name, "GET")
    _, recorded = accepted(gateway11, upstream, request)
    assert not recorded.names & {name.lower() for name in OVERRIDES}


def test_HTTP_11_overrides_are_removed_on_pass_through_too(gateway11, upstream):
    request = Request("GET", "/login", [("Host", AUTHORITY), *((n, "/x") for n in OVERRIDES)])
    _, recorded = accepted(gateway11, upstream, request)
    assert not recorded.names & {name.lower() for name in OVERRIDES}


def test_HTTP_11_a_method_override_in_the_body_is_refused(gateway11, upstream, trust):
    pairs = [("grant_type", "client_credentials"), ("_method", "GET")]
    request = attested(trust.public, gateway11.challenge(), *pairs)
    refused(gateway11, upstream, request, SYN, "HTTP-11")


HOP = [("Connection", "keep-alive, X-Private"), ("X-Private", "1"), ("Keep-Alive", "timeout=5"),
       ("Proxy-Connection", "keep-alive"), ("Proxy-Authorization", "Basic eA=="),
       ("TE", "trailers"), ("Trailer", "X-T"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABk"),
       ]  # fmt: skip


@pytest.mark.parametrize("target", [TOKEN, "/login"])
def test_HTTP_12_HTTP_15_hop_by_hop_fields_stay_here(gateway11, upstream, trust, target):
    request = attested(trust.public, gateway11.challenge()).copy(target=target)
    if target != TOKEN:
        request = Request("GET", target, [("Host", AUTHORITY)])
    _, recorded = accepted(gateway11, upstream, request.copy(fields=[*request.fields, *HOP]))
    assert not recorded.names & {name.lower() for name, _ in HOP} - {"connection"}
    assert (recorded.one("Connection") or "keep-alive").lower() == "keep-alive"


NOMINATED = ["X-Attested-Client-Id", "close, X-Attested-Client-Id", "Authorization", "Content-Type",
             "Content-Length", "Host", "DPoP", "OAuth-Client-Attestation",
             "oauth-client-attestation-pop"]  # fmt: skip


@pytest.mark.parametrize("option", NOMINATED)
def test_HTTP_12_a_connection_option_may_not_name_an_end_to_end_field(
    gateway_marked, upstream, trust, option
):
    request = attested(trust.public, gateway_marked.challenge()).add("Connection", option)
    refused(gateway_marked, upstream, request, 400, "HTTP-12")


def cut(exchange, _):
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    exchange.close = True


LIES = {
    "TE and CL": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    "two CL": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "bad CL": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "fold": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
    "space before colon": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
    "garbage": b"\x16\x03\x01 this is not HTTP\r\n\r\n",
    "status": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\n{}",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "HTTP/2": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_HTTP_13_ERR_11_a_lying_AS_is_a_bad_gateway_and_loses_its_connection(
    gateway11, upstream, trust, lie
):
    upstream.then(lie)
    request = attested(trust.public, gateway11.challenge())
    oauth_error(gateway11.send(request), UP)
    assert len(upstream.requests) == 1
    gateway11.works(trust.public)
    first, second = upstream.requests
    assert first.connection != second.connection


def test_HTTP_13_ERR_11_an_AS_that_closes_within_its_answer(gateway11, upstream, trust):
    upstream.then(cut)
    request = attested(trust.public, gateway11.challenge())
    try:
        oauth_error(gateway11.send(request), UP)
    except WireError:
        pass  # streamed as far as it came, then visibly cut: never a complete answer
    gateway11.works(trust.public)


def test_HTTP_13_surplus_octets_after_an_answer_close_the_connection(gateway11, upstream, trust):
    spoof = answer({"access_token": "of another client"})
    upstream.then(answer() + spoof)
    for _ in range(3):
        response = gateway11.send(attested(trust.public, gateway11.challenge()))
        assert b"another client" not in response.body
    assert len({r.connection for r in upstream.requests}) > 1


def test_HTTP_14_expect_100_continue_is_answered_here(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge()).add("Expect", "100-continue")
    encoded = request.encoded()
    head, body = encoded[: -len(request.body)], request.body
    with gateway11.connect() as connection:
        connection.send(head)
        assert connection.response().status == 100
        upstream.nothing()
        connection.send(body)
        assert connection.response().status == 200
    assert "expect" not in upstream.one().names


def test_HTTP_14_other_expectations_are_refused(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge()).add("Expect", "foo")
    refused(gateway11, upstream, request, 417, "HTTP-14")


REFUSED = [b"CONNECT as.example.com:443 HTTP/1.1\r\nHost: as.example.com:443\r\n\r\n",
           b"TRACE /login HTTP/1.1\r\nHost: as.example.com\r\n\r\n", b"GET /login\r\n\r\n",
           b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /login HTTP/0.9\r\n\r\n",
           b"GET /login HTTP/3.0\r\nHost: as.example.com\r\n\r\n",
           b"OPTIONS * HTTP/1.1\r\nHost: as.example.com\r\n\r\n"]  # fmt: skip


@pytest.mark.parametrize("octets", REFUSED, ids=ids(REFUSED))
def test_HTTP_15_methods_and_versions_that_are_not_spoken(gateway11, upstream, octets):
    with gateway11.connect() as connection:
        connection.send(octets)
        assert connection.response().status in (400, 404, 405, 501, 505)
    upstream.nothing()


LARGE = {
    "request line": (HEAD.replace(TOKEN.encode(), b"/login?" + b"a" * 8192), 414),
    "one field": (HEAD + b"OAuth-Client-Attestation: " + b"a" * 25 * 1024 + b"\r\n\r\n", 431),
    "field name": (HEAD + b"a" * 25 * 1024 + b": x\r\n\r\n", 431),
    "101 fields": (HEAD + b"X: y\r\n" * 100 + b"\r\n", 431),
    "section": (HEAD + b"".join(b"X%d: %s\r\n" % (i, b"a" * 8000) for i in range(9)), 431),
    "body": (HEAD + FORM + b"Content-Length: 65537\r\n\r\n", 413),
    "chunks": (chunked(b"8000\r\n" + b"a" * 32768 + b"\r\n") + b"8001\r\n" + b"a" * 32769, 413),
    "form passing through": (
        b"POST /login HTTP/1.1\r\nHost: as.example.com\r\n"
        + FORM
        + b"Content-Length: 65537\r\n\r\n",
        413,
    ),
}


@pytest.mark.parametrize("octets,status", LARGE.values(), ids=LARGE.keys())
def test_HTTP_16_limits(gateway11, upstream, octets, status):
    framing_refused(gateway11, upstream, octets, status, {"HTTP-16", "HTTP-06", "EP-13"})


def test_HTTP_16_a_request_within_the_limits_is_served(gateway11, upstream, trust):
    """8 KiB of certificates in an attestation must fit; so must 60 KiB of form."""
    request = attested(
        trust.public, gateway11.challenge(), ("grant_type", "client_credentials"),
        ("authorization_details", "x" * 60_000),
    )  # fmt: skip
    accepted(gateway11, upstream, request)


def test_HTTP_16_a_large_pushed_request_is_served(gateway11, upstream, trust):
    pairs = [("response_type", "code"), ("authorization_details", "x" * 200_000)]
    request = attested(
        trust.public, gateway11.challenge(), *pairs, endpoint="pushed_authorization_request"
    )
    accepted(gateway11, upstream, request)


def drip(connection, octets: bytes, seconds: float):
    """Sends octet by octet until the gateway answers."""
    deadline = time.monotonic() + seconds
    connection.socket.settimeout(0.1)
    for octet in octets:
        connection.send(bytes([octet]))
        try:
            if connection._more():
                break
        except TimeoutError:
            assert time.monotonic() < deadline, "no deadline stopped it"
    connection.socket.settimeout(10)
    return connection.response()


def test_HTTP_16_a_slow_head_is_cut_off(gateway_hasty, upstream):
    with gateway_hasty.connect() as connection:
        response = drip(connection, HEAD + b"X: " + b"a" * 200, 8)
        bare(response, 408)
        assert connection.at_end()
    upstream.nothing()


def test_HTTP_16_a_slow_body_is_cut_off(gateway_hasty, upstream):
    with gateway_hasty.connect() as connection:
        connection.send(HEAD + FORM + b"Content-Length: 200\r\n\r\n")
        bare(drip(connection, b"a" * 200, 8), 408)
    upstream.nothing()


def test_HTTP_16_a_silent_connection_is_closed_without_a_word(gateway_hasty, upstream):
    with gateway_hasty.connect(timeout=10) as connection:
        assert connection.at_end()


def test_HTTP_17_a_coded_body_is_refused(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge()).add("Content-Encoding", "gzip")
    request = request.copy(body=gzip.compress(request.body))
    refused(gateway11, upstream, request, 415, "HTTP-17")


def test_HTTP_17_identity_is_no_coding(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge()).add("Content-Encoding", "identity")
    accepted(gateway11, upstream, request)


ORIGIN = "https://app.example.com"


def preflight(origin: str, *fields) -> Request:
    own = [("Host", AUTHORITY), ("Origin", origin), ("Access-Control-Request-Method", "POST")]
    return Request("OPTIONS", TOKEN, [*own, *fields])


def test_HTTP_19_a_preflight_is_answered_from_configuration_and_yields_no_nonce(
    gateway_cors, upstream
):
    response = gateway_cors.send(preflight(ORIGIN, ("attestation-nonce-request", "true")))
    assert response.status in (200, 204)
    assert response.one("attestation-nonce") is None
    assert response.one("Access-Control-Allow-Origin") == ORIGIN
    assert response.one("Access-Control-Allow-Credentials") is None
    methods = response.one("Access-Control-Allow-Methods").replace(" ", "").split(",")
    assert {"POST", "OPTIONS"} <= set(methods)
    names = response.one("Access-Control-Allow-Headers").lower()
    for name in ("oauth-client-attestation", "oauth-client-attestation-pop",
                 "attestation-nonce-request"):  # fmt: skip
        assert name in names
    assert "origin" in response.one("Vary").lower()
    upstream.nothing()


def test_HTTP_19_a_preflight_of_another_origin_gets_no_CORS_fields(gateway_cors, upstream):
    response = gateway_cors.send(preflight("https://evil.example.com"))
    assert response.status == 204
    assert not [n for n, _ in response.fields if n.lower().startswith("access-control-")]
    assert "origin" in response.one("Vary").lower()
    upstream.nothing()


def test_HTTP_19_CHAL_01_OPTIONS_with_an_origin_alone_is_a_nonce_request(gateway_cors, upstream):
    fields = [("Host", AUTHORITY), ("Origin", ORIGIN), ("attestation-nonce-request", "true")]
    response = gateway_cors.send(Request("OPTIONS", TOKEN, fields))
    assert response.status == 200 and response.one("attestation-nonce")
    assert response.one("Access-Control-Allow-Origin") == ORIGIN
    assert "attestation-nonce" in response.one("Access-Control-Expose-Headers").lower()
    upstream.nothing()


def test_HTTP_19_FWD_11_the_CORS_fields_of_the_AS_are_dropped(gateway_cors, upstream, trust):
    upstream.then(answer({}, "200 OK", ("Access-Control-Allow-Origin", "*")))
    instance = trust.public
    request = attested(instance, gateway_cors.challenge()).add("Origin", ORIGIN)
    response = gateway_cors.send(request)
    assert response.status == 200
    assert response.all("Access-Control-Allow-Origin") == [ORIGIN]


FORWARDED = [("Via", "1.0 evil"), ("X-Forwarded-Host", "evil"), ("X-Forwarded-For", "6.6.6.6"),
             ("X-Forwarded-Proto", "gopher"), ("X-Forwarded-Prefix", "/evil"),
             ("Forwarded", "for=6.6.6.6;host=evil"), ("X-Real-IP", "6.6.6.6"),
             ("X_Forwarded_Host", "evil"), ("x.real.ip", "6.6.6.6")]  # fmt: skip


@pytest.mark.parametrize("target", [TOKEN, "/login"])
def test_HTTP_20_FWD_02_forwarding_fields_of_the_client_are_overwritten(
    gateway11, upstream, trust, target
):
    request = attested(trust.public, gateway11.challenge())
    if target != TOKEN:
        request = Request("GET", target, [("Host", AUTHORITY)])
    request = request.copy(fields=[*request.fields, *FORWARDED[1:]])
    _, recorded = accepted(gateway11, upstream, request)
    assert recorded.all("Via")
    assert b"evil" not in recorded.head and b"6.6.6.6" not in recorded.head
    assert b"gopher" not in recorded.head
    assert recorded.one("X-Forwarded-Host") in (None, AUTHORITY)


def test_HTTP_20_via_is_appended(gateway11, upstream):
    request = Request("GET", "/login", [("Host", AUTHORITY), ("Via", "1.0 front")])
    _, recorded = accepted(gateway11, upstream, request)
    values = ", ".join(recorded.all("Via")).split(", ")
    assert values[0] == "1.0 front" and len(values) == 2


REFLECTED = [
    form(("client_id", "mirror\r\nSet-Cookie: mirror=1"), ("grant_type", "client_credentials")),
    form(("grant_type", "mirror"), ("client_id", "mirror")),
    form(("mirror\r\nX", "1")),
    Request("GET", "/mirror?mirror", [("Host", AUTHORITY)]),
    Request("mirror", TOKEN, [("Host", AUTHORITY)]),
    form().add("OAuth-Client-Attestation", "mirror").add("OAuth-Client-Attestation-PoP", "mirror"),
    Request("OPTIONS", TOKEN, [("Host", AUTHORITY), ("Origin", "https://mirror")]),
    Request("POST", CHALLENGE, [("Host", AUTHORITY), ("X-Request-Id", "mirror")]),
]


@pytest.mark.parametrize("request_", REFLECTED, ids=lambda r: f"{r.method} {r.target} {r.body}")
def test_HTTP_21_nothing_of_the_request_comes_back(gateway11, upstream, request_):
    response = gateway11.send(request_)
    assert b"mirror" not in response.raw.lower()


def test_HTTP_16_keep_alive_and_pipelining(gateway11, upstream, trust):
    challenge = gateway11.challenge()
    requests = [attested(trust.public, challenge) for _ in range(3)]
    with gateway11.connect() as connection:
        for request in requests:
            assert answered(connection, request).status == 200
        others = [attested(trust.basic, challenge) for _ in range(3)]
        connection.send(b"".join(request.encoded() for request in others))
        for _ in others:
            assert connection.response().status == 200
    assert len(upstream.requests) == 6


def test_HTTP_13_requests_of_two_clients_never_share_an_exchange(gateway11, upstream, trust):
    """A refused request in a pipeline neither reaches the AS nor disturbs its neighbours."""
    challenge = gateway11.challenge()
    good, bad = attested(trust.public, challenge), form(("client_id", settings.PUBLIC))
    with gateway11.connect() as connection:
        connection.send(good.encoded() + bad.encoded() + attested(trust.basic, challenge).encoded())
        statuses = [connection.response().status for _ in range(3)]
    assert statuses == [200, 400, 200]
    assert [dict(r.form)["client_id"] for r in upstream.requests] == [
        settings.PUBLIC, settings.BASIC,
    ]  # fmt: skip
