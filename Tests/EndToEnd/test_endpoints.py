# SPDX-License-Identifier: Apache-2.0
"""EP and BIND-15: which paths are verified, passed through, or not there at all."""

import pytest

from harness import jose, settings
from harness.expect import ATT, CLI, SYN, accepted, bare, logged, oauth_error, refused
from harness.gateway import AUTHORITY, attested, form
from harness.upstream import answer
from harness.wire import Request

GRANT = ("grant_type", "client_credentials")
PAR = "pushed_authorization_request"
HOST = ("Host", AUTHORITY)
TYPE = ("Content-Type", "application/x-www-form-urlencoded")


def get(target: str) -> Request:
    return Request("GET", target, [HOST])


ENDPOINTS = ["token", PAR, "revocation", "introspection", "device_authorization"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("client_id", [settings.PUBLIC, settings.BASIC, "unknown", None])
def test_EP_06_nothing_passes_unattested(gateway11, upstream, endpoint, client_id):
    pairs = [GRANT, ("response_type", "code"), ("token", "opaque-value")]
    pairs += [("client_id", client_id)] if client_id else []
    start = gateway11.mark()
    response = gateway11.send(form(*pairs, endpoint=endpoint))
    # ERR-05: introspection alone answers 401 (RFC 7662 2.3).
    status = 401 if endpoint == "introspection" else 400
    oauth_error(response, CLI, status)
    assert bool(response.one("WWW-Authenticate")) == (status == 401)
    upstream.nothing()
    logged(gateway11, start, {"EP-06", "REQ-06"}, status)


def test_EP_06_an_attested_client_with_its_real_secret(gateway11, upstream):
    pairs = [GRANT, ("client_id", settings.BASIC), ("client_secret", settings.SECRET)]
    refused(gateway11, upstream, form(*pairs), CLI, "EP-06")
    basic = "Basic aHR0cHMlM0ElMkYlMkZjb25maWRlbnRpYWwuZXhhbXBsZS5jb206eA=="
    response = gateway11.send(form(GRANT).add("Authorization", basic))
    # REQ-17 reads the user raw and decoded; both refuse.
    assert response.status in (400, 401) and response.json["error"] in (CLI, SYN)
    upstream.nothing()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_EP_06_a_listed_client_passes_with_its_own_credentials(gateway11, upstream, endpoint):
    pairs = [GRANT, ("response_type", "code"), ("client_id", settings.LISTED)]
    request = form(*pairs, ("client_secret", "its-own-secret"), endpoint=endpoint)
    _, recorded = accepted(gateway11, upstream, request)
    assert dict(recorded.form)["client_secret"] == "its-own-secret"
    assert [name for name, _ in recorded.form].count("client_id") == 1


ALIASES = ["/oauth/Token", "/OAUTH/token", "/oauth/token/", "/oauth/token.json", "/oauth/par.xml",
           "/oauth/PAR/", "/oauth/introspect.json", "/oauth/revoke/", "/oauth/Device",
           "/oauth/token%20", "/oauth/%20revoke", "/oauth%20/Par"]  # fmt: skip


@pytest.mark.parametrize("target", ALIASES)
@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
def test_EP_07_EP_13_aliases_below_a_pass_through_prefix(gateway11, upstream, target, method):
    request = form(("scope", "x"), ("client_id", settings.LISTED))
    response = gateway11.send(request.copy(target=target, method=method))
    bare(response, 404)
    upstream.nothing()


def test_EP_13_what_follows_the_path_of_a_script(factory, upstream):
    config = settings.base(upstream.url)
    endpoints = config["authorization_servers"][0]["endpoints"]
    endpoints |= {"introspection": "/oauth/introspect.php"}
    with factory(config) as gateway:
        for target in ("/oauth/introspect.php/x", "/oauth/Introspect.PHP/", "/oauth/introspect"):
            request = form(("token", "opaque-value")).copy(target=target)
            refused(gateway, upstream, request, 404, "EP-13")
        accepted(gateway, upstream, get("/oauth/introspection.php/x"))


@pytest.mark.parametrize(
    "target", ["/token", "/unknown", "/", "/oauthx", "/jwksx/y", "/login2", "/JWKS", "/authorizer"]
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_EP_07_paths_that_nobody_configured(gateway11, upstream, target, method):
    request = Request(method, target, [HOST])
    refused(gateway11, upstream, request, 404, {"EP-07", "EP-10", "EP-13"})


PASSING = ["/oauth", "/oauth/keys", "/jwks", "/jwks/a/b?c=%2F&d", "/login?next=//x/../y", "/login/",
           "/authorize", "/login/%7Euser", "/oauth/tokens", "/oauth/token/info"]  # fmt: skip


@pytest.mark.parametrize("target", PASSING)
def test_EP_10_EP_13_pass_through_keeps_the_target_as_received(gateway11, upstream, target):
    _, recorded = accepted(gateway11, upstream, get(target))
    assert (recorded.method, recorded.target) == ("GET", target)


def test_EP_10_dynamic_registration_is_blocked(gateway11, upstream):
    request = Request("POST", "/register", [HOST, ("Content-Type", "application/json")], b"{}")
    refused(gateway11, upstream, request, 404, {"EP-07", "EP-10", "EP-13"})


@pytest.mark.parametrize(
    ("target", "media_type"),
    [("/oauth/register", "application/json"), ("/oauth/connect/Register.json", "text/json"),
     ("/oauth/clients", "application/vnd.api+json; charset=utf-8")],
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_EP_10_also_below_a_pass_through_prefix(gateway11, upstream, target, media_type, method):
    body = b'{"redirect_uris": ["https://x.example.com/cb"]}'
    request = Request(method, target, [HOST, ("Content-Type", media_type)], body)
    refused(gateway11, upstream, request, 404, "EP-10")


def test_EP_10_registration_can_be_let_through(factory, upstream):
    with factory(settings.base(upstream.url, registration="/register")) as gateway:
        fields = [HOST, ("Content-Type", "application/json")]
        accepted(gateway, upstream, Request("POST", "/register", fields, b"{}"))


HIDDEN = [
    Request("POST", "/oauth/v2/token", [HOST, TYPE], b"grant_type=password&username=a"),
    Request("POST", "/login", [HOST, TYPE], b"x=1&grant%5ftype=client_credentials"),
    Request("POST", "/login", [HOST, TYPE], b"client_assertion=x.y.z"),
    get("/oauth/v2/token?grant_type=client_credentials"),
    get("/jwks?x=1&client_assertion=x"),
    Request("POST", "/login?grant_type=x", [HOST], b""),
]




def multipart(*names: str) -> bytes:
    parts = (f"--b\r\nContent-Disposition: form-data; {name}\r\n\r\nx\r\n" for name in names)
    return "".join([*parts, "--b--\r\n"]).encode()


# What some platform reads as `grant_type` or `client_assertion`: content type and body.
FORM_TYPE, MULTIPART = TYPE[1], "multipart/form-data; boundary=b"
PLAIN = b"grant_type=client_credentials"
SPELLINGS = [
    (None, PLAIN),  # Rack takes a POST without a type for a form
    ("", PLAIN),
    (FORM_TYPE + " x", PLAIN),  # PHP ends the type at a space
    (FORM_TYPE + "x", PLAIN),  # some servers compare its beginning
    (FORM_TYPE.upper() + ",a/b", PLAIN),
    (FORM_TYPE, b"[grant_type]=x"),  # Rack, qs
    (FORM_TYPE, b"grant_type]=x"),
    (FORM_TYPE, b"grant_type[]=x"),
    (FORM_TYPE, b"a=b;+grant.type=x"),
    (FORM_TYPE, b"%u0067rant%u005FType=x"),  # ASP.NET
    (MULTIPART, multipart('name="a"', 'name="grant_type"')),
    (MULTIPART, multipart("name=Client%5fAssertion")),
    (MULTIPART, multipart("name='[grant.type]'")),
    (MULTIPART, multipart('name="grant\\_type"')),
    (MULTIPART, multipart("name*0=grant_; name*1=type")),  # RFC 2231
    ("multipart/mixed; boundary=b", multipart('name="grant_type"')),
    ("application/json", b'{"a": 1, "grant_type": "password"}'),
    ("application/json", b'{"\\u0067rant_type": "password"}'),
    ("text/json; charset=utf-8", '{"grant_type": "password"}'.encode("utf-16")),
]


@pytest.mark.parametrize(("media_type", "body"), SPELLINGS, ids=repr)
def test_EP_13_every_spelling_that_some_platform_reads(gateway11, upstream, media_type, body):
    fields = [HOST] if media_type is None else [HOST, ("Content-Type", media_type)]
    refused(gateway11, upstream, Request("POST", "/login", fields, body), 404, "EP-13")


CHARSETS = [FORM_TYPE + "; charset=ibm037", FORM_TYPE + ";charset=utf-8;charset=utf-16",
            MULTIPART + "; charset=IBM500", "application/json; charset=utf-7"]  # fmt: skip


@pytest.mark.parametrize("media_type", CHARSETS)
def test_EP_13_REQ_09_a_charset_in_which_names_look_different(gateway11, upstream, media_type):
    body = PLAIN.decode().encode("cp037")
    request = Request("POST", "/login", [HOST, ("Content-Type", media_type)], body)
    refused(gateway11, upstream, request, 415, "REQ-09")


def test_EP_13_two_content_types_on_one_form(gateway11, upstream):
    request = Request("POST", "/login", [HOST, TYPE, ("Content-Type", "image/png")], b"a=b")
    refused(gateway11, upstream, request, 415, "REQ-09")


@pytest.mark.parametrize("media_type", [None, FORM_TYPE, MULTIPART, "application/json"])
def test_EP_13_HTTP_16_nobody_hides_behind_length(gateway11, upstream, media_type):
    body = b" " * (64 * 1024) + b'"grant_type":"password"'
    fields = [HOST] if media_type is None else [HOST, ("Content-Type", media_type)]
    refused(gateway11, upstream, Request("POST", "/login", fields, body), 413, "HTTP-16")


HARMLESS = [(MULTIPART, multipart('name="picture"; filename="grant type.png"')),
            ("application/json", b'{"grant_types": ["authorization_code"], "a": "\\"}'),
            (FORM_TYPE + '; charset="UTF-8"', b"grant=a&type=b&x=%5Cu0067rant_type"),
            ("image/png", b"\x89PNG\r\n\x00")]  # fmt: skip


@pytest.mark.parametrize(("media_type", "body"), HARMLESS, ids=repr)
def test_EP_13_other_bodies_pass_unchanged(gateway11, upstream, media_type, body):
    request = Request("POST", "/login", [HOST, ("Content-Type", media_type)], body)
    _, recorded = accepted(gateway11, upstream, request)
    assert (recorded.body, recorded.one("Content-Type")) == (body, media_type)


@pytest.mark.parametrize("request_", HIDDEN, ids=lambda r: f"{r.method} {r.target} {r.body[:20]}")
def test_EP_13_an_unknown_token_endpoint_under_pass_through(gateway11, upstream, request_):
    refused(gateway11, upstream, request_, 404, "EP-13")


def test_EP_13_other_forms_pass_unchanged(gateway11, upstream):
    body = b"user=alice&password=wonderland&next=%2Fauthorize"
    request = Request("POST", "/login", [HOST, TYPE], body)
    _, recorded = accepted(gateway11, upstream, request)
    assert recorded.body == body


# The authorization endpoint


def authorize(*pairs: tuple[str, str], raw: str = "") -> Request:
    from urllib.parse import urlencode

    return get("/authorize?" + (urlencode(pairs) + raw if pairs else raw))


CLIENT = ("client_id", settings.PUBLIC)
CODE = ("response_type", "code")


def page(gateway, upstream, request, rules):
    """H400 as a page: no OAuth JSON, nothing forwarded, nothing reflected."""
    start = gateway.mark()
    response = gateway.send(request)
    assert response.status == 400, response
    assert b"example.com" not in response.body
    upstream.nothing()
    gateway.wait_for(lambda r: r.get("rule") in rules and r["status"] == 400, start)


IMPLICIT = ["token", "code token", "id_token token", "id_token", "token code", "none", "CODE"]


@pytest.mark.parametrize("response_type", IMPLICIT)
def test_BIND_15_only_the_code_flow_for_an_attested_client(gateway11, upstream, response_type):
    pairs = [CLIENT, ("response_type", response_type)]
    page(gateway11, upstream, authorize(*pairs), {"BIND-15"})
    request = authorize(*pairs)
    posted = Request("POST", "/authorize", [HOST, TYPE], request.target.split("?")[1].encode())
    page(gateway11, upstream, posted, {"BIND-15"})


@pytest.mark.parametrize("response_type", IMPLICIT)
def test_BIND_15_nor_pushed(gateway11, upstream, trust, response_type):
    pairs = [("response_type", response_type), ("redirect_uri", "https://x.example.com")]
    request = attested(trust.public, gateway11.challenge(), *pairs, endpoint=PAR)
    refused(gateway11, upstream, request, SYN, "BIND-15")


def test_BIND_15_EP_15_a_code_request_passes_untouched(gateway11, upstream):
    request = authorize(CLIENT, CODE, ("state", "a b"), raw="&x=%2f")
    upstream.then(answer(b"", "302 Found", ("Location", "https://client.example.com/cb?code=c")))
    response = gateway11.send(request)
    assert response.status == 302
    assert response.one("Location") == "https://client.example.com/cb?code=c"
    assert upstream.one().target == request.target


AMBIGUOUS = [
    authorize(CLIENT, ("client_id", "victim"), CODE),
    authorize(CLIENT, CODE, CODE),
    authorize(CODE),
    authorize(("request", "x.y.z")),
    authorize(("request_uri", "urn:ietf:params:oauth:request_uri:x")),
    authorize(CLIENT, CODE, ("client.id", "victim")),
    authorize(CLIENT, CODE, raw="&client%5fid=victim"),
    authorize(CLIENT, CODE, raw="&CLIENT_ID=victim"),
    authorize(CLIENT, CODE, raw="&client[id=victim"),
    authorize(CLIENT, CODE, raw="&x=%zz"),
    authorize(CLIENT, CODE, ("response.type", "token")),
    authorize(raw="[response_type]=token&[client_id]=" + settings.PUBLIC),
    authorize(raw="response_type]=token&client_id]=" + settings.PUBLIC),
    authorize(raw="%u0072esponse_type=token&%u0063lient_id=" + settings.PUBLIC),
    authorize(CLIENT, CODE, raw="&%u0063lient_id=victim"),
]


@pytest.mark.parametrize("request_", AMBIGUOUS, ids=lambda r: r.target[11:60])
def test_EP_15_an_authorization_request_names_one_client(gateway11, upstream, request_):
    page(gateway11, upstream, request_, {"EP-15", "REQ-10", "REQ-11", "REQ-21"})


IMPLICIT_FORM = b"response_type=token&client_id=" + settings.PUBLIC.encode()
IMPLICIT_BODIES = [
    (None, IMPLICIT_FORM),
    (FORM_TYPE + " x", IMPLICIT_FORM),
    (FORM_TYPE, b"[response_type]=token&[client_id]=" + settings.PUBLIC.encode()),
    (FORM_TYPE, IMPLICIT_FORM.replace(b"_", b"%u005f")),
    (MULTIPART, multipart('name="response_type"', 'name="client_id"')),
    ("application/json", b'{"response_type": "token", "client_id": "x"}'),
    ("text/plain", IMPLICIT_FORM),
]


@pytest.mark.parametrize("target", ["/authorize", "/login"])
@pytest.mark.parametrize(("media_type", "body"), IMPLICIT_BODIES, ids=repr)
def test_EP_15_BIND_15_in_any_body(gateway11, upstream, target, media_type, body):
    fields = [HOST] if media_type is None else [HOST, ("Content-Type", media_type)]
    rules = {"BIND-15", "EP-15", "REQ-10", "REQ-21"}
    page(gateway11, upstream, Request("POST", target, fields, body), rules)


def jar(text: str) -> str:
    return f"{jose.b64(b'{}')}.{jose.b64(text.encode())}.c2ln"


INSIDE = ['{"client_id":"%s","response_type":"token"}', '{"client_id":"legacy-app","iss":"%s"}',
          '{"client_id":"legacy-app","client_id":"%s"}']  # fmt: skip


@pytest.mark.parametrize("claims", INSIDE)
def test_EP_15_REQ_18_an_attested_client_inside_the_request_of_another(gateway11, upstream, claims):
    listed, inside = ("client_id", settings.LISTED), jar(claims % settings.PUBLIC)
    page(gateway11, upstream, authorize(listed, CODE, ("request", inside)), {"REQ-18"})
    pushed = form(listed, CODE, ("request", inside), endpoint=PAR)
    refused(gateway11, upstream, pushed, SYN, {"REQ-17", "REQ-18"})


def test_EP_15_request_objects_of_other_clients_pass(gateway11, upstream):
    own = jar('{"client_id":"legacy-app","iss":"https://as.example.com"}')
    for inside in (own, "a.b.c.d.e"):
        upstream.reset()
        accepted(gateway11, upstream, authorize(("client_id", "legacy-app"), ("request", inside)))
    upstream.reset()
    pushed = form(("client_id", settings.LISTED), CODE, ("request", own), endpoint=PAR)
    accepted(gateway11, upstream, pushed)


@pytest.mark.parametrize("target", ["/login", "/oauth/authorize", "/oauth/v2/auth"])
def test_EP_15_aliases_of_the_authorization_endpoint(gateway11, upstream, target):
    request = authorize(CLIENT, ("response_type", "token"))
    request = request.copy(target=target + request.target.removeprefix("/authorize"))
    page(gateway11, upstream, request, {"BIND-15", "EP-15"})


def test_EP_15_the_rest_of_the_front_channel_passes(gateway11, upstream):
    for request in (
        get("/authorize"),
        get("/authorize?session=1&session=2"),
        authorize(("client_id", settings.LISTED), ("response_type", "token")),
        get("/login?response_type=code"),
    ):
        upstream.reset()
        accepted(gateway11, upstream, request)


def test_EP_06_a_refused_request_leaves_the_next_one_unharmed(gateway11, upstream, trust):
    with gateway11.connect() as connection:
        connection.send(form(GRANT))
        assert connection.response().status == 400
        connection.send(attested(trust.public, gateway11.challenge()))
        assert connection.response().status == 200


def test_EP_06_a_stolen_attestation_is_not_enough(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge())
    refused(gateway11, upstream, request.without("OAuth-Client-Attestation-PoP"), ATT, "REQ-06")
