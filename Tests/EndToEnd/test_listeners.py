# SPDX-License-Identifier: Apache-2.0
"""Listeners, TLS and the process, also seen by curl and `openssl s_client`: not ours either."""

import os
import signal
import socket
import ssl
import subprocess
import time

import pytest

from harness import settings
from harness.expect import accepted
from harness.gateway import AUTHORITY, CHALLENGE, ENDPOINTS, attested, binary, run
from harness.upstream import answer
from harness.wire import Closed, Connection, Request, WireError


def certificate(directory) -> dict:
    """A throw-away certificate for the public authority, by openssl."""
    names = {"certificate": directory / "cert.pem", "private_key": directory / "key.pem"}
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", f"/CN={AUTHORITY}", "-addext",
         f"subjectAltName=DNS:{AUTHORITY}", "-keyout", names["private_key"],
         "-out", names["certificate"]],
        check=True, capture_output=True,
    )  # fmt: skip
    names["private_key"].chmod(0o600)
    return {name: str(path) for name, path in names.items()}


@pytest.fixture(scope="module")
def tls(factory, recorder, tmp_path_factory):
    """A TLS listener and a Unix socket in one gateway."""
    directory = tmp_path_factory.mktemp("tls")
    config = settings.base(recorder.url)
    files = certificate(directory)
    config["listeners"] = [
        {"address": "127.0.0.1:0", "tls": files},
        {"address": f"unix:{directory}/gateway.sock", "mode": "0600"},
    ]
    with factory(config) as gateway:
        gateway.certificate = files["certificate"]
        gateway.path = f"{directory}/gateway.sock"
        yield gateway


def context(gateway, **changes) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=gateway.certificate)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def s_client(gateway, *options: str, stdin: bytes = b"") -> str:
    command = ["openssl", "s_client", "-connect", "127.0.0.1:%d" % gateway.address[1],
               "-CAfile", gateway.certificate, "-servername", AUTHORITY, *options]  # fmt: skip
    result = subprocess.run(command, input=stdin, capture_output=True, timeout=20)
    return (result.stdout + result.stderr).decode("latin-1")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_HTTP_18_a_token_over_TLS(tls, upstream, trust, version):
    use = context(tls, minimum_version=version, maximum_version=version)
    fetched = tls.send(Request("POST", CHALLENGE, [("Host", AUTHORITY)]), tls=use)
    request = attested(trust.public, fetched.json["attestation_challenge"])
    assert tls.send(request, tls=use).status == 200
    assert upstream.one().one("Host") == AUTHORITY


@pytest.mark.parametrize("option", ["-tls1_1", "-tls1"])
def test_HTTP_18_old_versions_are_refused(tls, option):
    output = s_client(tls, option, "-cipher", "DEFAULT:@SECLEVEL=0")
    assert "Cipher is (NONE)" in output, output


def test_HTTP_18_no_renegotiation(tls):
    output = s_client(tls, "-tls1_2", stdin=b"R\n")
    assert "no renegotiation" in output.lower() or "error" in output.lower(), output


def test_HTTP_18_no_early_data(tls, tmp_path):
    path = tmp_path / "session.pem"
    request = f"GET /login HTTP/1.1\r\nHost: {AUTHORITY}\r\nConnection: close\r\n\r\n".encode()
    output = s_client(tls, "-tls1_3", "-sess_out", str(path), "-ign_eof", stdin=request)
    assert "Max Early Data: 0" in output or "Max Early Data" not in output, output
    if path.exists():
        early = tmp_path / "early"
        early.write_bytes(request)
        output = s_client(tls, "-tls1_3", "-sess_in", str(path), "-early_data", str(early))
        assert "Early data was accepted" not in output


def test_HTTP_18_curl_over_TLS(tls, upstream):
    command = ["curl", "-sS", "--cacert", tls.certificate, "-X", "POST", "--resolve",
               f"{AUTHORITY}:{tls.address[1]}:127.0.0.1", "-H", f"Host: {AUTHORITY}",
               f"https://{AUTHORITY}:{tls.address[1]}{CHALLENGE}"]  # fmt: skip
    result = subprocess.run(command, capture_output=True, timeout=20)
    assert b"attestation_challenge" in result.stdout, result


def test_HTTP_18_the_end_of_a_TLS_connection_is_announced(tls, upstream):
    """`close_notify` before the close: without it the last answer could have been cut."""
    with Connection(tls.address, context(tls)) as connection:
        connection.socket.suppress_ragged_eofs = False
        connection.send(Request("GET", "/nothing", [("Host", AUTHORITY), ("Connection", "close")]))
        assert connection.response("GET").status == 404
        assert connection.at_end()


def test_HTTP_18_plain_text_on_a_TLS_listener_is_cut_off(tls, upstream, trust):
    with tls.connect() as connection:
        connection.send(Request("GET", "/login", [("Host", AUTHORITY)]))
        with pytest.raises((Closed, WireError)):
            connection.response("GET")
    upstream.nothing()
    use = context(tls)
    assert tls.send(Request("GET", "/login", [("Host", AUTHORITY)]), tls=use).status == 200


def test_PRIV_03_a_unix_socket_serves_curl(tls, upstream):
    assert os.stat(tls.path).st_mode & 0o777 == 0o600
    command = ["curl", "-sS", "--unix-socket", tls.path, "-X", "POST",
               f"http://{AUTHORITY}{CHALLENGE}"]  # fmt: skip
    result = subprocess.run(command, capture_output=True, timeout=20)
    assert b"attestation_challenge" in result.stdout, result


