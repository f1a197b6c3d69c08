# SPDX-License-Identifier: Apache-2.0
"""Every algorithm, both ways: what we mint is verified by `cryptography`, and we verify what it
signs; with it what an operator may withdraw: algorithms, instances, older attestations."""

import json
import secrets
import time

import pytest

from harness import algorithms, jose, settings
from harness.algorithms import MACS, SIGNATURES, Key
from harness.expect import ATT, accepted, refused
from harness.gateway import presented, run
from harness.settings import changed

SERVER = "authorization_servers.0."
MAC_ISSUER = "https://mac.example.com"
SECRET = b"a secret of sixty-four octets, which is as long as SHA-512 wants"


def write(gateway, name: str, value) -> None:
    (gateway.directory / name).write_text(json.dumps(value))


@pytest.fixture(scope="module")
def keys():
    return {alg: Key(alg, kid=alg) for alg in SIGNATURES}


@pytest.fixture(scope="module")
def gateway(factory, recorder, keys):
    """One attester with a key of every algorithm, and one with a secret; proofs with all."""
    config = settings.base(recorder.url, proof={"algorithms": SIGNATURES})
    config = changed(config, SERVER + "attesters.0.algorithms", SIGNATURES)
    mac = {"id": "mac", "issuers": [MAC_ISSUER], "algorithms": MACS, "clients": [settings.PUBLIC],
           "mac": {"key_id": "shared", "secret_file": "mac.secret"}}  # fmt: skip
    config["authorization_servers"][0]["attesters"].append(mac)
    with factory(config, start=False) as gateway:
        write(gateway, "attester.jwks.json", {"keys": [key.jwk for key in keys.values()]})
        gateway.write_secret("mac.secret", SECRET.decode() + "\n")
        yield gateway.start()


def claims(instance: Key, issuer: str = "https://attester.example.com", **more) -> dict:
    now = int(time.time())
    return {"iss": issuer, "sub": settings.PUBLIC, "iat": now - 5, "exp": now + 3600,
            "cnf": {"jwk": instance.jwk}} | more  # fmt: skip


def attestation(key: Key, instance: Key, **more) -> str:
    header = {"typ": jose.ATTESTATION_TYPE, "kid": key.kid}
    return algorithms.token(header, claims(instance, **more), key)


def proof(gateway, instance: Key) -> str:
    payload = {"aud": jose.ISSUER, "jti": secrets.token_urlsafe(), "iat": int(time.time()),
               "challenge": gateway.challenge()}  # fmt: skip
    return algorithms.token({"typ": jose.PROOF_TYPE}, payload, instance)


@pytest.mark.parametrize("alg", SIGNATURES)
def test_ATT_02_POP_02_we_verify_what_cryptography_signs(gateway, upstream, keys, alg):
    instance = Key(alg)
    token = attestation(keys[alg], instance)
    for _ in range(2):  # the second time the attestation is known
        upstream.reset()
        accepted(gateway, upstream, presented(token, proof(gateway, instance)))


def test_JOSE_16_EdDSA_of_an_Ed448_key(gateway, upstream, keys):
    instance = Key("EdDSA", curve448=True)
    request = presented(attestation(keys["ES256"], instance), proof(gateway, instance))
    accepted(gateway, upstream, request)


