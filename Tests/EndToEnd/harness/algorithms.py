# SPDX-License-Identifier: Apache-2.0
"""Keys of every algorithm, signing and verifying with `cryptography` alone.

The gateway's own tables are not consulted: what is written here follows RFC 7518, 8037 and 9864.
"""

from __future__ import annotations

import hashlib
import hmac
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from .jose import b64, unb64

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}
CURVE_NAMES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
EDWARDS = ["Ed25519", "Ed448", "EdDSA"]
SIGNATURES = [*CURVES, *RSA, *EDWARDS]
MACS = ["HS256", "HS384", "HS512"]

_rsa_keys: dict[bool, rsa.RSAPrivateKey] = {}


def _rsa_key(named: bool) -> rsa.RSAPrivateKey:
    """One key for all algorithms of a role: making them takes long."""
    if named not in _rsa_keys:
        _rsa_keys[named] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _rsa_keys[named]


def number(value: int, size: int | None = None) -> str:
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def _padding(alg: str, digest):
    if alg.startswith("RS"):
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(digest), salt_length=digest.digest_size)


class Key:
    """A key pair of one algorithm."""

    def __init__(self, alg: str, kid: str | None = None, curve448: bool = False):
        self.alg, self.kid = alg, kid
        if alg in CURVES:
            self.private = ec.generate_private_key(CURVES[alg]())
        elif alg in RSA:
            self.private = _rsa_key(kid is not None)
        elif alg == "Ed448" or curve448:
            self.private = ed448.Ed448PrivateKey.generate()
        else:
            self.private = ed25519.Ed25519PrivateKey.generate()

    @property
    def jwk(self) -> dict:
        public = self.private.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            numbers, size = public.public_numbers(), (public.curve.key_size + 7) // 8
            jwk = {
                "kty": "EC", "crv": CURVE_NAMES[self.alg],
                "x": number(numbers.x, size), "y": number(numbers.y, size),
            }  # fmt: skip
        elif isinstance(public, rsa.RSAPublicKey):
            numbers = public.public_numbers()
            jwk = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
        else:
            curve = "Ed448" if isinstance(public, ed448.Ed448PublicKey) else "Ed25519"
            jwk = {"kty": "OKP", "crv": curve, "x": b64(public.public_bytes_raw())}
        return jwk | ({"kid": self.kid} if self.kid else {})

    def sign(self, message: bytes) -> bytes:
        if self.alg in CURVES:
            der = self.private.sign(message, ec.ECDSA(HASHES[self.alg[2:]]()))
            size = (self.private.curve.key_size + 7) // 8
            return b"".join(v.to_bytes(size, "big") for v in decode_dss_signature(der))
        if self.alg in RSA:
            digest = HASHES[self.alg[2:]]()
            return self.private.sign(message, _padding(self.alg, digest), digest)
        return self.private.sign(message)


def token(header: dict, payload: dict, key: Key) -> str:
    text = f"{b64(json.dumps(header | {'alg': key.alg}).encode())}."
    text += b64(json.dumps(payload).encode())
    return f"{text}.{b64(key.sign(text.encode()))}"


def mac_token(header: dict, payload: dict, alg: str, secret: bytes) -> str:
    text = f"{b64(json.dumps(header | {'alg': alg}).encode())}."
    text += b64(json.dumps(payload).encode())
    return f"{text}.{b64(hmac.digest(secret, text.encode(), 'sha' + alg[2:]))}"


def verifies(text: str, jwk: dict, alg: str) -> bool:
    """Whether the compact JWS names `alg` and is signed with the key of this JWK."""
    head, body, signature = text.split(".")
    message, raw = f"{head}.{body}".encode(), unb64(signature)
    if json.loads(unb64(head))["alg"] != alg:
        return False
    try:
        _verify(message, raw, jwk, alg)
    except InvalidSignature:
        return False
    return True


def _verify(message: bytes, raw: bytes, jwk: dict, alg: str) -> None:
    def value(name: str) -> int:
        return int.from_bytes(unb64(jwk[name]), "big")

    if alg in CURVES:
        curve = CURVES[alg]()
        size = (curve.key_size + 7) // 8
        assert jwk["crv"] == CURVE_NAMES[alg] and len(raw) == 2 * size
        key = ec.EllipticCurvePublicNumbers(value("x"), value("y"), curve).public_key()
        halves = (int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big"))
        key.verify(encode_dss_signature(*halves), message, ec.ECDSA(HASHES[alg[2:]]()))
    elif alg in RSA:
        key = rsa.RSAPublicNumbers(value("e"), value("n")).public_key()
        digest = HASHES[alg[2:]]()
        key.verify(raw, message, _padding(alg, digest), digest)
    else:
        classes = {"Ed25519": ed25519.Ed25519PublicKey, "Ed448": ed448.Ed448PublicKey}
        assert alg in ("EdDSA", jwk["crv"])
        classes[jwk["crv"]].from_public_bytes(unb64(jwk["x"])).verify(raw, message)


def mac_verifies(text: str, alg: str, secret: bytes) -> bool:
    head, body, tag = text.split(".")
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[alg]
    expected = hmac.new(secret, f"{head}.{body}".encode(), digest).digest()
    return json.loads(unb64(head))["alg"] == alg and expected == unb64(tag)
