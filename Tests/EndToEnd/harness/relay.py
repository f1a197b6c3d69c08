# SPDX-License-Identifier: Apache-2.0
"""A relay of octets to a real AS that records both directions and changes nothing."""

from __future__ import annotations

import socket
import threading


class Relay:
    """Listens on a port of the kernel; each connection is one to the AS."""

    def __init__(self, port: int):
        self.port = port
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock = threading.Lock()
        self.open: set[socket.socket] = set()
        self.reset()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _shut(self.listener)
        self.listener.close()
        for connection in list(self.open):
            _shut(connection)

    def reset(self) -> None:
        with self.lock:
            self.towards, self.back = b"", b""

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port))
            self.open |= {near, far}
            for pair in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._copy, args=pair, daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket, towards: bool) -> None:
        try:
            while data := source.recv(65536):
                with self.lock:
                    if towards:
                        self.towards += data
                    else:
                        self.back += data
                sink.sendall(data)
        except OSError:
            pass
        _shut(source)
        _shut(sink)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
