# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: the next request sees the new configuration, a fault leaves the old one (architecture 8)."""

import copy
import json
import os
import signal
import ssl
import time

import pytest

from harness import jose, settings, wire
from harness.expect import ATT, CLI, accepted, answered, bare, oauth_error, refused
from harness.gateway import AUTHORITY, CHALLENGE, ENDPOINTS, attested, form, presented
from harness.settings import changed
from harness.upstream import Upstream
from test_listeners import certificate


@pytest.fixture
def gateway(factory, upstream):
    """A gateway of its own for each test: every test changes its configuration."""
    with factory(settings.base(upstream.url)) as gateway:
        yield gateway


def reload(gateway, wanted: dict) -> dict:
    """Writes the configuration, sends SIGHUP and waits for the line `reloaded`."""
    gateway.settings = wanted
    gateway.config.write_text(json.dumps(wanted, indent=1))
    return hang_up(gateway, "reloaded")


def hang_up(gateway, message: str) -> dict:
    start = gateway.mark()
    os.kill(gateway.process.pid, signal.SIGHUP)
    return gateway.wait_for(lambda r: r.get("msg") == message, start)[0]


def reasons(gateway, start: int) -> list[str]:
    """Why a reload was refused; every line of it is written before the last one."""
    return [r["reason"] for r in gateway.records[start:] if r.get("msg") == "not reloaded"]


def server(config: dict, **keys) -> dict:
    config = copy.deepcopy(config)
    config["authorization_servers"][0].update(keys)
    return config


def write_jwks(gateway, attester, keys: list) -> None:
    path = gateway.directory / f"{attester.name}.jwks.json"
    path.write_text(json.dumps({"keys": keys}))


def send(gateway, connection, request):
    gateway.remember_request(request)
    response = answered(connection, request)
    gateway.remember_response(response)
    return response


def test_KEY_15_a_key_removed_counts_for_the_next_request_on_a_kept_alive_connection(
    gateway, upstream, trust
):
    with gateway.connect() as connection:
        # Twice, so that the attestation comes from the cache.
        for _ in range(2):
            first = send(gateway, connection, attested(trust.public, gateway.challenge()))
            assert first.status == 200
        write_jwks(gateway, trust.attester, [jose.Attester("attester", "12").jwks["keys"][0]])
        record = reload(gateway, gateway.settings)
        assert record["generation"] == 2
        upstream.reset()
        second = send(gateway, connection, attested(trust.public, gateway.challenge()))
        oauth_error(second, ATT)
        upstream.nothing()
        # The other attester is as good as before.
        third = send(gateway, connection, attested(trust.foreign, gateway.challenge()))
        assert third.status == 200


def test_KEY_15_an_attester_removed_and_a_client_denied(gateway, upstream, trust):
    base = copy.deepcopy(gateway.settings)
    with gateway.connect() as connection:
        for instance in (trust.public, trust.foreign):
            assert send(gateway, connection, attested(instance, gateway.challenge())).status == 200
        without = copy.deepcopy(base)
        entry = without["authorization_servers"][0]
        entry["attesters"] = entry["attesters"][:1]
        entry["clients"] = [c for c in entry["clients"] if c["client_id"] != settings.OTHER]
        record = reload(gateway, without)
        assert record["changed"] == "attesters 2 to 1, attester keys 2 to 1, clients 3 to 2"
        upstream.reset()
        oauth_error(send(gateway, connection, attested(trust.foreign, gateway.challenge())), ATT)
        # One client less, its attester stays.
        entry["clients"] = [c for c in entry["clients"] if c["client_id"] != settings.PUBLIC]
        entry["attesters"][0]["clients"] = [settings.BASIC]
        reload(gateway, without)
        oauth_error(send(gateway, connection, attested(trust.public, gateway.challenge())), ATT)
        upstream.nothing()
        assert send(gateway, connection, attested(trust.basic, gateway.challenge())).status == 200
        # And back again: nothing of the refusals is kept.
        assert reload(gateway, base)["generation"] == 4
        assert send(gateway, connection, attested(trust.public, gateway.challenge())).status == 200


def test_KEY_15_RPL_03_a_used_proof_stays_used_over_reloads(gateway, upstream, trust):
    request = attested(trust.public, gateway.challenge())
    accepted(gateway, upstream, request)
    for _ in range(2):
        upstream.reset()
        reload(gateway, gateway.settings)
        refused(gateway, upstream, request, ATT, {"RPL-01", "RPL-03"})
    # A challenge of the generation before is as good as ever: nothing was widened.
    challenge = gateway.challenge()
    reload(gateway, gateway.settings)
    accepted(gateway, upstream, attested(trust.public, challenge))


def test_RPL_12_a_longer_window_begins_with_a_fence(gateway, upstream, trust):
    old = [attested(trust.public, gateway.challenge()) for _ in range(2)]
    accepted(gateway, upstream, old[0])
    upstream.reset()
    wide = server(gateway.settings, proof={"max_age": "600s"})
    record = reload(gateway, wide)
    assert record["changed"] == f"replay fence of {jose.ISSUER} (RPL-12)"
    until = time.monotonic() + 2
    while time.monotonic() < until:
        response = gateway.send(old[0])
        assert response.json["error"] in (ATT, "use_attestation_challenge", "temporarily_unavailable")
    upstream.nothing()
    # An unused proof of before is asked for a fresh challenge; that one passes.
    response = gateway.send(old[1])
    fresh = oauth_error(response, "use_attestation_challenge")
    accepted(
        gateway, upstream,
        attested(trust.public, fresh.one("OAuth-Client-Attestation-Challenge")),
    )  # fmt: skip


