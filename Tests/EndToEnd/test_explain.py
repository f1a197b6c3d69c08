# SPDX-License-Identifier: Apache-2.0
"""`attestgate explain` with the real binary: the published vectors, real curl, pastes, garbage."""

import base64
import json
import re
import shlex
import subprocess
import time

import pytest
from cryptography import x509

from harness import jose, published, settings
from harness.gateway import AUTHORITY, attested, form, presented, run
from harness.published import DERIVED, T05, T10, TDPOP, TSLIDE, TVCI

CLIENT = "https://client.example.com"


class Desk:
    """A configuration in a directory, and explanations with it."""

    def __init__(self, directory):
        self.directory = directory

    def configure(self, *, issuer=jose.ISSUER, keys=None, clients=(CLIENT,), **server):
        keys = keys or [published.ATTESTER_KEY]
        (self.directory / "published.jwks.json").write_text(json.dumps({"keys": keys}))
        config = {
            "listeners": [{"address": "127.0.0.1:0"}],
            "authorization_servers": [
                {
                    "issuer": issuer,
                    "upstream": "http://127.0.0.1:9",
                    "endpoints": {"token": "/token"},
                    "challenge": {"policy": "off"},
                    "attesters": [
                        {
                            "id": "published",
                            "jwks_file": "published.jwks.json",
                            "clients": list(clients),
                        }
                    ],
                    "clients": [
                        {"client_id": client, "upstream": {"authentication": "none"}}
                        for client in clients
                    ],
                    **server,
                }
            ],
            "secrets": {"master_key_file": "master.key"},
        }
        path = self.directory / "explain.yaml"
        path.write_text(json.dumps(config))
        self.config = path
        return self

    def explain(self, request, *options, at=None, status=None) -> str:
        text = request.encode() if isinstance(request, str) else request
        moment = [] if at is None else ["--at", at]
        result = run("explain", "--config", self.config, *moment, *options, stdin=text)
        output = result.stdout.decode()
        if status is not None:
            assert result.returncode == status, output + result.stderr.decode()
        return output if output else result.stderr.decode()

    def rule(self, request, at=None) -> str:
        """`accepted`, or the rule that refused; text and JSON say the same."""
        report = json.loads(self.explain(request, "--json", at=at))
        verdict = report.get("refusal", {}).get("rule", report["verdict"])
        assert verdict in self.explain(request, at=at).split("\n")[1]
        failed = [rule["id"] for rule in report["rules"] if rule["result"] == "fail"]
        assert failed == ([] if verdict == "accepted" else [verdict])
        return verdict


@pytest.fixture
def desk(factory):
    with factory({"listeners": []}, start=False) as gateway:
        yield Desk(gateway.directory)


def http(attestation, proof=None, dpop=None, host=AUTHORITY) -> str:
    body = "grant_type=client_credentials"
    fields = {
        "Host": host,
        "OAuth-Client-Attestation": attestation,
        "OAuth-Client-Attestation-PoP": proof,
        "DPoP": dpop,
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
    }
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    return "\r\n".join(["POST /token HTTP/1.1", *lines, "", body])


# The published vectors

CA10, POP10 = published.CA10, published.POP10_AS


@pytest.mark.parametrize(
    "attestation,proof,at,profile,rule",
    [
        (CA10, POP10, T10, "abca-11", "accepted"),
        (CA10, POP10, T10, "abca-10", "accepted"),
        (CA10, published.POP10_RS, T10, "abca-11", "POP-04"),
        (CA10, published.POP08, T10, "abca-11", "POP-07"),
        (CA10, published.POP08, T10, "abca-09", "POP-07"),
        (CA10, published.POP08, T10, "abca-08", "POP-07"),
        (published.CA06, published.POP05, T05, "abca-06", "POP-03"),
        (published.CA06, published.POP05, T05, "abca-07", "POP-03"),
        (published.CA05, published.POP05, T05, "abca-05", "POP-03"),
        (CA10, POP10, T10 + 361, "abca-11", "POP-08"),
        (CA10, POP10, T05, "abca-11", "ATT-06"),
        (POP10, CA10, T10, "abca-11", "KEY-01"),
    ],
)
def test_POP_03_POP_04_POP_07_each_published_vector_names_its_rule(
    desk, attestation, proof, at, profile, rule
):
    """The `eudi` and `haip` verdicts need profiles that this release does not build."""
    assert desk.configure(profiles=[profile]).rule(http(attestation, proof), at) == rule


