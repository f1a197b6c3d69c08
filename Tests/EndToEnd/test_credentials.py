# SPDX-License-Identifier: Apache-2.0
"""CRED: what a client is to its AS: its id there, its secret or key, and their rotation.

What the AS received is compared octet by octet with what an independent library makes of it.
"""

import json
import time
import urllib.parse

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from harness import jose, servers, settings
from harness.expect import ATT, SYN, UP, accepted, bare, logged, oauth_error, refused
from harness.gateway import AUTHORITY, ENDPOINTS, attested, form, presented, run
from harness.relay import Relay
from harness.servers import CALLBACK, DJANGO_CLIENTS
from harness.upstream import answer
from harness.wire import Request
from test_real_servers import Road, configured, has_token
from test_reload import hang_up, reasons, reload

GRANT = ("grant_type", "client_credentials")
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
POST, KEY, MAPPED = "https://post.example.com", "https://key.example.com", "https://m.example.com"
UPSTREAM_ID = "client-7 at the AS"
POST_SECRET, OLD_SECRET = "p0st secret/+:%&=", "0ld secret of before"


def keygen(gateway, name: str, *options: str) -> KeySet:
    """A key of the gateway's at `name`.jwk, and its public half as the AS gets it."""
    out, public = gateway.directory / f"{name}.jwk", gateway.directory / f"{name}.jwks.json"
    result = run("keygen", "client", "--out", out, "--jwks", public, *options)
    assert result.returncode == 0, result.stderr
    private = json.loads(out.read_text())
    gateway.sensitive |= {private[part] for part in ("d", "p", "q", "dp", "dq", "qi") if part in private}
    return KeySet.import_key_set(json.loads(public.read_text()))


def with_clients(upstream, *clients: dict, **server) -> dict:
    """The base settings with these clients besides, all of the one attester."""
    config = settings.base(upstream.url, **server)
    entry = config["authorization_servers"][0]
    del entry["endpoints"]["introspection"]
    entry["attesters"][0]["clients"] += [client["client_id"] for client in clients]
    entry["clients"] += clients
    return config


@pytest.fixture(scope="module")
def gate(factory, recorder, trust):
    """A client for each way: in the form, by assertions, and under another id."""
    clients = [
        {"client_id": POST, "upstream": {
            "authentication": "client_secret_post", "secret_file": "post.secret"}},
        {"client_id": KEY, "upstream": {
            "authentication": "private_key_jwt", "key_file": "client.jwk"}},
        {"client_id": MAPPED, "upstream": {
            "authentication": "client_secret_basic", "secret_file": "post.secret",
            "client_id": UPSTREAM_ID}},
    ]  # fmt: skip
    with factory(with_clients(recorder, *clients), start=False) as gateway:
        gateway.write_secret("post.secret", POST_SECRET + "\n")
        gateway.sensitive.add(POST_SECRET)
        gateway.keys = keygen(gateway, "client")
        gateway.start()
        yield gateway


def instance(trust, client_id: str) -> jose.Instance:
    return jose.Instance(trust.attester, client_id)


def sent(gateway, upstream, trust, client_id: str, *pairs, endpoint: str = "token"):
    """What the AS received of an accepted request."""
    upstream.reset()
    request = attested(instance(trust, client_id), gateway.challenge(), *pairs, endpoint=endpoint)
    return accepted(gateway, upstream, request)[1]


# In the form


def test_CRED_03_client_secret_post_is_in_the_form_and_nowhere_else(gate, upstream, trust):
    recorded = sent(gate, upstream, trust, POST, GRANT, ("scope", "a b"))
    assert recorded.form == [
        GRANT, ("scope", "a b"), ("client_id", POST), ("client_secret", POST_SECRET),
    ]  # fmt: skip
    assert "authorization" not in recorded.names
    assert b"secret" not in recorded.head


@pytest.mark.parametrize("name", ["client_secret", "client_assertion"])
def test_CRED_03_REQ_16_the_client_brings_no_credential_of_its_own(gate, upstream, trust, name):
    request = attested(instance(trust, POST), gate.challenge(), GRANT, (name, "mine"))
    refused(gate, upstream, request, SYN, "REQ-16")


# Assertions