@pytest.mark.parametrize(
    "fault, expected",
    [
        (("authorization_servers.0.proof", {"max_age": "601s"}), "CFG-08"),
        (("authorization_servers.0.attesters.0.jwks_file", "nowhere.json"), "nowhere.json"),
        (("workers", 1), "workers: cannot change by reload"),
        (("replay", {"capacity": 5000}), "replay.capacity: cannot change by reload"),
        (("listeners.0.address", "127.0.0.1:1"), "listeners[0].address: cannot change by reload"),
        (("listeners", [{"address": "127.0.0.1:0"}] * 2), "listeners"),
    ],
)  # fmt: skip
def test_a_fault_keeps_the_old_configuration(gateway, upstream, trust, fault, expected):
    good = gateway.settings
    # Along with a change that would be fine: all or nothing.
    bad = changed(changed(good, *fault), "authorization_servers.0.clients.0.upstream", {
        "authentication": "client_secret_basic", "secret_file": "basic.secret",
    })  # fmt: skip
    gateway.config.write_text(json.dumps(bad, indent=1))
    start = gateway.mark()
    record = hang_up(gateway, "reload failed, the configuration stays")
    assert record["generation"] == 1
    assert any(expected in reason for reason in reasons(gateway, start))
    _, recorded = accepted(gateway, upstream, attested(trust.public, gateway.challenge()))
    assert not recorded.all("Authorization")
    # And a good one still goes through.
    assert reload(gateway, good)["generation"] == 2
    gateway.works(trust.public)


def test_every_fault_is_logged(gateway):
    bad = server(gateway.settings, proof={"max_age": "601s", "clock_skew": "301s"})
    gateway.config.write_text(json.dumps(bad, indent=1))
    start = gateway.mark()
    hang_up(gateway, "reload failed, the configuration stays")
    logged = reasons(gateway, start)
    assert all(reason.startswith(f"{gateway.config}:") for reason in logged)
    for key in ("proof.max_age", "proof.clock_skew"):
        assert sum(key in reason for reason in logged) == 1, logged


def test_the_upstream_changes_and_a_request_in_flight_ends_where_it_began(
    gateway, upstream, trust
):
    other = Upstream()
    try:
        gateway.works(trust.public)
        upstream.reset()
        request = attested(trust.public, gateway.challenge())
        gateway.remember_request(request)
        octets = request.encoded()
        with gateway.connect() as slow, gateway.connect() as kept:
            assert send(gateway, kept, attested(trust.basic, gateway.challenge())).status == 200
            upstream.reset()
            slow.send(octets[:-5])  # all but the end of its body
            # The gateway has read the head when a later connection was served on each worker.
            for _ in range(20):
                gateway.challenge()
            record = reload(gateway, server(gateway.settings, upstream=other.url))
            assert record["changed"] == f"upstream of {jose.ISSUER}"
            answer = send(gateway, kept, attested(trust.basic, gateway.challenge()))
            assert answer.status == 200
            assert len(other.requests) == 1
            upstream.nothing()
            slow.send(octets[-5:])
            assert slow.response().status == 200
            assert len(upstream.requests) == 1 and len(other.requests) == 1
        assert not other.faults, other.faults
    finally:
        other.stop()


def test_routes_and_limits_change_on_a_kept_alive_connection(gateway, upstream):
    with gateway.connect() as connection:
        before = send(gateway, connection, form())
        oauth_error(before, CLI)
        paths = {**ENDPOINTS, "token": "/new/token"}
        wanted = server(gateway.settings, endpoints=paths)
        wanted["limits"] = {"field": "1KiB"}
        assert "limits" in reload(gateway, wanted)["changed"]
        bare(send(gateway, connection, form()), 404)
        moved = form().copy(target="/new/token")
        oauth_error(send(gateway, connection, moved), CLI)
        long = moved.copy(fields=[*moved.fields, ("X-Long", "x" * 2000)])
        bare(send(gateway, connection, long), 431)
    upstream.nothing()


def test_a_renewed_certificate_is_shown_to_the_next_connection(factory, upstream, tmp_path):
    files = []
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        files.append(certificate(tmp_path / name))
    config = settings.base(upstream.url)
    config["listeners"] = [{"address": "127.0.0.1:0", "tls": files[0]}]
    with factory(config) as gateway:
        trusted = [ssl.create_default_context(cafile=names["certificate"]) for names in files]
        request = wire.Request("POST", CHALLENGE, [("Host", AUTHORITY)])
        with wire.Connection(gateway.address, trusted[0]) as kept:
            assert answered(kept, request).status == 200
            reload(gateway, changed(config, "listeners.0.tls", files[1]))
            assert answered(kept, request).status == 200
        assert gateway.send(request, tls=trusted[1]).status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            wire.Connection(gateway.address, trusted[0])


def test_several_signals_at_once_end_with_the_last_configuration(gateway, trust):
    origin = "https://app.example.com"
    preflight = wire.Request("OPTIONS", ENDPOINTS["token"], [
        ("Host", AUTHORITY), ("Origin", origin), ("Access-Control-Request-Method", "POST"),
    ])  # fmt: skip
    for age in range(1, 31):
        cors = {"origins": [origin], "max_age": f"{age}s"}
        gateway.config.write_text(json.dumps(server(gateway.settings, cors=cors), indent=1))
        os.kill(gateway.process.pid, signal.SIGHUP)
    deadline = time.monotonic() + 15
    while gateway.send(preflight).one("Access-Control-Max-Age") != "30":
        assert time.monotonic() < deadline
    gateway.works(trust.public)
