# SPDX-License-Identifier: Apache-2.0
"""Attested flows to tokens from authorization servers that know nothing of attestation.

A recording relay stands between the gateway and the AS, so that what reached the AS is seen octet
for octet while the AS itself answers.
"""

import base64
import hashlib
import json
import secrets
import urllib.parse

import pytest

from harness import jose, settings
from harness.expect import ATT, CLI, SYN, oauth_error
from harness.gateway import AUTHORITY, form, presented
from harness.relay import Relay
from harness.servers import CALLBACK, DJANGO_CLIENTS, GLEWLWYD_CLIENTS
from harness.wire import Request

GRANT = ("grant_type", "client_credentials")
CODE_CLIENTS = [name for name, (_, grant, _) in DJANGO_CLIENTS.items() if "code" in grant]
VICTIM = "victim"
PROFILES = [["abca-05"], ["abca-11"]]


def configured(server, relay: Relay, clients: dict[str, str], profiles, **more) -> dict:
    """The gateway in front of this AS; `clients` maps a client_id to its secret file or ""."""
    nonce = {"nonce": {"endpoints": [name for name in server.endpoints if name != "authorization"]}}
    config = settings.base(relay.url, **(nonce if profiles == ["abca-05"] else {}))
    entry = config["authorization_servers"][0]
    entry |= {"endpoints": server.endpoints, "profiles": profiles, "unattested_clients": [],
              "pass_through": ["/o", "/api/oidc", "/login"], **more}  # fmt: skip
    entry["attesters"] = [settings.attester("attester", list(clients))]
    entry["clients"] = [
        {"client_id": name, "upstream": {"authentication": "none"} if not secret else {
            "authentication": "client_secret_basic", "secret_file": secret,
        }} for name, secret in clients.items()
    ]  # fmt: skip
    return config


class Road:
    """A gateway in front of a real AS, and the client's side of the flows."""

    def __init__(self, gateway, server, relay, trust, profiles):
        self.gateway, self.server, self.relay, self.trust = gateway, server, relay, trust
        self.draft05 = profiles == ["abca-05"]
        self.instances: dict[str, jose.Instance] = {}

    def instance(self, client_id: str) -> jose.Instance:
        if client_id not in self.instances:
            self.instances[client_id] = jose.Instance(self.trust.attester, client_id)
        return self.instances[client_id]

    def request(self, client_id: str, *pairs, endpoint: str = "token") -> Request:
        """With a nonce by OPTIONS under -05, with a challenge under -11."""
        instance = self.instance(client_id)
        if self.draft05:
            proof = instance.proof05(self.gateway.nonce())
        else:
            proof = instance.proof(challenge=self.gateway.challenge())
        request = presented(instance.attestation, proof, *pairs, endpoint=endpoint)
        return request.copy(target=self.server.endpoints[endpoint])

    def post(self, client_id: str, *pairs, endpoint: str = "token"):
        return self.gateway.send(self.request(client_id, *pairs, endpoint=endpoint))

    def browse(self, **query: str) -> dict[str, str]:
        """The front channel through the gateway, with the session of a user who is logged in."""
        target = self.server.endpoints["authorization"] + "?" + urllib.parse.urlencode(query)
        fields = [("Host", AUTHORITY), ("Cookie", self.server.cookie)]
        response = self.gateway.send(Request("GET", target, fields))
        assert response.status == 302, response
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(response.one("Location")).query))

    def code_flow(self, client_id: str, pushed: bool = False):
        """Code with PKCE, pushed or not, up to the token response."""
        verifier = secrets.token_urlsafe(48)
        query = {
            "response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK,
            "scope": "read", "state": "st", "code_challenge_method": "S256",
            "code_challenge": jose.b64(hashlib.sha256(verifier.encode()).digest()),
        }  # fmt: skip
        if pushed:
            response = self.post(client_id, *query.items(), endpoint="pushed_authorization_request")
            assert response.status == 201, response
            query = {"client_id": client_id, "request_uri": response.json["request_uri"]}
        self.gateway.sensitive.add(verifier)
        returned = self.browse(**query, **self.extra)
        return self.post(
            client_id, ("grant_type", "authorization_code"), ("code", returned["code"]),
            ("redirect_uri", CALLBACK), ("code_verifier", verifier),
        )  # fmt: skip

    extra: dict[str, str] = {}


