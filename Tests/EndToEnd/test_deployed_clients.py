# SPDX-License-Identifier: Apache-2.0
"""Clients shaped like those that are deployed, quirks included (AMB-01, AMB-07, AMB-31).

They share the gateway of one AS with the draft they were written for, one with the newest and one
with all of them.
"""

import json
import secrets
import time

import pytest

from harness import drafts
from harness.drafts import ATTESTER, CLIENT, DRAFTS, EVERY, ROADS, Server, Signer, Wallet
from harness.expect import ATT, CHAL, CHALLENGE_FIELD, accepted, oauth_error, refused
from harness.gateway import ENDPOINTS
from harness.jose import ABSENT, ATTESTATION_TYPE, PROOF_TYPE, At

VCI = Server("vci", ["07"])
NEWEST = Server("newest", ["11"])
TENTH = Server("tenth", ["10"])
ALL = Server("every", EVERY)
SERVERS = [VCI, TENTH, NEWEST, ALL]
# The AS does DPoP itself, the gateway does not look (DPOP-21).
PASSING = [Server(f"pass-{d}", [d], dpop={"owner": "pass"}) for d in ("09", "10", "11")]


@pytest.fixture(scope="module")
def attester() -> Signer:
    return Signer("ES256", kid="provider-1")


@pytest.fixture(scope="module")
def gateway(factory, recorder, attester):
    with factory(drafts.configuration(recorder.url, SERVERS + PASSING), start=False) as gateway:
        path = gateway.directory / "attester.jwks.json"
        path.write_text(json.dumps({"keys": [attester.jwk | {"kid": attester.kid}]}))
        yield gateway.start()


@pytest.fixture
def wallet(attester) -> Wallet:
    return Wallet(attester, Signer("ES256"))


class SuiteClient:
    """The OpenID conformance suite's: six claims, the newest challenge, one retry."""

    def __init__(self, gateway, server: Server, wallet: Wallet):
        self.gateway, self.server, self.wallet = gateway, server, wallet
        now = int(time.time())
        header = {"typ": ATTESTATION_TYPE, "alg": "ES256", "kid": wallet.attester.kid}
        claims = {
            "iss": ATTESTER, "sub": CLIENT, "iat": now, "nbf": now, "exp": now + 300,
            "cnf": {"jwk": wallet.instance.jwk | {"kid": "instance", "use": "sig"}},
        }  # fmt: skip
        self.attestation = wallet.attester.sign(header, claims)
        self.challenge: str | None = None
        self.sent: list[str | None] = []

    def prefetch(self) -> "SuiteClient":
        """Follows `challenge_endpoint`."""
        self.challenge = self.server.challenge(self.gateway)
        return self

    def proof(self) -> str:
        now = int(time.time())
        claims = {
            "iss": CLIENT, "iat": now, "nbf": now, "exp": now + 300, "aud": self.server.issuer,
            "jti": secrets.token_urlsafe(16),
        }  # fmt: skip
        claims |= {"challenge": self.challenge} if self.challenge else {}
        return self.wallet.instance.sign({"typ": PROOF_TYPE, "alg": "ES256"}, claims)

    def once(self, road: str):
        response = self.gateway.send(self.server.request(self.attestation, self.proof(), road))
        self.sent.append(self.challenge)
        # Any answer may bring a newer one (2.4: newest wins).
        self.challenge = response.one(CHALLENGE_FIELD) or self.challenge
        return response

    def send(self, road: str):
        """Sends, and once more where the answer asks for it."""
        response = self.once(road)
        if response.status == 400 and response.json.get("error") == CHAL:
            response = self.once(road)
        return response


@pytest.mark.parametrize("server", SERVERS, ids=lambda s: s.name)
def test_AMB_31_CHAL_14_the_conformance_suite_from_PAR_to_refresh(
    gateway, upstream, wallet, server
):
    client = SuiteClient(gateway, server, wallet).prefetch()
    for road in ("PAR", "token", "refresh", "revocation"):
        upstream.reset()
        response = client.send(road)
        assert response.status == 200, response
        assert dict(upstream.one().form)["client_id"] == CLIENT
    assert len(client.sent) == 4, "no retry was needed"
    assert len(set(client.sent)) == 4, "every answer brought a fresh challenge"


@pytest.mark.parametrize("server", SERVERS, ids=lambda s: s.name)
def test_CHAL_23_the_conformance_suite_without_a_first_challenge(
    gateway, upstream, wallet, server
):
    client = SuiteClient(gateway, server, wallet)
    response = client.send("PAR")
    assert response.status == 200, response
    assert client.sent[0] is None and client.sent[1] is not None
    upstream.one()


