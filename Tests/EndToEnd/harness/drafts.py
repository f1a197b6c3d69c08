# SPDX-License-Identifier: Apache-2.0
"""The drafts as data, transcribed from the rules a second time, and honest clients of each.

Keys and signatures are joserfc's: nothing of the gateway's own minting is used.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import time

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from . import wire
from .gateway import CHALLENGE, ENDPOINTS, Gateway
from .jose import ABSENT, ATTESTATION_TYPE, PROOF_TYPE, b64, members

CLIENT = "https://client.example.com"
ATTESTER = "https://attester.example.com"
# Those of the matrix, and the others that are built.
ALGORITHMS = ["ES256", "ES384", "Ed25519", "PS256"]
FURTHER = ["ES512", "RS256", "RS384", "RS512", "PS384", "PS512", "EdDSA", "Ed448"]


def adoption() -> str:
    """`bind.legacy_refresh` that takes unsealed refresh tokens for a month (BIND-04)."""
    return time.strftime("adopt-unrecorded %Y-%m-%d", time.gmtime(time.time() + 30 * 86_400))


@dataclasses.dataclass(frozen=True)
class Draft:
    """One column of the flag table (requirements 0.4)."""

    number: str
    names_issuers: bool  # att.iss, pop.iss
    proof_expiry: bool  # pop.exp required
    proof_issued_at: bool  # pop.iat required
    freshness_claim: str
    audience_arrays: bool
    nonce_alias: bool
    challenges: bool  # challenge.endpoint, challenge.header, errors.specific
    combined: str = ""

    @property
    def profile(self) -> str:
        return f"abca-{self.number}"

    @property
    def name(self) -> str:
        return self.number


DRAFTS = {
    draft.number: draft
    for draft in [
        Draft("05", True, True, False, "nonce", True, False, False),
        Draft("06", True, False, False, "challenge", True, True, True),
        Draft("07", True, False, True, "challenge", True, True, True),
        Draft("08", False, False, True, "challenge", True, True, True),
        Draft("09", False, False, True, "challenge", False, True, True, "challenge"),
        Draft("10", False, False, True, "challenge", False, False, True, "challenge"),
        Draft("11", False, False, True, "challenge", False, False, True, "nonce"),
    ]
}
EVERY = list(DRAFTS)


class Signer:
    """A key pair of joserfc with one algorithm."""

    def __init__(self, algorithm: str = "ES256", kid: str | None = None):
        self.algorithm, self.kid = algorithm, kid
        curve = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
        if algorithm in curve:
            self.key = ECKey.generate_key(curve[algorithm])
        elif algorithm in ("Ed25519", "EdDSA", "Ed448"):
            self.key = OKPKey.generate_key("Ed448" if algorithm == "Ed448" else "Ed25519")
        else:
            self.key = RSAKey.generate_key(2048)

    @property
    def jwk(self) -> dict:
        """The public JWK, as little as there can be of it."""
        return {n: v for n, v in self.key.as_dict(private=False).items() if n in self._names}

    _names = {"kty", "crv", "x", "y", "n", "e"}

    def sign(self, header: dict, payload: dict) -> str:
        """The compact JWS under this algorithm, whatever the header says of it."""
        names = {"typ", "alg", "kid"} | ({"jwk"} if isinstance(header.get("jwk"), dict) else set())
        is_usual = header.get("alg") == self.algorithm != "EdDSA" and header.keys() <= names
        if is_usual:
            allowed = [self.algorithm]
            return jws.serialize_compact(header, json.dumps(payload), self.key, algorithms=allowed)
        text = ".".join(b64(json.dumps(part).encode()) for part in (header, payload))
        signature = JWSRegistry.algorithms[self.algorithm].sign(text.encode(), self.key)
        return f"{text}.{b64(signature)}"


class Wallet:
    """An installation: its key, and tokens in the shape of any draft."""

    def __init__(self, attester: Signer, instance: Signer, client_id: str = CLIENT):
        self.attester, self.instance, self.client_id = attester, instance, client_id

    def attestation(self, draft: Draft, *, header=None, key=None, **claims) -> str:
        """As this draft's attesters make it; every member may be replaced or left out."""
        key, now = key or self.attester, int(time.time())
        head = {"typ": ATTESTATION_TYPE, "alg": key.algorithm, "kid": key.kid} | (header or {})
        body = {
            "iss": ATTESTER if draft.names_issuers else ABSENT, "sub": self.client_id,
            "iat": now - 5, "exp": now + 3600, "cnf": {"jwk": self.instance.jwk},
        } | claims  # fmt: skip
        return key.sign(members(**head), members(**body))

    def proof(
        self, draft: Draft, issuer: str, fresh: str | None, *, header=None, key=None, **claims
    ) -> str:
        """As this draft's clients make it, for the AS `issuer`, with what it gave as fresh."""
        key, now = key or self.instance, int(time.time())
        head = {"typ": PROOF_TYPE, "alg": key.algorithm} | (header or {})
        body = {
            "iss": self.client_id if draft.names_issuers else ABSENT, "aud": issuer,
            "jti": secrets.token_urlsafe(18),
            "iat": ABSENT if draft.proof_expiry else now,
            "exp": now + 300 if draft.proof_expiry else ABSENT,
            draft.freshness_claim: fresh or ABSENT,
        } | claims  # fmt: skip
        return key.sign(members(**head), members(**body))


