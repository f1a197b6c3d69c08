# SPDX-License-Identifier: Apache-2.0
"""RPL: one proof, one request, also under load and across a crash of the real program."""

import pathlib
import threading
import time

import pytest

from harness import jose, settings, wire
from harness.expect import (
    ATT, BUSY, CHAL, CHALLENGE_FIELD, CLI, UP, accepted, answered, bare, logged, oauth_error,
    refused,
)  # fmt: skip
from harness.gateway import attested, presented
from harness.upstream import answer


def test_RPL_01_the_same_request_again(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge())
    accepted(gateway11, upstream, request)
    upstream.reset()
    refused(gateway11, upstream, request, ATT, {"RPL-01", "RPL-03"})
    refused(gateway11, upstream, request, ATT, {"RPL-01", "RPL-03"})


def test_RPL_02_the_same_jti_of_another_instance(gateway11, upstream, trust):
    for instance in (trust.public, trust.basic, trust.foreign):
        upstream.reset()
        request = attested(instance, gateway11.challenge(), jti="shared-by-three-instances")
        accepted(gateway11, upstream, request)


def test_RPL_02_a_new_proof_with_a_used_jti(gateway11, upstream, trust):
    jti = "used-twice-by-one-instance"
    accepted(gateway11, upstream, attested(trust.public, gateway11.challenge(), jti=jti))
    upstream.reset()
    again = attested(trust.public, gateway11.challenge(), jti=jti)
    refused(gateway11, upstream, again, ATT, {"RPL-01", "RPL-02", "RPL-03"})


