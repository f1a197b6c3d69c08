# SPDX-License-Identifier: Apache-2.0
"""Fixtures: trust, recording upstreams and gateways, one per configuration, shared by tests."""

from __future__ import annotations

import contextlib
import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness import servers  # noqa: E402
from harness import settings as configurations  # noqa: E402
from harness.gateway import Gateway, binary  # noqa: E402
from harness.upstream import Upstream  # noqa: E402


@pytest.fixture(scope="session")
def trust() -> configurations.Trust:
    return configurations.Trust()


@pytest.fixture(scope="session")
def factory(tmp_path_factory, trust):
    """Makes gateways from settings and sees to their end: status 0, nothing secret in the log."""
    if not binary().exists():
        pytest.exit(f"{binary()} does not exist: `make build` first", returncode=2)

    @contextlib.contextmanager
    def make(settings: dict, start: bool = True):
        directory = tmp_path_factory.mktemp("gateway")
        for attester in (trust.attester, trust.other):
            path = directory / f"{attester.name}.jwks.json"
            path.write_text(json.dumps(attester.jwks))
        gateway = Gateway(directory, settings)
        gateway.write_secret("basic.secret", configurations.SECRET + "\n")
        gateway.sensitive.add(configurations.SECRET)
        try:
            yield gateway.start() if start else gateway
            assert gateway.stop() == 0, gateway.output[-4000:]
            gateway.verify_log()
        finally:
            if gateway.process:
                gateway.kill()

    return make


@pytest.fixture(scope="session")
def recorder():
    upstream = Upstream()
    yield upstream
    upstream.stop()


@pytest.fixture
def upstream(recorder):
    """The recording upstream, emptied; after the test its framing checks must have held."""
    recorder.reset()
    yield recorder
    assert not recorder.faults, recorder.faults


@pytest.fixture(scope="session")
def gateway11(factory, recorder):
    """Profile -11, challenges required, two workers, no identity headers."""
    with factory(configurations.base(recorder.url)) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def gateway05(factory, recorder):
    """Profile -05 alone: nonces by OPTIONS at token and PAR."""
    with factory(configurations.base(recorder.url, profiles=["abca-05"])) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def gateway_open(factory, recorder):
    """Profile -11 without challenges: `iat` and `jti` alone carry freshness."""
    changes = {"challenge": {"policy": "off"}, "proof": {"clock_skew": "0s"}}
    with factory(configurations.base(recorder.url, **changes)) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def gateway_marked(factory, recorder):
    """Profile -11 with identity headers towards the AS (FWD-07)."""
    changes = {"forward": {"identity_headers": True}}
    with factory(configurations.base(recorder.url, **changes)) as gateway:
        yield gateway


def _server(make, tmp_path_factory, name: str):
    server = make(tmp_path_factory.mktemp(name))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django(tmp_path_factory):
    """django-oauth-toolkit, unmodified."""
    yield from _server(servers.django, tmp_path_factory, "django")


@pytest.fixture(scope="session")
def glewlwyd(tmp_path_factory):
    """glewlwyd, unmodified."""
    yield from _server(servers.glewlwyd, tmp_path_factory, "glewlwyd")


@pytest.fixture(scope="session")
def gateway_hasty(factory, recorder):
    """Short deadlines on both sides."""
    changes = {"upstream_limits": {"connect": "1s", "response": "1s"}}
    settings = configurations.base(recorder.url, **changes)
    settings["limits"] = {"header_timeout": "1s", "body_timeout": "1s", "idle_timeout": "2s"}
    with factory(settings) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def gateway_cors(factory, recorder):
    """Profiles -05 and -11 together, and one origin for scripts."""
    changes = {
        "profiles": ["abca-05", "abca-11"],
        "cors": {"origins": ["https://app.example.com"]},
    }
    with factory(configurations.base(recorder.url, **changes)) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def gateway_narrow(factory, recorder):
    """`client_id` required at PAR (REQ-13) and one grant at the token endpoint (REQ-19)."""
    settings = configurations.base(recorder.url, par={"require_client_id": True})
    endpoints = settings["authorization_servers"][0]["endpoints"]
    endpoints["token"] = {"path": endpoints["token"], "grants": ["client_credentials"]}
    with factory(settings) as gateway:
        yield gateway