def assertion_of(recorded, keys: KeySet, **options):
    """The one assertion of a request, verified by a library that is not ours."""
    values = dict(recorded.form)
    assert len(values) == len(recorded.form)
    assert values["client_assertion_type"] == JWT_BEARER
    return jwt.decode(values["client_assertion"], keys, **options)


def test_CRED_04_a_fresh_assertion_for_each_request(gate, upstream, trust):
    seen = []
    for _ in range(3):
        now = int(time.time())
        recorded = sent(gate, upstream, trust, KEY, GRANT)
        assert "client_secret" not in dict(recorded.form) and not recorded.all("Authorization")
        assert recorded.form.count(("client_id", KEY)) == 1
        token = assertion_of(recorded, gate.keys)
        assert token.header == {"typ": "JWT", "alg": "ES256", "kid": gate.keys.keys[0].kid}
        assert set(token.claims) == {"iss", "sub", "aud", "jti", "iat", "exp"}
        assert token.claims["iss"] == token.claims["sub"] == KEY
        assert token.claims["aud"] == jose.ISSUER  # a single string
        assert now - 1 <= token.claims["iat"] <= int(time.time()) + 1
        assert 0 < token.claims["exp"] - token.claims["iat"] <= 60
        seen.append(token.claims["jti"])
    assert len(set(seen)) == 3 and all(len(jti) >= 22 for jti in seen)


def test_CRED_04_the_name_of_a_generated_key_is_its_thumbprint(gate):
    key = gate.keys.keys[0]
    assert key.kid == key.thumbprint()


@pytest.mark.parametrize("algorithm", ["ES384", "PS256", "RS256", "Ed25519"])
def test_CRED_04_algorithm_key_id_and_audience_can_be_set(
    factory, recorder, upstream, trust, algorithm
):
    client = {"client_id": KEY, "upstream": {
        "authentication": "private_key_jwt", "key_file": "client.jwk", "algorithm": algorithm,
        "key_id": "named", "audience": "endpoint", "client_id": UPSTREAM_ID}}  # fmt: skip
    with factory(with_clients(recorder, client), start=False) as gateway:
        keys = keygen(gateway, "client", "--alg", algorithm)
        gateway.start()
        for endpoint in ("token", "pushed_authorization_request"):
            recorded = sent(gateway, upstream, trust, KEY, GRANT, endpoint=endpoint)
            name = dict(recorded.form)["client_assertion"]
            header = json.loads(jose.unb64(name.split(".")[0]))
            assert (header["kid"], header["alg"]) == ("named", algorithm)
            token = assertion_of(recorded, keys.keys[0], algorithms=[algorithm])
            assert token.claims["aud"] == jose.ISSUER + ENDPOINTS[endpoint]
            assert token.claims["iss"] == token.claims["sub"] == UPSTREAM_ID


@pytest.mark.parametrize("client_id", [POST, KEY])
def test_ERR_10_an_AS_that_denies_secret_or_assertion(gate, upstream, trust, client_id):
    fields = ("WWW-Authenticate", "Basic x")
    upstream.then(answer({"error": "invalid_client"}, "401 Unauthorized", fields))
    start = gate.mark()
    response = gate.send(attested(instance(trust, client_id), gate.challenge()))
    oauth_error(response, UP)
    assert response.one("WWW-Authenticate") is None
    logged(gate, start, "ERR-10", 502)
    assert len(upstream.requests) == 1


# Another id


def test_CRED_01_CRED_07_the_AS_sees_its_own_id_of_the_client(gate, upstream, trust):
    for pairs in ([GRANT], [GRANT, ("client_id", MAPPED)]):
        recorded = sent(gate, upstream, trust, MAPPED, *pairs)
        assert recorded.form.count(("client_id", UPSTREAM_ID)) == 1
        assert MAPPED.encode() not in urllib.parse.unquote_to_bytes(recorded.raw)
        wanted = servers.basic(UPSTREAM_ID, POST_SECRET)["Authorization"]
        assert recorded.one("Authorization") == wanted
    # Nobody may use the other name here.
    request = attested(instance(trust, MAPPED), gate.challenge(), GRANT, ("client_id", UPSTREAM_ID))
    upstream.reset()
    refused(gate, upstream, request, ATT, "REQ-12")


def browse(target: str, **query: str) -> Request:
    return Request("GET", f"{target}?{urllib.parse.urlencode(query)}", [("Host", AUTHORITY)])


CODE = {"response_type": "code", "redirect_uri": CALLBACK, "state": "a b+c"}


