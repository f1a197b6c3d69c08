# SPDX-License-Identifier: Apache-2.0
"""What an answer must look like: the failure shorthands of the rules, and refusals."""

from __future__ import annotations

import re

from .gateway import Gateway
from .upstream import Recorded, Upstream
from .wire import Connection, Request, Response

SYN, CLI, ATT = "invalid_request", "invalid_client", "invalid_client_attestation"
CHAL, GRANT, UP, BUSY = "use_attestation_challenge", "invalid_grant", "server_error", (
    "temporarily_unavailable"
)  # fmt: skip
STATUS = {UP: 502, BUSY: 503}
CHALLENGE_FIELD = "OAuth-Client-Attestation-Challenge"
# CHAL-15: the whole alphabet, the first a letter.
CHALLENGE_FORM = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,255}")


def oauth_error(response: Response, error: str, status: int | None = None) -> Response:
    """RFC 6749 5.2 JSON with the fields every one of our errors carries (ERR-01, ERR-02)."""
    assert response.status == (status or STATUS.get(error, 400)), response
    assert response.one("Content-Type").split(";")[0] == "application/json", response
    assert response.one("Cache-Control") == "no-store", response
    assert response.one("Pragma") == "no-cache", response
    body = response.json
    assert body["error"] == error, response
    assert set(body) <= {"error", "error_description", "error_uri"}, response
    for text in body.values():
        assert all(c in "\x20\x21" or "\x23" <= c <= "\x5b" or "\x5d" <= c <= "\x7e" for c in text)
    if error == CHAL:
        assert CHALLENGE_FORM.fullmatch(response.one(CHALLENGE_FIELD)), response
    if error == BUSY and response.status == 503:
        assert response.one("Retry-After"), response
    return response


def bare(response: Response, *status: int) -> Response:
    """An `H` code: the status and a tiny fixed body, no OAuth error."""
    assert response.status in status, response
    assert len(response.body) <= 64 and b"error" not in response.body, response
    if response.status == 405:
        assert "POST" in response.one("Allow"), response
    return response


def logged(gateway: Gateway, start: int, rules: str | set[str], status: int) -> dict:
    """The access record since `start` with this status that names (one of) these rules."""
    wanted = {rules} if isinstance(rules, str) else rules

    def is_it(record: dict) -> bool:
        matches = record.get("status") == status and record.get("rule") in wanted
        return record.get("msg") == "access" and matches

    return gateway.wait_for(is_it, start, seconds=5)[0]


def refused(
    gateway: Gateway,
    upstream: Upstream,
    request: Request | bytes,
    error: str | int,
    rules: str | set[str],
) -> Response:
    """The request gets this answer, the log names the rule, and nothing of it reaches the AS."""
    start = gateway.mark()
    response = gateway.send(request)
    if isinstance(error, int):
        bare(response, error)
    else:
        oauth_error(response, error)
    upstream.nothing()
    logged(gateway, start, rules, response.status)
    return response


def framing_refused(
    gateway: Gateway,
    upstream: Upstream,
    octets: bytes,
    status: int,
    rules: str | set[str],
    end: bool = False,
) -> Response:
    """As `refused`, for octets that are no request: the answer says close, and closes.

    With `end` our direction is closed after the octets, so that "need more" becomes visible.
    """
    start = gateway.mark()
    with gateway.connect() as connection:
        connection.send(octets)
        if end:
            connection.finish()
        response = bare(connection.response(), status)
        assert response.one("Connection").lower() == "close", response
        assert connection.at_end()
    upstream.nothing()
    logged(gateway, start, rules, response.status)
    return response


def accepted(gateway: Gateway, upstream: Upstream, request: Request) -> tuple[Response, Recorded]:
    """The request is answered by the AS; what the AS received."""
    response = gateway.send(request)
    assert response.status == 200, f"{response}\n{gateway.output[-1500:]}"
    return response, upstream.one()


def answered(connection: Connection, request: Request) -> Response:
    connection.send(request)
    return connection.response(request.method)