class Server:
    """One AS behind the gateway, as a client sees it."""

    def __init__(self, name: str, drafts: list[str], **settings):
        self.name, self.drafts, self.settings = name, [DRAFTS[d] for d in drafts], settings
        self.issuer, self.host = f"https://{name}.example.com", f"{name}.example.com"

    def block(self, upstream: str) -> dict:
        """Its entry in the configuration."""
        algorithms = ALGORITHMS + FURTHER
        settings = {"proof": {}, "dpop": {}} | self.settings
        for name in ("proof", "dpop"):
            if settings[name].get("owner") != "pass":
                settings[name] = {"algorithms": algorithms} | settings[name]
        return {
            "issuer": self.issuer,
            "upstream": upstream,
            "endpoints": dict(ENDPOINTS),
            "profiles": [draft.profile for draft in self.drafts],
            "attesters": [
                {
                    "id": "attester", "issuers": [ATTESTER], "jwks_file": "attester.jwks.json",
                    "algorithms": algorithms, "clients": [CLIENT],
                }
            ],
            "clients": [{"client_id": CLIENT, "upstream": {"authentication": "none"}}],
            # ROADS has the AS's own refresh token; what is sealed is test_binding's.
            "bind": {"legacy_refresh": adoption()},
        } | settings  # fmt: skip

    @property
    def has_challenges(self) -> bool:
        return any(draft.challenges for draft in self.drafts)

    def fresh(self, gateway: Gateway, draft: Draft | None = None, endpoint: str = "token") -> str:
        """A challenge or a nonce, by the means of this draft (default: the server's first)."""
        if (draft or self.drafts[0]).challenges:
            return self.challenge(gateway)
        fields = [("Host", self.host), ("attestation-nonce-request", "true")]
        # Only these two serve nonces by default; one value is good everywhere.
        at = endpoint if endpoint in ("token", "pushed_authorization_request") else "token"
        response = gateway.send(wire.Request("OPTIONS", ENDPOINTS[at], fields))
        assert response.status == 200, response
        return response.one("attestation-nonce")

    def challenge(self, gateway: Gateway) -> str:
        response = gateway.send(wire.Request("POST", CHALLENGE, [("Host", self.host)]))
        assert response.status == 200, response
        return response.json["attestation_challenge"]

    def request(
        self, attestation: str, proof: str | None, endpoint: str = "token", *pairs
    ) -> wire.Request:
        """A form POST that presents the two tokens."""
        path, form = ROADS[endpoint]
        fields = [
            ("Host", self.host),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("OAuth-Client-Attestation", attestation),
            ("OAuth-Client-Attestation-PoP", proof),
        ]
        return wire.Request("POST", ENDPOINTS[path], fields).with_form(*(pairs or form))


S256 = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
# What a client does -> the endpoint and the form it sends.
ROADS = {
    "token": ("token", [("grant_type", "client_credentials")]),
    "refresh": ("token", [("grant_type", "refresh_token"), ("refresh_token", "refresh-of-the-as")]),
    "PAR": (
        "pushed_authorization_request",
        [("response_type", "code"), ("client_id", CLIENT), ("code_challenge", S256),
         ("code_challenge_method", "S256"), ("redirect_uri", "https://client.example.com/cb")],
    ),
    "revocation": ("revocation", [("token", "token-of-the-as")]),
    "device": ("device_authorization", [("client_id", CLIENT), ("scope", "openid")]),
    "introspection": ("introspection", [("token", "token-of-the-as")]),
}  # fmt: skip


def configuration(upstream: str, servers: list[Server]) -> dict:
    """All of them behind one listener."""
    return {
        "listeners": [{"address": "127.0.0.1:0"}],
        "authorization_servers": [server.block(upstream) for server in servers],
        "secrets": {"master_key_file": "master.key"},
        "workers": 2,
    }
