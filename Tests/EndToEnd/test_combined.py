# SPDX-License-Identifier: Apache-2.0
"""The matrix for DPoP proofs: in place of a proof of possession (-09 to -11) and beside one.

Tokens are joserfc's. What a draft wants in the proof's `nonce` is a column of harness/drafts.py.
"""

import json
import secrets

import pytest

from harness import drafts, wire
from harness.drafts import ALGORITHMS, CLIENT, DRAFTS, EVERY, ROADS, Server, Signer, Wallet
from harness.expect import ATT, CHAL, CHALLENGE_FIELD, SYN, accepted, oauth_error, refused
from harness.gateway import CHALLENGE, ENDPOINTS
from harness.jose import ABSENT, PROOF_TYPE, At, members

DP, NONCE = "invalid_dpop_proof", "use_dpop_nonce"
COMBINED = [number for number, draft in DRAFTS.items() if draft.combined]
ISSUED = {"nonce_owner": "gateway", "require_nonce": True}


def serving(name: str, numbers: list[str], *methods: str, **settings) -> Server:
    """An AS whose client may use these methods."""
    client = {
        "client_id": CLIENT, "upstream": {"authentication": "none"},
        "methods": list(methods) or ["attestation_pop_jwt", "dpop_combined"],
    }  # fmt: skip
    return Server(name, numbers, clients=[client], **settings)


ALONE = {number: serving(f"c-{number}", [number], dpop=ISSUED) for number in COMBINED}
MERGED = serving("c-merged", COMBINED, dpop=ISSUED)
BARE = {"challenge": {"policy": "off"}, "proof": {"clock_skew": "0s"}}
FREE = serving("c-free", ["11"], **BARE)
STRIPPING = {"owner": "verify-and-strip", "allow_bearer": True}
STRIP = serving("c-strip", ["11"], dpop=STRIPPING, **BARE)
ONLY = serving("c-only", ["11"], "dpop_combined", dpop=ISSUED)
NORMAL = {number: Server(f"n-{number}", [number]) for number in EVERY}
SERVERS = [*ALONE.values(), MERGED, FREE, STRIP, ONLY, *NORMAL.values()]


@pytest.fixture(scope="module")
def wallets() -> dict[str, Wallet]:
    return {name: Wallet(Signer(name, kid=name), Signer(name)) for name in ALGORITHMS}


@pytest.fixture(scope="module")
def wallet(wallets) -> Wallet:
    return wallets["ES256"]


@pytest.fixture(scope="module")
def gateway(factory, recorder, wallets):
    with factory(drafts.configuration(recorder.url, SERVERS), start=False) as gateway:
        keys = [wallet.attester.jwk | {"kid": name} for name, wallet in wallets.items()]
        (gateway.directory / "attester.jwks.json").write_text(json.dumps({"keys": keys}))
        yield gateway.start()


def fresh(gateway, server: Server) -> tuple[str | None, str | None]:
    """The challenge and the DPoP nonce that the challenge endpoint gives."""
    request = wire.Request("POST", CHALLENGE, [("Host", server.host)])
    response = gateway.send(request)
    assert response.status == 200, response
    nonce = response.one("DPoP-Nonce")
    gateway.sensitive |= {nonce} if nonce else set()
    return response.json.get("attestation_challenge"), nonce


def dpop(key: Signer, server: Server, road: str = "token", *, header=None, **claims) -> str:
    """A DPoP proof for this road; every member may be replaced or left out."""
    head = {"typ": "dpop+jwt", "alg": key.algorithm, "jwk": key.jwk} | (header or {})
    body = {
        "jti": secrets.token_urlsafe(16), "htm": "POST",
        "htu": server.issuer + ENDPOINTS[ROADS[road][0]], "iat": At(0),
    } | claims  # fmt: skip
    return key.sign(members(**head), members(**body))


def combined(wallet, server, proof: str, road="token", *pairs, draft=DRAFTS["11"]) -> wire.Request:
    """Attestation and DPoP proof, nothing else."""
    request = server.request(wallet.attestation(draft), None, road, *pairs)
    return request.without("OAuth-Client-Attestation-PoP").add("DPoP", proof)


