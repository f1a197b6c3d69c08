# SPDX-License-Identifier: Apache-2.0
"""The commands as an operator and a newcomer meet them, and the checks of a configuration."""

import hashlib
import json
import re
import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from harness import jose, settings
from harness.expect import accepted
from harness.gateway import AUTHORITY, CHALLENGE, ENDPOINTS, presented, run
from harness.settings import changed
from harness.wire import Request

pytestmark = pytest.mark.usefixtures("factory")

UPSTREAM = "http://127.0.0.1:9"
SERVER = "authorization_servers.0."


@pytest.fixture
def prepared(factory):
    """A directory with everything a configuration refers to; nothing is started."""
    with factory(settings.base(UPSTREAM), start=False) as gateway:
        yield gateway


def check(prepared, config) -> tuple[int, str]:
    text = config if isinstance(config, str) else json.dumps(config, indent=1)
    prepared.config.write_text(text)
    result = run("check", "--config", prepared.config)
    return result.returncode, (result.stdout + result.stderr).decode()


def wrong(prepared, config, *words: str) -> str:
    """`check` says so with a position and these words, and `run` does not start either."""
    status, output = check(prepared, config)
    assert status == 1, output
    assert re.search(r"attestgate\.yaml:\d+:\d+: ", output), output
    for word in words:
        assert word.lower() in output.lower(), output
    started = run("run", "--config", prepared.config, timeout=20)
    assert started.returncode == 1
    return output


def test_CFG_01_the_base_configuration_is_fine(prepared):
    status, output = check(prepared, settings.base(UPSTREAM))
    assert status == 0, output


@pytest.mark.parametrize(
    "issuer",
    ["http://as.example.com", "https://as.example.com?x=1", "https://as.example.com#x", "", ...],
)
def test_CFG_01_issuer(prepared, issuer):
    wrong(prepared, changed(settings.base(UPSTREAM), SERVER + "issuer", issuer), "issuer")


def test_CFG_02_clients_and_credentials(prepared):
    base = settings.base(UPSTREAM)
    wrong(prepared, changed(base, SERVER + "clients.0.upstream", ...), "upstream")
    listed = changed(base, SERVER + "unattested_clients", [settings.PUBLIC])
    wrong(prepared, listed, settings.PUBLIC)
    wrong(prepared, changed(base, SERVER + "clients.1.upstream.secret_file", ...), "secret_file")


def test_CRED_01_CFG_02_an_attested_client_without_an_entry(prepared):
    """Vouched for by its attester, unknown to the map: said before anything starts."""
    config = settings.base(UPSTREAM)
    clients = config["authorization_servers"][0]["clients"]
    config["authorization_servers"][0]["clients"] = clients[:1] + clients[2:]
    wrong(prepared, config, settings.BASIC)


def test_CFG_03_attesters(prepared):
    base = settings.base(UPSTREAM)
    wrong(prepared, changed(base, SERVER + "attesters.0.clients", ...), "clients")
    wrong(prepared, changed(base, SERVER + "attesters.0.clients", []), "clients")
    same = changed(base, SERVER + "attesters.1.issuers", ["https://attester.example.com"])
    wrong(prepared, same, "attester.example.com")


KEYS = {
    "missing": None,
    "short": "attestgate-key-1 7 " + jose.b64(bytes(31)),
    "another format": "secret",
    "id out of range": "attestgate-key-1 256 " + jose.b64(bytes(range(32))),
}


@pytest.mark.parametrize("text", KEYS.values(), ids=KEYS.keys())
def test_CFG_07_master_keys(prepared, text):
    path = prepared.directory / "master.key"
    path.unlink() if text is None else path.write_text(text + "\n")
    output = wrong(prepared, settings.base(UPSTREAM), "master")
    assert jose.b64(bytes(range(32))) not in output


def test_CFG_07_a_key_that_others_may_read(prepared):
    (prepared.directory / "master.key").chmod(0o644)
    wrong(prepared, settings.base(UPSTREAM), "master.key")
    (prepared.directory / "master.key").chmod(0o600)
    (prepared.directory / "basic.secret").chmod(0o666)
    wrong(prepared, settings.base(UPSTREAM), "basic.secret")


def test_CFG_07_two_master_keys_that_are_one(prepared):
    text = (prepared.directory / "master.key").read_text()
    prepared.write_secret("old.key", text.replace(" 7 ", " 8 "))
    config = changed(settings.base(UPSTREAM), "secrets.previous_master_key_files", ["old.key"])
    wrong(prepared, config, "old.key")


