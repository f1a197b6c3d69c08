# SPDX-License-Identifier: Apache-2.0
"""DPoP proofs on the wire: combined mode, alongside, whose they are and whose their nonces are.

Every proof is joserfc's. What reached the AS is read in the recorded octets.
"""

import contextlib
import hashlib
import json
import secrets
import threading
import time
import urllib.parse

import pytest

from harness import drafts, servers
from harness.drafts import ATTESTER, CLIENT, DRAFTS, ROADS, Server, Signer, Wallet
from harness.expect import ATT, CHAL, CHALLENGE_FIELD, UP, accepted, logged, oauth_error, refused
from harness.gateway import CHALLENGE, ENDPOINTS
from harness.jose import ABSENT, At, b64, claims_of, members
from harness.relay import Relay
from harness.servers import CALLBACK, GLEWLWYD_CLIENTS
from harness.upstream import TOKEN, answer
from harness.wire import Request, Response
from test_real_servers import configured

DP, NONCE, NONCE_FIELD = "invalid_dpop_proof", "use_dpop_nonce", "DPoP-Nonce"
CA, POP = "OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP"
NORMAL, LISTED = "https://normal.example.com", "legacy-app"
GATEWAY = {"nonce_owner": "gateway", "require_nonce": True, "algorithms": ["ES256"]}
ORIGIN = "https://app.example.com"


def combined(name: str, numbers: list[str], dpop: dict | None, methods=None, **more) -> Server:
    """An AS with one client of both methods, one of normal mode alone, and a listed one."""
    methods = methods or ["attestation_pop_jwt", "dpop_combined"]
    return Server(
        name, numbers,
        attesters=[{
            "id": "attester", "issuers": [ATTESTER], "jwks_file": "attester.jwks.json",
            "clients": [CLIENT, NORMAL],
        }],
        clients=[
            {"client_id": CLIENT, "methods": methods, "upstream": {"authentication": "none"}},
            {"client_id": NORMAL, "upstream": {"authentication": "none"}},
        ],
        unattested_clients=[LISTED],
        **({"dpop": dpop} if dpop else {}), **more,
    )  # fmt: skip


# Without nonces of the gateway the start fence asks for an `iat` past the skew (RPL-07).
EXACT = {"proof": {"clock_skew": "0s"}}
IDENTITY = {"forward": {"identity_headers": True}, "cors": {"origins": [ORIGIN]}}
SHARED = [combined("ninth", ["09"], None), combined("tenth", ["10"], None)]
OWN = combined("own", ["11"], GATEWAY, **IDENTITY)
MIXED = combined("mixed", ["09", "10", "11"], GATEWAY)
STRIP = combined("strip", ["11"], GATEWAY | {"owner": "verify-and-strip", "allow_bearer": True})
THEIRS = combined("theirs", ["11"], {"nonce_owner": "as"}, **EXACT)
NONE = combined("none", ["11"], None, **EXACT)
ONLY = combined("only", ["11"], GATEWAY, ["dpop_combined"])
PLAIN = combined("plain", ["11"], None, ["attestation_pop_jwt"])
CONFIDED = combined("confided", ["11"], {"owner": "pass"}, ["attestation_pop_jwt"])
LENIENT = combined("lenient", ["11"], {"nonce_owner": "gateway", "algorithms": ["ES256", "EdDSA"]})
SERVERS = [*SHARED, OWN, MIXED, STRIP, THEIRS, NONE, ONLY, PLAIN, CONFIDED, LENIENT]
COMBINED = [*SHARED, OWN, MIXED, STRIP, ONLY]
# Who needs which freshness: the error and the rule of a nonce that is missing.
MISSING = {"ninth": "DPOP-18", "tenth": "DPOP-18", "mixed": "DPOP-18"}


def named(server: Server) -> str:
    return server.name


@pytest.fixture(scope="module")
def attester() -> Signer:
    return Signer("ES256", kid="provider-1")


@pytest.fixture(scope="module")
def gateway(factory, recorder, attester):
    with factory(drafts.configuration(recorder.url, SERVERS), start=False) as gateway:
        path = gateway.directory / "attester.jwks.json"
        path.write_text(json.dumps({"keys": [attester.jwk | {"kid": attester.kid}]}))
        yield gateway.start()


@pytest.fixture
def wallet(attester) -> Wallet:
    return Wallet(attester, Signer("ES256"))


@pytest.fixture
def normal(attester) -> Wallet:
    return Wallet(attester, Signer("ES256"), NORMAL)


def url(server: Server, endpoint: str = "token") -> str:
    return server.issuer + ENDPOINTS[endpoint]


def dpop(key: Signer, target: str, nonce=ABSENT, *, header=None, jti=None, **claims) -> str:
    """A DPoP proof by RFC 9449; every member may be replaced or left out."""
    head = {"typ": "dpop+jwt", "alg": key.algorithm, "jwk": key.jwk} | (header or {})
    body = {
        "jti": jti or secrets.token_urlsafe(16), "htm": "POST", "htu": target,
        "iat": int(time.time()), "nonce": nonce,
    } | claims  # fmt: skip
    return key.sign(members(**head), members(**body))


def fetched(gateway, server: Server) -> Response:
    response = gateway.send(Request("POST", CHALLENGE, [("Host", server.host)]))
    assert response.status == 200, response
    return response


def nonce(gateway, server: Server) -> str:
    """What goes into the proof: the challenge in drafts 09 and 10, the nonce in draft 11."""
    response = fetched(gateway, server)
    return response.one(NONCE_FIELD) or response.json["attestation_challenge"]