def alongside(gateway, wallet, server, draft, proof: str, road="token", *pairs) -> wire.Request:
    """All three tokens."""
    challenge = server.fresh(gateway, draft, ROADS[road][0])
    request = server.request(
        wallet.attestation(draft), wallet.proof(draft, server.issuer, challenge), road, *pairs
    )
    return request.add("DPoP", proof)


def nonce_of(gateway, server, draft) -> str:
    challenge, nonce = fresh(gateway, server)
    return challenge if draft.combined == "challenge" else nonce


# Positive


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("number", COMBINED)
def test_DPOP_16_DPOP_17_combined_mode_at_every_endpoint_with_every_algorithm(
    gateway, upstream, wallets, number, road, algorithm
):
    server, draft, wallet = ALONE[number], DRAFTS[number], wallets[algorithm]
    proof = dpop(wallet.instance, server, road, nonce=nonce_of(gateway, server, draft))
    _, received = accepted(gateway, upstream, combined(wallet, server, proof, road, draft=draft))
    assert dict(received.form)["client_id"] == CLIENT
    assert received.one("DPoP") == proof
    assert not {name for name in received.names if name.startswith("oauth-client")}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("number", EVERY)
def test_DPOP_20_AMB_25_a_proof_by_another_key_beside_every_draft_s(
    gateway, upstream, wallets, number, algorithm
):
    server, draft, wallet = NORMAL[number], DRAFTS[number], wallets[algorithm]
    other = wallets[ALGORITHMS[ALGORITHMS.index(algorithm) - 1]].instance
    for key in (other, wallet.instance, Signer("ES256")):
        proof = dpop(key, server)
        upstream.reset()
        _, received = accepted(
            gateway, upstream, alongside(gateway, wallet, server, draft, proof)
        )
        assert received.one("DPoP") == proof


def test_AMB_02_CHAL_17_one_value_serves_all_where_the_drafts_are_merged(
    gateway, upstream, wallet
):
    challenge, nonce = fresh(gateway, MERGED)
    assert challenge == nonce
    draft = DRAFTS["11"]
    proof = dpop(wallet.instance, MERGED, nonce=challenge)
    accepted(gateway, upstream, combined(wallet, MERGED, proof))
    upstream.reset()
    normal = wallet.proof(draft, MERGED.issuer, challenge)
    accepted(gateway, upstream, MERGED.request(wallet.attestation(draft), normal))


def test_DPOP_13_without_nonces_none_is_needed(gateway, upstream, wallet):
    accepted(gateway, upstream, combined(wallet, FREE, dpop(wallet.instance, FREE)))


def test_DPOP_21_a_proof_that_is_for_the_gateway_alone(gateway, upstream, wallet):
    """`verify-and-strip`: verified, and not seen by the AS."""
    request = combined(wallet, STRIP, dpop(wallet.instance, STRIP))
    _, received = accepted(gateway, upstream, request)
    assert received.one("DPoP") is None
    upstream.reset()
    bad = dpop(wallet.instance, STRIP, htm="GET")
    refused(gateway, upstream, combined(wallet, STRIP, bad), DP, "DPOP-08")


EQUIVALENT = [
    "https://{HOST}{path}", "HTTPS://{host}{path}", "https://{host}:443{path}",
    "https://{host}{path}?x=1", "https://{host}{path}#part", "https://{host}/o%61uth/token",
]  # fmt: skip


@pytest.mark.parametrize("form", EQUIVALENT)
def test_DPOP_10_forms_of_the_same_URL(gateway, upstream, wallet, form):
    names = {"host": FREE.host, "HOST": FREE.host.upper(), "path": ENDPOINTS["token"]}
    proof = dpop(wallet.instance, FREE, htu=form.format(**names))
    accepted(gateway, upstream, combined(wallet, FREE, proof))


# Negative: nonces and challenges


