# SPDX-License-Identifier: Apache-2.0
"""Every draft at every endpoint with every algorithm, and each draft's tokens where they are wrong.

One gateway serves an AS for each draft, one for all of them, and the variants below. What is
expected is derived from harness/drafts.py, a transcription of the rules of its own.
"""

import json

import pytest

from harness import drafts
from harness.drafts import (
    ALGORITHMS, CLIENT, DRAFTS, EVERY, FURTHER, ROADS, Server, Signer, Wallet,
)  # fmt: skip
from harness.expect import ATT, CHAL, CLI, CHALLENGE_FIELD, accepted, refused
from harness.gateway import CHALLENGE, ENDPOINTS, run
from harness.jose import ABSENT, At, claims_of
from harness.wire import Request

ALONE = {number: Server(f"as-{number}", [number]) for number in EVERY}
ALL = Server("as-all", EVERY)
OPEN = {
    number: Server(
        f"open-{number}", [number], challenge={"policy": "optional"}, proof={"clock_skew": "0s"}
    )
    for number in EVERY[1:]
}
ALIAS = {
    number: Server(f"alias-{number}", [number], proof={"nonce_alias": True})
    for number in ("06", "07", "08", "09")
}
MATCH = Server("match-11", ["11"], proof={"issuer_if_present": "match"})


def held_to(number: str) -> Server:
    """All drafts at the AS, this one at the client."""
    clients = [
        {
            "client_id": CLIENT, "upstream": {"authentication": "none"},
            "profiles": [DRAFTS[number].profile],
        }
    ]  # fmt: skip
    return Server(f"held-{number}", EVERY, clients=clients)


HELD = {number: held_to(number) for number in EVERY}
SERVERS = [*ALONE.values(), ALL, *OPEN.values(), *ALIAS.values(), MATCH, *HELD.values()]


@pytest.fixture(scope="module")
def attesters() -> dict[str, Signer]:
    """The attester's keys, one for each algorithm."""
    return {algorithm: Signer(algorithm, kid=algorithm) for algorithm in ALGORITHMS + FURTHER}


@pytest.fixture(scope="module")
def wallets(attesters) -> dict[str, Wallet]:
    return {name: Wallet(key, Signer(name)) for name, key in attesters.items()}


@pytest.fixture(scope="module")
def wallet(wallets) -> Wallet:
    return wallets["ES256"]


@pytest.fixture(scope="module")
def gateway(factory, recorder, attesters):
    with factory(drafts.configuration(recorder.url, SERVERS), start=False) as gateway:
        keys = [key.jwk | {"kid": key.kid, "use": "sig"} for key in attesters.values()]
        path = gateway.directory / "attester.jwks.json"
        path.write_text(json.dumps({"keys": keys}))
        yield gateway.start()


def code(server: Server, draft, rules: set[str]) -> str:
    """The error of these rules at this server (ERR-07)."""
    if not server.has_challenges or rules == {"CHAL-06"}:
        return CLI
    return CHAL if rules <= {"CHAL-20", "CHAL-21", "POP-13", "POP-14"} else ATT


# Positive: every draft, road and algorithm


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("number", EVERY)
def test_AMB_01_every_draft_at_every_endpoint_with_every_algorithm(
    gateway, upstream, wallets, number, road, algorithm
):
    server, draft, wallet = ALONE[number], DRAFTS[number], wallets[algorithm]
    fresh = server.fresh(gateway, draft, ROADS[road][0])
    request = server.request(
        wallet.attestation(draft), wallet.proof(draft, server.issuer, fresh), road
    )
    _, received = accepted(gateway, upstream, request)
    assert dict(received.form)["client_id"] == CLIENT
    assert not {name for name in received.names if name.startswith("oauth-client")}


@pytest.mark.parametrize("algorithm", FURTHER)
@pytest.mark.parametrize("number", ["05", "07", "11"])
def test_ATT_02_POP_02_the_other_algorithms(gateway, upstream, wallets, number, algorithm):
    server, draft, wallet = ALONE[number], DRAFTS[number], wallets[algorithm]
    fresh = server.fresh(gateway, draft)
    request = server.request(
        wallet.attestation(draft), wallet.proof(draft, server.issuer, fresh)
    )
    accepted(gateway, upstream, request)