def in_combined(server: Server, attestation: str, proof: str, road: str = "token", *pairs):
    return server.request(attestation, "x", road, *pairs).without(POP).add("DPoP", proof)


def honest(gateway, server: Server, wallet: Wallet, road: str = "token", **claims) -> Request:
    target = url(server, ROADS[road][0])
    claims.setdefault("nonce", nonce(gateway, server))
    proof = dpop(wallet.instance, target, **claims)
    return in_combined(server, wallet.attestation(server.drafts[-1]), proof, road)


def beside(gateway, server: Server, wallet: Wallet, proof: str, road: str = "token", **claims):
    """Normal mode with a DPoP proof alongside."""
    draft = server.drafts[-1]
    challenge = server.challenge(gateway)
    pop = wallet.proof(draft, server.issuer, challenge, **claims)
    return server.request(wallet.attestation(draft), pop, road).add("DPoP", proof)


# Combined mode


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("server", COMBINED, ids=named)
def test_DPOP_17_EP_01_combined_mode_with_what_the_challenge_endpoint_gave(
    gateway, upstream, wallet, server, road
):
    start = gateway.mark()
    _, received = accepted(gateway, upstream, honest(gateway, server, wallet, road))
    assert not {CA.lower(), POP.lower()} & received.names
    assert ("client_id", CLIENT) in received.form
    record = gateway.wait_for(lambda r: r.get("endpoint") == ROADS[road][0], start)[0]
    assert record["client_id"] == CLIENT and record["attester"] == "attester"
    assert record["profile"] in ("abca-09", "abca-10", "abca-11")


@pytest.mark.parametrize("server", [*COMBINED, LENIENT], ids=named)
def test_DPOP_13_DPOP_18_ERR_04_one_retry_with_the_nonce_of_the_refusal(
    gateway, upstream, wallet, server
):
    """Missing, made up, and used before it was issued: the refusal always brings a fresh one."""
    draft, rule = server.drafts[-1], MISSING.get(server.name, "DPOP-13")
    seen = set()
    values = ["made-up", "", 7, "c" + b64(b"\x01" * 40), None]
    if server is not LENIENT:  # there a proof may come without
        values.insert(0, ABSENT)
    for value in values:
        proof = dpop(wallet.instance, url(server), value)
        request = in_combined(server, wallet.attestation(draft), proof)
        response = refused(gateway, upstream, request, NONCE, rule)
        assert response.one("Cache-Control") == "no-store"
        fresh = response.one(NONCE_FIELD)
        assert fresh and fresh not in seen and fresh != value
        seen.add(fresh)
        # AMB-02, CHAL-17: a client of draft 09 or 10 looks for a challenge, and it is the same.
        shared = server in (*SHARED, MIXED)
        assert response.one(CHALLENGE_FIELD) == fresh if shared else fresh != (
            response.one(CHALLENGE_FIELD)
        )
    proof = dpop(wallet.instance, url(server), fresh)
    accepted(gateway, upstream, in_combined(server, wallet.attestation(draft), proof))


def test_DPOP_13_without_the_demand_a_proof_may_come_without_a_nonce(
    gateway, upstream, wallet
):
    proof = dpop(wallet.instance, url(NONE))
    accepted(gateway, upstream, in_combined(NONE, wallet.attestation(DRAFTS["11"]), proof))


def test_CHAL_17_CHAL_21_values_of_another_purpose_or_server(gateway, upstream, wallet):
    draft = DRAFTS["11"]
    challenge = OWN.challenge(gateway)
    for value in (challenge, nonce(gateway, STRIP), nonce(gateway, MIXED)):
        proof = dpop(wallet.instance, url(OWN), value)
        request = in_combined(OWN, wallet.attestation(draft), proof)
        refused(gateway, upstream, request, NONCE, "DPOP-13")
    # And the other way: a DPoP nonce as the challenge of a proof of possession.
    pop = wallet.proof(draft, OWN.issuer, nonce(gateway, OWN))
    request = OWN.request(wallet.attestation(draft), pop)
    response = refused(gateway, upstream, request, CHAL, "CHAL-21")
    assert response.one(NONCE_FIELD) is None


@pytest.mark.parametrize("server", [*SHARED, MIXED], ids=named)
def test_CHAL_17_one_value_serves_both_where_drafts_have_it_so(gateway, upstream, wallet, server):
    value = server.challenge(gateway)
    draft = server.drafts[-1]
    accepted(gateway, upstream, honest(gateway, server, wallet, nonce=value))
    upstream.reset()
    pop = wallet.proof(draft, server.issuer, value)
    accepted(gateway, upstream, server.request(wallet.attestation(draft), pop))


def test_CHAL_12_CHAL_17_CHAL_31_the_challenge_endpoint_gives_nonces_where_we_own_them(gateway):
    for server in SERVERS:
        response = fetched(gateway, server)
        challenge, fresh = response.json["attestation_challenge"], response.one(NONCE_FIELD)
        assert response.one("Cache-Control") == "no-store", server.name
        if server in (*SHARED, MIXED):
            assert fresh == challenge, server.name
        elif server in (OWN, STRIP, ONLY, LENIENT):
            assert fresh and fresh != challenge, server.name
        else:
            assert fresh is None, server.name
        assert challenge, "also where combined mode alone is offered"


# REQ-06


@pytest.mark.parametrize("server", COMBINED, ids=named)
def test_REQ_06_AMB_03_DPOP_16_stripping_the_proof_is_no_downgrade(
    gateway, upstream, normal, server
):
    """A request of normal mode with a DPoP proof by the instance's key, robbed of one header."""
    proof = dpop(normal.instance, url(server), nonce(gateway, server))
    request = beside(gateway, server, normal, proof)
    refused(gateway, upstream, request.without(POP), ATT, "REQ-06")
    accepted(gateway, upstream, request)


