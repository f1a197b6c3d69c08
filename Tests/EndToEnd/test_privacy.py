# SPDX-License-Identifier: Apache-2.0
"""PRIV-01 to PRIV-04: the log after everything else was said. Each gateway is checked once more
when it ends (see `Gateway.verify_log`)."""

import ipaddress

from harness import settings
from harness.gateway import AUTHORITY, attested, form
from harness.upstream import answer
from harness.wire import Request

# Design, section 6: what an access record may hold.
FIELDS = {"time", "level", "msg", "request_id", "remote", "method", "host", "endpoint", "status",
          "client_id", "attester", "rule", "profile", "upstream_status", "upstream_ms", "total_ms",
          "bytes_in", "bytes_out"}  # fmt: skip
PAIRS = [("grant_type", "authorization_code"), ("code", "the-code-of-the-client"),
         ("code_verifier", "the-verifier-of-the-client-that-is-long-enough")]  # fmt: skip


def busy(gateway, trust, upstream) -> list[dict]:
    """Requests with everything secret in them, accepted and refused; their records."""
    start = gateway.mark()
    upstream.then(answer({"access_token": "eyJ-access-token", "refresh_token": "refresh-token-1"}))
    requests = [
        attested(trust.public, gateway.challenge(), *PAIRS),
        attested(trust.basic, None, *PAIRS),
        attested(trust.public, gateway.challenge()).add("Authorization", "Bearer secret-bearer"),
        form(*PAIRS, ("client_id", settings.LISTED), ("client_secret", "its-own-secret")),
        Request("GET", "/authorize?state=secret-state&client_id=x&response_type=code",
                [("Host", AUTHORITY), ("Cookie", "session=secret-cookie")]),
        Request("GET", "/login?secret-query", [("Host", AUTHORITY)]),
    ]  # fmt: skip
    for request in requests:
        gateway.send(request)
    # two challenge requests are among them
    return gateway.access(start, len(requests) + 2)


def test_PRIV_01_PRIV_02_nothing_secret_is_logged(gateway11, upstream, trust):
    busy(gateway11, trust, upstream)
    for word in ("secret-bearer", "secret-state", "secret-cookie", "secret-query"):
        assert word not in gateway11.output
    for _, value in PAIRS[1:]:
        assert value not in gateway11.output
    assert trust.public.key.thumbprint not in gateway11.output
    gateway11.verify_log()


def test_PRIV_01_a_token_in_the_place_of_the_method(gateway11, upstream, trust):
    """As when a client miscounts its last body: a compact JWS is a well-formed method."""
    start = gateway11.mark()
    gateway11.send(Request(trust.public.attestation, "/login", [("Host", AUTHORITY)]))
    assert gateway11.access(start)[0]["method"] == "other"
    gateway11.verify_log()


def test_PRIV_03_addresses_are_pseudonyms(gateway11, upstream, trust):
    for record in busy(gateway11, trust, upstream):
        try:
            ipaddress.ip_address(record["remote"])
        except ValueError:
            continue
        raise AssertionError(record)


def test_PRIV_03_unless_told_otherwise(factory, upstream, trust):
    for mode in ("full", "off"):
        upstream.reset()
        config = settings.base(upstream.url) | {"log": {"remote": mode}}
        with factory(config) as gateway:
            for record in busy(gateway, trust, upstream):
                remote = record.get("remote")
                assert (remote or "").startswith("127.0.0.1") == (mode == "full"), record


def test_PRIV_04_only_the_fields_of_the_contract(gateway11, upstream, trust):
    for record in busy(gateway11, trust, upstream):
        assert set(record) <= FIELDS, set(record) - FIELDS
        assert record["level"] in ("info", "warning", "error") and record["request_id"]


def test_PRIV_04_what_an_accepted_request_leaves_behind(gateway11, upstream, trust):
    start = gateway11.mark()
    challenge = gateway11.challenge()
    gateway11.send(attested(trust.public, challenge))
    record = gateway11.wait_for(lambda r: r.get("endpoint") == "token", start)[0]
    assert record["status"] == record["upstream_status"] == 200
    assert record["client_id"] == settings.PUBLIC and record["attester"] == "attester"
    assert record["method"] == "POST" and record["host"] == AUTHORITY
    assert record["profile"] == "abca-11" and "rule" not in record
    assert record["bytes_in"] > 20 and record["bytes_out"] > 50
    assert 0 <= record["upstream_ms"] <= record["total_ms"]


def test_PRIV_04_access_records_can_be_switched_off(factory, upstream, trust):
    config = settings.base(upstream.url) | {"log": {"access": False}}
    with factory(config) as gateway:
        gateway.works(trust.public)
    assert not [record for record in gateway.records if record.get("msg") == "access"]


def test_PRIV_04_every_line_is_one_JSON_object(gateway11, upstream, trust):
    busy(gateway11, trust, upstream)
    assert all(isinstance(record, dict) and record["msg"] for record in gateway11.records)
    assert not [record for record in gateway11.records if record["msg"] == "not JSON"]