def test_large_answers_over_TLS_come_whole(tls, upstream):
    body = os.urandom(1 << 20) * 8
    upstream.then(answer(body))
    response = tls.send(Request("GET", "/jwks", [("Host", AUTHORITY)]), tls=context(tls))
    assert response.body == body


# The process


def test_a_second_gateway_on_the_same_address_fails(gateway11, factory, recorder):
    config = settings.base(recorder.url)
    config["listeners"][0]["address"] = "127.0.0.1:%d" % gateway11.address[1]
    with factory(config, start=False) as second:
        with pytest.raises(AssertionError):
            second.start()
        assert second.process.wait(10) == 1
        assert "another process" in second.output
        second.process = None


def test_SIGTERM_lets_a_request_in_flight_finish(factory, upstream, trust):
    def slow(exchange, _):
        gateway.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        exchange.send(answer())

    upstream.then(slow)
    with factory(settings.base(upstream.url)) as gateway:
        address = gateway.address
        response = gateway.send(attested(trust.public, gateway.challenge()))
        assert response.status == 200
        assert (response.one("Connection") or "close").lower() == "close"
        assert gateway.process.wait(10) == 0
        with pytest.raises(OSError):
            socket.create_connection(address, timeout=2)


def test_SIGTERM_waits_no_longer_than_the_drain_for_a_silent_AS(factory, upstream, trust):
    upstream.then(lambda exchange, _: exchange.wait_for_peer())
    config = settings.base(upstream.url)
    config["shutdown"] = {"drain": "1s"}
    with factory(config) as gateway:
        with gateway.connect() as connection:
            connection.send(Request("GET", "/jwks", [("Host", AUTHORITY)]))
            upstream.wait(1)
            start = time.monotonic()
            assert gateway.stop() == 0
            assert time.monotonic() - start < 5
            with pytest.raises((Closed, WireError)):
                connection.response("GET")


def test_SIGTERM_closes_idle_connections(factory, upstream, trust):
    with factory(settings.base(upstream.url)) as gateway:
        with gateway.connect() as connection:
            connection.send(Request("GET", "/jwks", [("Host", AUTHORITY)]))
            assert connection.response("GET").status == 200
            start = time.monotonic()
            assert gateway.stop() == 0
            assert time.monotonic() - start < 10
            assert connection.at_end()


def test_HTTP_16_clients_leave_descriptors_for_the_AS(
    factory, upstream, trust, monkeypatch, tmp_path
):
    """A flood of idle connections must not take what a request here needs to reach the AS."""
    script = tmp_path / "attestgate"
    script.write_text(f'#!/bin/sh\nulimit -n 300\nexec {binary()} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("ATTESTGATE_BINARY", str(script))
    config = settings.base(upstream.url, upstream_limits={"connections": 4})
    with factory(config | {"workers": 1}) as gateway:
        gateway.wait_for(lambda r: "too few descriptors" in r["msg"] and r["connections"] < 300)
        kept = [gateway.connect() for _ in range(4)]
        flood = [socket.create_connection(gateway.address) for _ in range(500)]
        time.sleep(0.3)
        upstream.drop_connections()
        for connection in kept:
            connection.send(Request("GET", "/jwks", [("Host", AUTHORITY)]))
            assert connection.response("GET").status == 200
        for connection in [*kept, *flood]:
            connection.close()
        gateway.works(trust.public)


def test_running_out_of_descriptors_pauses_accepting_and_recovers(factory, upstream, trust):
    import resource

    with factory(settings.base(upstream.url)) as gateway:
        gateway.works(trust.public)
        used = len(os.listdir(f"/proc/{gateway.process.pid}/fd"))
        resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, (used + 20, used + 20))
        connections = [gateway.connect() for _ in range(60)]
        for connection in connections:
            connection.close()
        deadline = time.monotonic() + 15
        while True:
            try:
                gateway.works(trust.public)
                break
            except (AssertionError, OSError, Closed):
                assert time.monotonic() < deadline, gateway.output[-2000:]
        assert gateway.process.poll() is None


GARBAGE = [b"\x00" * 4096, b"\xff" * 4096, b"\r\n" * 2048, os.urandom(65536), b"GET",
           b"POST /oauth/token HTTP/1.1\r\nHost: as.example.com\r\nContent-Length: 100\r\n\r\nabc",
           b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 500,
           b"A" * 100_000]  # fmt: skip


@pytest.mark.parametrize("octets", GARBAGE, ids=lambda octets: repr(octets[:12]))
def test_HTTP_01_after_garbage_the_next_request_works(gateway11, upstream, trust, octets):
    with gateway11.connect() as connection:
        connection.send(octets)
        connection.finish()
        try:
            assert connection.response().status in (400, 408, 414, 431)
        except (Closed, WireError):
            pass
    upstream.nothing()
    accepted(gateway11, upstream, attested(trust.public, gateway11.challenge()))


def test_HTTP_13_a_client_that_leaves_while_the_AS_works(gateway11, upstream, trust):
    left = []

    def reply(exchange, _):
        left[0].close()
        time.sleep(0.2)
        exchange.send(answer())

    upstream.then(reply)
    request = attested(trust.public, gateway11.challenge())
    connection = gateway11.connect()
    left.append(connection)
    connection.send(request)
    upstream.wait(1)
    gateway11.works(trust.public)
    assert run("check", "--config", gateway11.config).returncode == 0


def test_a_hundred_idle_connections_disturb_nobody(gateway11, upstream, trust):
    idle = [gateway11.connect() for _ in range(100)]
    for connection in idle[::2]:
        connection.send(f"POST {ENDPOINTS['token']} HT".encode())
    gateway11.works(trust.public)
    for connection in idle:
        connection.close()
    gateway11.works(trust.public)