@pytest.mark.parametrize("number", COMBINED)
def test_DPOP_13_DPOP_18_ERR_04_a_missing_nonce_and_the_retry(gateway, upstream, wallet, number):
    server, draft = ALONE[number], DRAFTS[number]
    rule = {"challenge": "DPOP-18", "nonce": "DPOP-13"}[draft.combined]
    request = combined(wallet, server, dpop(wallet.instance, server), draft=draft)
    response = refused(gateway, upstream, request, NONCE, rule)
    value = response.one("DPoP-Nonce")
    assert value
    if draft.combined == "challenge":
        assert response.one(CHALLENGE_FIELD) == value
    else:
        assert response.one(CHALLENGE_FIELD) != value
    proof = dpop(wallet.instance, server, nonce=value)
    accepted(gateway, upstream, combined(wallet, server, proof, draft=draft))


@pytest.mark.parametrize("nonce", ["x", "eyJ7S_zG.eyJH0-Z.HX4w-7v", "", 7, ["x"]], ids=repr)
@pytest.mark.parametrize("number", COMBINED)
def test_DPOP_13_DPOP_18_a_nonce_of_nobody(gateway, upstream, wallet, number, nonce):
    server, draft = ALONE[number], DRAFTS[number]
    rule = {"challenge": "DPOP-18", "nonce": "DPOP-13"}[draft.combined]
    proof = dpop(wallet.instance, server, nonce=nonce)
    request = combined(wallet, server, proof, draft=draft)
    refused(gateway, upstream, request, NONCE, {rule, "CHAL-21", "JOSE-22"})


def test_CHAL_17_under_11_alone_the_two_are_two(gateway, upstream, wallet):
    server, draft = ALONE["11"], DRAFTS["11"]
    challenge, nonce = fresh(gateway, server)
    assert challenge != nonce
    proof = dpop(wallet.instance, server, nonce=challenge)
    refused(gateway, upstream, combined(wallet, server, proof), NONCE, "DPOP-13")
    normal = wallet.proof(draft, server.issuer, nonce)
    request = server.request(wallet.attestation(draft), normal)
    refused(gateway, upstream, request, CHAL, "CHAL-21")


@pytest.mark.parametrize("number", COMBINED)
def test_CHAL_21_a_nonce_of_another_AS(gateway, upstream, wallet, number):
    server, draft = ALONE[number], DRAFTS[number]
    _, foreign = fresh(gateway, MERGED)
    proof = dpop(wallet.instance, server, nonce=foreign)
    rules = {"DPOP-13", "DPOP-18", "CHAL-21"}
    refused(gateway, upstream, combined(wallet, server, proof, draft=draft), NONCE, rules)


# Negative: the mode


def test_DPOP_22_REQ_06_AMB_03_a_proof_of_possession_taken_away(gateway, upstream, wallet):
    """Every draft, a perfect proof by the attested key, and a client of normal mode alone."""
    for number, server in NORMAL.items():
        draft = DRAFTS[number]
        full = alongside(gateway, wallet, server, draft, dpop(wallet.instance, server))
        stripped = full.without("OAuth-Client-Attestation-PoP")
        response = gateway.send(stripped)
        oauth_error(response, ATT if draft.challenges else "invalid_client")
        upstream.nothing()
        accepted(gateway, upstream, full)
        upstream.reset()


def test_DPOP_16_REQ_06_three_tokens_are_not_combined_mode(gateway, upstream, wallet):
    proof = dpop(wallet.instance, ONLY, nonce=fresh(gateway, ONLY)[1])
    request = alongside(gateway, wallet, ONLY, DRAFTS["11"], proof)
    refused(gateway, upstream, request, ATT, {"REQ-06", "DPOP-16"})
    stripped = request.without("OAuth-Client-Attestation-PoP")
    accepted(gateway, upstream, stripped)


def test_DPOP_19_DPOP_15_a_thumbprint_is_no_proof(gateway, upstream, wallet):
    server, draft = ALONE["10"], DRAFTS["10"]
    jkt = wallet.instance.key.thumbprint()
    form = [*ROADS["PAR"][1], ("dpop_jkt", jkt)]
    request = server.request(wallet.attestation(draft), None, "PAR", *form)
    alone = request.without("OAuth-Client-Attestation-PoP")
    refused(gateway, upstream, alone, ATT, {"REQ-06", "DPOP-19"})
    for value, rule in ((jkt, None), (Signer("ES256").key.thumbprint(), "DPOP-15")):
        proof = dpop(wallet.instance, server, "PAR", nonce=nonce_of(gateway, server, draft))
        form = [*ROADS["PAR"][1], ("dpop_jkt", value)]
        request = combined(wallet, server, proof, "PAR", *form, draft=draft)
        if rule:
            refused(gateway, upstream, request, DP, rule)
        else:
            accepted(gateway, upstream, request)
            upstream.reset()