def test_AMB_01_all_drafts_side_by_side(gateway, upstream, wallet):
    """Each is accepted, and the log says which draft it looks like."""
    start = gateway.mark()
    for draft in DRAFTS.values():
        upstream.reset()
        fresh = ALL.fresh(gateway, draft)
        request = ALL.request(wallet.attestation(draft), wallet.proof(draft, ALL.issuer, fresh))
        accepted(gateway, upstream, request)
    records = gateway.wait_for(
        lambda r: r.get("host") == ALL.host and r.get("profile"), start, len(EVERY)
    )
    guesses = sorted(record["profile"] for record in records)
    assert guesses == ["abca-05", "abca-07", "abca-07", *["abca-11"] * 4]


@pytest.mark.parametrize("number", EVERY)
def test_AMB_01_what_attestgate_mint_makes_is_accepted_by_its_draft(
    gateway, upstream, wallet, number
):
    server, draft = ALONE[number], DRAFTS[number]
    for name, key in (("attester", wallet.attester), ("instance", wallet.instance)):
        jwk = key.key.as_dict(private=True) | ({"kid": key.kid} if key.kid else {})
        path = gateway.directory / f"{name}.jwk"
        path.write_text(json.dumps({n: v for n, v in jwk.items() if n != "use"}))
        path.chmod(0o600)
    named = ("--issuer", drafts.ATTESTER) if draft.names_issuers else ()
    attestation = run(
        "mint", "attestation", "--profile", draft.profile, "--client-id", CLIENT,
        "--key", gateway.directory / "attester.jwk",
        "--instance", gateway.directory / "instance.jwk", *named,
    )  # fmt: skip
    named = ("--client-id", CLIENT) if draft.names_issuers else ()
    challenge = server.fresh(gateway, draft)
    proof = run(
        "mint", "pop", "--profile", draft.profile, "--key", gateway.directory / "instance.jwk",
        "--audience", server.issuer, "--challenge", challenge, *named,
    )  # fmt: skip
    tokens = [made.stdout.decode().strip() for made in (attestation, proof)]
    assert all(tokens), (attestation, proof)
    claims = claims_of(tokens[1])
    assert draft.freshness_claim in claims and ("iss" in claims) == draft.names_issuers
    accepted(gateway, upstream, server.request(*tokens))
    if draft.names_issuers:
        bare = run("mint", "pop", "--profile", draft.profile, "--key", "x", "--audience", "x")
        assert bare.returncode and b"--client-id" in bare.stderr


# Negative: the tokens of other drafts


def violated(server, client) -> set[str]:
    """The rules that an honest token of the draft `client` breaks at the draft `server`."""
    rules = set()
    if server.names_issuers and not client.names_issuers:
        rules |= {"ATT-14", "POP-11"}
    if server.proof_expiry and not client.proof_expiry:
        rules.add("POP-09")
    if server.proof_issued_at and client.proof_expiry:
        rules.add("POP-07")
    if not rules and server.freshness_claim != client.freshness_claim:
        rules.add("CHAL-20" if server.challenges else "CHAL-06")
    return rules


@pytest.mark.parametrize("where", [ALONE, HELD], ids=["alone", "held"])
@pytest.mark.parametrize("other", EVERY)
@pytest.mark.parametrize("number", EVERY)
def test_AMB_01_the_tokens_of_another_draft(gateway, upstream, wallet, number, other, where):
    server, draft, client = where[number], DRAFTS[number], DRAFTS[other]
    fresh = server.fresh(gateway, draft)
    request = server.request(
        wallet.attestation(client), wallet.proof(client, server.issuer, fresh)
    )
    rules = violated(draft, client)
    if rules:
        refused(gateway, upstream, request, code(server, draft, rules), rules)
    else:
        accepted(gateway, upstream, request)


