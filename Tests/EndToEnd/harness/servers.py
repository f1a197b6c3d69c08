# SPDX-License-Identifier: Apache-2.0
"""Two authorization servers that nobody here wrote, started with throw-away state.

django-oauth-toolkit (PyPI) takes the last of two `client_id` and gives a public client a token for
the bare `client_id`: every bypass of the gateway shows. glewlwyd (Debian) adds PAR and the device
flow.
"""

from __future__ import annotations

import base64
import json
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

CALLBACK = "https://client.example.com/callback"


class Server:
    """A running AS: its URL, its endpoints, and how a browser session is shown to it."""

    endpoints: dict[str, str]

    def __init__(self, process: subprocess.Popen, port: int):
        self.process, self.port = process, port
        self.url = f"http://127.0.0.1:{port}"
        self.cookie = ""

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def call(self, method: str, path: str, form=None, body=None, fields=()) -> "Answer":
        """One direct request to the AS, past any gateway; redirections are not followed."""
        data, headers = None, dict(fields)
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        elif form is not None:
            data = urllib.parse.urlencode(form).encode()
        if self.cookie:
            headers["Cookie"] = self.cookie
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=20) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as answer:
            return Answer(answer.code, dict(answer.headers), answer.read())


class Answer:
    def __init__(self, status: int, fields: dict, body: bytes):
        self.status, self.fields, self.body = status, fields, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self) -> str:
        return f"{self.status} {self.fields} {self.body!r}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def basic(user: str, secret: str) -> dict[str, str]:
    """RFC 6749 2.3.1: both halves form-encoded."""
    pair = f"{urllib.parse.quote_plus(user)}:{urllib.parse.quote_plus(secret)}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


# django-oauth-toolkit

DJANGO_CLIENTS = {
    # client_id: (type, grant, secret)
    "https://client.example.com": ("public", "client-credentials", ""),
    "https://app.example.com": ("public", "authorization-code", ""),
    "https://confidential.example.com": ("confidential", "client-credentials", "s3cret/+:% ~"),
    "https://web.example.com": ("confidential", "authorization-code", "web secret/+:%"),
    "victim": ("public", "client-credentials", ""),
}


def django(directory: pathlib.Path) -> Server:
    clients = [
        {
            "client_id": client_id, "client_type": kind, "authorization_grant_type": grant,
            "client_secret": secret, "redirect_uris": CALLBACK if "code" in grant else "",
        }
        for client_id, (kind, grant, secret) in DJANGO_CLIENTS.items()
    ]  # fmt: skip
    program = pathlib.Path(__file__).with_name("django_project.py")
    process = subprocess.Popen(
        [sys.executable, program, directory, json.dumps(clients)],
        stdout=subprocess.PIPE, stderr=open(directory / "django.log", "wb"),
    )  # fmt: skip
    line = process.stdout.readline()
    assert line, (directory / "django.log").read_text()
    started = json.loads(line)
    server = Server(process, started["port"])
    server.cookie = f"sessionid={started['session']}"
    server.endpoints = {
        "token": "/o/token/",
        "revocation": "/o/revoke_token/",
        "introspection": "/o/introspect/",
        "authorization": "/o/authorize/",
    }
    return server


# glewlwyd

GLEWLWYD_CLIENTS = {"app-public": "", "app-confidential": "glewlwyd-secret"}
INIT_SCRIPT = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"
PACKAGED_CONFIG = "/etc/glewlwyd/glewlwyd.conf"

PLUGIN = {
    "iss": "https://as.example.com", "jwt-type": "sha", "jwt-key-size": "256",
    "key": "0123456789abcdef0123456789abcdef", "access-token-duration": 3600,
    "refresh-token-duration": 86400, "code-duration": 600, "refresh-token-rolling": True,
    "allow-non-oidc": True, "auth-type-code-enabled": True, "auth-type-token-enabled": True,
    "auth-type-implicit-enabled": True, "auth-type-client-enabled": True,
    "auth-type-device-enabled": True, "auth-type-refresh-enabled": True, "pkce-allowed": True,
    "pkce-method-plain-allowed": False, "introspection-revocation-allowed": True,
    "introspection-revocation-allow-target-client": True, "oauth-par-allowed": True,
    "oauth-par-required": False, "oauth-par-duration": 90,
    "oauth-par-request_uri-prefix": "urn:ietf:params:oauth:request_uri:",
    "device-authorization-expiration": 600, "device-authorization-interval": 1,
    "request-parameter-allow": False, "subject-type": "public", "oauth-dpop-allowed": True,
    "oauth-dpop-iat-duration": 60, "register-client-allowed": False,
    "session-management-allowed": False,
}  # fmt: skip


