# SPDX-License-Identifier: Apache-2.0
"""The recording upstream: an "AS" that keeps every octet it receives and answers from a script.

It is the proof of what reached the AS and what did not. It reads requests strictly and fails the
test when the gateway's own framing is not exact.
"""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable

WELL_KNOWN = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
TOKEN = {"access_token": "access-token-of-the-as", "token_type": "Bearer", "expires_in": 60}


def answer(body: bytes | dict = TOKEN, status: str = "200 OK", *fields: tuple[str, str]) -> bytes:
    """A well-formed answer with a Content-Length."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
        if not any(name.lower() == "content-type" for name, _ in fields):
            fields = (("Content-Type", "application/json"), *fields)
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in fields)
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


@dataclasses.dataclass
class Recorded:
    """One request as it came in, octet for octet."""

    connection: int
    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        return self.head + self.body

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def fields(self) -> list[tuple[str, str]]:
        lines = self.head.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        pairs = (line.decode("latin-1").split(":", 1) for line in lines)
        return [(name, value.strip(" \t")) for name, value in pairs]

    def all(self, name: str) -> list[str]:
        return [value for n, value in self.fields if n.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) <= 1, f"{name} reached the AS {len(values)} times: {values}"
        return values[0] if values else None

    @property
    def names(self) -> set[str]:
        return {name.lower() for name, _ in self.fields}

    @property
    def form(self) -> list[tuple[str, str]]:
        return urllib.parse.parse_qsl(
            self.body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(self.body)
        )


class Exchange:
    """What a responder may do with one request's connection."""

    def __init__(self, connection: socket.socket, upstream: "Upstream"):
        self.socket, self.upstream = connection, upstream
        self.close = False

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reset(self) -> None:
        """Closes with a RST."""
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close = True

    def wait_for_peer(self, seconds: float = 30.0) -> bool:
        """Waits until the gateway closes this connection; False when it did not."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True


Responder = Callable[[Exchange, Recorded], None]


class Upstream:
    """A server on a port of the kernel (or a Unix socket) that records and answers."""

    def __init__(self, path: str | None = None):
        if path:
            self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.listener.bind(path)
            self.url = f"unix:{path}"
        else:
            self.listener = socket.socket()
            self.listener.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.path = path
        self.listener.listen(1024)
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.open: set[socket.socket] = set()
        self.reset()
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self) -> None:
        with self.lock:
            self.requests: list[Recorded] = []
            self.octets = b""
            self.faults: list[str] = []
            self.connections = 0
            self.script: list[Responder | bytes] = []
            self.default: Responder | bytes = answer()
            # The gateway asks for metadata before it starts: this is answered besides the script
            # and recorded apart.
            self.metadata: dict[str, Responder | bytes] = {}
            self.asked: list[Recorded] = []

    def then(self, *steps: Responder | bytes) -> "Upstream":
        """Answers for the next requests, in order; afterwards the default again."""
        self.script.extend(steps)
        return self

    def one(self) -> Recorded:
        """The only request that arrived."""
        assert not self.faults, self.faults
        assert len(self.requests) == 1, [r.raw for r in self.requests]
        return self.requests[0]

    def nothing(self) -> None:
        """Asserts that not an octet arrived."""
        assert self.octets == b"", self.octets

    def wait(self, count: int, seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while len(self.requests) < count:
            assert time.monotonic() < deadline, f"{len(self.requests)} of {count} requests came"
            time.sleep(0.005)

    def drop_connections(self) -> None:
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def stop(self) -> None:
        self.stopped.set()
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.drop_connections()
        if self.path:
            os.unlink(self.path)

    def _accept(self) -> None:
        number = 0
        while not self.stopped.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            number += 1
            with self.lock:
                self.connections += 1
                self.open.add(connection)
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        reader = _Reader(connection, self)
        try:
            while recorded := self._read(reader, number):
                with self.lock:
                    step = self._step(recorded)
                exchange = Exchange(connection, self)
                if isinstance(step, bytes):
                    exchange.send(step)
                else:
                    step(exchange, recorded)
                if exchange.close:
                    return
        except OSError:
            pass
        except (EOFError, ValueError) as fault:
            self.faults.append(f"{fault} after {reader.buffer!r}")
        finally:
            with self.lock:
                self.open.discard(connection)
            connection.close()

    def _step(self, recorded: Recorded) -> Responder | bytes:
        is_metadata = any(name in recorded.target for name in WELL_KNOWN)
        is_metadata = is_metadata or recorded.target in self.metadata
        if recorded.method == "GET" and is_metadata:
            self.asked.append(recorded)
            self.octets = self.octets.replace(recorded.raw, b"", 1)
            return self.metadata.get(recorded.target, answer(b"", "404 Not Found"))
        self.requests.append(recorded)
        return self.script.pop(0) if self.script else self.default

    def _read(self, reader: "_Reader", number: int) -> Recorded | None:
        if not reader.started():
            return None
        head = reader.until(b"\r\n\r\n")
        recorded = Recorded(number, head, b"")
        length, coding = recorded.all("content-length"), recorded.all("transfer-encoding")
        if len(length) + len(coding) > 1:
            raise ValueError(f"framed twice: {length} {coding}")
        if coding:
            while size := int(reader.until(b"\r\n"), 16):
                recorded.body += reader.exactly(size)
                reader.exactly(2)
            reader.exactly(2)
        elif length:
            recorded.body = reader.exactly(int(length[0]))
        return recorded


class _Reader:
    def __init__(self, connection: socket.socket, upstream: Upstream):
        self.connection, self.upstream, self.buffer = connection, upstream, b""

    def started(self) -> bool:
        return bool(self.buffer) or self._more()

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            if not self._more():
                raise EOFError("request cut in its head")
        return self.exactly(self.buffer.index(mark) + len(mark))

    def exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            if not self._more():
                raise EOFError("request cut in its body")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _more(self) -> bool:
        data = self.connection.recv(65536)
        with self.upstream.lock:
            self.upstream.octets += data
        self.buffer += data
        return bool(data)