# Negative: each required member dropped


def required(draft):
    """(token, part, member, rules) of everything this draft demands."""
    yield from [
        ("attestation", "header", "typ", {"ATT-01"}),
        ("attestation", "header", "alg", {"JOSE-06"}),
        ("attestation", "claims", "sub", {"ATT-09"}),
        ("attestation", "claims", "exp", {"ATT-04"}),
        ("attestation", "claims", "cnf", {"ATT-11"}),
        ("proof", "header", "typ", {"POP-01"}),
        ("proof", "header", "alg", {"JOSE-06"}),
        ("proof", "claims", "aud", {"POP-04"}),
        ("proof", "claims", "jti", {"POP-06"}),
    ]
    if draft.names_issuers:
        yield "attestation", "claims", "iss", {"ATT-14"}
        yield "proof", "claims", "iss", {"POP-11"}
    if draft.proof_expiry:
        yield "proof", "claims", "exp", {"POP-09"}
    if draft.proof_issued_at:
        yield "proof", "claims", "iat", {"POP-07"}
    fresh = {"CHAL-20"} if draft.challenges else {"CHAL-06"}
    yield "proof", "claims", draft.freshness_claim, fresh


REQUIRED = [(number, *row) for number, draft in DRAFTS.items() for row in required(draft)]


@pytest.mark.parametrize(
    "number,token,part,member,rules", REQUIRED, ids=lambda v: v if isinstance(v, str) else ""
)
def test_ATT_01_ATT_04_ATT_09_ATT_11_ATT_14_POP_01_POP_04_POP_06_POP_07_POP_09_POP_11_dropped(
    gateway, upstream, wallet, number, token, part, member, rules
):
    server, draft = ALONE[number], DRAFTS[number]
    dropped = {"header": {member: ABSENT}} if part == "header" else {member: ABSENT}
    fresh = server.fresh(gateway, draft)
    request = server.request(
        wallet.attestation(draft, **(dropped if token == "attestation" else {})),
        wallet.proof(draft, server.issuer, fresh, **(dropped if token == "proof" else {})),
    )
    response = refused(gateway, upstream, request, code(server, draft, rules), rules)
    assert (response.one(CHALLENGE_FIELD) is not None) == server.has_challenges
    if member == "nonce":
        assert response.one("attestation-nonce")


# Each flag from its wrong side


def judged(gateway, upstream, wallet, server, draft, rules: set[str], **claims):
    """A proof with these claims: refused by the rules, or accepted if there are none."""
    attestation = claims.pop("attestation", {})
    request = server.request(
        wallet.attestation(draft, **attestation),
        wallet.proof(draft, server.issuer, server.fresh(gateway, draft), **claims),
    )
    if rules:
        refused(gateway, upstream, request, code(server, draft, rules), rules)
    else:
        accepted(gateway, upstream, request)


@pytest.mark.parametrize("number", EVERY)
def test_POP_11_ATT_14_issuers(gateway, upstream, wallet, number):
    """`att.iss`, `pop.iss`: demanded to -07, ignored since, a known attester's in any case."""
    server, draft = ALONE[number], DRAFTS[number]
    judging = (gateway, upstream, wallet, server, draft)
    judged(*judging, {"POP-11"} if draft.names_issuers else set(), iss="https://other.example.com")
    upstream.reset()
    judged(*judging, {"KEY-02"}, attestation={"iss": "https://stranger.example.com"})
    judged(*judging, {"JOSE-22"}, attestation={"iss": ""})
    judged(*judging, {"JOSE-22"}, iss=["x"])


def test_POP_11_an_issuer_that_is_ignored_can_be_made_to_count(gateway, upstream, wallet):
    judging = (gateway, upstream, wallet, MATCH, DRAFTS["11"])
    judged(*judging, set())
    upstream.reset()
    judged(*judging, set(), iss=CLIENT)
    upstream.reset()
    judged(*judging, {"POP-11"}, iss="https://other.example.com")