@pytest.mark.parametrize(
    "name,rule",
    [("V1", "accepted"), ("V2", "JOSE-11"), ("V3", "JOSE-02"), ("V4", "JOSE-02"),
     ("V5", "JOSE-12")],
)  # fmt: skip
def test_JOSE_02_JOSE_11_JOSE_12_each_derived_vector_names_its_rule(desk, name, rule):
    """V1 is refused as a replay only by a gateway that has seen the original (RPL-05)."""
    proof = POP10.rsplit(".", 1)[0] + "." + DERIVED[name]
    assert desk.configure().rule(http(CA10, proof), T10) == rule


def test_POP_03_r_and_s_swapped(desk):
    raw = jose.unb64(POP10.rsplit(".", 1)[1])
    proof = jose.resigned(POP10, raw[32:] + raw[:32])
    assert desk.configure().rule(http(CA10, proof), T10) == "POP-03"


def test_CHAL_21_the_published_challenge_is_none_of_ours(desk):
    desk.configure(challenge={"policy": "required"})
    assert desk.rule(http(CA10, POP10), T10) == "CHAL-21"
    assert "not of the form of ours" in desk.explain(http(CA10, POP10), at=T10)


def test_POP_03_the_attestation_of_VCI_holds_under_its_pinned_certificate(desk):
    """No proof by its instance key is published, so a whole request ends at the proof."""
    header = json.loads(jose.unb64(published.CAVCI.split(".")[0]))
    certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    numbers = certificate.public_key().public_numbers()
    key = {"kty": "EC", "crv": "P-256"}
    for name, number in (("x", numbers.x), ("y", numbers.y)):
        key[name] = jose.b64(number.to_bytes(32, "big"))
    desk.configure(keys=[key], clients=["https://wallet.example.com"], profiles=["abca-07"])
    assert desk.rule(http(published.CAVCI, published.POP05), TVCI) == "POP-03"
    assert desk.rule(http(published.CAVCI, published.POP05), TVCI + 10**6) == "ATT-04"


def alongside(dpop, at, host=AUTHORITY, issuer=jose.ISSUER):
    """The published DPoP proofs beside tokens of that time, made here: none were published."""
    attester = jose.Attester()
    instance = jose.Instance(attester, CLIENT, iat=at - 5, exp=at + 3600)
    request = http(instance.attestation, instance.proof(aud=issuer, iat=at), dpop, host)
    return attester.jwks["keys"], request


@pytest.mark.parametrize(
    "dpop,at,issuer,rule",
    [
        (published.DPOP9449, TDPOP, "https://server.example.com", "accepted"),
        (published.DPOP9449, TDPOP, "https://as.example.com", "DPOP-09"),
        (published.DPOP9449, TDPOP + 400, "https://server.example.com", "DPOP-11"),
        (published.DPOPSLIDE, TSLIDE, "https://as.example", "accepted"),
        (published.DPOPSLIDE, TSLIDE, "https://as.example.com", "DPOP-09"),
    ],
)
def test_DPOP_09_DPOP_11_the_published_DPoP_proofs(desk, dpop, at, issuer, rule):
    keys, request = alongside(dpop, at, issuer.removeprefix("https://"), issuer)
    desk.configure(issuer=issuer, keys=keys)
    assert desk.rule(request, at) == rule


def test_DPOP_17_a_DPoP_proof_by_another_key_in_combined_mode(desk):
    client = {
        "client_id": CLIENT, "methods": ["dpop_combined"], "upstream": {"authentication": "none"},
    }  # fmt: skip
    desk.configure(issuer="https://server.example.com", clients=(CLIENT,))
    desk.configure(clients=(CLIENT,))
    config = json.loads(desk.config.read_text())
    config["authorization_servers"][0]["clients"] = [client]
    desk.config.write_text(json.dumps(config))
    assert desk.rule(http(CA10, None, published.DPOP9449), T10) == "DPOP-17"