@pytest.mark.parametrize("name", [MAPPED, UPSTREAM_ID])
@pytest.mark.parametrize("target", ["/authorize", "/login"])
def test_CRED_07_the_front_channel_has_the_id_of_the_AS(gate, upstream, name, target):
    """Also where a redirection of the AS says it already."""
    _, recorded = accepted(gate, upstream, browse(target, **CODE, client_id=name, x="%"))
    path, query = recorded.target.split("?")
    assert path == target
    assert dict(urllib.parse.parse_qsl(query)) == CODE | {"client_id": UPSTREAM_ID, "x": "%"}


def test_CRED_07_only_the_parameter_is_rewritten(gate, upstream):
    request = browse("/authorize", client_id=MAPPED, response_type="code")
    name = request.target.split("client_id=")[1].split("&")[0]
    spelled = f"a=%7e&client%5Fid={name}&response_type=code&b={name}&c"
    _, recorded = accepted(gate, upstream, request.copy(target=f"/authorize?{spelled}"))
    wanted = spelled.replace(f"client%5Fid={name}", "client_id=client-7+at+the+AS")
    assert recorded.target == f"/authorize?{wanted}"


def test_CRED_07_an_authorization_request_as_a_form(gate, upstream):
    pairs = [*CODE.items(), ("client_id", MAPPED)]
    request = form(*pairs).copy(target="/authorize")
    _, recorded = accepted(gate, upstream, request)
    assert recorded.form == [*CODE.items(), ("client_id", UPSTREAM_ID)]


def test_CRED_07_other_pages_and_clients_pass_as_they_are(gate, upstream):
    for request in (
        browse("/login", next=f"/authorize?client_id={MAPPED}"),
        browse("/authorize", **CODE, client_id=settings.PUBLIC),
        browse("/authorize", **CODE, client_id="unknown"),
    ):
        upstream.reset()
        assert accepted(gate, upstream, request)[1].target == request.target


@pytest.mark.parametrize("name", [MAPPED, UPSTREAM_ID])
def test_CRED_07_BIND_15_the_other_id_is_no_way_round_the_rules(gate, upstream, name):
    for response_type in ("token", "code token"):
        request = browse("/authorize", **CODE | {"response_type": response_type}, client_id=name)
        start = gate.mark()
        bare(gate.send(request), 400)
        logged(gate, start, "BIND-15", 400)
    upstream.nothing()


def request_object(client_id: str, **claims) -> str:
    claims = {"iss": client_id, "client_id": client_id, "response_type": "code"} | claims
    return jose.jws({"alg": "ES256", "typ": "oauth-authz-req+jwt"}, claims, jose.Key())


@pytest.mark.parametrize("inner", [MAPPED, UPSTREAM_ID])
def test_CRED_07_a_request_object_cannot_be_rewritten(gate, upstream, trust, inner):
    query = {"client_id": MAPPED, "request": request_object(inner)}
    start = gate.mark()
    bare(gate.send(browse("/authorize", **query)), 400)
    logged(gate, start, "CRED-07", 400)
    upstream.nothing()
    if inner == MAPPED:
        request = attested(
            instance(trust, MAPPED), gate.challenge(), *query.items(),
            endpoint="pushed_authorization_request",
        )  # fmt: skip
        refused(gate, upstream, request, SYN, "CRED-07")


def test_CRED_07_REQ_18_nobody_pushes_an_object_in_the_name_of_an_upstream_id(gate, upstream):
    inner = request_object(settings.LISTED, iss=UPSTREAM_ID)
    pairs = [("client_id", settings.LISTED), ("client_secret", "its-own"), ("request", inner)]
    request = form(*pairs, endpoint="pushed_authorization_request")
    refused(gate, upstream, request, SYN, "REQ-17")
    start = gate.mark()
    bare(gate.send(browse("/authorize", client_id="unknown", request=request_object(UPSTREAM_ID))), 400)
    logged(gate, start, "REQ-18", 400)
    upstream.nothing()


def test_EP_06_the_upstream_id_opens_nothing_without_attestation(gate, upstream):
    request = form(GRANT, ("client_id", UPSTREAM_ID), ("client_secret", POST_SECRET))
    refused(gate, upstream, request, "invalid_client", "EP-06")


# Rotation