@pytest.mark.parametrize("number", EVERY)
def test_POP_09_POP_10_times_are_enforced_where_they_are_given(gateway, upstream, wallet, number):
    """`pop.exp` (AMB-31): required or not, an expired proof is expired."""
    server, draft = ALONE[number], DRAFTS[number]
    judging = (gateway, upstream, wallet, server, draft)
    judged(*judging, {"POP-09"}, exp=At(-61))
    judged(*judging, {"POP-10"}, nbf=At(600))
    judged(*judging, set(), exp=At(300), nbf=At(-5))


def test_POP_09_the_cap_of_an_expiry_without_iat(gateway, upstream, wallet):
    judging = (gateway, upstream, wallet, ALONE["05"], DRAFTS["05"])
    judged(*judging, {"POP-09"}, exp=At(10 * 365 * 86400))
    judged(*judging, set(), exp=At(10 * 365 * 86400), iat=At(0))


@pytest.mark.parametrize("number", EVERY)
def test_POP_08_the_window_of_iat(gateway, upstream, wallet, number):
    judging = (gateway, upstream, wallet, ALONE[number], DRAFTS[number])
    judged(*judging, {"POP-08"}, iat=At(-600), exp=At(300))
    judged(*judging, {"POP-08"}, iat=At(120), exp=At(300))


def test_POP_12_what_makes_a_proof_fresh(gateway, upstream, wallet):
    """`pop.iat` is optional to -06, where a verified challenge or a capped `exp` stands in."""
    draft = DRAFTS["06"]
    judged(gateway, upstream, wallet, ALONE["06"], draft, set(), iat=ABSENT)
    upstream.reset()
    nothing = {"iat": ABSENT, "challenge": ABSENT}
    judged(gateway, upstream, wallet, OPEN["06"], draft, {"POP-12"}, **nothing)
    judged(gateway, upstream, wallet, OPEN["06"], draft, {"POP-12"}, exp=At(300), **nothing)
    judged(gateway, upstream, wallet, OPEN["06"], draft, set(), challenge=ABSENT)


@pytest.mark.parametrize("number", EVERY[1:])
def test_POP_14_AMB_04_a_challenge_in_the_claim_nonce(gateway, upstream, wallet, number):
    """`pop.freshness_claim` and `pop.accept_nonce_alias`."""
    draft = DRAFTS[number]

    def sent(server, rules, **claims):
        fresh = server.fresh(gateway, draft)
        claims = {name: fresh if value is ... else value for name, value in claims.items()}
        proof = wallet.proof(draft, server.issuer, None, **claims)
        request = server.request(wallet.attestation(draft), proof)
        if rules:
            refused(gateway, upstream, request, CHAL, rules)
        else:
            accepted(gateway, upstream, request)
            upstream.reset()

    sent(ALONE[number], {"CHAL-20"}, nonce=...)
    sent(ALONE[number], set(), challenge=..., nonce="of somebody else")
    assert (number in ALIAS) == draft.nonce_alias
    if number in ALIAS:
        sent(ALIAS[number], set(), nonce=...)
        sent(ALIAS[number], {"POP-14"}, challenge=..., nonce="of somebody else")
        sent(ALIAS[number], {"CHAL-21"}, nonce="of somebody else")


@pytest.mark.parametrize("number", EVERY)
def test_POP_05_arrays_of_audiences(gateway, upstream, wallet, number):
    """`pop.aud_array`: any array to -08, one element since; never two that are served here."""
    server, draft = ALONE[number], DRAFTS[number]
    judging = (gateway, upstream, wallet, server, draft)
    judged(*judging, set(), aud=[server.issuer])
    upstream.reset()
    several = [server.issuer, "https://elsewhere.example.com"]
    judged(*judging, set() if draft.audience_arrays else {"POP-05"}, aud=several)
    upstream.reset()
    judged(*judging, {"POP-05"}, aud=[server.issuer, ALL.issuer])
    judged(*judging, {"POP-04", "POP-05"}, aud=["https://elsewhere.example.com"])
    judged(*judging, {"POP-04", "POP-05", "JOSE-22"}, aud=[])