@pytest.mark.parametrize("alg", SIGNATURES)
def test_ATT_03_POP_03_one_bit_of_the_signature(gateway, upstream, keys, alg):
    instance = Key(alg)
    tokens = attestation(keys[alg], instance), proof(gateway, instance)
    for place, rule in ((0, "ATT-03"), (1, "POP-03")):
        head, _, signature = tokens[place].rpartition(".")
        raw = bytearray(jose.unb64(signature))
        raw[len(raw) // 2 + 3] ^= 1
        changed_tokens = list(tokens)
        changed_tokens[place] = f"{head}.{jose.b64(bytes(raw))}"
        # A changed half of an elliptic signature may leave its range, never its verdict.
        rules = {rule, "JOSE-12", "JOSE-16"}
        refused(gateway, upstream, presented(*changed_tokens), ATT, rules)


@pytest.mark.parametrize("alg", MACS)
def test_JOSE_17_KEY_18_we_verify_the_MAC_of_an_attester(gateway, upstream, keys, alg):
    instance = Key("ES256")
    header = {"typ": jose.ATTESTATION_TYPE, "kid": "shared"}
    payload = claims(instance, MAC_ISSUER)
    token = algorithms.mac_token(header, payload, alg, SECRET)
    accepted(gateway, upstream, presented(token, proof(gateway, instance)))
    upstream.reset()
    for wrong, rule in (
        (algorithms.mac_token(header, payload, alg, SECRET[:-1]), "ATT-03"),
        (algorithms.mac_token({"typ": header["typ"]}, payload, alg, SECRET), "KEY-18"),
        # The public key of the other attester, as its secret.
        (algorithms.mac_token(
            header | {"kid": "ES256"}, claims(instance), alg,
            json.dumps(keys["ES256"].jwk).encode()), "ATT-02"),
    ):  # fmt: skip
        refused(gateway, upstream, presented(wrong, proof(gateway, instance)), ATT, rule)


def test_KEY_18_the_operator_is_warned_at_start(gateway):
    assert "(KEY-18)" in gateway.output


@pytest.mark.parametrize("alg", SIGNATURES)
def test_cryptography_verifies_what_keygen_and_mint_make(factory, upstream, tmp_path, alg):
    files = {name: tmp_path / name for name in ("attester", "jwks", "instance")}
    made = run("keygen", "attester", "--alg", alg, "--out", files["attester"],
               "--jwks", files["jwks"])  # fmt: skip
    assert made.returncode == 0, made
    assert run("keygen", "instance", "--alg", alg, "--out", files["instance"]).returncode == 0
    public = json.loads(files["jwks"].read_text())
    secret_members = {"d", "p", "q", "dp", "dq", "qi"}
    assert public["keys"][0]["alg"] == alg and not secret_members & set(public["keys"][0])
    config = settings.base(upstream.url, proof={"algorithms": [alg]})
    config = changed(config, SERVER + "attesters.0.algorithms", [alg])
    with factory(config, start=False) as gateway:
        write(gateway, "attester.jwks.json", public)
        gateway.start()
        tokens = mint(files, [], ["--challenge", gateway.challenge()])
        assert algorithms.verifies(tokens[0], public["keys"][0], alg)
        confirmed = json.loads(jose.unb64(tokens[0].split(".")[1]))["cnf"]["jwk"]
        assert not secret_members & set(confirmed)
        assert algorithms.verifies(tokens[1], confirmed, alg)
        assert not algorithms.verifies(tokens[1], public["keys"][0], alg)
        accepted(gateway, upstream, presented(*tokens))


def mint(files, attestation_options, proof_options) -> list[str]:
    commands = (
        ["attestation", "--key", files["attester"], "--instance", files["instance"],
         "--client-id", settings.PUBLIC, "--issuer", "https://attester.example.com",
         *attestation_options],
        ["pop", "--key", files["instance"], "--audience", jose.ISSUER, *proof_options],
    )  # fmt: skip
    results = [run("mint", *command) for command in commands]
    assert all(result.returncode == 0 for result in results), results
    return [result.stdout.decode().strip() for result in results]


@pytest.mark.parametrize("alg", MACS)
def test_JOSE_17_cryptography_verifies_a_minted_MAC(tmp_path, alg):
    files = {name: tmp_path / name for name in ("attester", "instance")}
    assert run("keygen", "attester", "--alg", alg, "--out", files["attester"]).returncode == 0
    assert files["attester"].stat().st_mode & 0o777 == 0o600
    assert run("keygen", "instance", "--out", files["instance"]).returncode == 0
    token = mint(files, ["--alg", alg, "--key-id", "shared"], [])[0]
    secret = files["attester"].read_bytes().removesuffix(b"\n")
    assert len(secret) >= 64 and algorithms.mac_verifies(token, alg, secret)


def test_mint_signs_with_another_algorithm_of_the_family_and_with_no_other(tmp_path):
    files = {name: tmp_path / name for name in ("attester", "instance")}
    instance = Key("RS256")
    numbers = instance.private.private_numbers()
    private = instance.jwk | {name: algorithms.number(getattr(numbers, member)) for name, member in (
        ("d", "d"), ("p", "p"), ("q", "q"), ("dp", "dmp1"), ("dq", "dmq1"), ("qi", "iqmp"))}  # fmt: skip
    files["instance"].write_text(json.dumps(private))
    for alg in algorithms.RSA:
        made = run("mint", "pop", "--key", files["instance"], "--audience", "x", "--alg", alg)
        assert made.returncode == 0, made
        assert algorithms.verifies(made.stdout.decode().strip(), instance.jwk, alg)
    for alg in ("ES256", "Ed25519", "HS256", "ML-DSA-44", "none"):
        made = run("mint", "pop", "--key", files["instance"], "--audience", "x", "--alg", alg)
        assert made.returncode in (1, 64) and made.stdout == b"", made


def test_ATT_02_POP_02_JOSE_16_only_listed_names(factory, upstream, keys):
    config = settings.base(upstream.url, proof={"algorithms": ["EdDSA"]})
    config = changed(config, SERVER + "attesters.0.algorithms", ["ES384"])
    with factory(config, start=False) as gateway:
        write(gateway, "attester.jwks.json", {"keys": [key.jwk for key in keys.values()]})
        gateway.start()
        good = Key("EdDSA")
        accepted(
            gateway, upstream, presented(attestation(keys["ES384"], good), proof(gateway, good))
        )
        upstream.reset()
        for alg in set(SIGNATURES) - {"ES384"}:
            request = presented(attestation(keys[alg], good), proof(gateway, good))
            refused(gateway, upstream, request, ATT, "ATT-02")
        for alg in set(SIGNATURES) - {"EdDSA"}:
            bad = Key(alg)
            request = presented(attestation(keys["ES384"], bad), proof(gateway, bad))
            refused(gateway, upstream, request, ATT, "POP-02")


def test_ATT_16_ATT_07_what_is_suspended_and_what_is_too_old(factory, upstream, trust):
    config = settings.base(upstream.url, denylist_file="denied")
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    config = changed(config, SERVER + "clients.1.not_before", moment)
    denied, other = (jose.Instance(trust.attester, settings.PUBLIC) for _ in range(2))
    with factory(config, start=False) as gateway:
        (gateway.directory / "denied").write_text(
            f"# test\njkt {denied.key.thumbprint}\nclient second {settings.OTHER}\n"
        )
        gateway.start()

        def request(instance):
            return presented(instance.attestation, instance.proof(challenge=gateway.challenge()))

        refused(gateway, upstream, request(denied), ATT, "ATT-16")
        refused(gateway, upstream, request(trust.foreign), ATT, "ATT-16")
        accepted(gateway, upstream, request(other))
        upstream.reset()
        now = int(time.time())
        old = jose.Instance(trust.attester, settings.BASIC, iat=now - 120)
        new = jose.Instance(trust.attester, settings.BASIC, iat=now - 5)
        refused(gateway, upstream, request(old), "use_fresh_attestation", "ATT-07")
        accepted(gateway, upstream, request(new))