@pytest.fixture(scope="module", params=PROFILES, ids=lambda profiles: profiles[0])
def django_road(request, factory, django, trust):
    with Relay(django.port) as relay:
        clients = {
            name: f"{number}.secret" if secret else ""
            for number, (name, (_, _, secret)) in enumerate(DJANGO_CLIENTS.items())
        }
        config = configured(django, relay, clients, request.param)
        with factory(config, start=False) as gateway:
            for name, file in clients.items():
                if file:
                    gateway.write_secret(file, DJANGO_CLIENTS[name][2])
                    gateway.sensitive.add(DJANGO_CLIENTS[name][2])
            gateway.start()
            yield Road(gateway, django, relay, trust, request.param)


@pytest.fixture(scope="module", params=PROFILES, ids=lambda profiles: profiles[0])
def glewlwyd_road(request, factory, glewlwyd, trust):
    with Relay(glewlwyd.port) as relay:
        clients = {name: "g.secret" if secret else "" for name, secret in GLEWLWYD_CLIENTS.items()}
        config = configured(glewlwyd, relay, clients, request.param)
        with factory(config, start=False) as gateway:
            gateway.write_secret("g.secret", GLEWLWYD_CLIENTS["app-confidential"] + "\n")
            gateway.start()
            road = Road(gateway, glewlwyd, relay, trust, request.param)
            road.extra = {"g_continue": ""}
            yield road


def has_token(response):
    assert response.status == 200, response
    assert response.json["access_token"] and response.json["token_type"].lower() == "bearer"
    assert response.one("Cache-Control") == "no-store"
    return response.json


@pytest.mark.parametrize("client_id", ["https://client.example.com",
                                       "https://confidential.example.com"])  # fmt: skip
def test_CRED_02_FWD_06_django_client_credentials(django_road, client_id):
    """Public, and with client_secret_basic; nonce under -05, challenge under -11."""
    has_token(django_road.post(client_id, GRANT))
    has_token(django_road.post(client_id, GRANT, ("client_id", client_id)))


@pytest.mark.parametrize("client_id", CODE_CLIENTS)
def test_EP_10_BIND_15_django_code_flow_with_PKCE(django_road, client_id):
    tokens = has_token(django_road.code_flow(client_id))
    pair = ("refresh_token", tokens["refresh_token"])
    tokens = has_token(django_road.post(client_id, ("grant_type", "refresh_token"), pair))
    pair = ("token", tokens["access_token"])
    response = django_road.post(client_id, pair, endpoint="revocation")
    assert response.status == 200, response


def test_ERR_11_django_wrong_code_is_an_answer_of_the_AS(django_road):
    pairs = [("grant_type", "authorization_code"), ("code", "no-such-code-was-issued"),
             ("redirect_uri", CALLBACK), ("code_verifier", "v" * 43)]  # fmt: skip
    response = django_road.post("https://app.example.com", *pairs)
    assert (response.status, response.json["error"]) == (400, "invalid_grant"), response


def test_ERR_10_django_denies_a_wrong_secret(factory, django, trust):
    with Relay(django.port) as relay:
        client_id = "https://confidential.example.com"
        config = configured(django, relay, {client_id: "wrong.secret"}, ["abca-11"])
        with factory(config, start=False) as gateway:
            gateway.write_secret("wrong.secret", "not-the-secret")
            gateway.start()
            road = Road(gateway, django, relay, trust, ["abca-11"])
            response = oauth_error(road.post(client_id, GRANT), "server_error", 502)
            assert response.one("WWW-Authenticate") is None