@pytest.mark.parametrize("number", EVERY)
def test_POP_01_AMB_21_the_type_without_its_suffix(gateway, upstream, wallet, number):
    judging = (gateway, upstream, wallet, ALONE[number], DRAFTS[number])
    header = {"typ": "oauth-client-attestation-pop"}
    judged(*judging, set() if number == "05" else {"POP-01"}, header=header)


@pytest.mark.parametrize("number", EVERY)
def test_CHAL_01_CHAL_03_CHAL_10_where_challenges_and_nonces_are_served(gateway, upstream, number):
    """`nonce.options`, `challenge.endpoint`, `challenge.header`."""
    server, draft = ALONE[number], DRAFTS[number]
    fields = [("Host", server.host)]
    asked = Request("OPTIONS", ENDPOINTS["token"], [*fields, ("attestation-nonce-request", "true")])
    assert (gateway.send(asked).one("attestation-nonce") is not None) == (not draft.challenges)
    response = gateway.send(Request("POST", CHALLENGE, fields))
    assert response.status == (200 if draft.challenges else 404), response
    upstream.nothing()


@pytest.mark.parametrize("number", EVERY)
def test_JOSE_17_a_MAC_is_no_signature_where_no_attester_has_one(
    gateway, upstream, wallet, number
):
    """`att.mac_allowed`: nothing by itself; the attester's public key is no secret."""
    server, draft = ALONE[number], DRAFTS[number]
    judging = (gateway, upstream, wallet, server, draft)
    rules = {"ATT-02", "JOSE-06", "JOSE-10", "JOSE-17"}
    judged(*judging, rules, attestation={"header": {"alg": "HS256"}})
    judged(*judging, {"POP-02", "JOSE-06", "JOSE-10", "JOSE-17"}, header={"alg": "HS256"})


@pytest.mark.parametrize("number", EVERY)
def test_REQ_03_header_syntax(gateway, upstream, wallet, number):
    """`header.syntax` is token68 in every draft built: no quotes, no parameters."""
    server, draft = ALONE[number], DRAFTS[number]
    request = server.request(
        wallet.attestation(draft), wallet.proof(draft, server.issuer, server.fresh(gateway, draft))
    )
    name = "OAuth-Client-Attestation-PoP"
    for form in ('"{}"', "{};v=1", "{}, {}", "*{}"):
        value = form.replace("{}", request.value(name))
        refused(gateway, upstream, request.put(name, value), "invalid_request", "REQ-03")


@pytest.mark.parametrize("number", EVERY)
def test_RPL_01_CHAL_21_the_same_proof_and_somebody_elses_challenge(
    gateway, upstream, wallet, number
):
    server, draft = ALONE[number], DRAFTS[number]
    request = server.request(
        wallet.attestation(draft), wallet.proof(draft, server.issuer, server.fresh(gateway, draft))
    )
    accepted(gateway, upstream, request)
    upstream.reset()
    refused(gateway, upstream, request, code(server, draft, {"RPL-03"}), "RPL-03")
    elsewhere = ALL.fresh(gateway, draft)
    foreign = server.request(
        wallet.attestation(draft), wallet.proof(draft, server.issuer, elsewhere)
    )
    refused(gateway, upstream, foreign, code(server, draft, {"CHAL-21"}), "CHAL-21")


def test_JOSE_10_JOSE_19_an_algorithm_of_another_key(gateway, upstream, wallets):
    """Every algorithm's name over every other's key."""
    draft, server = DRAFTS["11"], ALONE["11"]
    rules = {"JOSE-10", "JOSE-11", "JOSE-19", "KEY-13", "KEY-04"}
    for wallet in (wallets[name] for name in ALGORITHMS):
        for other in set(ALGORITHMS) - {wallet.instance.algorithm}:
            judging = (gateway, upstream, wallet, server, draft)
            judged(*judging, rules, attestation={"header": {"alg": other}})
            judged(*judging, rules, header={"alg": other})

