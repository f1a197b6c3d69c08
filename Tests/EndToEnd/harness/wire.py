# SPDX-License-Identifier: Apache-2.0
"""A raw HTTP/1.1 client: sends exactly the given bytes, reads the answer strictly.

It shares no code with the gateway and repairs nothing: a test that wants a malformed request
writes one, and an answer that is not exactly framed fails the test that received it.
"""

from __future__ import annotations

import dataclasses
import json
import socket
import ssl
import urllib.parse


class WireError(AssertionError):
    """The peer's bytes are not one well-framed HTTP/1.1 message."""


class Closed(Exception):
    """The peer closed before the first octet of an answer."""


@dataclasses.dataclass
class Request:
    """A request to be written as given; `Content-Length` is added when nothing frames the body."""

    method: str = "POST"
    target: str = "/token"
    fields: list[tuple[str, str | bytes]] = dataclasses.field(default_factory=list)
    body: bytes = b""
    version: str = "HTTP/1.1"
    frame: bool = True

    def copy(self, **changes) -> "Request":
        changes.setdefault("fields", list(self.fields))
        return dataclasses.replace(self, **changes)

    def add(self, name: str, value: str | bytes) -> "Request":
        """One more field line at the end."""
        return self.copy(fields=[*self.fields, (name, value)])

    def put(self, name: str, value: str | bytes) -> "Request":
        """The field with this value in place of every line of that name."""
        return self.without(name).add(name, value)

    def without(self, *names: str) -> "Request":
        gone = {name.lower() for name in names}
        return self.copy(fields=[f for f in self.fields if f[0].lower() not in gone])

    def with_form(self, *pairs: tuple[str, str]) -> "Request":
        return self.copy(body=urllib.parse.urlencode(pairs).encode())

    def value(self, name: str) -> str:
        return next(_text(v) for n, v in self.fields if n.lower() == name.lower())

    def encoded(self) -> bytes:
        lines = [f"{self.method} {self.target} {self.version}".encode("latin-1")]
        lines += [name.encode("latin-1") + b": " + _octets(value) for name, value in self.fields]
        names = {name.strip().lower() for name, _ in self.fields}
        framed = names & {"content-length", "transfer-encoding"}
        if self.frame and not framed and (self.body or self.method == "POST"):
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


def _octets(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


@dataclasses.dataclass
class Response:
    """One answer, with the bytes it was read from."""

    version: str
    status: int
    reason: str
    fields: list[tuple[str, str]]
    body: bytes
    raw: bytes

    def all(self, name: str) -> list[str]:
        return [value for n, value in self.fields if n.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) <= 1, f"{name} occurs {len(values)} times: {values}"
        return values[0] if values else None

    @property
    def json(self):
        return json.loads(self.body)

    def __str__(self) -> str:
        return self.raw.decode("latin-1")


class Connection:
    """A connection to the gateway: TCP, TLS or a Unix socket."""

    def __init__(self, address, tls: ssl.SSLContext | None = None, timeout: float = 15.0):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(timeout)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address, timeout=timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="as.example.com")
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data: bytes | Request) -> None:
        """Writes; a peer that has already refused and closed is no error (its answer is read)."""
        data = data.encoded() if isinstance(data, Request) else data
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def finish(self) -> None:
        """Ends our direction (a half close)."""
        self.socket.shutdown(socket.SHUT_WR)

    def _more(self) -> bool:
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError as error:
            raise WireError("connection reset by the gateway") from error
        self.buffer += data
        return bool(data)

    def at_end(self) -> bool:
        """True when the peer has closed and nothing is left to read."""
        if self.buffer:
            return False
        try:
            data = self.socket.recv(1)
        except ConnectionResetError:
            return True
        self.buffer += data
        return not data

    def response(self, method: str = "POST") -> Response:
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                if not self.buffer:
                    raise Closed()
                raise WireError(f"closed within a head: {self.buffer!r}")
        head, rest = self.buffer.split(b"\r\n\r\n", 1)
        start, *lines = head.split(b"\r\n")
        if b"\n" in head.replace(b"\r\n", b"") or b"\r" in head.replace(b"\r\n", b""):
            raise WireError(f"bare CR or LF: {head!r}")
        version, status, *reason = start.decode("ascii").split(" ", 2)
        if version not in ("HTTP/1.1", "HTTP/1.0") or not (len(status) == 3 and status.isdigit()):
            raise WireError(f"status line {start!r}")
        fields = [_field(line) for line in lines]
        self.buffer = rest
        message = Response(version, int(status), reason[0] if reason else "", fields, b"", head)
        message.body = self._body(message, method)
        message.raw = head + b"\r\n\r\n" + message.body
        return message

    def _body(self, message: Response, method: str) -> bytes:
        coding, length = message.one("Transfer-Encoding"), message.one("Content-Length")
        if coding and length:
            raise WireError("both Transfer-Encoding and Content-Length")
        if message.status // 100 == 1 or message.status in (204, 304) or method == "HEAD":
            return b""
        if coding:
            if coding.lower() != "chunked":
                raise WireError(f"Transfer-Encoding: {coding}")
            return self._chunked()
        if length is not None:
            if not length.isdigit():
                raise WireError(f"Content-Length: {length}")
            return self._exactly(int(length))
        while self._more():
            pass
        body, self.buffer = self.buffer, b""
        return body

    def _exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            if not self._more():
                raise WireError(f"body cut after {len(self.buffer)} of {count} octets")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            if not self._more():
                raise WireError("closed within a chunk header")
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _chunked(self) -> bytes:
        body = b""
        while size := int(self._line().split(b";")[0], 16):
            body += self._exactly(size)
            if self._exactly(2) != b"\r\n":
                raise WireError("chunk data not followed by CRLF")
        while self._line():
            pass
        return body


def _field(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    token = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if not colon or not name or any(octet not in token for octet in name):
        raise WireError(f"field line {line!r}")
    return name.decode(), value.strip(b" \t").decode("latin-1")


def exchange(address, request: bytes | Request, tls=None, timeout: float = 15.0) -> Response:
    """One request on a fresh connection and its one answer."""
    with Connection(address, tls, timeout) as connection:
        connection.send(request)
        method = request.method if isinstance(request, Request) else "POST"
        return connection.response(method)
