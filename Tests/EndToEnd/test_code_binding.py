# SPDX-License-Identifier: Apache-2.0
"""BIND-10, BIND-11, BIND-15: an authorization code is of use to the instance that pushed its
request, and the AS's own PKCE check is what says so."""

import base64
import hashlib
import secrets
import urllib.parse

import pytest
from test_real_servers import Road, configured, has_token

from harness import jose, servers, settings
from harness.expect import GRANT, SYN, bare, logged, refused
from harness.gateway import AUTHORITY, attested
from harness.relay import Relay
from harness.servers import CALLBACK, GLEWLWYD_CLIENTS
from harness.upstream import answer
from harness.wire import Request

PAR = "pushed_authorization_request"
REDEEM = [("grant_type", "authorization_code"), ("code", "the-code-of-the-client")]
REFERENCE = "urn:ietf:params:oauth:request_uri:abc"


def s256(verifier: str) -> str:
    return jose.b64(hashlib.sha256(verifier.encode()).digest())


VERIFIER = "v" * 20 + "-._~" + "A9" * 20
CHALLENGE = s256(VERIFIER)
PUSHED = {
    "response_type": "code", "redirect_uri": CALLBACK, "scope": "read",
    "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip
BOUND = {"code_binding": True, "pkce": "enforced"}


@pytest.fixture(scope="module")
def gateway(factory, recorder):
    """The codes of the first client are bound, those of the second pushed, the third's neither."""
    config = settings.base(recorder.url)
    clients = config["authorization_servers"][0]["clients"]
    clients[0] |= BOUND
    clients[1] |= {"require_par": True}
    with factory(config) as gateway:
        yield gateway


def pushed(gateway, instance, **changes) -> Request:
    pairs = {k: v for k, v in (PUSHED | changes).items() if v is not None}
    return attested(instance, gateway.challenge(), *pairs.items(), endpoint=PAR)


def redeemed(gateway, instance, *verifier: str) -> Request:
    pairs = [("code_verifier", value) for value in verifier]
    return attested(instance, gateway.challenge(), *REDEEM, *pairs)


def sent(gateway, upstream, request: Request) -> dict:
    """The form that reaches the AS for it."""
    upstream.reset()
    response = gateway.send(request)
    assert response.status == 200, response
    form = upstream.one().form
    assert len(form) == len(dict(form))
    return dict(form)


def test_BIND_10_challenge_and_verifier_fit_each_other_and_the_key(gateway, upstream, trust):
    """What the AS compares is true for this instance and for nobody else with code and verifier."""
    mine = sent(gateway, upstream, pushed(gateway, trust.public))
    assert mine["code_challenge"] != CHALLENGE and mine["code_challenge_method"] == "S256"
    assert {k: mine[k] for k in ("response_type", "redirect_uri", "scope")} == {
        k: PUSHED[k] for k in ("response_type", "redirect_uri", "scope")
    }  # fmt: skip
    verifier = sent(gateway, upstream, redeemed(gateway, trust.public, VERIFIER))["code_verifier"]
    assert len(verifier) == 43 and s256(verifier) == mine["code_challenge"]
    other = jose.Instance(trust.attester, settings.PUBLIC)
    stolen = sent(gateway, upstream, redeemed(gateway, other, VERIFIER))["code_verifier"]
    assert s256(stolen) not in (mine["code_challenge"], CHALLENGE)
    wrong = sent(gateway, upstream, redeemed(gateway, trust.public, VERIFIER[::-1]))
    assert s256(wrong["code_verifier"]) != mine["code_challenge"]


def test_BIND_10_a_client_without_it_is_left_alone(gateway, upstream, trust):
    for instance in (trust.basic, trust.foreign):
        form = sent(gateway, upstream, pushed(gateway, instance))
        assert form["code_challenge"] == CHALLENGE
        form = sent(gateway, upstream, redeemed(gateway, instance, VERIFIER))
        assert form["code_verifier"] == VERIFIER


NAMED = b'{"client_id":"%s"}' % settings.PUBLIC.encode()
JAR = f"{jose.b64(b'{}')}.{jose.b64(NAMED)}.c2ln"
UNBOUND = {
    "no method": {"code_challenge_method": None}, "empty method": {"code_challenge_method": ""},
    "plain": {"code_challenge_method": "plain"}, "case": {"code_challenge_method": "s256"},
    "no challenge": {"code_challenge": None}, "empty": {"code_challenge": ""},
    "neither": {"code_challenge": None, "code_challenge_method": None},
    "short": {"code_challenge": CHALLENGE[:-1]}, "long": {"code_challenge": CHALLENGE + "A"},
    "not canonical": {"code_challenge": CHALLENGE[:-1] + chr(ord(CHALLENGE[-1]) + 1)},
    "not base64url": {"code_challenge": "+" * 43}, "request object": {"request": JAR},
    "empty request object": {"request": ""},
}  # fmt: skip


@pytest.mark.parametrize("changes", UNBOUND.values(), ids=UNBOUND.keys())
def test_BIND_10_a_pushed_request_that_cannot_be_bound(gateway, upstream, trust, changes):
    rules = {"BIND-10", "REQ-18"} if "request" in changes else "BIND-10"
    refused(gateway, upstream, pushed(gateway, trust.public, **changes), SYN, rules)


VERIFIERS = [[], [""], ["v" * 42], ["v" * 129], ["v" * 42 + "+"], ["v" * 42 + "\u00e9"]]


@pytest.mark.parametrize("verifiers", VERIFIERS)
def test_BIND_10_a_redemption_without_a_verifier(gateway, upstream, trust, verifiers):
    request = redeemed(gateway, trust.public, *verifiers)
    refused(gateway, upstream, request, GRANT, "BIND-10")


def test_BIND_10_the_key_of_codes_does_not_turn(factory, upstream, trust):
    config = settings.base(upstream.url)
    config["authorization_servers"][0]["clients"][0] |= BOUND
    with factory(config) as gateway:
        before = sent(gateway, upstream, pushed(gateway, trust.public))["code_challenge"]
        assert gateway.stop() == 0
        gateway.write_secret("next.key", f"attestgate-key-1 8 {jose.b64(b'n' * 32)}\n")
        gateway.settings["secrets"] = {
            "master_key_file": "next.key", "previous_master_key_files": ["master.key"],
        }  # fmt: skip
        gateway.start()
        form = sent(gateway, upstream, redeemed(gateway, trust.public, VERIFIER))
        assert s256(form["code_verifier"]) == before


# The front channel


def authorize(client_id: str, *pairs, posted=False, path="/authorize") -> Request:
    text = urllib.parse.urlencode([("client_id", client_id), *pairs])
    if posted:
        fields = [("Host", AUTHORITY), ("Content-Type", "application/x-www-form-urlencoded")]
        return Request("POST", path, fields, text.encode())
    return Request("GET", f"{path}?{text}", [("Host", AUTHORITY)])


PLAIN = [("response_type", "code"), ("redirect_uri", CALLBACK)]
BY_REFERENCE = ("request_uri", REFERENCE)
MERGED = [
    PLAIN, [*PLAIN, ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")],
    [("request", JAR)], [("response_type", "code"), ("request_uri", "")],
    *([BY_REFERENCE, pair] for pair in [
        ("request", JAR), ("request", ""), ("redirect_uri", CALLBACK), ("redirect_uri", ""),
        ("code_challenge", CHALLENGE), ("code_challenge_method", "S256"), ("dpop_jkt", "x" * 43),
    ]),
]  # fmt: skip


@pytest.mark.parametrize("path", ["/authorize", "/login"])
@pytest.mark.parametrize("posted", [False, True], ids=["GET", "POST"])
@pytest.mark.parametrize("pairs", MERGED, ids=range(len(MERGED)))
@pytest.mark.parametrize("client_id", [settings.PUBLIC, settings.BASIC])
def test_BIND_11_nothing_stands_over_what_was_pushed(
    gateway, upstream, client_id, pairs, posted, path
):
    start = gateway.mark()
    bare(gateway.send(authorize(client_id, *pairs, posted=posted, path=path)), 400)
    upstream.nothing()
    logged(gateway, start, "BIND-11", 400)


@pytest.mark.parametrize("pairs", [
    [("request_uri", "https://evil.example.com/ro")], [("request_uri", REFERENCE.upper())],
    [BY_REFERENCE, ("response_type", "token")], [BY_REFERENCE, ("response_type", "code token")],
])  # fmt: skip
def test_BIND_11_BIND_15_a_reference_of_ours_to_a_code(gateway, upstream, pairs):
    start = gateway.mark()
    bare(gateway.send(authorize(settings.PUBLIC, *pairs)), 400)
    upstream.nothing()
    logged(gateway, start, "BIND-15", 400)


@pytest.mark.parametrize("posted", [False, True], ids=["GET", "POST"])
def test_BIND_11_a_reference_passes_and_so_do_other_clients(gateway, upstream, posted):
    for client_id, pairs in [
        (settings.PUBLIC, [BY_REFERENCE]), (settings.PUBLIC, [BY_REFERENCE, ("state", "s")]),
        (settings.PUBLIC, [BY_REFERENCE, ("response_type", "code")]),
        (settings.BASIC, [BY_REFERENCE]), (settings.OTHER, PLAIN), (settings.LISTED, PLAIN),
    ]:  # fmt: skip
        upstream.reset()
        request = authorize(client_id, *pairs, posted=posted)
        assert gateway.send(request).status == 200
        assert upstream.one().target == request.target


# What clients are told

SUPPORTED = "code_challenge_methods_supported"
METADATA = "/.well-known/oauth-authorization-server"


@pytest.mark.parametrize("theirs", [None, ["plain", "S256"], ["plain"], ["S256"]])
@pytest.mark.parametrize("bound", ["none", "one", "all"])
def test_META_16_CFG_13_clients_are_told(factory, upstream, bound, theirs):
    document = {"issuer": jose.ISSUER} | ({} if theirs is None else {SUPPORTED: theirs})
    upstream.metadata[METADATA] = answer(document)
    config = settings.base(upstream.url)
    entry = config["authorization_servers"][0]
    for client in entry["clients"][: {"none": 0, "one": 1, "all": 3}[bound]]:
        client |= BOUND
    if bound == "all":
        entry["unattested_clients"] = []
    with factory(config) as gateway:
        told = gateway.send(Request("GET", METADATA, [("Host", AUTHORITY)])).json
        assert told.get(SUPPORTED) == (theirs if bound == "none" else ["S256"])
        pushed = {
            "require_pushed_authorization_requests": True, "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }  # fmt: skip
        for name, value in pushed.items():
            assert told.get(name) == (value if bound == "all" else None)
        warned = "CFG-13" in gateway.output
        assert warned == (bound != "none" and "S256" not in (theirs or []))


# A real AS


def road_to(factory, trust, server, relay):
    clients = {name: "g.secret" if secret else "" for name, secret in GLEWLWYD_CLIENTS.items()}
    config = configured(server, relay, clients, ["abca-11"])
    for client in config["authorization_servers"][0]["clients"]:
        client |= BOUND
    return factory(config, start=False)


class Flow:
    """One code by the pushed request of an instance, and those who want to redeem it."""

    def __init__(self, gateway, server, relay, trust, client_id):
        self.road, self.client_id = Road(gateway, server, relay, trust, ["abca-11"]), client_id
        self.verifier = secrets.token_urlsafe(48)
        gateway.sensitive.add(self.verifier)

    def code(self) -> str:
        pairs = PUSHED | {"code_challenge": s256(self.verifier)}
        response = self.road.post(self.client_id, *pairs.items(), endpoint=PAR)
        assert response.status == 201, response
        query = {"client_id": self.client_id, "request_uri": response.json["request_uri"]}
        return self.road.browse(**query, g_continue="")["code"]

    def redeem(self, code: str, verifier=None):
        return self.road.post(
            self.client_id, ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", CALLBACK), ("code_verifier", verifier or self.verifier),
        )  # fmt: skip


def directly(server, client_id: str, code: str, verifier: str):
    """What the client itself would send to the AS."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
            "code_verifier": verifier, "client_id": client_id}  # fmt: skip
    secret = GLEWLWYD_CLIENTS[client_id]
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    fields = {"Authorization": f"Basic {pair}"} if secret else {}
    return server.call("POST", server.endpoints["token"], form=form, fields=fields)


@pytest.mark.parametrize("client_id", GLEWLWYD_CLIENTS)
def test_BIND_10_glewlwyd_a_stolen_code_with_its_verifier(factory, glewlwyd, trust, client_id):
    with Relay(glewlwyd.port) as relay, road_to(factory, trust, glewlwyd, relay) as gateway:
        gateway.write_secret("g.secret", GLEWLWYD_CLIENTS["app-confidential"] + "\n")
        gateway.start()
        flow = Flow(gateway, glewlwyd, relay, trust, client_id)
        has_token(flow.redeem(flow.code()))

        code, road = flow.code(), flow.road
        mine = road.instances.pop(client_id)
        response = flow.redeem(code)
        assert 400 <= response.status < 500, response
        assert b"access_token" not in response.body
        road.instances[client_id] = mine

        # CFG-13: this AS does refuse a wrong verifier, and the client's own is one.
        answer = directly(glewlwyd, client_id, flow.code(), flow.verifier)
        assert answer.status >= 400, answer
        # A code that did not begin here is of no use here.
        query = PUSHED | {"client_id": client_id, "code_challenge": s256(flow.verifier),
                          "g_continue": ""}  # fmt: skip
        path = glewlwyd.endpoints["authorization"] + "?" + urllib.parse.urlencode(query)
        location = glewlwyd.call("GET", path).fields["Location"]
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))["code"]
        response = flow.redeem(code)
        assert 400 <= response.status < 500, response
        start = gateway.mark()
        bare(gateway.send(Request("GET", path, [("Host", AUTHORITY)])), 400)
        logged(gateway, start, "BIND-11", 400)


def test_CFG_13_an_AS_that_does_not_compare_binds_nothing(gateway, upstream, trust):
    """Why `pkce: enforced` has to be written: nobody but the operator can see it."""
    other = jose.Instance(trust.attester, settings.PUBLIC)
    assert gateway.send(redeemed(gateway, other, VERIFIER)).json["access_token"]


def test_CFG_13_glewlwyd_with_PKCE_switched_off(factory, tmp_path, trust):
    """As it is shipped. It refuses the challenge, so that the switch is found at once."""
    server = servers.glewlwyd(tmp_path, **{"pkce-allowed": False})
    try:
        with Relay(server.port) as relay, road_to(factory, trust, server, relay) as gateway:
            gateway.write_secret("g.secret", GLEWLWYD_CLIENTS["app-confidential"] + "\n")
            gateway.start()
            flow = Flow(gateway, server, relay, trust, "app-confidential")
            response = flow.road.post(flow.client_id, *PUSHED.items(), endpoint=PAR)
            assert (response.status, response.body) == (403, b""), response
    finally:
        server.stop()
