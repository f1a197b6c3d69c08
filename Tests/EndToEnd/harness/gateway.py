# SPDX-License-Identifier: Apache-2.0
"""The gateway under test: the real binary, started with a written configuration on port 0."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import threading
import time
import urllib.parse

from . import jose, wire

ROOT = pathlib.Path(__file__).resolve().parents[3]
AUTHORITY = "as.example.com"
CHALLENGE = "/attestgate/challenge"

ENDPOINTS = {
    "token": "/oauth/token",
    "pushed_authorization_request": "/oauth/par",
    "revocation": "/oauth/revoke",
    "introspection": "/oauth/introspect",
    "device_authorization": "/oauth/device",
    "authorization": "/authorize",
}

# Form parameters whose values must never be seen in a log (PRIV-01).
SECRET_PARAMETERS = {
    "client_secret", "code", "code_verifier", "refresh_token", "token", "access_token",
    "device_code", "client_assertion", "password",
}  # fmt: skip


def binary() -> pathlib.Path:
    """The program under test: `ATTESTGATE_BINARY`, else the debug build."""
    return pathlib.Path(os.environ.get("ATTESTGATE_BINARY", ROOT / ".build/debug/attestgate"))


def run(*arguments: str, stdin: bytes = b"", timeout: float = 60) -> subprocess.CompletedProcess:
    """One command of the program, to its end."""
    command = [str(binary()), *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=timeout)


class Gateway:
    """One configured gateway in a directory of its own; start, stop, kill, send, read its log."""

    def __init__(self, directory: pathlib.Path, settings: dict):
        self.directory = directory
        self.settings = settings
        self.process: subprocess.Popen | None = None
        self.records: list[dict] = []
        self.output = ""  # everything it ever wrote, over all starts
        self.sensitive: set[str] = set()
        self.lock = threading.Condition()
        self.config = directory / "attestgate.yaml"
        if not (directory / "master.key").exists():
            self.write_secret("master.key", f"attestgate-key-1 7 {jose.b64(os.urandom(32))}\n")

    def write_secret(self, name: str, text: str) -> pathlib.Path:
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o600)
        self.sensitive.add(text.strip().split(" ")[-1])
        return path

    # Life cycle

    def start(self, ready: bool = True) -> "Gateway":
        """Starts and waits for the `listening` lines and, unless told otherwise, for `ready`."""
        # JSON is YAML; a hand-written block-style file is a test of its own.
        text = getattr(self.settings, "text", None) or json.dumps(self.settings, indent=1)
        self.config.write_text(text)
        self.config.chmod(0o600)
        start = len(self.records)
        self.process = subprocess.Popen(
            [binary(), "run", "--config", self.config],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
        )  # fmt: skip
        self.readers = [
            threading.Thread(target=self._read, args=(stream, named), daemon=True)
            for stream, named in ((self.process.stdout, "out"), (self.process.stderr, "err"))
        ]
        for reader in self.readers:
            reader.start()
        count = len(self.settings["listeners"])
        listening = self.wait_for(lambda r: r.get("msg") == "listening", start, count)
        self.addresses = [_address(record["address"]) for record in listening]
        if ready:
            self.wait_for(lambda r: r.get("msg") == "ready", start)
        return self

    def stop(self) -> int:
        """SIGTERM, the drain, and the exit status."""
        if not self.process:
            return 0
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=40)
        self._finish()
        return status

    def kill(self) -> None:
        """`kill -9`: no handler, no drain."""
        self.process.kill()
        self.process.wait(timeout=10)
        self._finish()

    def _finish(self) -> None:
        for reader in self.readers:
            reader.join(timeout=10)
        self.process = None

    def verify_log(self) -> None:
        """PRIV-01, PRIV-02: nothing secret that went over the wire is in the output."""
        assert "Sanitizer" not in self.output, self.output[-8000:]
        for mark in {"eyJ", "ag1.", *filter(lambda value: len(value) >= 8, self.sensitive)}:
            at = self.output.find(mark)
            assert at < 0, f"{mark!r} in the log: …{self.output[max(0, at - 300) : at + 100]}"

    # Log

    def _read(self, stream, named: str) -> None:
        for line in stream:
            text = line.decode("utf-8")
            with self.lock:
                self.output += text
                if named == "out":
                    try:
                        self.records.append(json.loads(text))
                    except ValueError:
                        self.records.append({"msg": "not JSON", "text": text})
                self.lock.notify_all()

    def wait_for(self, wanted, start: int = 0, count: int = 1, seconds: float = 20) -> list[dict]:
        """The first `count` log records from `start` on that are wanted."""
        deadline = time.monotonic() + seconds
        with self.lock:
            while True:
                found = [record for record in self.records[start:] if wanted(record)]
                if len(found) >= count:
                    return found[:count]
                ended = self.process is None or self.process.poll() is not None
                if ended:  # what it still wrote is read in a moment
                    deadline = min(deadline, time.monotonic() + 0.3)
                self.lock.wait(0.1)
                if time.monotonic() > deadline:
                    raise AssertionError(
                        f"{len(found)} of {count} records came{' before it ended' * ended}: "
                        f"{self.records[start:][-8:] or self.output[-4000:]}"
                    )

    def mark(self) -> int:
        with self.lock:
            return len(self.records)

    def access(self, start: int, count: int = 1) -> list[dict]:
        """The access records since `mark()`."""
        return self.wait_for(lambda r: r.get("msg") == "access", start, count)

    # Requests

    @property
    def address(self):
        return self.addresses[0]

    def connect(self, **options) -> wire.Connection:
        return wire.Connection(self.address, **options)

    def send(self, request: wire.Request | bytes, **options) -> wire.Response:
        """One request on a fresh connection; what must not be logged is remembered."""
        if isinstance(request, wire.Request):
            self.remember_request(request)
        response = wire.exchange(self.address, request, **options)
        self.remember_response(response)
        return response

    def remember_request(self, request: wire.Request) -> None:
        for name, value in request.fields:
            if name.lower() in ("authorization", "cookie"):
                self.sensitive.add(value if isinstance(value, str) else value.decode("latin-1"))
            if name.lower() in ("oauth-client-attestation-pop", "dpop"):
                self.remember_proof(value)
        try:
            pairs = urllib.parse.parse_qsl(request.body.decode("ascii"))
        except ValueError:
            return
        self.sensitive |= {value for name, value in pairs if name in SECRET_PARAMETERS}

    def remember_proof(self, token) -> None:
        try:
            claims = jose.claims_of(token)
            values = [claims.get(name) for name in ("jti", "challenge", "nonce")]
            self.sensitive |= {value for value in values if isinstance(value, str)}
        except (ValueError, IndexError, AttributeError, TypeError):
            pass  # a hostile token: nothing to read in it

    def remember_response(self, response: wire.Response) -> None:
        for name in ("OAuth-Client-Attestation-Challenge", "attestation-nonce", "DPoP-Nonce"):
            self.sensitive |= set(response.all(name))
        try:
            body = response.json
            self.sensitive |= {
                value for name, value in body.items()
                if name in SECRET_PARAMETERS | {"attestation_challenge"} and isinstance(value, str)
            }  # fmt: skip
        except (ValueError, AttributeError):
            pass

    def challenge(self) -> str:
        """A fresh challenge from the challenge endpoint."""
        response = self.send(wire.Request("POST", CHALLENGE, [("Host", AUTHORITY)]))
        assert response.status == 200, response
        return response.json["attestation_challenge"]

    def nonce(self, endpoint: str = "token") -> str:
        """A fresh -05 nonce by OPTIONS."""
        fields = [("Host", AUTHORITY), ("attestation-nonce-request", "true")]
        endpoints = self.settings["authorization_servers"][0]["endpoints"]
        response = self.send(wire.Request("OPTIONS", endpoints[endpoint], fields))
        assert response.status == 200, response
        return response.one("attestation-nonce")

    def works(self, instance: jose.Instance) -> None:
        """The next honest request, on a fresh connection, is served."""
        response = self.send(attested(instance, self.challenge()))
        assert response.status == 200, response


def attested(
    instance: jose.Instance,
    challenge: str | None,
    *pairs: tuple[str, str],
    endpoint: str = "token",
    **claims,
) -> wire.Request:
    """An attested request of shape -11; `pairs` default to a client_credentials grant."""
    if challenge is not None:
        claims.setdefault("challenge", challenge)
    return presented(instance.attestation, instance.proof(**claims), *pairs, endpoint=endpoint)


def presented(
    attestation: str, proof: str, *pairs: tuple[str, str], endpoint: str = "token"
) -> wire.Request:
    """A form POST that presents these two tokens."""
    return form(*pairs, endpoint=endpoint).copy(
        fields=[
            ("Host", AUTHORITY),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("OAuth-Client-Attestation", attestation),
            ("OAuth-Client-Attestation-PoP", proof),
        ]
    )


def form(*pairs: tuple[str, str], endpoint: str = "token") -> wire.Request:
    """A form POST without attestation."""
    fields = [("Host", AUTHORITY), ("Content-Type", "application/x-www-form-urlencoded")]
    request = wire.Request("POST", ENDPOINTS[endpoint], fields)
    return request.with_form(*(pairs or (("grant_type", "client_credentials"),)))


def _address(text: str):
    if text.startswith("unix:"):
        return text.removeprefix("unix:")
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)