def glewlwyd(directory: pathlib.Path, **parameters) -> Server:
    """With further parameters of its plugin, if any."""
    database = directory / "glewlwyd.sqlite3"
    with open(INIT_SCRIPT, "rb") as script:
        subprocess.run(["sqlite3", database], stdin=script, check=True)
    for _ in range(5):  # its configuration takes no port 0: ask the kernel for one, then use it
        server = _start_glewlwyd(directory, database, _free_port())
        if server:
            break
    else:
        raise AssertionError((directory / "glewlwyd.log").read_text())
    _administrate(server, PLUGIN | parameters)
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start_glewlwyd(directory: pathlib.Path, database: pathlib.Path, port: int) -> Server | None:
    own = {
        "port": f"port={port}", "#bind_address": 'bind_address="127.0.0.1"',
        "external_url": 'external_url="https://as.example.com"', "log_mode": 'log_mode="console"',
    }  # fmt: skip
    lines = []
    for line in pathlib.Path(PACKAGED_CONFIG).read_text().splitlines():
        if not line.startswith("@include"):
            lines.append(own.get(line.split("=")[0].strip(), line))
    lines.append(f'database = {{ type = "sqlite3"; path = "{database}"; }};')
    config = directory / "glewlwyd.conf"
    config.write_text("\n".join(lines) + "\n")
    log = open(directory / "glewlwyd.log", "wb")
    process = subprocess.Popen(["glewlwyd", "-c", config], stdout=log, stderr=log)
    server = Server(process, port)
    server.endpoints = {
        name: f"/api/oidc/{path}"
        for name, path in {
            "token": "token", "pushed_authorization_request": "par", "revocation": "revoke",
            "introspection": "introspect", "device_authorization": "device_authorization",
            "authorization": "auth",
        }.items()
    }  # fmt: skip
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server
        except OSError:
            time.sleep(0.02)
    return None


def _done(server: Server, method: str, path: str, body: dict) -> Answer:
    answer = server.call(method, f"/api/{path}", body=body)
    assert answer.status == 200, (path, answer)
    return answer


def _log_in(server: Server, user: str, password: str) -> None:
    server.cookie = ""
    answer = _done(server, "POST", "auth/", {"username": user, "password": password})
    server.cookie = answer.fields["Set-Cookie"].split(";")[0]


def register_at_glewlwyd(server: Server, client_id: str, method: str, **more) -> None:
    """One more confidential client, which the user has granted."""
    _log_in(server, "admin", "password")
    _done(server, "POST", "client/", {
        "client_id": client_id, "name": client_id, "enabled": True, "scope": ["read"],
        "confidential": True, "client_secret": "is-not-used", "redirect_uri": [CALLBACK],
        "authorization_type": ["code", "refresh_token", "device_authorization",
                               "client_credentials"],
        "token_endpoint_auth_method": [method],
    } | more)  # fmt: skip
    _log_in(server, "alice", "wonderland")
    _done(server, "PUT", f"auth/grant/{client_id}", {"scope": "read"})


def _administrate(server: Server, parameters: dict) -> None:
    """Plugin, scope, clients and a user who has granted, by the admin API."""

    def done(method: str, path: str, body: dict) -> Answer:
        return _done(server, method, path, body)

    _log_in(server, "admin", "password")
    plugin = {"module": "oidc", "name": "oidc", "display_name": "oidc", "enabled": True}
    done("POST", "mod/plugin/", plugin | {"parameters": parameters})
    scope = {"name": "read", "display_name": "read", "password_required": False, "scheme": {}}
    done("POST", "scope/", scope)
    for client_id, secret in GLEWLWYD_CLIENTS.items():
        done("POST", "client/", {
            "client_id": client_id, "name": client_id, "enabled": True, "scope": ["read"],
            "confidential": bool(secret), "client_secret": secret, "redirect_uri": [CALLBACK],
            "authorization_type": ["code", "refresh_token", "device_authorization",
                                   "client_credentials", "token"],
            "token_endpoint_auth_method": ["client_secret_basic" if secret else "none"],
        })  # fmt: skip
    user = {"username": "alice", "name": "Alice", "password": "wonderland", "enabled": True}
    done("POST", "user/", user | {"scope": ["read"]})
    _log_in(server, "alice", "wonderland")
    for client_id in GLEWLWYD_CLIENTS:
        done("PUT", f"auth/grant/{client_id}", {"scope": "read"})