def spoof_rows(client_id: str = VICTIM) -> dict:
    body = "grant_type=client_credentials&"
    return {
        "OAuth_Client_Attestation": lambda r: r.without(CA).add("OAuth_Client_Attestation", "x"),
        "client%5fid": lambda r: r.copy(body=f"{body}client_id=nobody&client%5fid=victim".encode()),
        "client.id": lambda r: r.copy(body=f"{body}client.id={client_id}".encode()),
        "client[id": lambda r: r.copy(body=f"{body}client[id={client_id}".encode()),
        "CLIENT_ID": lambda r: r.copy(body=f"{body}CLIENT_ID={client_id}".encode()),
        "second client_id": lambda r: r.copy(
            body=f"{body}client_id=https://client.example.com&client_id={client_id}".encode()
        ),
        "other client_id": lambda r: r.copy(body=f"{body}client_id={client_id}".encode()),
        "query": lambda r: r.copy(target=f"{r.target}?client_id={client_id}"),
        "unattested": lambda r: r.without(CA, POP).copy(body=f"{body}client_id=victim".encode()),
        "TE and CL": lambda r: r.add("Transfer-Encoding", "chunked").add("Content-Length", "0"),
        "//": lambda r: unattested(r, "/" + r.target),
        "/../": lambda r: unattested(r, "/o/x/.." + r.target.removeprefix("/o")),
        "case": lambda r: unattested(r, r.target.replace("token", "Token")),
        "no slash": lambda r: unattested(r, r.target.rstrip("/")),
        "suffix": lambda r: unattested(r, r.target.rstrip("/") + ".json"),
        "escaped": lambda r: unattested(r, r.target.replace("token", "%74oken")),
        "parameter": lambda r: unattested(r, r.target + ";x"),
        "Connection": lambda r: r.add("Connection", "X-Attested-Client-Id"),
        "Basic": lambda r: r.add("Authorization", "Basic " + base64.b64encode(b"victim:").decode()),
        "JSON": lambda r: r.put("Content-Type", "application/json").copy(
            body=json.dumps({"grant_type": "client_credentials", "client_id": "victim"}).encode()
        ),
    }  # fmt: skip


CA, POP = "OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP"
SPOOFS = spoof_rows()


def unattested(request: Request, target: str) -> Request:
    body = b"grant_type=client_credentials&client_id=victim"
    return request.without(CA, POP).copy(target=target, body=body)


@pytest.mark.parametrize("spoof", SPOOFS.values(), ids=SPOOFS.keys())
def test_EP_06_EP_07_EP_13_REQ_11_REQ_21_HTTP_04_FWD_01_none_of_these_reaches_the_AS(
    django_road, spoof
):
    """Asked directly, this AS hands out a token for the bare name of the victim."""
    request = spoof(django_road.request("https://client.example.com", GRANT))
    django_road.relay.reset()
    response = django_road.gateway.send(request)
    assert response.status in (400, 404, 405), response
    assert b"access_token" not in response.body
    assert django_road.relay.towards == b""


def test_FWD_01_FWD_02_what_an_accepted_request_looks_like_to_the_AS(django_road):
    request = django_road.request("https://client.example.com", GRANT)
    request = request.add("X_Attested_Client_Id", VICTIM).add("X-Attested-Client-Id", VICTIM)
    django_road.relay.reset()
    has_token(django_road.gateway.send(request))
    seen = django_road.relay.towards
    assert b"victim" not in seen and b"eyJ" not in seen and b"ttestation" not in seen
    assert seen.count(b"client_id=") == 1 and f"Host: {AUTHORITY}".encode() in seen


def test_BIND_15_no_implicit_flow_reaches_the_AS(django_road):
    for response_type in ("token", "code token", "id_token token"):
        django_road.relay.reset()
        query = {"response_type": response_type, "client_id": "https://app.example.com"}
        target = django_road.server.endpoints["authorization"] + "?" + urllib.parse.urlencode(query)
        fields = [("Host", AUTHORITY), ("Cookie", django_road.server.cookie)]
        assert django_road.gateway.send(Request("GET", target, fields)).status == 400
        assert django_road.relay.towards == b""


