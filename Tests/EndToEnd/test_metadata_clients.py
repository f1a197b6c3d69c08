# SPDX-License-Identifier: Apache-2.0
"""Metadata of real servers through the gateway, and a client library that knows nothing else."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from harness import servers, settings
from harness.gateway import AUTHORITY
from harness.jose import ISSUER, Key
from harness.relay import Relay
from harness.servers import GLEWLWYD_CLIENTS
from harness.wire import Request
from test_listeners import certificate

OAUTH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"
CLIENT = "https://client.example.com"
PROGRAM = pathlib.Path(__file__).parent / "harness" / "sdk_client.py"


def get(gateway, path: str, **options) -> dict:
    response = gateway.send(Request("GET", path, [("Host", AUTHORITY)]), **options)
    assert response.status == 200, response
    return response.json


def in_front_of(server, relay, issuer: str, clients, **more) -> dict:
    config = settings.base(relay.url, issuer=issuer, **more)
    entry = config["authorization_servers"][0]
    entry |= {"endpoints": server.endpoints, "unattested_clients": [],
              "pass_through": ["/o", "/api/oidc", "/login"],
              "attesters": [settings.attester("attester", list(clients))]}  # fmt: skip
    entry["clients"] = [
        {"client_id": name, "upstream": {"authentication": "none"}} for name in clients
    ]
    return config


def attested(document: dict, issuer: str, server) -> None:
    assert document["issuer"] == issuer
    for name, path in server.endpoints.items():
        assert document[f"{name}_endpoint"] == ISSUER + path
    assert document["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth"]
    assert document["challenge_endpoint"] == ISSUER + "/attestgate/challenge"
    texts = [text for text in json.dumps(document).split('"') if "://" in text]
    for text in texts:
        assert "//" not in text.split("://")[1] and "127.0.0.1" not in text, text


def test_META_01_META_03_META_04_django_derives_its_issuer_from_the_host(factory, django, trust):
    """Its document stands behind the path of the issuer; clients look for it before that."""
    issuer = ISSUER + "/o"
    with Relay(django.port) as relay:
        with factory(in_front_of(django, relay, issuer, [CLIENT])) as gateway:
            document = get(gateway, OAUTH + "/o")
            attested(document, issuer, django)
            assert get(gateway, "/o" + OAUTH) == document
            direct = json.loads(django.call("GET", "/o" + OAUTH).body)
            for name in ("grant_types_supported", "scopes_supported",
                         "code_challenge_methods_supported"):  # fmt: skip
                assert document[name] == direct[name]


def test_META_02_CFG_01_django_under_another_issuer_refuses_the_start(factory, django, trust):
    config = in_front_of(django, Relay(django.port), ISSUER + "/o", [CLIENT])
    config["authorization_servers"][0]["upstream_host"] = "upstream"
    with factory(config, start=False) as gateway:
        with pytest.raises(AssertionError):
            gateway.start()
        gateway.process.wait(timeout=10)
        gateway._finish()
        failed = next(r for r in gateway.records if r.get("msg") == "start failed")
        assert "META-02" in failed["reason"] and "127.0.0.1" in failed["reason"]


@pytest.fixture(scope="module")
def glewlwyd_issuer(tmp_path_factory):
    """glewlwyd under the issuer by which its document is found."""
    issuer = ISSUER + "/api/oidc"
    server = servers.glewlwyd(tmp_path_factory.mktemp("glewlwyd"), iss=issuer)
    yield server, issuer
    server.stop()


def test_META_01_META_03_META_04_glewlwyd_and_its_double_slashes(factory, glewlwyd_issuer, trust):
    server, issuer = glewlwyd_issuer
    raw = server.call("GET", "/api/oidc" + OPENID)
    with Relay(server.port) as relay:
        with factory(in_front_of(server, relay, issuer, list(GLEWLWYD_CLIENTS))) as gateway:
            document = get(gateway, "/api/oidc" + OPENID)
            attested(document, issuer, server)
            assert get(gateway, OAUTH + "/api/oidc") == document
            assert get(gateway, OPENID + "/api/oidc") == document
            direct = raw.json
            same = [name for name in direct if document.get(name) == direct[name]]
            assert len(same) > len(direct) / 2, (direct, document)


@pytest.mark.parametrize("method", ["attestation_pop_jwt", "dpop_combined"])
def test_META_03_to_META_09_a_library_gets_a_token_from_the_metadata_alone(
    factory, django, trust, tmp_path, method
):
    """client-attestation-sdk (PyPI) against django-oauth-toolkit: neither knows the gateway."""
    key, issuer = Key(), ISSUER + "/o"
    key.kid = key.thumbprint
    with Relay(django.port) as relay:
        config = in_front_of(django, relay, issuer, [CLIENT])
        files = certificate(tmp_path)
        config["listeners"] = [{"address": "127.0.0.1:0", "tls": files}]
        if method == "dpop_combined":
            entry = config["authorization_servers"][0]
            entry["clients"][0]["methods"] = [method]
            entry["dpop"] = {"owner": "verify-and-strip", "allow_bearer": True,
                             "nonce_owner": "gateway"}  # fmt: skip
        with factory(config, start=False) as gateway:
            jwks = gateway.directory / "attester.jwks.json"
            jwks.write_text(json.dumps({"keys": [key.jwk]}))
            gateway.start()
            command = [sys.executable, PROGRAM, issuer, str(gateway.address[1]), CLIENT, method]
            result = subprocess.run(
                command, input=json.dumps(key.private_jwk), capture_output=True, text=True,
                env=os.environ | {"SSL_CERT_FILE": str(files["certificate"])}, timeout=60,
            )  # fmt: skip
            assert result.returncode == 0, result.stderr[-3000:] + gateway.output[-2000:]
            assert result.stdout == "Bearer\n"