@pytest.mark.parametrize("number", COMBINED)
def test_DPOP_17_a_proof_by_another_key(gateway, upstream, wallets, wallet, number):
    server, draft = ALONE[number], DRAFTS[number]
    for key in (Signer("ES256"), wallet.attester, wallets["Ed25519"].instance):
        proof = dpop(key, server, nonce=nonce_of(gateway, server, draft))
        request = combined(wallet, server, proof, draft=draft)
        refused(gateway, upstream, request, ATT, "DPOP-17")


def test_DPOP_17_only_the_required_members_are_compared(gateway, upstream, wallet):
    """`use` in the attestation, `alg` and `kid` in the proof: one key all the same."""
    jwk = wallet.instance.jwk
    attestation = wallet.attestation(DRAFTS["11"], cnf={"jwk": jwk | {"use": "sig"}})
    proof = dpop(
        wallet.instance, FREE, header={"jwk": dict(reversed((jwk | {"alg": "ES256"}).items()))}
    )
    request = combined(wallet, FREE, proof).put("OAuth-Client-Attestation", attestation)
    accepted(gateway, upstream, request)


# Negative: the proof itself, in either mode


def off_curve(jwk: dict) -> dict:
    return jwk | {"y": jwk["x"]}


FAULTS = {
    "no typ": ({"DPOP-04"}, {"header": {"typ": ABSENT}}),
    "typ JWT": ({"DPOP-04"}, {"header": {"typ": "JWT"}}),
    "typ of a proof of possession": ({"DPOP-04", "JOSE-26"}, {"header": {"typ": PROOF_TYPE}}),
    "no alg": ({"JOSE-06"}, {"header": {"alg": ABSENT}}),
    "alg none": ({"JOSE-06", "DPOP-05"}, {"header": {"alg": "none"}}),
    "alg HS256": ({"DPOP-05", "JOSE-10"}, {"header": {"alg": "HS256"}}),
    "alg ES384": ({"JOSE-10", "JOSE-19"}, {"header": {"alg": "ES384"}}),
    "no jwk": ({"DPOP-03"}, {"header": {"jwk": ABSENT}}),
    "jwk a string": ({"DPOP-07", "JOSE-20"}, {"header": {"jwk": "x"}}),
    "crit": ({"JOSE-07"}, {"header": {"crit": ["htm"]}}),
    "no jti": ({"DPOP-03"}, {"jti": ABSENT}),
    "no htm": ({"DPOP-03"}, {"htm": ABSENT}),
    "no htu": ({"DPOP-03"}, {"htu": ABSENT}),
    "no iat": ({"DPOP-03"}, {"iat": ABSENT}),
    "htm post": ({"DPOP-08"}, {"htm": "post"}),
    "htm GET": ({"DPOP-08"}, {"htm": "GET"}),
    "htu elsewhere": ({"DPOP-09"}, {"htu": "https://c-free.example.com/oauth/par"}),
    "htu http": ({"DPOP-09"}, {"htu": "http://c-free.example.com/oauth/token"}),
    "htu of the AS behind": ({"DPOP-09"}, {"htu": "http://127.0.0.1/oauth/token"}),
    "htu with a user": ({"DPOP-09"}, {"htu": "https://u@c-free.example.com/oauth/token"}),
    "htu a path": ({"DPOP-09"}, {"htu": "/oauth/token"}),
    "iat old": ({"DPOP-11"}, {"iat": At(-600)}),
    "iat ahead": ({"DPOP-11"}, {"iat": At(120)}),
    "iat a string": ({"JOSE-21"}, {"iat": At(0, str)}),
    "jti a number": ({"JOSE-22"}, {"jti": 7}),
}