def test_RPL_01_a_replay_does_not_reach_the_AS(django_road):
    request = django_road.request("https://client.example.com", GRANT)
    has_token(django_road.gateway.send(request))
    django_road.relay.reset()
    oauth_error(django_road.gateway.send(request), CLI if django_road.draft05 else ATT)
    assert django_road.relay.towards == b""


# glewlwyd


@pytest.mark.parametrize("client_id", GLEWLWYD_CLIENTS)
@pytest.mark.parametrize("pushed", [False, True], ids=["front channel", "pushed"])
def test_REQ_13_EP_10_glewlwyd_code_flow_with_PKCE(glewlwyd_road, client_id, pushed):
    tokens = has_token(glewlwyd_road.code_flow(client_id, pushed))
    pair = ("refresh_token", tokens["refresh_token"])
    has_token(glewlwyd_road.post(client_id, ("grant_type", "refresh_token"), pair))


def test_CRED_02_glewlwyd_client_credentials(glewlwyd_road):
    has_token(glewlwyd_road.post("app-confidential", GRANT, ("scope", "read")))


@pytest.mark.parametrize("client_id", GLEWLWYD_CLIENTS)
def test_CHAL_14_glewlwyd_device_flow(glewlwyd_road, client_id):
    road = glewlwyd_road
    response = road.post(client_id, ("scope", "read"), endpoint="device_authorization")
    assert response.status == 200, response
    pairs = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
             ("device_code", response.json["device_code"])]  # fmt: skip
    response = road.post(client_id, *pairs)
    assert (response.status, response.json["error"]) == (400, "authorization_pending"), response
    if not road.draft05:
        assert response.one("OAuth-Client-Attestation-Challenge")


def test_CRED_01_glewlwyd_introspection_and_revocation(glewlwyd_road):
    road, client_id = glewlwyd_road, "app-confidential"
    tokens = has_token(road.code_flow(client_id))
    pair = ("token", tokens["access_token"])
    response = road.post(client_id, pair, endpoint="introspection")
    assert response.status == 200 and response.json["active"] is True, response
    pair = ("token", tokens["refresh_token"])
    assert road.post(client_id, pair, endpoint="revocation").status == 200


def test_EP_06_glewlwyd_public_client_unattested(glewlwyd_road):
    road = glewlwyd_road
    road.relay.reset()
    request = form(("scope", "read"), ("client_id", "app-public"), endpoint="device_authorization")
    request = request.copy(target=road.server.endpoints["device_authorization"])
    oauth_error(road.gateway.send(request), CLI)
    oauth_error(
        road.gateway.send(
            road.request("app-public", GRANT, ("client_id", "a"), ("client_id", "b"))
        ),
        SYN,
    )
    assert road.relay.towards == b""


def test_CHAL_01_a_nonce_of_one_endpoint_serves_the_other(glewlwyd_road):
    """PAR and token in one flow with one value, as wallets do it."""
    road = glewlwyd_road
    instance = road.instance("app-public")
    value = road.gateway.nonce() if road.draft05 else road.gateway.challenge()
    for endpoint, wanted in (("pushed_authorization_request", 201), ("token", 400)):
        proof = instance.proof05(value) if road.draft05 else instance.proof(challenge=value)
        pairs = [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "read"),
                 ("code_challenge", "c" * 43), ("code_challenge_method", "S256")]  # fmt: skip
        if endpoint == "token":
            pairs = [("grant_type", "refresh_token"), ("refresh_token", "no-such-token")]
        request = presented(instance.attestation, proof, *pairs, endpoint=endpoint)
        response = road.gateway.send(request.copy(target=road.server.endpoints[endpoint]))
        assert response.status == wanted, response
        assert b"client" not in response.body, response