DENIALS = [
    answer({"error": "invalid_client"}, "401 Unauthorized", ("WWW-Authenticate", "Basic x")),
    answer({"error": "invalid_client"}, "400 Bad Request"),
    answer(b"", "401 Unauthorized"),
]


@pytest.fixture(scope="module", params=["client_secret_post", "client_secret_basic"])
def rotating(request, factory, recorder):
    client = {"client_id": POST, "upstream": {
        "authentication": request.param, "secret_file": "post.secret",
        "previous_secret_file": "old.secret"}}  # fmt: skip
    config = with_clients(recorder, client)
    config["authorization_servers"][0]["endpoints"] = dict(ENDPOINTS)
    with factory(config, start=False) as gateway:
        for name, secret in (("post.secret", POST_SECRET), ("old.secret", OLD_SECRET)):
            gateway.write_secret(name, secret)
            gateway.sensitive.add(secret)
        yield gateway.start()


def secret_of(recorded) -> str:
    field = recorded.one("Authorization")
    if not field:
        return dict(recorded.form)["client_secret"]
    known = {servers.basic(POST, value)["Authorization"]: value for value in (POST_SECRET, OLD_SECRET)}
    return known[field]


@pytest.mark.parametrize("denial", DENIALS, ids=["401", "400", "without body"])
@pytest.mark.parametrize("endpoint", ["introspection", "revocation"])
def test_CRED_08_the_previous_secret_is_tried_where_that_is_harmless(
    rotating, upstream, trust, endpoint, denial
):
    upstream.then(denial, answer({"active": True}))
    start = rotating.mark()
    request = attested(
        instance(trust, POST), rotating.challenge(), ("token", "some-token"), endpoint=endpoint
    )
    response = rotating.send(request)
    assert (response.status, response.json) == (200, {"active": True})
    assert response.one("WWW-Authenticate") is None
    assert [secret_of(recorded) for recorded in upstream.requests] == [POST_SECRET, OLD_SECRET]
    assert all(("token", "some-token") in recorded.form for recorded in upstream.requests)
    rotating.wait_for(lambda r: r.get("rule") == "CRED-08" and r["client_id"] == POST, start)


def test_CRED_08_the_new_secret_comes_first_and_alone_where_it_is_taken(rotating, upstream, trust):
    recorded = sent(rotating, upstream, trust, POST, ("token", "x"), endpoint="introspection")
    assert secret_of(recorded) == POST_SECRET


@pytest.mark.parametrize("endpoint", ["token", "pushed_authorization_request",
                                      "device_authorization"])  # fmt: skip
@pytest.mark.parametrize("denial", DENIALS, ids=["401", "400", "without body"])
def test_CRED_08_a_grant_is_never_shown_twice(rotating, upstream, trust, endpoint, denial):
    upstream.then(denial)
    pairs = [("grant_type", "authorization_code"), ("code", "single-use-code")]
    request = attested(instance(trust, POST), rotating.challenge(), *pairs, endpoint=endpoint)
    oauth_error(rotating.send(request), UP)
    assert secret_of(upstream.one()) == POST_SECRET


OTHER_ANSWERS = [
    answer({"error": "invalid_request"}, "400 Bad Request"), answer(b"", "403 Forbidden"),
    answer({"error": "use_dpop_nonce"}, "401 Unauthorized"), answer({"active": False}),
    answer({"error": "invalid_client"}, "503 Service Unavailable"),
]  # fmt: skip


@pytest.mark.parametrize("other", OTHER_ANSWERS, ids=["400", "403", "nonce", "200", "503"])
def test_CRED_08_only_a_refused_credential_is_a_reason(rotating, upstream, trust, other):
    upstream.then(other)
    request = attested(
        instance(trust, POST), rotating.challenge(), ("token", "x"), endpoint="introspection"
    )
    response = rotating.send(request)
    assert len(upstream.requests) == 1, response
    status = int(other.split(b" ")[1])
    assert response.status == (status if status < 500 else 502)


def test_CRED_08_ERR_10_both_secrets_refused(rotating, upstream, trust):
    upstream.then(*DENIALS[:2])
    request = attested(
        instance(trust, POST), rotating.challenge(), ("token", "x"), endpoint="revocation"
    )
    oauth_error(rotating.send(request), UP)
    assert len(upstream.requests) == 2