@pytest.mark.parametrize("mode", ["combined", "alongside"])
@pytest.mark.parametrize("rules,changes", FAULTS.values(), ids=FAULTS.keys())
def test_DPOP_03_DPOP_04_DPOP_05_DPOP_07_DPOP_08_DPOP_09_DPOP_11_faults(
    gateway, upstream, wallet, rules, changes, mode
):
    proof = dpop(wallet.instance, FREE, **changes)
    request = combined(wallet, FREE, proof)
    if mode == "alongside":
        draft = DRAFTS["11"]
        normal = wallet.proof(draft, FREE.issuer, None)
        request = request.add("OAuth-Client-Attestation-PoP", normal)
    refused(gateway, upstream, request, DP, rules)


def test_DPOP_07_JOSE_13_JOSE_18_keys_that_are_no_good_beside_a_good_proof(
    gateway, upstream, wallet
):
    server, draft = NORMAL["11"], DRAFTS["11"]
    key = Signer("ES256")
    private = key.key.as_dict(private=True)
    for jwk, rules in [
        ({name: private[name] for name in ("kty", "crv", "x", "y", "d")}, {"JOSE-18", "DPOP-07"}),
        ({"kty": "oct", "k": "AAAA"}, {"JOSE-18", "DPOP-07"}),
        (off_curve(key.jwk), {"JOSE-13", "DPOP-07"}),
        (Signer("ES256").jwk, {"DPOP-06"}),
    ]:
        proof = dpop(key, server, header={"jwk": jwk})
        request = alongside(gateway, wallet, server, draft, proof)
        refused(gateway, upstream, request, DP, rules)


def test_DPOP_01_DPOP_02_REQ_05_not_one_token(gateway, upstream, wallet):
    proof = dpop(wallet.instance, FREE)
    request = combined(wallet, FREE, proof)
    refused(gateway, upstream, request.add("DPoP", proof), DP, "DPOP-01")
    refused(gateway, upstream, request.put("DPoP", f"{proof}, {proof}"), DP, "DPOP-01")
    for value in ("opaque", "a.b", proof + ".x"):
        refused(
            gateway, upstream, request.put("DPoP", value), DP, {"DPOP-02", "JOSE-01", "JOSE-03"}
        )
    refused(gateway, upstream, request.put("DPoP", "a" * 8193), SYN, "REQ-05")


def test_JOSE_26_tokens_in_each_others_places(gateway, upstream, wallet):
    draft = DRAFTS["11"]
    attestation, proof = wallet.attestation(draft), wallet.proof(draft, FREE.issuer, None)
    made = dpop(wallet.instance, FREE)
    places = [
        (made, proof, None, ATT, {"ATT-01", "JOSE-26", "KEY-01"}),
        (attestation, made, None, ATT, {"POP-01", "JOSE-26"}),
        (attestation, proof, proof, DP, {"DPOP-04", "JOSE-26"}),
        (attestation, proof, attestation, DP, {"DPOP-04", "JOSE-26"}),
        (attestation, None, proof, DP, {"DPOP-04", "JOSE-26"}),
    ]
    for first, second, third, error, rules in places:
        request = FREE.request(first, second)
        if second is None:
            request = request.without("OAuth-Client-Attestation-PoP")
        if third:
            request = request.add("DPoP", third)
        refused(gateway, upstream, request, error, rules)


# Replay


def test_RPL_03_DPOP_12_a_proof_is_used_up_in_either_mode(gateway, upstream, wallet):
    draft = DRAFTS["11"]
    request = combined(wallet, FREE, dpop(wallet.instance, FREE))
    accepted(gateway, upstream, request)
    upstream.reset()
    refused(gateway, upstream, request, DP, {"RPL-03", "DPOP-12"})
    # Accepted beside a proof of possession, and sent again without it.
    proof = dpop(wallet.instance, FREE)
    normal = wallet.proof(draft, FREE.issuer, None)
    full = combined(wallet, FREE, proof).add("OAuth-Client-Attestation-PoP", normal)
    accepted(gateway, upstream, full)
    upstream.reset()
    stripped = full.without("OAuth-Client-Attestation-PoP")
    refused(gateway, upstream, stripped, DP, {"RPL-03", "DPOP-12"})
    # And beside a fresh one.
    again = stripped.add("OAuth-Client-Attestation-PoP", wallet.proof(draft, FREE.issuer, None))
    refused(gateway, upstream, again, DP, {"RPL-03", "DPOP-12"})