@pytest.mark.parametrize("key,value", [("clock_skew", "301s"), ("max_age", "601s")])
def test_CFG_08_windows(prepared, key, value):
    wrong(prepared, changed(settings.base(UPSTREAM), SERVER + f"proof.{key}", value), key)


def test_CFG_12_one_path_twice(prepared):
    base = settings.base(UPSTREAM)
    path = SERVER + "endpoints.revocation"
    wrong(prepared, changed(base, path, "/oauth/token"), "/oauth/token")
    wrong(prepared, changed(base, SERVER + "challenge.endpoint", "/oauth/par"), "/oauth/par")


def test_CFG_15_pass_through_may_not_be_a_protected_endpoint(prepared):
    base = settings.base(UPSTREAM)
    path = SERVER + "pass_through"
    wrong(prepared, changed(base, path, ["/oauth", "/oauth/token"]), "/oauth/token")


def test_CFG_15_endpoints_must_be_known(prepared):
    wrong(prepared, changed(settings.base(UPSTREAM), SERVER + "endpoints", ...), "endpoints")


LATER = [
    ("admin", {"address": "127.0.0.1:0"}),
    ("replay", {"store": "redis", "url": "redis://127.0.0.1"}),
    (SERVER + "profiles", ["haip"]),
    (SERVER + "metadata", {"signed": "resign"}),
    (SERVER + "bind", {"signal": False}),
    (SERVER + "mode", "signal"),
    (SERVER + "upstream", "https://127.0.0.1:9"),
    (SERVER + "clients.0.upstream", {"authentication": "tls_client_auth", "certificate": "c"}),
]


@pytest.mark.parametrize("path,value", LATER, ids=lambda value: str(value)[:50])
def test_CFG_01_what_is_not_built_is_refused_and_says_so(prepared, path, value):
    wrong(prepared, changed(settings.base(UPSTREAM), path, value), "not built")


def test_CFG_01_unknown_keys_with_the_nearest_name_and_all_errors_at_once(prepared):
    base = settings.base(UPSTREAM)
    config = changed(base, SERVER + "isuer", "x")
    config = changed(config, SERVER + "proof", {"max_aeg": "5m", "clock_skew": "soon"})
    config["listeners"][0]["adress"] = "x"
    output = wrong(prepared, config, "issuer", "max_age", "address", "clock_skew")
    assert len(re.findall(r"attestgate\.yaml:\d+:\d+: ", output)) >= 4


YAML = """\
listeners:
  - address: "127.0.0.1:0"            # any port
authorization_servers:
  - issuer: https://as.example.com
    upstream: UPSTREAM
    endpoints: { token: /oauth/token }
    attesters:
      - id: attester
        jwks_file: attester.jwks.json
        clients: [https://client.example.com]
    clients:
      - client_id: https://client.example.com
        upstream: { authentication: none }
secrets: { master_key_file: master.key }
"""


def test_CFG_01_the_least_configuration_runs(factory, upstream, trust):
    with factory({"listeners": [0]}, start=False) as gateway:
        text = YAML.replace("UPSTREAM", upstream.url)
        gateway.settings = _Text(text)
        gateway.start()
        challenge = gateway.challenge()
        request = presented(trust.public.attestation, trust.public.proof(challenge=challenge))
        accepted(gateway, upstream, request)


class _Text(dict):
    """A configuration that is written as it is."""

    def __init__(self, text: str):
        super().__init__(listeners=[None])
        self.text = text


@pytest.mark.parametrize("spoil", [
    ("    upstream: UPSTREAM", "    upstream: UPSTREAM\n    upstream: UPSTREAM"),
    ("[https://client.example.com]", "&c [https://client.example.com]"),
    ("secrets: {", "---\nsecrets: {"),
    ("listeners:", "\tlisteners:"),
    ("{ authentication: none }", "!!map { authentication: none }"),
])  # fmt: skip
def test_CFG_01_YAML_that_could_be_read_two_ways(prepared, spoil):
    text = YAML.replace(*spoil).replace("UPSTREAM", UPSTREAM)
    status, output = check(prepared, text)
    assert status == 1 and re.search(r":\d+:\d+: ", output), output


def test_commands_end_with_64_when_the_command_line_is_wrong():
    for arguments in (["nonsense"], ["run"], ["check"], ["keygen"], ["keygen", "nonsense"],
                      ["check", "--config"], ["mint", "pop", "--bogus"]):  # fmt: skip
        result = run(*arguments)
        assert result.returncode == 64, (arguments, result)
        assert result.stderr and not result.stdout
    assert run("check", "--config", "/nonexistent.yaml").returncode == 1
    for arguments in (["--help"], ["run", "--help"], ["--version"]):
        assert run(*arguments).returncode == 0