def copies(gateway, request: wire.Request, count: int) -> list[wire.Response]:
    """`count` copies on connections that are all open before the first octet goes out."""
    connections = [gateway.connect() for _ in range(count)]
    barrier, responses = threading.Barrier(count), []

    def one(connection):
        barrier.wait()
        connection.send(request)
        responses.append(connection.response())

    threads = [threading.Thread(target=one, args=(c,)) for c in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for connection in connections:
        connection.close()
    return responses


@pytest.mark.parametrize("attempt", range(5))
def test_RPL_03_fifty_concurrent_copies_over_two_workers(gateway11, upstream, trust, attempt):
    request = attested(trust.public, gateway11.challenge())
    gateway11.remember_request(request)
    responses = copies(gateway11, request, 50)
    statuses = sorted(response.status for response in responses)
    assert statuses == [200] + [400] * 49
    for response in responses:
        if response.status != 200:
            oauth_error(response, ATT)
    assert len(upstream.requests) == 1


def test_RPL_03_both_workers_had_their_share(gateway11, upstream, trust):
    """The copies above are a race only if the kernel deals connections to both workers."""

    def times() -> dict[str, int]:
        tasks = pathlib.Path(f"/proc/{gateway11.process.pid}/task").iterdir()
        names = {task: (task / "comm").read_text().strip() for task in tasks}
        return {
            name: int((task / "schedstat").read_text().split()[0])
            for task, name in names.items()
            if name.startswith("worker")
        }

    before = times()
    assert len(before) == 2
    copies(gateway11, attested(trust.public, gateway11.challenge()), 50)
    after = times()
    assert all(after[name] > before[name] for name in before)


def test_RPL_04_a_proof_from_a_minute_ahead_is_remembered_as_long(gateway11, upstream, trust):
    request = attested(trust.public, gateway11.challenge(), iat=jose.At(55))
    accepted(gateway11, upstream, request)
    upstream.reset()
    refused(gateway11, upstream, request, ATT, {"RPL-01", "RPL-03"})


def test_RPL_05_the_other_signature_of_the_same_proof(gateway11, upstream, trust):
    proof = trust.public.proof(challenge=gateway11.challenge())
    accepted(gateway11, upstream, presented(trust.public.attestation, proof))
    upstream.reset()
    other = presented(trust.public.attestation, jose.malleated(proof))
    refused(gateway11, upstream, other, ATT, {"RPL-01", "RPL-03", "RPL-05"})


def test_RPL_08_a_full_set_refuses_and_forgets_nothing(factory, upstream, trust):
    config = settings.base(upstream.url, challenge={"policy": "required"})
    config["replay"] = {"store": "memory", "capacity": 1000}
    with factory(config) as gateway:
        challenge = gateway.challenge()
        instances = [jose.Instance(trust.attester, settings.PUBLIC) for _ in range(4)]
        sent = []
        with gateway.connect() as connection:
            for number in range(5000):
                request = attested(instances[number % 4], challenge)
                connection.send(request)
                response = connection.response()
                if response.status != 200:
                    break
                sent.append(request)
        oauth_error(response, BUSY)
        assert 900 <= len(sent) <= 1100, len(sent)
        upstream.reset()
        for request in sent[::100]:
            refused(gateway, upstream, request, ATT, {"RPL-01", "RPL-03"})


def test_RPL_13_one_instance_at_full_speed_is_slowed_and_the_others_are_not(
    factory, upstream, trust
):
    config = settings.base(upstream.url)
    config["replay"] = {"per_key_max": 100}
    with factory(config) as gateway:
        challenge = gateway.challenge()
        with gateway.connect() as greedy, gateway.connect() as other:
            answers = []
            for _ in range(200):
                answers.append(answered(greedy, attested(trust.public, challenge)))
                if len(answers) % 20 == 0:
                    assert answered(other, attested(trust.basic, challenge)).status == 200
        statuses = [response.status for response in answers]
        # Half at once, and what a few seconds of the test give back.
        assert statuses[:50] == [200] * 50 and statuses.count(200) < 60
        limited = next(response for response in answers if response.status != 200)
        bare(limited, 429)
        assert limited.one("Retry-After")
        start = gateway.mark()
        gateway.send(attested(trust.public, challenge))
        logged(gateway, start, "RPL-13", 429)


def test_RPL_13_sending_somebody_elses_proof_again_takes_nothing_from_them(
    factory, upstream, trust
):
    config = settings.base(upstream.url)
    config["replay"] = {"per_key_max": 20}
    with factory(config) as gateway:
        request = attested(trust.public, gateway.challenge())
        accepted(gateway, upstream, request)
        for _ in range(50):
            oauth_error(gateway.send(request), ATT)
        for _ in range(5):
            gateway.works(trust.public)


def test_CHAL_22_a_challenge_that_counts_once(factory, upstream, trust):
    config = settings.base(upstream.url, challenge={"single_use": True})
    with factory(config) as gateway:
        challenge = gateway.challenge()
        accepted(gateway, upstream, attested(trust.public, challenge))
        upstream.reset()
        for instance in (trust.public, trust.basic):
            response = refused(gateway, upstream, attested(instance, challenge), CHAL, "CHAL-22")
            assert response.one(CHALLENGE_FIELD) != challenge
        responses = copies_of(gateway, trust, response.one(CHALLENGE_FIELD), 20)
        assert sorted(r.status for r in responses) == [200] + [400] * 19


def copies_of(gateway, trust, challenge: str, count: int) -> list[wire.Response]:
    """Different proofs with one challenge, all at once."""
    requests = [attested(trust.public, challenge) for _ in range(count)]
    for request in requests:
        gateway.remember_request(request)
    responses = []
    threads = [
        threading.Thread(target=lambda r=r: responses.append(gateway.send(r))) for r in requests
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return responses


def test_CHAL_26_a_clock_that_is_off_by_hours_with_a_challenge(factory, upstream, trust):
    changes = {"challenge": {"single_use": True}, "proof": {"challenge_skew": "3h"}}
    with factory(settings.base(upstream.url, **changes)) as gateway:
        for hours in (-3, 3):
            upstream.reset()
            request = attested(trust.public, gateway.challenge(), iat=jose.At(hours * 3600))
            accepted(gateway, upstream, request)
            upstream.reset()
            refused(gateway, upstream, request, ATT, {"RPL-01", "RPL-03"})
        far = attested(trust.public, gateway.challenge(), iat=jose.At(4 * 3600))
        refused(gateway, upstream, far, ATT, "POP-08")


def test_RPL_10_a_proof_is_consumed_even_when_the_AS_fails(gateway11, upstream, trust):
    upstream.then(answer(b"", "500 Internal Server Error"))
    request = attested(trust.public, gateway11.challenge())
    oauth_error(gateway11.send(request), UP)
    upstream.reset()
    refused(gateway11, upstream, request, ATT, {"RPL-01", "RPL-03", "RPL-10"})


def test_RPL_10_errors_before_the_claim_consume_nothing(gateway11, upstream, trust):
    request = attested(trust.public, "c-not-ours")
    refused(gateway11, upstream, request, CHAL, "CHAL-21")
    jti = jose.claims_of(request.value("OAuth-Client-Attestation-PoP"))["jti"]
    accepted(gateway11, upstream, attested(trust.public, gateway11.challenge(), jti=jti))


def test_POP_15_a_proof_of_one_endpoint_at_another(gateway11, upstream, trust):
    request = attested(
        trust.public, gateway11.challenge(), ("response_type", "code"),
        endpoint="pushed_authorization_request",
    )  # fmt: skip
    accepted(gateway11, upstream, request)
    upstream.reset()
    proof = request.value("OAuth-Client-Attestation-PoP")
    again = presented(trust.public.attestation, proof)
    refused(gateway11, upstream, again, ATT, {"RPL-01", "RPL-03", "POP-15"})


def test_RPL_07_after_a_crash_the_same_request_is_refused_and_an_honest_client_is_not(
    factory, upstream, trust
):
    with factory(settings.base(upstream.url)) as gateway:
        ahead = attested(trust.public, gateway.challenge(), iat=jose.At(59))
        request = attested(trust.public, gateway.challenge())
        unused = attested(trust.public, gateway.challenge())
        for used in (request, ahead):
            upstream.reset()
            accepted(gateway, upstream, used)
        upstream.reset()
        gateway.kill()
        gateway.start(ready=False)  # in the fence's first second too
        until = time.monotonic() + 3
        while time.monotonic() < until:
            for used in (request, ahead):
                response = gateway.send(used)
                assert response.json["error"] in (CHAL, ATT, BUSY), response
        upstream.nothing()
        gateway.wait_for(lambda r: r.get("msg") == "ready", count=2)
        # An honest client: its prepared request may be refused once, its retry is served.
        response = oauth_error(gateway.send(unused), CHAL)
        fresh = response.one(CHALLENGE_FIELD)
        assert gateway.send(attested(trust.public, fresh)).status == 200


def test_RPL_07_after_a_crash_under_draft_05(factory, upstream, trust):
    config = settings.base(upstream.url, profiles=["abca-05"])
    with factory(config) as gateway:
        proof = trust.public.proof05(gateway.nonce())
        request = presented(trust.public.attestation, proof)
        accepted(gateway, upstream, request)
        upstream.reset()
        gateway.kill()
        gateway.start()
        response = refused(gateway, upstream, request, CLI, {"RPL-07", "CHAL-06"})
        proof = trust.public.proof05(response.one("attestation-nonce"))
        accepted(gateway, upstream, presented(trust.public.attestation, proof))


def test_RPL_07_after_a_crash_where_no_challenge_is_served(factory, upstream, trust):
    changes = {"challenge": {"policy": "off"}, "proof": {"clock_skew": "0s"}}
    with factory(settings.base(upstream.url, **changes)) as gateway:
        request = attested(trust.public, None)
        accepted(gateway, upstream, request)
        upstream.reset()
        gateway.kill()
        gateway.start()
        refused(gateway, upstream, request, ATT, "RPL-07")
        accepted(gateway, upstream, attested(trust.public, None))


def test_RPL_07_a_nonce_counts_where_none_is_demanded(factory, upstream, trust):
    """A -05 proof has no `iat`: without its nonce it would wait for twelve minutes at revocation."""
    config = settings.base(upstream.url, profiles=["abca-05"])
    with factory(config) as gateway:
        proof = trust.public.proof05(gateway.nonce())
        pair = ("token", "opaque-token-value")
        request = presented(trust.public.attestation, proof, pair, endpoint="revocation")
        accepted(gateway, upstream, request)


def test_RPL_06_RPL_09_a_clean_restart_remembers_or_refuses(factory, upstream, trust):
    with factory(settings.base(upstream.url)) as gateway:
        request = attested(trust.public, gateway.challenge())
        accepted(gateway, upstream, request)
        upstream.reset()
        assert gateway.stop() == 0
        gateway.start()
        response = gateway.send(request)
        assert response.json["error"] in (CHAL, ATT), response
        upstream.nothing()
        assert gateway.send(attested(trust.public, gateway.challenge())).status == 200