# Against a gateway that runs


def curl(gateway, *arguments) -> subprocess.CompletedProcess:
    url = "http://{}:{}/oauth/token".format(*gateway.address)
    return subprocess.run(["curl", "-sv", url, *arguments], capture_output=True, timeout=30)


def options(*tokens, host=True) -> list[str]:
    names = ("OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP")
    fields = [f"{name}: {token}" for name, token in zip(names, tokens)]
    fields += [f"Host: {AUTHORITY}"] if host else []
    return [part for field in fields for part in ("-H", field)]


def test_POP_08_what_curl_prints_is_judged_like_what_curl_sent(gateway11, upstream, trust):
    tokens = trust.public.attestation, trust.public.proof(challenge=gateway11.challenge())
    body = ["-d", "grant_type=client_credentials"]
    sent = curl(gateway11, *options(*tokens), *body)
    assert b"access_token" in sent.stdout
    desk = Desk(gateway11.directory)
    desk.config = gateway11.config
    printed = sent.stderr.decode()

    text = desk.explain(printed, status=0)
    assert text.split("\n")[1].startswith("accepted, as far as it was captured"), text
    assert re.search(r"not known here +HTTP-07, REQ-09 to -11", text), text
    assert re.search(r"8 client_id +not known here", text), text
    late = desk.explain(printed, at=int(time.time()) + 500, status=1)
    assert "refused by POP-08 at step 7" in late.split("\n")[1]
    assert re.search(r"found +iat .* ago\)?", late) and "300 s + 60 s" in late

    path = desk.directory / "body"
    path.write_text("grant_type=client_credentials&client_id=other\n")
    with_body = desk.explain(printed, "--body", path, status=1)
    assert "refused by REQ-12" in with_body and "found            other" in with_body

    command = "curl -v http://x/ " + shlex.join([*options(*tokens), *body])
    whole = desk.explain(f"$ {command}\n{printed}", status=0)
    assert "command line above the output" in whole
    assert whole.split("\n")[1].startswith("accepted: goes to the AS as " + settings.PUBLIC)


def test_HTTP_08_a_curl_command_line_without_the_right_host(gateway11, trust):
    desk = Desk(gateway11.directory)
    desk.config = gateway11.config
    tokens = trust.public.attestation, trust.public.proof(challenge=gateway11.challenge())
    url = "http://{}:{}/oauth/token".format(*gateway11.address)
    command = ["curl", "-s", url, *options(*tokens, host=False), "-d", "grant_type=x"]
    text = desk.explain(shlex.join(command), status=1)
    assert "refused by HTTP-08" in text and f"expected         {AUTHORITY}" in text
    right = [*command, "-H", f"Host: {AUTHORITY}"]
    assert desk.explain(shlex.join(right), status=0).split("\n")[1].startswith("accepted")


def faulty(trust, challenge) -> dict:
    instance, other = trust.public, jose.Instance(trust.attester, settings.PUBLIC)
    good = attested(instance, challenge)
    return {
        "audience": attested(instance, challenge, aud="https://other.example.com"),
        "key": attested(instance, challenge, ("grant_type", "x")).put(
            "OAuth-Client-Attestation-PoP", other.proof(challenge=challenge)
        ),
        "no proof": good.without("OAuth-Client-Attestation-PoP"),
        "nothing": form(),
        "two credentials": good.add("Authorization", "Basic YTpi"),
        "two tokens": good.add("OAuth-Client-Attestation", instance.attestation),
        "expired": presented(
            trust.attester.attest(instance.key, settings.PUBLIC, exp=int(time.time()) - 600),
            instance.proof(challenge=challenge),
        ),
        "client_id": attested(instance, challenge, ("grant_type", "x"), ("client_id", "y")),
        "parameter twice": attested(instance, challenge, ("grant_type", "x"), ("a", "1"), ("a", "2")),
        "no challenge": attested(instance, None),
        "foreign attester": attested(trust.foreign, challenge, iss="x").put(
            "OAuth-Client-Attestation", trust.foreign.attestation[:-4] + "AAAA"
        ),
        "query": good.copy(target=good.target + "?client_id=x"),
    }