def test_REQ_06_a_client_of_combined_mode_alone_may_not_use_the_other(gateway, upstream, wallet):
    draft = DRAFTS["11"]
    pop = wallet.proof(draft, ONLY.issuer, ONLY.challenge(gateway))
    request = ONLY.request(wallet.attestation(draft), pop)
    refused(gateway, upstream, request, ATT, "REQ-06")


@pytest.mark.parametrize("server", [PLAIN, CONFIDED], ids=named)
def test_DPOP_22_where_no_client_may_a_perfect_proof_is_refused(gateway, upstream, wallet, server):
    proof = dpop(wallet.instance, url(server))
    request = in_combined(server, wallet.attestation(DRAFTS["11"]), proof)
    refused(gateway, upstream, request, ATT, "DPOP-22")


@pytest.mark.parametrize("server", [SHARED[1], OWN], ids=named)
def test_DPOP_19_a_thumbprint_alone_proves_nothing(gateway, upstream, wallet, server):
    pairs = [*ROADS["PAR"][1], ("dpop_jkt", wallet.instance.key.thumbprint())]
    request = server.request(wallet.attestation(server.drafts[-1]), "x", "PAR", *pairs)
    refused(gateway, upstream, request.without(POP), ATT, "REQ-06")


def test_DPOP_16_all_three_are_normal_mode_with_a_proof_alongside(gateway, upstream, wallet):
    """The proof of possession decides: a wrong one is not saved by a perfect DPoP proof."""
    proof = dpop(wallet.instance, url(OWN), nonce(gateway, OWN))
    request = beside(gateway, OWN, wallet, proof, key=Signer("ES256"))
    refused(gateway, upstream, request, ATT, "POP-03")


# The proof itself, in both modes


def twin(jwk: dict) -> dict:
    """Same x, and the y of another point."""
    return jwk | {"y": Signer("ES256").jwk["y"]}


