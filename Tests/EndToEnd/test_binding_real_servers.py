# SPDX-License-Identifier: Apache-2.0
"""BIND with authorization servers that know nothing of it: what they issue, revoke and introspect.

The relay has every octet that they sent; what they call a token is in none that leaves the gateway.
"""

import re

import pytest
from test_real_servers import (  # noqa: F401
    CODE_CLIENTS, Road, django_road, glewlwyd_road, has_token,
)

from harness import jose
from harness.expect import GRANT, oauth_error
from harness.servers import GLEWLWYD_CLIENTS

CODES = rb'"(?:refresh_token|device_code)"\s*:\s*"([^"]+)"'
DEVICE = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code")


def refresh(sealed: str) -> list[tuple[str, str]]:
    return [("grant_type", "refresh_token"), ("refresh_token", sealed)]


class Watch:
    """Sends, and looks for what the AS issued in every octet that comes back to the client."""

    def __init__(self, road: Road):
        self.road, self.seen = road, []
        road.relay.reset()
        send = road.gateway.send

        def sent(request, **options):
            response = send(request, **options)
            self.seen.append(response.raw)
            return response

        self.replaced, road.gateway.send = send, sent

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.road.gateway.send = self.replaced
        raw = set(re.findall(CODES, self.road.relay.back))
        assert raw, "the AS issued something"
        for value in raw:
            assert not value.startswith(b"ag1.")
            self.road.gateway.sensitive.add(value.decode())
            assert not any(value in octets for octets in self.seen)
        assert b"ag1." not in self.road.relay.towards


def as_another_instance(road: Road, client_id: str, *pairs, endpoint="token"):
    mine = road.instance(client_id)
    road.instances[client_id] = jose.Instance(road.trust.attester, client_id)
    try:
        return road.post(client_id, *pairs, endpoint=endpoint)
    finally:
        road.instances[client_id] = mine


def flow(road: Road, client_id: str, rotates: bool, revokes: bool = True) -> None:
    """From the code to the end of the refresh token, and what a thief makes of it."""
    with Watch(road):
        sealed = has_token(road.code_flow(client_id))["refresh_token"]
        assert sealed.startswith("ag1.07.")
        oauth_error(as_another_instance(road, client_id, *refresh(sealed)), GRANT)
        for _ in range(2):
            tokens = has_token(road.post(client_id, *refresh(sealed)))
            assert ("refresh_token" in tokens) == rotates
            sealed = tokens.get("refresh_token", sealed)
            assert sealed.startswith("ag1.07.")
        pair = ("token", sealed)
        response = as_another_instance(road, client_id, pair, endpoint="revocation")
        oauth_error(response, GRANT)
        tokens = has_token(road.post(client_id, *refresh(sealed)))
        sealed = tokens.get("refresh_token", sealed)
        if not revokes:
            return
        response = road.post(client_id, ("token", sealed), endpoint="revocation")
        assert response.status == 200, response
        # The AS has revoked it: now it is the AS that refuses, in its own words.
        response = road.post(client_id, *refresh(sealed))
        assert 400 <= response.status < 500, response
        assert b"ag1." not in response.body


@pytest.mark.parametrize("client_id", CODE_CLIENTS)
def test_BIND_01_BIND_02_BIND_07_BIND_12_django(django_road, client_id):  # noqa: F811
    """It rotates: each answer brings a new refresh token."""
    flow(django_road, client_id, rotates=True)


@pytest.mark.parametrize("client_id", GLEWLWYD_CLIENTS)
def test_BIND_01_BIND_02_BIND_07_BIND_12_glewlwyd(glewlwyd_road, client_id):  # noqa: F811
    """It keeps the old one, and lets public clients revoke nothing."""
    flow(glewlwyd_road, client_id, rotates=False, revokes="confidential" in client_id)


def test_BIND_07_glewlwyd_introspects_its_own_refresh_token(glewlwyd_road):  # noqa: F811
    road, client_id = glewlwyd_road, "app-confidential"
    with Watch(road):
        sealed = has_token(road.code_flow(client_id))["refresh_token"]
        response = road.post(client_id, ("token", sealed), endpoint="introspection")
        assert response.status == 200 and response.json["active"] is True, response
        pair = ("token", sealed)
        response = as_another_instance(road, client_id, pair, endpoint="introspection")
        assert response.status == 200 and response.json == {"active": False}, response


@pytest.mark.parametrize("client_id", GLEWLWYD_CLIENTS)
def test_BIND_08_glewlwyd_device_codes(glewlwyd_road, client_id):  # noqa: F811
    road = glewlwyd_road
    with Watch(road):
        response = road.post(client_id, ("scope", "read"), endpoint="device_authorization")
        sealed = response.json["device_code"]
        assert sealed.startswith("ag1.07.")
        response = road.post(client_id, DEVICE, ("device_code", sealed))
        assert response.json["error"] == "authorization_pending", response
        oauth_error(as_another_instance(road, client_id, DEVICE, ("device_code", sealed)), GRANT)