def test_keygen_makes_new_files_that_only_the_owner_reads(tmp_path):
    path = tmp_path / "master.key"
    assert run("keygen", "master", "--id", "9", "--out", path).returncode == 0
    assert re.fullmatch(r"attestgate-key-1 9 [A-Za-z0-9_-]{43}\n", path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_text()
    assert run("keygen", "master", "--out", path).returncode == 1
    assert path.read_text() == before
    keys = {run("keygen", "master").stdout for _ in range(2)}
    assert len(keys) == 2


def test_keygen_and_mint_make_what_joserfc_reads_and_the_gateway_accepts(
    factory, upstream, tmp_path
):
    attester, jwks = tmp_path / "attester.jwk", tmp_path / "attester.jwks.json"
    instance = tmp_path / "instance.jwk"
    made = run("keygen", "attester", "--out", attester, "--jwks", jwks)
    assert made.returncode == 0, made
    assert run("keygen", "instance", "--out", instance).returncode == 0
    public = json.loads(jwks.read_text())
    assert "d" not in public["keys"][0]
    assert attester.stat().st_mode & 0o777 == 0o600
    with factory(settings.base(upstream.url), start=False) as gateway:
        (gateway.directory / "attester.jwks.json").write_text(jwks.read_text())
        gateway.start()
        tokens = mint(attester, instance, gateway.challenge())
        head = jwt.decode(tokens[0], ECKey.import_key(public["keys"][0]), algorithms=["ES256"])
        assert head.claims["sub"] == settings.PUBLIC
        accepted(gateway, upstream, presented(*tokens))


def mint(attester, instance, challenge) -> tuple[str, str]:
    attestation = run(
        "mint", "attestation", "--key", attester, "--client-id", settings.PUBLIC,
        "--issuer", "https://attester.example.com", "--instance", instance,
    )  # fmt: skip
    proof = run(
        "mint", "pop", "--key", instance, "--audience", jose.ISSUER, "--challenge", challenge
    )
    for result in (attestation, proof):
        assert result.returncode == 0, result
    return attestation.stdout.decode().strip(), proof.stdout.decode().strip()


def test_mint_dpop_makes_what_joserfc_reads_and_the_gateway_accepts(factory, upstream, trust):
    changes = {"dpop": {"nonce_owner": "gateway", "require_nonce": True}}
    config = settings.base(upstream.url, **changes)
    config["authorization_servers"][0]["clients"][0]["methods"] = ["dpop_combined"]
    with factory(config) as gateway:
        key = gateway.write_secret("instance.jwk", json.dumps(trust.public.key.private_jwk))
        request = Request("POST", CHALLENGE, [("Host", AUTHORITY)])
        nonce = gateway.send(request).one("DPoP-Nonce")
        minted = run("mint", "dpop", "--key", key, "--htu", jose.ISSUER + ENDPOINTS["token"],
                     "--nonce", nonce, "--jti", "j-1", "--access-token", "t")  # fmt: skip
        assert minted.returncode == 0, minted
        proof = minted.stdout.decode().strip()
        read = jwt.decode(proof, ECKey.import_key(trust.public.key.jwk), algorithms=["ES256"])
        assert read.header["typ"] == "dpop+jwt" and "d" not in read.header["jwk"]
        assert (read.claims["htm"], read.claims["jti"]) == ("POST", "j-1")
        assert read.claims["ath"] == jose.b64(hashlib.sha256(b"t").digest())
        request = presented(trust.public.attestation, "x")
        request = request.without("OAuth-Client-Attestation-PoP").add("DPoP", proof)
        accepted(gateway, upstream, request)
    both = run("mint", "dpop", "--key", key, "--htu", "x", "--ath", "a", "--access-token", "t")
    assert both.returncode == 64


def test_demo_tells_the_whole_story_in_seconds():
    start = time.monotonic()
    result = run("demo", timeout=120)
    text = result.stdout.decode()
    assert result.returncode == 0, text + result.stderr.decode()
    assert time.monotonic() - start < 60
    last = re.search(r"(\d+) of (\d+) steps went as they should\.", text.strip().split("\n")[-1])
    assert last and last[1] == last[2] and int(last[1]) >= 10, text
    for word in ("client → gateway", "gateway → AS", "client ← gateway", "accepted", "refused",
                 "RPL-03", "OPTIONS", "the AS saw nothing"):  # fmt: skip
        assert word in text, word
