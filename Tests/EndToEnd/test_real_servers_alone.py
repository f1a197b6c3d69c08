# SPDX-License-Identifier: Apache-2.0
"""The two real servers without a gateway: what they are is the measure of what the gateway adds.

The last tests show why they were chosen: asked directly, they fall for what the gateway refuses.
"""

import base64
import hashlib
import urllib.parse

import pytest

from harness.servers import CALLBACK, DJANGO_CLIENTS, GLEWLWYD_CLIENTS, basic

VERIFIER = "a-code-verifier-that-is-long-enough-for-rfc-7636"


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def code(server, client_id: str, **more) -> str:
    query = {
        "response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "scope": "read",
        "state": "s", "code_challenge": challenge(VERIFIER), "code_challenge_method": "S256",
    } | more  # fmt: skip
    path = server.endpoints["authorization"] + "?" + urllib.parse.urlencode(query)
    answer = server.call("GET", path)
    assert answer.status == 302, answer
    location = urllib.parse.urlsplit(answer.fields["Location"])
    return urllib.parse.parse_qs(location.query)["code"][0]


def redeem(server, client_id: str, value: str, secret: str = ""):
    form = {
        "grant_type": "authorization_code", "code": value, "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER, "client_id": client_id,
    }  # fmt: skip
    fields = basic(client_id, secret) if secret else {}
    return server.call("POST", server.endpoints["token"], form=form, fields=fields)


@pytest.mark.parametrize("client_id", ["https://app.example.com", "https://web.example.com"])
def test_the_as_alone_django_code_flow_refresh_and_revocation(django, client_id):
    secret = DJANGO_CLIENTS[client_id][2]
    fields = basic(client_id, secret) if secret else {}
    answer = redeem(django, client_id, code(django, client_id), secret)
    assert answer.status == 200, answer
    form = {"grant_type": "refresh_token", "refresh_token": answer.json["refresh_token"]}
    form |= {"client_id": client_id}
    answer = django.call("POST", django.endpoints["token"], form=form, fields=fields)
    assert answer.status == 200, answer
    form = {"token": answer.json["refresh_token"], "client_id": client_id}
    answer = django.call("POST", django.endpoints["revocation"], form=form, fields=fields)
    assert answer.status == 200, answer


def test_the_as_alone_django_gives_a_public_client_a_token_for_its_bare_name(django):
    form = {"grant_type": "client_credentials", "client_id": "https://client.example.com"}
    answer = django.call("POST", django.endpoints["token"], form=form)
    assert answer.status == 200 and answer.json["access_token"], answer


def test_the_as_alone_django_takes_the_last_of_two_client_ids(django):
    form = [("grant_type", "client_credentials"), ("client_id", "nobody"), ("client_id", "victim")]
    assert django.call("POST", django.endpoints["token"], form=form).status == 200
    assert django.call("POST", django.endpoints["token"], form=form[:2]).status == 401


@pytest.mark.parametrize("client_id", GLEWLWYD_CLIENTS)
def test_the_as_alone_glewlwyd_par_code_refresh_device(glewlwyd, client_id):
    secret = GLEWLWYD_CLIENTS[client_id]
    fields = basic(client_id, secret) if secret else {}
    pushed = {
        "response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "scope": "read",
        "code_challenge": challenge(VERIFIER), "code_challenge_method": "S256",
    }  # fmt: skip
    path = glewlwyd.endpoints["pushed_authorization_request"]
    answer = glewlwyd.call("POST", path, form=pushed, fields=fields)
    assert answer.status == 201, answer
    query = {"client_id": client_id, "request_uri": answer.json["request_uri"], "g_continue": ""}
    path = glewlwyd.endpoints["authorization"] + "?" + urllib.parse.urlencode(query)
    location = urllib.parse.urlsplit(glewlwyd.call("GET", path).fields["Location"])
    value = urllib.parse.parse_qs(location.query)["code"][0]
    answer = redeem(glewlwyd, client_id, value, secret)
    assert answer.status == 200, answer
    form = {"grant_type": "refresh_token", "refresh_token": answer.json["refresh_token"]}
    form |= {"client_id": client_id}
    answer = glewlwyd.call("POST", glewlwyd.endpoints["token"], form=form, fields=fields)
    assert answer.status == 200, answer
    path = glewlwyd.endpoints["device_authorization"]
    form = {"client_id": client_id, "scope": "read"}
    answer = glewlwyd.call("POST", path, form=form, fields=fields)
    assert answer.status == 200 and answer.json["device_code"], answer


def test_the_as_alone_glewlwyd_client_credentials(glewlwyd):
    form = {"grant_type": "client_credentials", "scope": "read"}
    fields = basic("app-confidential", GLEWLWYD_CLIENTS["app-confidential"])
    answer = glewlwyd.call("POST", glewlwyd.endpoints["token"], form=form, fields=fields)
    assert answer.status == 200, answer
