# SPDX-License-Identifier: Apache-2.0
"""The tools themselves: a broken minter or recorder would prove nothing about the gateway."""

import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from harness import jose, wire
from harness.upstream import Upstream, answer


def test_the_minter_makes_tokens_that_joserfc_accepts(trust):
    attester, instance = trust.attester, trust.public
    key = ECKey.import_key(attester.key.jwk)
    token = jwt.decode(instance.attestation, key, algorithms=["ES256"])
    assert token.header["typ"] == jose.ATTESTATION_TYPE
    assert token.claims["sub"] == instance.client_id
    confirmed = ECKey.import_key(token.claims["cnf"]["jwk"])
    proof = jwt.decode(instance.proof(challenge="c"), confirmed, algorithms=["ES256"])
    assert proof.claims["aud"] == jose.ISSUER
    assert confirmed.thumbprint() == instance.key.thumbprint


def test_the_second_form_of_a_signature_is_valid_too(trust):
    proof = trust.public.proof()
    other = jose.malleated(proof)
    assert other != proof
    jwt.decode(other, ECKey.import_key(trust.public.key.jwk), algorithms=["ES256"])


def test_the_recorder_keeps_the_octets_and_answers_from_the_script():
    upstream = Upstream()
    address = ("127.0.0.1", int(upstream.url.rsplit(":", 1)[1]))
    upstream.then(answer({"a": 1}, "201 Created"), lambda x, r: x.reset())
    with wire.Connection(address) as connection:
        sent = b"POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\nx=1"
        connection.send(sent)
        response = connection.response()
        assert (response.status, response.json) == (201, {"a": 1})
        assert upstream.one().raw == sent and upstream.octets == sent
        assert upstream.one().form == [("x", "1")]
        connection.send(
            b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        )
        with pytest.raises((wire.WireError, wire.Closed)):
            connection.response()
    assert upstream.requests[1].body == b"x"
    upstream.stop()


@pytest.mark.parametrize(
    "bad",
    [
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    ],
)
def test_the_wire_client_repairs_nothing(bad):
    upstream = Upstream()
    address = ("127.0.0.1", int(upstream.url.rsplit(":", 1)[1]))

    def reply(exchange, _):
        exchange.send(bad)
        exchange.close = True

    upstream.then(reply)
    with pytest.raises(wire.WireError):
        wire.exchange(address, wire.Request("GET", "/", [("Host", "b")]))
    upstream.stop()


def test_the_answer_helper_writes_json():
    assert json.loads(answer().split(b"\r\n\r\n")[1])["token_type"] == "Bearer"