def test_ERR_09_explain_names_the_rule_that_the_gateway_logged(gateway11, upstream, trust):
    """One implementation: the same octets, sent and explained."""
    desk = Desk(gateway11.directory)
    desk.config = gateway11.config
    for name, request in faulty(trust, gateway11.challenge()).items():
        start = gateway11.mark()
        response = gateway11.send(request)
        # The record of an earlier test's accepted request may come late: it names no rule.
        record = gateway11.wait_for(lambda r: r.get("msg") == "access" and "rule" in r, start)[0]
        report = json.loads(desk.explain(request.encoded(), "--json", status=1))
        assert report["refusal"]["rule"] == record["rule"], (name, record, report["summary"])
        assert report["refusal"]["status"] == response.status, name


# The command


@pytest.mark.parametrize(
    "text,words",
    [
        ("", "empty"),
        ("hello", "curl -v"),
        ("\x00\xff\n" * 1000, "no request is recognised"),
        ("curl https://as.example.com -H \"A: $TOKEN\"", "$TOKEN"),
        ("curl https://as.example.com -d @file", "names a file"),
        ("POST /token HTTP/1.1\n" + "x" * (1 << 20), "1 MiB"),
    ],
)  # fmt: skip
def test_HTTP_01_what_is_no_request_is_said_on_standard_error(desk, text, words):
    result = run("explain", "--config", desk.configure().config, stdin=text.encode("latin-1"))
    assert result.returncode == 1 and result.stdout == b""
    assert words in result.stderr.decode() and result.stderr.count(b"\n") == 1


def test_HTTP_01_HTTP_02_garbage_after_a_request_line_ends_at_a_rule(desk):
    desk.configure()
    assert desk.rule("POST /token HTTP/1.1\r\nHost : x\r\n\r\n") == "HTTP-02"
    assert desk.rule("POST /token HTTP/1.1\r\nHost: x\r\nA\n: b\r\n\r\n") == "HTTP-01"
    assert desk.rule("POST /token HTTP/1.1\r\nHost: as.example.com\r\nA: " + "x" * 70000) != ""


def test_ERR_09_nothing_secret_is_printed(factory, upstream, trust):
    with factory(settings.base(upstream.url), start=False) as gateway:
        desk = Desk(gateway.directory)
        desk.config = gateway.config
        gateway.config.write_text(json.dumps(gateway.settings))
        proof = trust.basic.proof(challenge="c" + "A" * 54)
        request = presented(
            trust.basic.attestation, proof, ("grant_type", "authorization_code"),
            ("code", "the-secret-code"),
        )  # fmt: skip
        for options in ([], ["--full"], ["--json"], ["--color", "always"]):
            text = desk.explain(request.encoded(), *options, status=1)
            tokens = trust.basic.attestation.split(".") + proof.split(".")
            claims = jose.claims_of(proof)
            for secret in [*tokens, claims["jti"], "the-secret-code", *gateway.sensitive]:
                assert secret not in text, options


def test_ERR_09_options_and_exit_statuses(desk):
    desk.configure()
    request = http(CA10, POP10)
    assert "\x1b[" not in desk.explain(request, at=T10, status=0)
    assert "\x1b[1;32maccepted" in desk.explain(request, "--color", "always", at=T10)
    path = desk.directory / "request"
    path.write_text(request.replace("\r\n", "\n"))
    text = desk.explain("", "--request", path, "--at", "2026-03-02T21:40:00Z", status=0)
    assert "line ends were LF" in text
    full = desk.explain(request, "--full", at=T10, status=0)
    assert re.search(r"pass +POP-04 +aud is the issuer of this AS +\[A11 7\.2\(7\)\]", full)
    for options in (["--at", "yesterday"], ["--color", "blue"], ["--nonsense"]):
        assert run("explain", "--config", desk.config, *options).returncode == 64
    assert run("explain").returncode == 64
    desk.config.write_text("listeners: 3")
    assert "explain.yaml:1:" in desk.explain(request, status=1)


def test_ERR_09_a_rule_of_the_log_is_looked_up():
    result = run("explain", "--rule", "pop-04")
    assert result.returncode == 0 and "POP-04: aud is the issuer" in result.stdout.decode()
    assert run("explain", "--rule", "POP-99").returncode == 1