def test_ERR_03_AMB_10_AMB_11_the_conformance_suite_s_negative_modules(gateway, upstream, wallet):
    """Their expectations: 400 or 401 and one of three codes, at PAR."""
    draft, server = DRAFTS["11"], NEWEST
    stranger = Signer("ES256", kid="provider-1")
    modules = {
        "invalid-client-attestation-signature": ({"key": stranger}, {}, "ATT-03"),
        "invalid-client-attestation-pop-signature": ({}, {"key": Signer("ES256")}, "POP-03"),
        "client-attestation-exp-in-past": ({"iat": At(-900), "exp": At(-600)}, {}, "ATT-04"),
        "client-attestation-no-sub": ({"sub": ABSENT}, {}, "ATT-09"),
        "client-attestation-pop-wrong-aud": ({}, {"aud": "https://x.example.com"}, "POP-04"),
        "mismatched-client-attestation-pop-key": (
            {"cnf": {"jwk": stranger.jwk}}, {}, "POP-03"
        ),
    }  # fmt: skip
    for attestation, proof, rule in modules.values():
        request = server.request(
            wallet.attestation(draft, **attestation),
            wallet.proof(draft, server.issuer, server.challenge(gateway), **proof),
            "PAR",
        )
        response = refused(gateway, upstream, request, ATT, rule)
        assert response.status in (400, 401)


@pytest.mark.parametrize("server", SERVERS, ids=lambda s: s.name)
def test_AMB_01_AMB_07_a_wallet_of_OpenID4VCI_sends_iss_and_nbf_wherever_it_goes(
    gateway, upstream, wallet, server
):
    """The attestation is the appendix's sample: no `iat`, the wallet's name and link, `use`."""
    attestation = wallet.attestation(
        DRAFTS["07"], iat=ABSENT, nbf=At(-60), wallet_name="Wallet Solution X",
        wallet_link="https://example.com/wallet/detail_info.html",
        cnf={"jwk": wallet.instance.jwk | {"use": "sig"}},
    )  # fmt: skip
    proof = wallet.proof(
        DRAFTS["07"], server.issuer, server.challenge(gateway), nbf=At(-1),
    )  # fmt: skip
    # 15.4.4: no client_id in the token request.
    pairs = [("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code"),
             ("pre-authorized_code", "code-of-the-issuer")]  # fmt: skip
    _, received = accepted(
        gateway, upstream, server.request(attestation, proof, "token", *pairs)
    )
    assert dict(received.form)["client_id"] == CLIENT


@pytest.mark.parametrize("road", ["PAR", "token"])
@pytest.mark.parametrize(
    "type",
    ["application/x-www-form-urlencoded; charset=UTF-8",
     "application/x-www-form-urlencoded;charset=utf-8",
     'application/x-www-form-urlencoded; charset="UTF-8"'],
)  # fmt: skip
def test_REQ_09_JOSE_24_an_EUDI_wallet(gateway, upstream, wallet, road, type):
    """TS3: `charset=UTF-8`, no `iss`, a day's life, claims of its own, unknown header members."""
    draft, server = DRAFTS["11"], NEWEST
    attestation = wallet.attestation(
        draft, exp=At(24 * 3600 - 5), eudi_wallet_info={"general_info": {"wallet_version": "1"}},
        wallet_metadata={"x": [1, 2, 3]}, header={"foo": "bar"},
    )  # fmt: skip
    proof = wallet.proof(draft, server.issuer, server.challenge(gateway))
    request = server.request(attestation, proof, road).put("Content-Type", type)
    accepted(gateway, upstream, request)


def dpop(key: Signer, url: str, **claims) -> str:
    """A DPoP proof by any key, as RFC 9449 says."""
    header = {"typ": "dpop+jwt", "alg": key.algorithm, "jwk": key.jwk}
    body = {"jti": secrets.token_urlsafe(16), "htm": "POST", "htu": url, "iat": int(time.time())}
    return key.sign(header, body | claims)


@pytest.mark.parametrize("road", ["PAR", "token", "refresh"])
@pytest.mark.parametrize("server", [*PASSING, TENTH, NEWEST, ALL], ids=lambda s: s.name)
def test_AMB_25_DPOP_20_a_HAIP_wallet_sends_three_tokens(gateway, upstream, wallet, server, road):
    """The DPoP key is another one than the instance's."""
    draft = DRAFTS["11"]
    proof = dpop(Signer("ES256"), server.issuer + ENDPOINTS[ROADS[road][0]])
    request = server.request(
        wallet.attestation(draft),
        wallet.proof(draft, server.issuer, server.challenge(gateway)),
        road,
    ).add("DPoP", proof)
    _, received = accepted(gateway, upstream, request)
    assert received.one("DPoP") == proof


def test_REQ_06_AMB_03_DPOP_22_the_same_wallet_without_its_proof_of_possession(
    gateway, upstream, wallet
):
    """Stripped of one header it is no client of the combined mode, even with the right key."""
    for server in (NEWEST, ALL, *PASSING):
        proof = dpop(wallet.instance, server.issuer + ENDPOINTS["token"])
        request = server.request(wallet.attestation(DRAFTS["11"]), "x").add("DPoP", proof)
        request = request.without("OAuth-Client-Attestation-PoP")
        response = gateway.send(request)
        oauth_error(response, ATT)
        upstream.nothing()