def test_CRED_08_a_long_answer_comes_through_whole(rotating, upstream, trust):
    """What was read to see whether the credential was refused is not lost."""
    body = b'{"error":"invalid_request","x":"' + b"a" * 300_000 + b'"}'
    upstream.then(answer(body, "400 Bad Request"))
    request = attested(
        instance(trust, POST), rotating.challenge(), ("token", "x"), endpoint="introspection"
    )
    assert rotating.send(request).body == body


def test_CRED_08_ERR_11_an_answer_that_breaks_off_frees_its_connection(
    factory, recorder, upstream, trust
):
    def broken(exchange, _):
        exchange.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{")
        exchange.close = True

    client = {"client_id": POST, "upstream": {
        "authentication": "client_secret_post", "secret_file": "post.secret",
        "previous_secret_file": "old.secret"}}  # fmt: skip
    limits = {"connections": 2, "response": "2s"}
    config = with_clients(recorder, client, upstream_limits=limits) | {"workers": 1}
    with factory(config, start=False) as gateway:
        for name, secret in (("post.secret", POST_SECRET), ("old.secret", OLD_SECRET)):
            gateway.write_secret(name, secret)
        gateway.start()
        for _ in range(3):
            upstream.then(broken)
            request = attested(
                instance(trust, POST), gateway.challenge(), ("token", "x"), endpoint="revocation"
            )
            oauth_error(gateway.send(request), UP)
        gateway.works(trust.public)
    assert len(upstream.requests) == 4


def test_CRED_08_secrets_and_keys_change_by_reload_and_a_bad_file_changes_nothing(
    factory, recorder, upstream, trust
):
    client = {"client_id": POST, "upstream": {
        "authentication": "client_secret_post", "secret_file": "post.secret"}}  # fmt: skip
    with factory(with_clients(recorder, client), start=False) as gateway:
        path = gateway.write_secret("post.secret", OLD_SECRET)
        gateway.sensitive.add(OLD_SECRET)
        gateway.start()
        assert secret_of(sent(gateway, upstream, trust, POST, GRANT)) == OLD_SECRET
        gateway.write_secret("post.secret", POST_SECRET)
        gateway.sensitive.add(POST_SECRET)
        reload(gateway, gateway.settings)
        assert secret_of(sent(gateway, upstream, trust, POST, GRANT)) == POST_SECRET

        def dangling():
            path.unlink()
            path.symlink_to("nowhere")

        faults = {
            "others may read it": lambda: path.chmod(0o644),
            "there is no such file": dangling,
            "it is a directory": lambda: (path.unlink(), path.mkdir()),
        }
        for reason, spoil in faults.items():
            spoil()
            start = gateway.mark()
            hang_up(gateway, "reload failed, the configuration stays")
            said = reasons(gateway, start)
            assert any(f'post.secret ("{POST}"): {reason}' in line for line in said), said
            assert secret_of(sent(gateway, upstream, trust, POST, GRANT)) == POST_SECRET
        assert run("check", "--config", gateway.config).returncode == 1
        started = run("run", "--config", gateway.config, timeout=20)
        assert started.returncode == 1 and b"it is a directory" in started.stderr + started.stdout


# The gateway's own fields

GATE_SECRET = "gateway-secret-0123456789"


@pytest.fixture(scope="module")
def speaking(factory, recorder):
    """Says to the AS who it is, and all that it knows of the client."""
    forward = {
        "gateway_secret": {"header": "X-Gateway-Secret", "secret_file": "gate.secret"},
        "attestation": "keep", "assertion_key_file": "identity.jwk",
    }  # fmt: skip
    with factory(settings.base(recorder.url, forward=forward), start=False) as gateway:
        gateway.write_secret("gate.secret", GATE_SECRET + "\n")
        gateway.keys = keygen(gateway, "identity")
        yield gateway.start()


SPELLINGS = ["X-Gateway-Secret", "x-gateway-secret", "X_Gateway_Secret", "X.Gateway.Secret"]


@pytest.mark.parametrize("target", [ENDPOINTS["token"], "/login", "/authorize", "listed"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_EP_08_FWD_02_the_gateways_secret_is_on_every_request_and_nobody_elses(
    speaking, upstream, trust, target, spelling
):
    request = Request("GET", target, [("Host", AUTHORITY)])
    if target == ENDPOINTS["token"]:
        request = attested(trust.public, speaking.challenge())
    if target == "listed":
        request = form(GRANT, ("client_id", settings.LISTED), ("client_secret", "its-own-secret"))
    _, recorded = accepted(speaking, upstream, request.add(spelling, "spoofed-value"))
    assert recorded.one("X-Gateway-Secret") == GATE_SECRET
    assert b"spoofed-value" not in recorded.raw
    assert len([n for n in recorded.names if "gateway" in n]) == 1


@pytest.mark.parametrize("target", [ENDPOINTS["token"], "/login"])
def test_EP_08_HTTP_12_nobody_names_its_field_hop_by_hop(speaking, upstream, trust, target):
    for spelling in SPELLINGS:
        request = attested(trust.public, speaking.challenge())
        if target == "/login":
            request = Request("GET", target, [("Host", AUTHORITY)])
        refused(speaking, upstream, request.add("Connection", spelling), 400, "HTTP-12")


@pytest.mark.parametrize("target", [ENDPOINTS["token"], "/login"])
@pytest.mark.parametrize("spelling", SPELLINGS[:3])
def test_EP_08_FWD_11_the_AS_does_not_give_it_away(speaking, upstream, trust, target, spelling):
    upstream.then(answer({}, "200 OK", (spelling, GATE_SECRET)))
    request = attested(trust.public, speaking.challenge())
    if target == "/login":
        request = Request("GET", target, [("Host", AUTHORITY)])
    response = speaking.send(request)
    assert response.status == 200 and GATE_SECRET.encode() not in response.raw


def test_FWD_07_a_signed_assertion_says_who_it_is(speaking, upstream, trust):
    seen = set()
    for _ in range(2):
        upstream.reset()
        request = attested(trust.public, speaking.challenge())
        _, recorded = accepted(speaking, upstream, request.add("X-Attested-Assertion", "x.y.z"))
        token = jwt.decode(recorded.one("X-Attested-Assertion"), speaking.keys)
        assert token.header["typ"] == "attestgate-identity+jwt"
        claims = token.claims
        assert claims["sub"] == settings.PUBLIC and claims["iss"] == "attestgate"
        assert claims["aud"] == jose.ISSUER
        assert claims["cnf"] == {"jkt": trust.public.key.thumbprint}
        assert (claims["attester"], claims["method"]) == ("attester", "attestation_pop_jwt")
        assert 0 < claims["exp"] - claims["iat"] <= 60
        seen.add(claims["jti"])
    assert len(seen) == 2


def test_FWD_07_nobody_else_has_an_assertion(speaking, upstream):
    request = form(GRANT, ("client_id", settings.LISTED), ("client_secret", "its-own-secret"))
    for request in (request, Request("GET", "/login", [("Host", AUTHORITY)])):
        upstream.reset()
        _, recorded = accepted(speaking, upstream, request.add("X-Attested-Assertion", "x.y.z"))
        assert not [name for name in recorded.names if name.startswith("x-attested")]


def test_FWD_04_tokens_are_kept_for_the_log_of_the_AS(speaking, upstream, trust):
    proof = trust.public.proof(challenge=speaking.challenge())
    request = presented(trust.public.attestation, proof, GRANT)
    request = request.add("attestation-nonce-request", "true")
    _, recorded = accepted(speaking, upstream, request)
    assert recorded.one("OAuth-Client-Attestation") == trust.public.attestation
    assert recorded.one("OAuth-Client-Attestation-PoP") == proof
    assert "attestation-nonce-request" not in recorded.names
    # What nobody verified is not kept.
    upstream.reset()
    request = request.copy(method="GET", target="/login", body=b"").without("Content-Type")
    assert b"ttestation" not in accepted(speaking, upstream, request)[1].head


# Real servers


@pytest.fixture(scope="module")
def glewlwyd_credentials(tmp_path_factory, factory, trust):
    """glewlwyd, which takes client_secret_post, and private_key_jwt made out to its endpoint."""
    server = servers.glewlwyd(
        tmp_path_factory.mktemp("glewlwyd"),
        **{"request-parameter-allow": True, "client-jwks-parameter": "jwks"},
    )
    with Relay(server.port) as relay:
        config = configured(server, relay, {"app-post": "", "app-key": ""}, ["abca-11"])
        entry = config["authorization_servers"][0]
        entry["clients"] = [
            {"client_id": "app-post", "upstream": {
                "authentication": "client_secret_post", "secret_file": "post.secret"}},
            {"client_id": "app-key", "upstream": {
                "authentication": "private_key_jwt", "key_file": "client.jwk",
                "audience": "endpoint"}},
        ]  # fmt: skip
        with factory(config, start=False) as gateway:
            gateway.write_secret("post.secret", POST_SECRET)
            gateway.sensitive.add(POST_SECRET)
            keygen(gateway, "client")
            jwks = json.loads((gateway.directory / "client.jwks.json").read_text())
            servers.register_at_glewlwyd(
                server, "app-post", "client_secret_post", client_secret=POST_SECRET
            )
            servers.register_at_glewlwyd(server, "app-key", "private_key_jwt", jwks=jwks)
            gateway.start()
            road = Road(gateway, server, relay, trust, ["abca-11"])
            road.extra = {"g_continue": ""}
            yield road
    server.stop()


@pytest.mark.parametrize("client_id", ["app-post", "app-key"])
@pytest.mark.parametrize("pushed", [False, True], ids=["front channel", "pushed"])
def test_CRED_03_CRED_04_glewlwyd_code_refresh_introspection_and_revocation(
    glewlwyd_credentials, client_id, pushed
):
    road = glewlwyd_credentials
    tokens = has_token(road.code_flow(client_id, pushed))
    pair = ("refresh_token", tokens["refresh_token"])
    tokens = has_token(road.post(client_id, ("grant_type", "refresh_token"), pair))
    pair = ("token", tokens["access_token"])
    response = road.post(client_id, pair, endpoint="introspection")
    assert response.status == 200 and response.json["active"] is True, response
    assert road.post(client_id, pair, endpoint="revocation").status == 200
    response = road.post(client_id, ("scope", "read"), endpoint="device_authorization")
    assert response.status == 200 and response.json["device_code"], response


def test_CRED_04_an_assertion_is_good_for_one_request(glewlwyd_credentials):
    """The AS that saw an assertion refuses it from anybody else."""
    road = glewlwyd_credentials
    road.relay.reset()
    has_token(road.post("app-key", GRANT, ("scope", "read")))
    seen = dict(urllib.parse.parse_qsl(road.relay.towards.split(b"\r\n\r\n")[1].decode()))
    again = road.server.call("POST", road.server.endpoints["token"], form=seen)
    assert again.status == 403, again
    has_token(road.post("app-key", GRANT, ("scope", "read")))


def test_CRED_03_CRED_07_django_client_secret_post_under_another_id(factory, django, trust):
    """The whole code flow: clients know one id, the AS another."""
    wallet, upstream_id = "https://wallet.example.com", "https://web.example.com"
    with Relay(django.port) as relay:
        config = configured(django, relay, {wallet: ""}, ["abca-11"])
        entry = config["authorization_servers"][0]
        entry["endpoints"] = {k: v for k, v in django.endpoints.items() if k != "introspection"}
        entry["clients"] = [{"client_id": wallet, "upstream": {
            "authentication": "client_secret_post", "secret_file": "web.secret",
            "client_id": upstream_id}}]  # fmt: skip
        with factory(config, start=False) as gateway:
            gateway.write_secret("web.secret", DJANGO_CLIENTS[upstream_id][2])
            gateway.sensitive.add(DJANGO_CLIENTS[upstream_id][2])
            gateway.start()
            road = Road(gateway, django, relay, trust, ["abca-11"])
            tokens = has_token(road.code_flow(wallet))
            pair = ("refresh_token", tokens["refresh_token"])
            has_token(road.post(wallet, ("grant_type", "refresh_token"), pair))
            assert b"wallet.example.com" not in relay.towards


def test_ERR_10_django_denies_a_wrong_secret_in_the_form(factory, django, trust):
    client_id = "https://confidential.example.com"
    with Relay(django.port) as relay:
        config = configured(django, relay, {client_id: ""}, ["abca-11"])
        config["authorization_servers"][0]["clients"][0]["upstream"] = {
            "authentication": "client_secret_post", "secret_file": "wrong.secret",
        }  # fmt: skip
        with factory(config, start=False) as gateway:
            gateway.write_secret("wrong.secret", "not-the-secret")
            gateway.start()
            road = Road(gateway, django, relay, trust, ["abca-11"])
            oauth_error(road.post(client_id, GRANT), "server_error", 502)
