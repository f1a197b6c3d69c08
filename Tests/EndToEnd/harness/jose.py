# SPDX-License-Identifier: Apache-2.0
"""Tokens, made by an implementation that is not the gateway's, with every freedom to be hostile.

Signing is `cryptography`'s; `test_harness.py` has joserfc read what comes out. Nothing here
checks anything: headers and payloads are taken as given, also as raw bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ATTESTATION_TYPE = "oauth-client-attestation+jwt"
PROOF_TYPE = "oauth-client-attestation-pop+jwt"
ISSUER = "https://as.example.com"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Absent:
    """A claim or header parameter that is left out."""


ABSENT = Absent()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class At:
    """A moment relative to the making of the token, of the given JSON type."""

    def __init__(self, seconds: float, kind=None):
        self.seconds, self.kind = seconds, kind

    def value(self):
        moment = int(time.time()) + self.seconds
        return self.kind(moment) if self.kind else moment


def members(**values) -> dict:
    return {
        name: value.value() if isinstance(value, At) else value
        for name, value in values.items()
        if value is not ABSENT
    }


class Key:
    """A P-256 key pair with its JWK faces."""

    def __init__(self, kid: str | None = None, curve: ec.EllipticCurve | None = None):
        self.curve = curve or ec.SECP256R1()
        self.private = ec.generate_private_key(self.curve)
        self.kid = kid

    @property
    def size(self) -> int:
        return (self.curve.key_size + 7) // 8

    @property
    def jwk(self) -> dict:
        """The public JWK, with the `kid` when the key has one."""
        numbers = self.private.public_key().public_numbers()
        names = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
        jwk = {
            "kty": "EC",
            "crv": names[self.curve.name],
            "x": b64(numbers.x.to_bytes(self.size, "big")),
            "y": b64(numbers.y.to_bytes(self.size, "big")),
        }
        return jwk | ({"kid": self.kid} if self.kid else {})

    @property
    def private_jwk(self) -> dict:
        d = self.private.private_numbers().private_value
        return self.jwk | {"d": b64(d.to_bytes(self.size, "big"))}

    @property
    def thumbprint(self) -> str:
        jwk = self.jwk
        canonical = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
        text = json.dumps(canonical, separators=(",", ":"), sort_keys=True)
        return b64(hashlib.sha256(text.encode()).digest())

    def sign(self, message: bytes) -> bytes:
        """The raw r||s of ES256 (or of the curve's size, with SHA-256)."""
        der = self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(der)
        return r.to_bytes(self.size, "big") + s.to_bytes(self.size, "big")


def jws(header: dict | bytes, payload: dict | bytes, key: Key) -> str:
    """A compact JWS over exactly these octets."""
    first = header if isinstance(header, bytes) else json.dumps(header).encode()
    second = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    text = f"{b64(first)}.{b64(second)}"
    return f"{text}.{b64(key.sign(text.encode()))}"


def resigned(token: str, signature: bytes) -> str:
    """The same token with another third part."""
    return token.rsplit(".", 1)[0] + "." + b64(signature)


def malleated(token: str) -> str:
    """The other valid signature of the same text: s becomes n - s (spec 6.4, V1)."""
    raw = unb64(token.rsplit(".", 1)[1])
    s = int.from_bytes(raw[32:], "big")
    return resigned(token, raw[:32] + (ORDER - s).to_bytes(32, "big"))


class Attester:
    """A client attester: signs attestations for instances."""

    def __init__(self, name: str = "attester", kid: str | None = "11"):
        self.name, self.key = name, Key(kid)
        self.issuer = f"https://{name}.example.com"

    @property
    def jwks(self) -> dict:
        jwk = self.key.jwk
        return {"keys": [jwk | {"use": "sig", "alg": "ES256"}]}

    def attest(self, instance: Key, client_id, *, header=None, key=None, **claims) -> str:
        """An attestation of shape -05 and -11 at once unless claims say otherwise."""
        now = int(time.time())
        jwk = {name: instance.jwk[name] for name in ("kty", "crv", "x", "y")}
        head = members(typ=ATTESTATION_TYPE, alg="ES256", kid=self.key.kid or ABSENT)
        body = {
            "iss": self.issuer, "sub": client_id, "iat": now - 5, "exp": now + 3600,
            "cnf": {"jwk": jwk},
        } | claims  # fmt: skip
        return jws(members(**head | (header or {})), members(**body), key or self.key)


class Instance:
    """One installation: its key, its attestation, and proofs made with it."""

    def __init__(self, attester: Attester, client_id: str, **claims):
        self.attester, self.client_id = attester, client_id
        self.key = Key()
        self.attestation = attester.attest(self.key, client_id, **claims)

    def proof(self, *, header=None, key=None, **claims) -> str:
        """A proof of shape -11 (`challenge` given by the caller) unless claims say otherwise."""
        head = {"typ": PROOF_TYPE, "alg": "ES256"} | (header or {})
        body = {"aud": ISSUER, "jti": secrets.token_urlsafe(18), "iat": int(time.time())} | claims
        return jws(members(**head), members(**body), key or self.key)

    def proof05(self, nonce, **claims) -> str:
        """A proof of shape -05: `iss`, `exp` and `nonce`."""
        exp = int(time.time()) + 300
        body = {"iss": self.client_id, "exp": exp, "iat": ABSENT, "nonce": nonce} | claims
        return self.proof(**body)


def claims_of(token: str) -> dict:
    return json.loads(unb64(token.split(".")[1]))
