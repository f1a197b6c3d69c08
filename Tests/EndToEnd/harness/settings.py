# SPDX-License-Identifier: Apache-2.0
"""Configurations for the gateway under test, as data."""

from __future__ import annotations

import copy

from . import gateway, jose

PUBLIC = "https://client.example.com"
BASIC = "https://confidential.example.com"
OTHER = "https://other.example.com"
LISTED = "legacy-app"
SECRET = "s3cret/with: odd+chars % and ~"


class Trust:
    """Two attesters, and one instance of each client."""

    def __init__(self):
        self.attester = jose.Attester("attester", "11")
        self.other = jose.Attester("second", "11")
        self.public = jose.Instance(self.attester, PUBLIC)
        self.basic = jose.Instance(self.attester, BASIC)
        self.foreign = jose.Instance(self.other, OTHER)


def base(upstream: str, **server) -> dict:
    """One AS with every endpoint, three attested clients and a listed one; challenges required."""
    return {
        "listeners": [{"address": "127.0.0.1:0"}],
        "authorization_servers": [
            {
                "issuer": jose.ISSUER,
                "upstream": upstream,
                "endpoints": dict(gateway.ENDPOINTS),
                "profiles": ["abca-11"],
                "attesters": [
                    attester("attester", [PUBLIC, BASIC]),
                    attester("second", [OTHER]),
                ],
                "clients": [
                    {"client_id": PUBLIC, "upstream": {"authentication": "none"}},
                    {
                        "client_id": BASIC,
                        "upstream": {
                            "authentication": "client_secret_basic",
                            "secret_file": "basic.secret",
                        },
                    },
                    {"client_id": OTHER, "upstream": {"authentication": "none"}},
                ],
                "unattested_clients": [LISTED],
                "pass_through": ["/oauth", "/jwks", "/login"],
                **server,
            }
        ],
        "secrets": {"master_key_file": "master.key"},
        "workers": 2,
    }


def attester(name: str, clients: list[str]) -> dict:
    return {
        "id": name,
        "issuers": [f"https://{name}.example.com"],
        "jwks_file": f"{name}.jwks.json",
        "algorithms": ["ES256"],
        "clients": clients,
    }


def changed(settings: dict, path: str, value) -> dict:
    """A copy with the key at `a.0.b` set, or removed when the value is `...`."""
    result = copy.deepcopy(settings)
    *parents, last = path.split(".")
    node = result
    for name in parents:
        node = node[int(name)] if isinstance(node, list) else node.setdefault(name, {})
    if isinstance(node, list):
        last = int(last)
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return result