def flipped(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


# What is wrong -> header, claims, rule.
WRONG = {
    "typ JWT": ({"typ": "JWT"}, {}, "DPOP-04"),
    "typ of the other proof": ({"typ": "oauth-client-attestation-pop+jwt"}, {}, "DPOP-04"),
    "no typ": ({"typ": ABSENT}, {}, "DPOP-04"),
    "no jwk": ({"jwk": ABSENT}, {}, "DPOP-03"),
    "alg none": ({"alg": "none"}, {}, {"DPOP-05", "JOSE-06", "JOSE-08"}),
    "alg HS256": ({"alg": "HS256"}, {}, {"DPOP-05", "JOSE-06"}),
    "alg not listed": ({"alg": "ES384"}, {}, "DPOP-05"),
    "no jti": ({}, {"jti": ABSENT}, "DPOP-03"),
    "jti a number": ({}, {"jti": 7}, {"DPOP-03", "JOSE-21", "JOSE-22"}),
    "no htm": ({}, {"htm": ABSENT}, "DPOP-03"),
    "no htu": ({}, {"htu": ABSENT}, "DPOP-03"),
    "no iat": ({}, {"iat": ABSENT}, "DPOP-03"),
    "htm in lower case": ({}, {"htm": "post"}, "DPOP-08"),
    "htm GET": ({}, {"htm": "GET"}, "DPOP-08"),
    "htu of another endpoint": ({}, {"htu": "https://own.example.com/oauth/par"}, "DPOP-09"),
    "htu of another server": ({}, {"htu": "https://strip.example.com/oauth/token"}, "DPOP-09"),
    "htu of the AS itself": ({}, {"htu": "http://127.0.0.1/oauth/token"}, "DPOP-09"),
    "htu by http": ({}, {"htu": "http://own.example.com/oauth/token"}, "DPOP-09"),
    "htu with a user": ({}, {"htu": "https://u@own.example.com/oauth/token"}, "DPOP-09"),
    "htu relative": ({}, {"htu": "/oauth/token"}, "DPOP-09"),
    "htu in another case": ({}, {"htu": "https://own.example.com/OAuth/token"}, "DPOP-09"),
    "iat six minutes and more ago": ({}, {"iat": At(-365)}, "DPOP-11"),
    "iat ahead": ({}, {"iat": At(65)}, "DPOP-11"),
    "iat a string": ({}, {"iat": At(0, str)}, {"DPOP-11", "JOSE-21", "JOSE-22"}),
}


def wrong_proof(gateway, wallet, header, claims) -> str:
    claims = {"nonce": nonce(gateway, OWN)} | claims
    return dpop(wallet.instance, url(OWN), header=header, **claims)


@pytest.mark.parametrize("mode", ["combined", "alongside"])
@pytest.mark.parametrize("header,claims,rules", WRONG.values(), ids=WRONG.keys())
def test_DPOP_03_to_11_a_proof_that_is_wrong_in_one_thing(
    gateway, upstream, wallet, mode, header, claims, rules
):
    proof = wrong_proof(gateway, wallet, header, claims)
    if mode == "combined":
        request = in_combined(OWN, wallet.attestation(DRAFTS["11"]), proof)
    else:
        request = beside(gateway, OWN, wallet, proof)
    refused(gateway, upstream, request, DP, rules)


@pytest.mark.parametrize(
    "value,rules",
    [("opaque", "DPOP-02"), ("a.b", {"DPOP-02", "JOSE-01"}), ("", "DPOP-01"), ("a b", "DPOP-01")],
)
def test_DPOP_02_what_is_no_token(gateway, upstream, wallet, value, rules):
    for request in (
        in_combined(OWN, wallet.attestation(DRAFTS["11"]), value),
        beside(gateway, OWN, wallet, value),
    ):
        rules = rules if isinstance(rules, set) else {rules, "JOSE-01"}
        refused(gateway, upstream, request, DP, rules)


@pytest.mark.parametrize("road", ["token", "PAR", "revocation"])
def test_DPOP_01_one_field_line(gateway, upstream, wallet, road):
    """Two lines, the same line twice, and what a front proxy makes of two lines."""
    request = honest(gateway, OWN, wallet, road)
    value = request.value("DPoP")
    other = dpop(wallet.instance, url(OWN), nonce(gateway, OWN))
    for twice in (request.add("DPoP", value), request.add("DPoP", other)):
        refused(gateway, upstream, twice, DP, "DPOP-01")
    joined = request.put("DPoP", f"{value}, {other}")
    refused(gateway, upstream, joined, DP, "DPOP-01")
    accepted(gateway, upstream, request)


def test_DPOP_06_DPOP_07_signature_and_key(gateway, upstream, wallet):
    key, other = wallet.instance, Signer("ES256")
    value = nonce(gateway, OWN)
    off_curve = key.jwk | {"y": key.jwk["x"]}
    private = {"d": b64(b"\x01" * 32)}
    for rules, proof in [
        ({"DPOP-06"}, flipped(dpop(key, url(OWN), value))),
        ({"DPOP-06"}, dpop(other, url(OWN), value, header={"jwk": key.jwk})),
        ({"DPOP-07", "JOSE-16"}, dpop(key, url(OWN), value, header={"jwk": key.jwk | private})),
        ({"DPOP-07", "JOSE-13", "JOSE-14"}, dpop(key, url(OWN), value, header={"jwk": off_curve})),
        ({"DPOP-07", "JOSE-17"}, dpop(
            key, url(OWN), value, header={"jwk": {"kty": "oct", "k": b64(b"k" * 32)}})),
    ]:  # fmt: skip
        combined_request = in_combined(OWN, wallet.attestation(DRAFTS["11"]), proof)
        start = gateway.mark()
        response = oauth_error(gateway.send(combined_request), DP)
        record = logged(gateway, start, rules | {"JOSE-18"}, 400)
        assert record["client_id"] == CLIENT, response
        upstream.nothing()
        alongside = beside(gateway, OWN, wallet, proof)
        oauth_error(gateway.send(alongside), DP)
        upstream.nothing()


def test_DPOP_05_the_listed_algorithms_and_no_other(gateway, upstream, wallet):
    edwards = Signer("EdDSA")
    for server, taken in ((LENIENT, True), (OWN, False)):
        upstream.reset()
        proof = dpop(edwards, url(server), nonce(gateway, server))
        request = beside(gateway, server, wallet, proof)
        if taken:
            accepted(gateway, upstream, request)
        else:
            refused(gateway, upstream, request, DP, "DPOP-05")


SAME_URL = [
    "https://OWN.Example.com/oauth/token", "HTTPS://own.example.com/oauth/token",
    "https://own.example.com:443/oauth/token", "https://own.example.com/o%61uth/token",
    "https://own.example.com/oauth/token?a=b", "https://own.example.com/oauth/token#f",
    "https://own.example.com/x/../oauth/./token",
]  # fmt: skip


@pytest.mark.parametrize("same", SAME_URL)
def test_DPOP_10_other_ways_to_write_the_URL(gateway, upstream, wallet, same):
    accepted(gateway, upstream, honest(gateway, OWN, wallet, htu=same))


def test_DPOP_09_the_URL_is_the_configured_one_whatever_the_request_says(
    gateway, upstream, wallet
):
    request = honest(gateway, OWN, wallet, htu="https://evil.example.com/oauth/token")
    for name, value in [
        ("X-Forwarded-Host", "evil.example.com"), ("Forwarded", "host=evil.example.com;proto=https"),
        ("X-Original-URL", "https://evil.example.com/oauth/token"),
    ]:  # fmt: skip
        refused(gateway, upstream, request.add(name, value), DP, "DPOP-09")


def test_DPOP_14_a_hash_without_a_token_says_nothing(gateway, upstream, wallet):
    accepted(gateway, upstream, honest(gateway, OWN, wallet, ath="not-of-any-token"))


def test_DPOP_15_the_thumbprint_of_a_pushed_request_is_the_proof_s(gateway, upstream, wallet):
    other = Signer("ES256")

    def pushed(thumbprint, key=wallet.instance, **more) -> Request:
        proof = dpop(key, url(OWN, "pushed_authorization_request"), nonce(gateway, OWN))
        pairs = [*ROADS["PAR"][1], ("dpop_jkt", thumbprint), *more.items()]
        if key is wallet.instance:
            return in_combined(OWN, wallet.attestation(DRAFTS["11"]), proof, "PAR", *pairs)
        return beside(gateway, OWN, wallet, proof, "PAR").with_form(*pairs)

    mine, theirs = wallet.instance.key.thumbprint(), other.key.thumbprint()
    refused(gateway, upstream, pushed(theirs), DP, "DPOP-15")
    refused(gateway, upstream, pushed(mine, other), DP, "DPOP-15")
    for request, thumbprint in ((pushed(mine), mine), (pushed(theirs, other), theirs)):
        upstream.reset()
        _, received = accepted(gateway, upstream, request)
        assert ("dpop_jkt", thumbprint) in received.form
        assert received.one("DPoP") == request.value("DPoP")
    upstream.reset()
    accepted(gateway, upstream, pushed(""))  # empty is as good as absent (REQ-11)


def test_DPOP_15_the_thumbprint_inside_a_request_object(gateway, upstream, wallet):
    """A pushed request object speaks for the form around it (RFC 9101)."""
    key, other = wallet.instance, Signer("ES256")

    def pushed(inside, *outside) -> Request:
        claims = {"client_id": CLIENT, "response_type": "code", "dpop_jkt": inside}
        made = key.sign({"alg": "ES256"}, members(**claims))
        proof = dpop(key, url(OWN, "pushed_authorization_request"), nonce(gateway, OWN))
        pairs = [("client_id", CLIENT), ("request", made), *outside]
        return in_combined(OWN, wallet.attestation(DRAFTS["11"]), proof, "PAR", *pairs)

    mine, theirs = key.key.thumbprint(), other.key.thumbprint()
    refused(gateway, upstream, pushed(theirs), DP, "DPOP-15")
    refused(gateway, upstream, pushed(theirs, ("dpop_jkt", mine)), DP, "DPOP-15")
    refused(gateway, upstream, pushed(mine, ("dpop_jkt", theirs)), DP, "DPOP-15")
    accepted(gateway, upstream, pushed(mine, ("dpop_jkt", mine)))
    upstream.reset()
    accepted(gateway, upstream, pushed(ABSENT))


def test_DPOP_17_the_key_of_the_proof_is_the_attested_one(gateway, upstream, wallet):
    draft, value = DRAFTS["11"], nonce(gateway, OWN)
    stranger = Signer("ES256")
    request = in_combined(OWN, wallet.attestation(draft), dpop(stranger, url(OWN), value))
    refused(gateway, upstream, request, ATT, "DPOP-17")
    # Members that are no part of the key do not tell two keys apart.
    attested = wallet.attestation(
        draft, cnf={"jwk": wallet.instance.jwk | {"use": "sig", "kid": "a"}}
    )
    jwk = dict(reversed(wallet.instance.jwk.items())) | {"alg": "ES256", "kid": "b"}
    proof = dpop(wallet.instance, url(OWN), value, header={"jwk": jwk})
    accepted(gateway, upstream, in_combined(OWN, attested, proof))
    upstream.reset()
    # Same x, other y: no point at all, or another key.
    proof = dpop(wallet.instance, url(OWN), value, header={"jwk": twin(wallet.instance.jwk)})
    response = gateway.send(in_combined(OWN, wallet.attestation(draft), proof))
    assert response.status == 400 and response.json["error"] in (DP, ATT)
    upstream.nothing()


# Alongside


@pytest.mark.parametrize("road", ROADS)
def test_DPOP_20_alongside_with_another_key(gateway, upstream, wallet, road):
    key = Signer("ES256")
    proof = dpop(key, url(OWN, ROADS[road][0]), nonce(gateway, OWN))
    response, received = accepted(gateway, upstream, beside(gateway, OWN, wallet, proof, road))
    assert received.one("DPoP") == proof
    assert received.one("X-Attested-Method") == "attestation_pop_jwt"
    assert received.one("X-Attested-Jkt") == wallet.instance.key.thumbprint()
    assert response.one(NONCE_FIELD)


def test_DPOP_20_DPOP_13_alongside_a_missing_nonce_is_the_DPoP_proof_s_fault(
    gateway, upstream, wallet
):
    proof = dpop(Signer("ES256"), url(OWN))
    response = refused(gateway, upstream, beside(gateway, OWN, wallet, proof), NONCE, "DPOP-13")
    proof = dpop(Signer("ES256"), url(OWN), response.one(NONCE_FIELD))
    accepted(gateway, upstream, beside(gateway, OWN, wallet, proof))


@pytest.mark.parametrize("server", [PLAIN, NONE], ids=named)
def test_DPOP_20_alongside_where_the_gateway_has_no_nonces(gateway, upstream, wallet, server):
    proof = dpop(Signer("ES256"), url(server), "whatever-the-AS-gave")
    response, received = accepted(gateway, upstream, beside(gateway, server, wallet, proof))
    assert received.one("DPoP") == proof
    assert response.one(NONCE_FIELD) is None
    upstream.reset()
    refused(gateway, upstream, beside(gateway, server, wallet, flipped(proof)), DP, "DPOP-06")


# Replay


@pytest.mark.parametrize("server", [*COMBINED, LENIENT], ids=named)
def test_DPOP_12_RPL_03_the_same_request_again(gateway, upstream, wallet, server):
    request = honest(gateway, server, wallet)
    accepted(gateway, upstream, request)
    upstream.reset()
    for _ in range(2):
        refused(gateway, upstream, request, DP, {"DPOP-12", "RPL-03"})


def test_DPOP_12_a_proof_used_alongside_does_not_come_back_as_combined_mode(
    gateway, upstream, wallet
):
    """Nor the other way round: its identifier is used up whatever it was used for."""
    proof = dpop(wallet.instance, url(OWN), nonce(gateway, OWN))
    accepted(gateway, upstream, beside(gateway, OWN, wallet, proof))
    upstream.reset()
    request = in_combined(OWN, wallet.attestation(DRAFTS["11"]), proof)
    refused(gateway, upstream, request, DP, {"DPOP-12", "RPL-03"})
    again = honest(gateway, OWN, wallet)
    accepted(gateway, upstream, again)
    upstream.reset()
    request = beside(gateway, OWN, wallet, again.value("DPoP"))
    refused(gateway, upstream, request, DP, {"DPOP-12", "RPL-03"})


def test_DPOP_12_identifiers_are_one_key_s_and_one_URL_s(gateway, upstream, wallet):
    shared = {"jti": "shared-by-two-keys-and-two-endpoints"}
    for key in (wallet.instance, Signer("ES256")):
        for road in ("token", "revocation"):
            upstream.reset()
            proof = dpop(key, url(OWN, ROADS[road][0]), nonce(gateway, OWN), **shared)
            accepted(gateway, upstream, beside(gateway, OWN, wallet, proof, road))
    upstream.reset()
    # Another way to write the same URL, and a new signature, are the same use.
    for htu in SAME_URL:
        proof = dpop(wallet.instance, htu, nonce(gateway, OWN), **shared)
        request = beside(gateway, OWN, wallet, proof)
        refused(gateway, upstream, request, DP, {"DPOP-12", "RPL-03"})


def test_DPOP_12_a_proof_of_possession_and_a_DPoP_proof_may_share_an_identifier(
    gateway, upstream, wallet
):
    proof = dpop(wallet.instance, url(OWN), nonce(gateway, OWN), jti="one-and-the-same")
    accepted(gateway, upstream, beside(gateway, OWN, wallet, proof, jti="one-and-the-same"))


@pytest.mark.parametrize("attempt", range(3))
def test_DPOP_12_fifty_copies_in_both_modes_over_two_workers(gateway, upstream, wallet, attempt):
    """One of them gets through, whichever mode and worker it came by."""
    proof = dpop(wallet.instance, url(OWN), nonce(gateway, OWN))
    requests = [
        in_combined(OWN, wallet.attestation(DRAFTS["11"]), proof) if number % 2 else
        beside(gateway, OWN, wallet, proof) for number in range(50)
    ]  # fmt: skip
    connections = [gateway.connect() for _ in requests]
    barrier, responses = threading.Barrier(len(requests)), []

    def one(connection, request):
        barrier.wait()
        connection.send(request)
        responses.append(connection.response())

    threads = [threading.Thread(target=one, args=pair) for pair in zip(connections, requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for connection in connections:
        connection.close()
    assert sorted(response.status for response in responses) == [200] + [400] * 49
    for response in responses:
        if response.status != 200:
            oauth_error(response, DP)
    assert len(upstream.requests) == 1


# Whose proofs


@pytest.mark.parametrize("server", [OWN, STRIP, MIXED, THEIRS, NONE], ids=named)
def test_FWD_05_DPOP_21_the_field_follows_its_owner(gateway, upstream, wallet, server):
    is_kept = server is not STRIP
    target = url(server)
    key = Signer("ES256")
    value = nonce(gateway, server) if server in (OWN, STRIP, MIXED) else "theirs"
    requests = [
        in_combined(server, wallet.attestation(server.drafts[-1]),
                    dpop(wallet.instance, target, value)),
        beside(gateway, server, wallet, dpop(key, target, value)),
    ]  # fmt: skip
    for request in requests:
        upstream.reset()
        _, received = accepted(gateway, upstream, request)
        assert received.all("DPoP") == ([request.value("DPoP")] if is_kept else [])
        assert (b"dpop" in received.head.lower()) == is_kept
        # What the AS needs to compute `htu` from.
        assert received.one("X-Forwarded-Proto") == "https"
        assert received.one("X-Forwarded-Host") == received.one("Host") == server.host


def test_DPOP_21_pass_leaves_all_of_it_to_the_AS(gateway, upstream, wallet):
    for proof in (dpop(Signer("ES256"), "https://x.example/"), "not.a.proof"):
        upstream.reset()
        _, received = accepted(gateway, upstream, beside(gateway, CONFIDED, wallet, proof))
        assert received.one("DPoP") == proof


@pytest.mark.parametrize("server", [OWN, STRIP, CONFIDED], ids=named)
def test_FWD_05_EP_06_a_listed_client_s_own_proof_is_not_ours_to_take_away(
    gateway, upstream, server
):
    """Nobody verified it here, so the AS gets it as it was; its nonces are not ours either."""
    fields = [("Host", server.host), ("Content-Type", "application/x-www-form-urlencoded")]
    request = Request("POST", ENDPOINTS["token"], fields)
    request = request.with_form(("grant_type", "client_credentials"), ("client_id", LISTED))
    proof = dpop(Signer("ES256"), url(server))
    response, received = accepted(gateway, upstream, request.add("DPoP", proof))
    assert received.one("DPoP") == proof
    assert response.one(NONCE_FIELD) is None


def test_FWD_07_the_AS_is_told_the_method(gateway, upstream, wallet):
    _, received = accepted(gateway, upstream, honest(gateway, OWN, wallet))
    assert received.one("X-Attested-Method") == "dpop_combined"
    assert received.one("X-Attested-Jkt") == wallet.instance.key.thumbprint()


# Whose nonces


AS_NONCE = (NONCE_FIELD, "nonce-of-the-as")
WAYS = ["combined", "normal"]


def request_of(gateway, server, wallet, way: str, value=ABSENT) -> Request:
    if way == "combined":
        if server in COMBINED:
            return honest(gateway, server, wallet)
        return honest(gateway, server, wallet, nonce=value)
    draft = server.drafts[-1]
    pop = wallet.proof(draft, server.issuer, server.challenge(gateway))
    return server.request(wallet.attestation(draft), pop)


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("server", [*COMBINED[:-1], THEIRS, NONE], ids=named)
def test_CHAL_30_FWD_11_CHAL_31_one_issuer_of_nonces(
    gateway, upstream, wallet, server, way, status
):
    body = TOKEN if status.startswith("200") else {"error": "invalid_grant"}
    upstream.then(answer(body, status, AS_NONCE, ("dpop_nonce", "folded")))
    response = gateway.send(request_of(gateway, server, wallet, way))
    assert response.status == int(status[:3])
    assert response.one("Cache-Control") == "no-store"
    found = response.all(NONCE_FIELD)
    if server in (THEIRS, NONE):
        assert found == ["nonce-of-the-as"]
        return
    assert b"nonce-of-the-as" not in response.raw and b"folded" not in response.raw
    if way == "normal":
        assert found == []
    else:
        assert len(found) == 1
        if server in (*SHARED, MIXED):
            assert found == response.all(CHALLENGE_FIELD)
        upstream.reset()
        accepted(gateway, upstream, honest(gateway, server, wallet, nonce=found[0]))


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized"])
@pytest.mark.parametrize("server", [OWN, *SHARED], ids=named)
def test_CHAL_30_an_AS_that_demands_its_own_nonce_is_an_alarm(
    gateway, upstream, wallet, server, status
):
    start = gateway.mark()
    upstream.then(answer({"error": NONCE}, status, AS_NONCE))
    response = gateway.send(honest(gateway, server, wallet))
    oauth_error(response, UP)
    assert b"nonce-of-the-as" not in response.raw
    logged(gateway, start, "CHAL-30", 502)
    alarm = gateway.wait_for(
        lambda r: r.get("rule") == "CHAL-30" and r["msg"] != "access", start
    )[0]
    assert alarm["level"] == "error" and "nonce_owner" in alarm["hint"]


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized"])
def test_CHAL_30_where_the_nonces_are_the_AS_s_its_demand_reaches_the_client(
    gateway, upstream, wallet, status
):
    """And the retry reaches the AS, which verifies what it issued."""
    upstream.then(answer({"error": NONCE}, status, AS_NONCE))
    response = gateway.send(honest(gateway, THEIRS, wallet, nonce=ABSENT))
    assert response.status == int(status[:3]) and response.json["error"] == NONCE
    upstream.reset()
    retry = honest(gateway, THEIRS, wallet, nonce=response.one(NONCE_FIELD))
    _, received = accepted(gateway, upstream, retry)
    assert received.one("DPoP") == retry.value("DPoP")


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized"])
def test_ERR_10_an_AS_that_refuses_the_DPoP_proof_speaks_of_the_client(
    gateway, upstream, wallet, status
):
    """Not of the gateway's credential, whatever status it chose."""
    upstream.then(answer({"error": DP}, status))
    response = gateway.send(honest(gateway, OWN, wallet))
    assert response.status == int(status[:3]) and response.json["error"] == DP


def test_CHAL_14_every_answer_brings_the_challenge_too(gateway, upstream, wallet):
    upstream.then(answer({"error": "authorization_pending"}, "400 Bad Request"))
    response = gateway.send(honest(gateway, OWN, wallet))
    assert response.one(CHALLENGE_FIELD) and response.one(NONCE_FIELD)
    assert response.one(CHALLENGE_FIELD) != response.one(NONCE_FIELD)


def test_HTTP_19_scripts_may_send_proofs_and_read_nonces(gateway, upstream, wallet):
    preflight = Request("OPTIONS", ENDPOINTS["token"], [
        ("Host", OWN.host), ("Origin", ORIGIN), ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "dpop,oauth-client-attestation"),
    ])  # fmt: skip
    response = gateway.send(preflight)
    assert "dpop" in response.one("Access-Control-Allow-Headers").lower().split(", ")
    assert response.one(NONCE_FIELD) is None
    request = in_combined(OWN, wallet.attestation(DRAFTS["11"]), dpop(wallet.instance, url(OWN)))
    response = gateway.send(request.add("Origin", ORIGIN))
    assert response.json["error"] == NONCE
    exposed = response.one("Access-Control-Expose-Headers").lower().split(", ")
    assert "dpop-nonce" in exposed


def test_AMB_32_tokens_of_an_AS_without_DPoP_pass_as_they_are(gateway, upstream, wallet):
    response, _ = accepted(gateway, upstream, honest(gateway, STRIP, wallet))
    assert response.json["token_type"] == "Bearer"


# An AS that does DPoP itself: glewlwyd computes `htu` from its external URL and binds its tokens.


@contextlib.contextmanager
def in_front_of(factory, server, attester: Signer, settings: dict):
    """The gateway before glewlwyd, with one client in combined mode and a listed one."""
    clients = dict(zip(GLEWLWYD_CLIENTS, ["", "g.secret"]))
    with Relay(server.port) as relay:
        config = configured(server, relay, clients, ["abca-11"], dpop=settings, **EXACT)
        entry = config["authorization_servers"][0]
        entry["unattested_clients"] = ["app-public"]
        entry["clients"] = [
            client | {"methods": ["attestation_pop_jwt", "dpop_combined"]}
            for client in entry["clients"] if client["client_id"] != "app-public"
        ]  # fmt: skip
        entry["attesters"][0]["clients"] = ["app-confidential"]
        with factory(config, start=False) as gateway:
            path = gateway.directory / "attester.jwks.json"
            path.write_text(json.dumps({"keys": [attester.jwk | {"kid": attester.kid}]}))
            gateway.write_secret("g.secret", GLEWLWYD_CLIENTS["app-confidential"])
            yield gateway.start(), server, relay


@pytest.fixture(scope="module")
def binding(factory, glewlwyd, attester):
    """The gateway verifies proofs too and owns the nonces."""
    with in_front_of(factory, glewlwyd, attester, GATEWAY) as parts:
        yield parts


@pytest.fixture(scope="module")
def demanding(tmp_path_factory):
    """glewlwyd with nonces of its own, which it demands."""
    own = {"oauth-dpop-nonce-mandatory": True, "oauth-dpop-nonce-counter": 100}
    server = servers.glewlwyd(tmp_path_factory.mktemp("demanding"), **own)
    yield server
    server.stop()


class Bound:
    """A client in combined mode in front of a real AS: retries as a nonce is asked for."""

    def __init__(self, binding, attester: Signer):
        self.gateway, self.server, self.relay = binding
        self.wallet = Wallet(attester, Signer("ES256"), "app-confidential")
        self.nonce, self.sent = ABSENT, 0

    def post(self, endpoint: str, *pairs) -> Response:
        path = self.server.endpoints[endpoint]
        # Without a second's margin this AS takes some proofs for ones from the future.
        proof = dpop(
            self.wallet.instance, f"https://as.example.com{path}", self.nonce, iat=At(-1)
        )
        fields = [
            ("Host", "as.example.com"), ("Content-Type", "application/x-www-form-urlencoded"),
            (CA, self.wallet.attestation(DRAFTS["11"])), ("DPoP", proof),
        ]  # fmt: skip
        response = self.gateway.send(Request("POST", path, fields).with_form(*pairs))
        self.sent += 1
        self.nonce = response.one(NONCE_FIELD) or self.nonce
        if response.status == 400 and response.json.get("error") == NONCE:
            assert self.sent < 2, "one retry is enough for all of the flow"
            return self.post(endpoint, *pairs)
        return response

    def code(self, **pushed: str) -> list[tuple[str, str]]:
        """PAR and the user's consent; what redeems the code."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code", "redirect_uri": CALLBACK, "scope": "read", "state": "st",
            "code_challenge_method": "S256", "code_challenge": b64(digest), **pushed,
        }  # fmt: skip
        response = self.post("pushed_authorization_request", *query.items())
        assert response.status == 201, response
        query = {"client_id": "app-confidential", "request_uri": response.json["request_uri"]}
        target = f"{self.server.endpoints['authorization']}?{urllib.parse.urlencode(query)}"
        fields = [("Host", "as.example.com"), ("Cookie", self.server.cookie)]
        response = self.gateway.send(Request("GET", f"{target}&g_continue=", fields))
        assert response.status == 302, response
        returned = urllib.parse.parse_qsl(urllib.parse.urlsplit(response.one("Location")).query)
        return [
            ("grant_type", "authorization_code"), ("code", dict(returned)["code"]),
            ("redirect_uri", CALLBACK), ("code_verifier", verifier),
        ]  # fmt: skip

    @property
    def thumbprint(self) -> str:
        return self.wallet.instance.key.thumbprint()


GRANT = [("grant_type", "client_credentials"), ("scope", "read")]


def bound_to(response: Response) -> str:
    assert response.status == 200, response
    assert response.json["token_type"] == "DPoP"
    return claims_of(response.json["access_token"])["cnf"]["jkt"]


def test_DPOP_17_DPOP_21_FWD_05_glewlwyd_binds_its_tokens_to_the_attested_key(binding, attester):
    """Combined mode from PAR to refresh; the AS verifies the same proofs and finds them good."""
    client = Bound(binding, attester)
    response = client.post("token", *client.code(dpop_jkt=client.thumbprint))
    assert bound_to(response) == client.thumbprint
    client.relay.reset()
    pair = ("refresh_token", response.json["refresh_token"])
    assert bound_to(client.post("token", ("grant_type", "refresh_token"), pair)) == (
        client.thumbprint
    )
    seen = client.relay.towards
    assert seen.count(b"DPoP: eyJ") == 1 and b"ttestation" not in seen
    assert client.sent == 4, "three requests, and the retry of the first"


def test_EP_06_FWD_05_glewlwyd_binds_the_tokens_of_a_listed_client_too(binding):
    """Its proof passes as it is; the gateway's nonces are not asked of it."""
    gateway, server, _ = binding
    path, key = server.endpoints["device_authorization"], Signer("ES256")
    fields = [("Host", "as.example.com"), ("Content-Type", "application/x-www-form-urlencoded")]
    request = Request("POST", path, fields).with_form(("client_id", "app-public"), ("scope", "read"))
    proof = dpop(key, f"https://as.example.com{path}", iat=At(-1))
    response = gateway.send(request.add("DPoP", proof))
    assert response.status == 200 and response.one(NONCE_FIELD) is None, response


def test_CHAL_30_glewlwyd_s_own_nonces_reach_the_client(factory, demanding, attester):
    with in_front_of(factory, demanding, attester, {"nonce_owner": "as"}) as parts:
        until = time.monotonic() + 10
        while True:
            client = Bound(parts, attester)
            response = client.post("token", *GRANT)
            # RPL-07: without nonces of ours a proof must be younger than the start.
            if response.status == 200 or time.monotonic() > until:
                break
        assert bound_to(response) == client.thumbprint
        assert client.sent == 2 and client.nonce is not ABSENT


def test_CHAL_30_glewlwyd_s_own_nonces_beside_ours_are_an_alarm(factory, demanding, attester):
    with in_front_of(factory, demanding, attester, GATEWAY) as parts:
        client, start = Bound(parts, attester), parts[0].mark()
        oauth_error(client.post("token", *GRANT), UP)
        logged(parts[0], start, "CHAL-30", 502)
