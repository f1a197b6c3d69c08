# SPDX-License-Identifier: Apache-2.0
"""The AS's metadata as the gateway publishes it: who is asked, what passes, what is refused."""

import concurrent.futures
import gzip
import json
import signal
import subprocess
import threading
import time

import pytest

from harness import settings
from harness.expect import ATT, accepted, bare, logged, refused
from harness.gateway import AUTHORITY, CHALLENGE, ENDPOINTS, attested, binary
from harness.jose import ISSUER
from harness.upstream import Upstream, answer
from harness.wire import Request

OAUTH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"
DOCUMENT = {
    "issuer": ISSUER, "token_endpoint": ISSUER + ENDPOINTS["token"],
    "pushed_authorization_request_endpoint": ISSUER + ENDPOINTS["pushed_authorization_request"],
    "jwks_uri": ISSUER + "/jwks", "response_types_supported": ["code"],
    "token_endpoint_auth_methods_supported": ["none"], "x": {"ä": [1.50, "é"]},
}  # fmt: skip
FRESH = {"metadata": {"max_age": "0s"}}


def get(path: str = OAUTH, method: str = "GET", **fields: str) -> Request:
    pairs = [("Host", AUTHORITY), *((n.replace("_", "-"), v) for n, v in fields.items())]
    return Request(method, path, pairs)


def publish(upstream, document=None, path: str = OAUTH, *fields) -> None:
    document = DOCUMENT if document is None else document
    upstream.metadata[path] = answer(document, "200 OK", *fields)


def started(factory, upstream, **server):
    publish(upstream)
    config = settings.base(upstream.url, **(FRESH | server))
    config["workers"] = 1
    return factory(config)


@pytest.fixture(scope="module")
def fresh(factory, recorder):
    """Asks the AS at every request and keeps nothing; one worker."""
    recorder.reset()
    with started(factory, recorder, metadata={"max_age": "0s", "stale_max": "0s"}) as gateway:
        yield gateway


def members(response) -> dict:
    assert response.status == 200, response
    assert response.one("Content-Type") == "application/json"
    return response.json


def test_META_01_META_03_to_META_09_the_document_says_what_the_gateway_does(fresh, upstream):
    publish(upstream)
    response = fresh.send(get())
    assert members(response) == DOCUMENT | {
        "revocation_endpoint": ISSUER + ENDPOINTS["revocation"],
        "introspection_endpoint": ISSUER + ENDPOINTS["introspection"],
        "device_authorization_endpoint": ISSUER + ENDPOINTS["device_authorization"],
        "authorization_endpoint": ISSUER + ENDPOINTS["authorization"],
        "token_endpoint_auth_methods_supported": ["attest_jwt_client_auth", "none"],
        "revocation_endpoint_auth_methods_supported":
            ["attest_jwt_client_auth", "client_secret_basic"],
        "introspection_endpoint_auth_methods_supported":
            ["attest_jwt_client_auth", "client_secret_basic"],
        "client_attestation_signing_alg_values_supported": ["ES256"],
        "client_attestation_pop_signing_alg_values_supported": ["ES256"],
        "client_attestation_pop_methods_supported": ["attestation_pop_jwt"],
        "challenge_endpoint": ISSUER + CHALLENGE,
    }  # fmt: skip
    assert b'"x": {"\\u00e4": [1.5, "\\u00e9"]}' in response.body


def test_META_11_what_is_said_to_caches_is_the_gateways_own(fresh, upstream):
    publish(upstream, None, OAUTH, ("ETag", '"1"'), ("Last-Modified", "x"), ("Set-Cookie", "a=b"),
            ("Cache-Control", "public, max-age=86400"), ("X-Attested-Jkt", "x"))  # fmt: skip
    response = fresh.send(get())
    members(response)
    assert response.one("Cache-Control") == "max-age=0"
    names = {name.lower() for name, _ in response.fields}
    assert names <= {"date", "content-type", "content-length", "cache-control", "vary"}, names


@pytest.mark.parametrize("path", [OAUTH, OPENID])
def test_META_01_every_form_is_edited(fresh, upstream, path):
    publish(upstream, path=path)
    assert "challenge_endpoint" in members(fresh.send(get(path)))


def test_META_01_an_OpenID_document_serves_as_OAuth_metadata_not_the_reverse(fresh, upstream):
    publish(upstream, path=OPENID)
    assert "challenge_endpoint" in members(fresh.send(get(OAUTH)))
    upstream.metadata = {}
    publish(upstream, path=OAUTH)
    bare(fresh.send(get(OPENID)), 404)


def test_META_01_an_issuer_with_a_path_has_more_forms(factory, upstream, trust):
    issuer = ISSUER + "/tenant"
    document = DOCUMENT | {"issuer": issuer}
    forms = [OAUTH + "/tenant", "/tenant" + OAUTH, "/tenant" + OPENID, OPENID + "/tenant"]
    config = settings.base(upstream.url, issuer=issuer, pass_through=["/tenant", "/jwks"], **FRESH)
    publish(upstream, document, forms[2])
    with factory(config) as gateway:
        assert [r.target for r in upstream.asked] == forms
        for form in forms:
            upstream.metadata = {}
            publish(upstream, document, form)
            assert members(gateway.send(get(form)))["issuer"] == issuer
            assert "challenge_endpoint" in gateway.send(get(form)).json


def test_META_01_metadata_under_a_pass_through_prefix_is_edited_too(factory, upstream):
    with started(factory, upstream, pass_through=["/"]) as gateway:
        for path in ("/inner" + OPENID, OAUTH + "/inner", OPENID + "/", OPENID.upper()):
            publish(upstream, path=path)
            assert "challenge_endpoint" in members(gateway.send(get(path))), path
        # It may be somebody else's, but never as it is.
        publish(upstream, DOCUMENT | {"issuer": "https://other.example.com"}, "/inner" + OPENID)
        oauth = gateway.send(get("/inner" + OPENID))
        assert oauth.status == 502, oauth


def test_META_11_garbage_at_one_path_is_no_word_about_the_others(fresh, upstream):
    upstream.metadata = {OAUTH: BAD["HTML"]}
    publish(upstream, path=OPENID)
    assert "challenge_endpoint" in members(fresh.send(get(OAUTH)))


def test_META_12_other_well_known_documents_are_not_touched(factory, upstream):
    body = b'{ "credential_issuer":"http://127.0.0.1", "preferred_client_status_period": 1.0 }\n'
    path = "/.well-known/openid-credential-issuer"
    with started(factory, upstream, pass_through=["/.well-known/openid-credential-issuer"]) as gateway:
        upstream.then(answer(body, "200 OK", ("Content-Type", "application/json"), ("ETag", "1")))
        response = gateway.send(get(path))
        assert (response.body, response.one("ETag")) == (body, "1")


def test_HTTP_10_HEAD_is_answered_and_POST_is_not(fresh, upstream):
    publish(upstream)
    length = fresh.send(get()).one("Content-Length")
    response = fresh.send(get(method="HEAD"))
    assert (response.status, response.one("Content-Length")) == (200, length)
    response = fresh.send(get(method="POST"))
    assert response.status == 405 and response.one("Allow") == "GET, HEAD, OPTIONS"
    upstream.nothing()


def test_FWD_12_the_AS_is_asked_with_the_public_authority_and_nothing_of_the_client(
    fresh, upstream
):
    publish(upstream)
    members(fresh.send(get(OAUTH + "?x=1", Cookie="a=b", Authorization="Basic eA==",
                           Accept_Encoding="gzip", X_Forwarded_Host="evil")))  # fmt: skip
    asked = upstream.asked[-1]
    assert asked.target == OAUTH
    assert asked.fields == [
        ("Host", AUTHORITY), ("Accept", "application/json"), ("Accept-Encoding", "identity"),
        ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", AUTHORITY),
    ]  # fmt: skip


def test_HTTP_19_scripts_of_listed_origins_read_it(factory, upstream):
    cors = {"origins": ["https://app.example.com"]}
    with started(factory, upstream, cors=cors) as gateway:
        response = gateway.send(get(Origin="https://app.example.com"))
        assert response.one("Access-Control-Allow-Origin") == "https://app.example.com"
        response = gateway.send(get(Origin="https://evil.example.com"))
        assert response.one("Access-Control-Allow-Origin") is None
        assert response.one("Vary") == "Origin"
        response = gateway.send(get(method="OPTIONS", Origin="https://app.example.com",
                                    Access_Control_Request_Method="GET"))  # fmt: skip
        assert response.one("Access-Control-Allow-Methods") == "GET, HEAD, OPTIONS"


def stall(exchange, _recorded) -> None:
    exchange.wait_for_peer(20)
    exchange.close = True


def flood(exchange, _recorded) -> None:
    """100 MiB, if the gateway takes them."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n")  # fmt: skip
    exchange.close = True
    for _ in range(1600):
        exchange.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
    exchange.upstream.faults.append("the gateway took 100 MiB")


def cut(exchange, _recorded) -> None:
    exchange.send(answer(DOCUMENT)[:-5])
    exchange.close = True


def typed(body: bytes, kind: str = "application/json", *more) -> bytes:
    return answer(body, "200 OK", ("Content-Type", kind), *more)


TEXT = json.dumps(DOCUMENT).encode()
BAD = {
    "HTML": typed(b"<html>Sorry</html>", "text/html"),
    "HTML as JSON": typed(b"<html>Sorry</html>"),
    "wrong type": typed(TEXT, "text/plain"),
    "no type": answer(TEXT),
    "duplicates": typed(TEXT[:-1] + b',"x":1}'),
    "array": typed(b"[]"),
    "gzip": typed(gzip.compress(TEXT), "application/json", ("Content-Encoding", "gzip")),
    "not gzip": typed(TEXT, "application/json", ("Content-Encoding", "gzip")),
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "redirect": answer(b"", "302 Found", ("Location", "https://evil.example.com/")),
    "error": answer(b"", "500 Internal Server Error"),
    "forbidden": answer(b"", "403 Forbidden"),
    "100 MiB": flood,
    "100 MiB announced": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                         b"Content-Length: 104857600\r\n\r\n",
    "half": cut,
    "nothing": lambda exchange, _: setattr(exchange, "close", True),
    "long": typed(b" " * (1 << 20) + TEXT),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_META_11_an_AS_that_answers_garbage(factory, upstream, trust, bad):
    """502 without a good document, the last good one where there is one; and the start goes on."""
    config = settings.base(upstream.url, **FRESH)
    config["workers"] = 1
    upstream.metadata = {OAUTH: bad, OPENID: bad}
    with factory(config) as gateway:
        assert any(r.get("msg") == "metadata" for r in gateway.records)
        start = gateway.mark()
        response = gateway.send(get())
        assert response.status == 502 and response.json == {"error": "server_error"}
        logged(gateway, start, {"META-11", "ERR-11", "HTTP-13"}, 502)
        gateway.works(trust.public)
        publish(upstream)
        good = gateway.send(get())
        assert "challenge_endpoint" in members(good)
        upstream.metadata = {OAUTH: bad, OPENID: bad}
        assert gateway.send(get()).body == good.body
        assert gateway.send(get(OPENID)).status == 502


def test_META_11_the_last_good_document_is_not_served_for_ever(factory, upstream):
    metadata = {"metadata": {"max_age": "0s", "stale_max": "0s"}}
    with started(factory, upstream, **metadata) as gateway:
        members(gateway.send(get()))
        upstream.metadata = {OAUTH: BAD["HTML"]}
        assert gateway.send(get()).status == 502
        upstream.metadata = {}
        bare(gateway.send(get()), 404)


def test_ERR_11_an_AS_that_does_not_answer(factory, upstream):
    limits = {"upstream_limits": {"response": "500ms"}}
    with started(factory, upstream, **limits) as gateway:
        upstream.metadata = {OAUTH: stall}
        response = gateway.send(get())
        assert (response.status, response.json["error"]) == (504, "temporarily_unavailable")


def test_META_11_the_AS_is_asked_once_for_many(factory, upstream):
    with started(factory, upstream, metadata={}) as gateway:
        upstream.asked.clear()
        for _ in range(5):
            response = gateway.send(get())
            assert response.one("Cache-Control") == "max-age=300"
            members(response)
        assert [r.target for r in upstream.asked] == [OAUTH]


def test_META_11_clients_that_come_at_once_wait_for_one_answer(factory, upstream):
    with started(factory, upstream, metadata={}) as gateway:
        upstream.asked.clear()
        release = threading.Event()
        good = upstream.metadata[OAUTH]
        upstream.metadata[OAUTH] = lambda exchange, _: (release.wait(20), exchange.send(good))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(gateway.send, get()) for _ in range(8)]
            while not upstream.asked:
                time.sleep(0.005)
            release.set()
            bodies = {answer.result().body for answer in answers}
        assert len(bodies) == 1 and b"challenge_endpoint" in bodies.pop()
        assert len(upstream.asked) == 1


CONTRADICTIONS = {
    "META-02": {"issuer": "https://other.example.com"},
    "META-03": {"jwks_uri": "http://127.0.0.1:8080/jwks"},
}


@pytest.mark.parametrize("rule", CONTRADICTIONS)
def test_META_02_META_03_a_contradiction_later_is_neither_published_nor_hidden(
    factory, upstream, rule
):
    """Not even the last good document: what the AS says now is meant."""
    with started(factory, upstream) as gateway:
        members(gateway.send(get()))
        publish(upstream, DOCUMENT | CONTRADICTIONS[rule])
        start = gateway.mark()
        assert gateway.send(get()).status == 502
        logged(gateway, start, rule, 502)
        event = gateway.wait_for(lambda r: r.get("msg") == "metadata", start)[0]
        assert event["level"] == "error" and event["rule"] == rule
        assert list(CONTRADICTIONS[rule].values())[0] in event["reason"]


def refused_start(factory, upstream, document: dict, *words: str, **server) -> None:
    publish(upstream, document, OPENID)
    config = settings.base(upstream.url, **server)
    with factory(config, start=False) as gateway:
        with pytest.raises(AssertionError):
            gateway.start()
        status = gateway.process.wait(timeout=10)
        gateway._finish()
        assert status == 1
        failed = next(r for r in gateway.records if r.get("msg") == "start failed")
        for word in words:
            assert word in failed["reason"], failed
        assert not any(r.get("msg") == "listening" for r in gateway.records)


def test_META_02_CFG_01_an_internal_issuer_refuses_the_start_with_the_ways_out(factory, upstream):
    document = DOCUMENT | {"issuer": "http://127.0.0.1:8080"}
    words = ["http://127.0.0.1:8080", ISSUER, "Host", "issuer: rewrite", "META-02"]
    refused_start(factory, upstream, document, *words)
    openid = document | {"id_token_signing_alg_values_supported": ["RS256"]}
    refused_start(factory, upstream, openid, "ID tokens", metadata={"issuer": "rewrite"})


def test_META_02_rewrite(factory, upstream):
    publish(upstream, DOCUMENT | {"issuer": "http://127.0.0.1:8080"})
    with factory(settings.base(upstream.url, metadata={"issuer": "rewrite"})) as gateway:
        assert members(gateway.send(get()))["issuer"] == ISSUER


def test_CFG_01_META_03_an_endpoint_elsewhere_refuses_the_start(factory, upstream):
    document = DOCUMENT | {"token_endpoint": ISSUER + "/oauth2/token"}
    refused_start(factory, upstream, document, "token_endpoint", "/oauth2/token", "/oauth/token")


def test_META_03_an_internal_URL_refuses_the_start_unless_it_is_mapped(factory, upstream):
    document = DOCUMENT | {"jwks_uri": "http://127.0.0.1:8080/jwks"}
    refused_start(factory, upstream, document, "127.0.0.1:8080/jwks", "metadata.urls")
    publish(upstream, document)
    urls = {"metadata": {"urls": {"http://127.0.0.1:8080": ISSUER}}}
    with factory(settings.base(upstream.url, **urls)) as gateway:
        assert members(gateway.send(get()))["jwks_uri"] == ISSUER + "/jwks"


def reloaded(gateway, message: str) -> dict:
    start = gateway.mark()
    gateway.config.write_text(json.dumps(gateway.settings))
    gateway.process.send_signal(signal.SIGHUP)
    return gateway.wait_for(lambda r: r.get("msg") == message, start)[0]


def test_CFG_01_a_reload_that_the_AS_contradicts_is_not_taken(factory, upstream, trust):
    publish(upstream)
    with factory(settings.base(upstream.url)) as gateway:
        path = gateway.settings["authorization_servers"][0]["endpoints"]
        path["token"] = "/oauth/other"
        fault = reloaded(gateway, "not reloaded")
        assert "META-03" in fault["reason"] and "/oauth/other" in fault["reason"]
        path["token"] = ENDPOINTS["token"]
        gateway.works(trust.public)


def test_CFG_01_an_AS_that_contradicts_does_not_keep_other_changes_out(factory, upstream, trust):
    """An instance must be suspended though somebody broke the AS's metadata."""
    publish(upstream, DOCUMENT | {"registration_endpoint": ISSUER + "/login/clients"})
    with factory(settings.base(upstream.url)) as gateway:
        publish(upstream, DOCUMENT | {"issuer": "https://other.example.com"})
        (gateway.directory / "denied").write_text(f"jkt {trust.public.key.thumbprint}\n")
        gateway.settings["authorization_servers"][0]["denylist_file"] = "denied"
        start = gateway.mark()
        reloaded(gateway, "reloaded")
        event = gateway.wait_for(lambda r: r.get("level") == "error", start)[0]
        assert event["msg"] == "metadata" and "META-02" in event["reason"]
        start = gateway.mark()
        assert gateway.send(attested(trust.public, gateway.challenge())).status == 400
        logged(gateway, start, "ATT-16", 400)
        refused(gateway, upstream, get("/login/clients"), 404, "EP-13")


def test_CFG_01_an_AS_that_is_down_at_start_stops_nothing(factory):
    with factory(settings.base("http://127.0.0.1:9")) as gateway:
        record = next(r for r in gateway.records if r.get("msg") == "metadata")
        assert record["level"] == "warning" and "can't be reached" in record["reason"]
        assert gateway.send(get()).status == 502


def test_EP_13_what_the_metadata_names_of_the_protected_family_does_not_pass(
    factory, upstream, trust
):
    inner = "/login/ciba"
    document = DOCUMENT | {"backchannel_authentication_endpoint": ISSUER + inner}
    publish(upstream, document)
    with factory(settings.base(upstream.url, **FRESH)) as gateway:
        assert "backchannel_authentication_endpoint" not in members(gateway.send(get()))
        for path in (inner, inner + "/", "/login/CIBA", inner + ".php"):
            refused(gateway, upstream, get(path), 404, "EP-13")
        assert gateway.send(get("/login/x")).status == 200


def test_CFG_01_EP_13_an_AS_that_was_down_is_asked_when_it_is_there(factory, tmp_path):
    path = str(tmp_path / "as.sock")
    with factory(settings.base(f"unix:{path}")) as gateway:
        late = Upstream(path)
        try:
            publish(late, DOCUMENT | {"revocation_endpoint": ISSUER + ENDPOINTS["revocation"],
                                      "registration_endpoint": ISSUER + "/login/clients"})  # fmt: skip
            late.metadata[OAUTH], answered = asked(late.metadata[OAUTH])
            assert answered.wait(15)
            deadline = time.monotonic() + 10
            while gateway.send(get("/login/clients")).status != 404:
                assert time.monotonic() < deadline
            start = gateway.mark()
            bare(gateway.send(get("/login/clients")), 404)
            logged(gateway, start, "EP-13", 404)
        finally:
            late.stop()


def asked(body: bytes):
    """The answer, and an event that it was given."""
    event = threading.Event()

    def respond(exchange, _recorded) -> None:
        exchange.send(body)
        event.set()

    return respond, event


def test_EP_13_it_is_blocked_too_when_the_AS_says_so_later(factory, upstream):
    config = settings.base(upstream.url, **FRESH)
    config["workers"] = 1
    with factory(config) as gateway:
        assert gateway.send(get("/login/par")).status == 200
        upstream.reset()
        publish(upstream, DOCUMENT | {"mtls_endpoint_aliases": {"x": ISSUER + "//login/par"}})
        members(gateway.send(get()))
        refused(gateway, upstream, get("/login/par"), 404, "EP-13")


def test_META_11_document_file_for_an_AS_that_publishes_none(factory, upstream):
    config = settings.base(upstream.url, metadata={"document_file": "doc.json"})
    with factory(config, start=False) as gateway:
        (gateway.directory / "doc.json").write_text(json.dumps(DOCUMENT))
        gateway.start()
        assert "challenge_endpoint" in members(gateway.send(get()))
        assert "challenge_endpoint" in members(gateway.send(get(OPENID)))
        assert not upstream.asked
        (gateway.directory / "doc.json").write_text(json.dumps(DOCUMENT | {"issuer": "x"}))
        result = subprocess.run([binary(), "check", "--config", gateway.config],
                                capture_output=True, text=True)  # fmt: skip
        assert result.returncode == 1 and "META-02" in result.stderr


def test_META_05_META_15_POP_02_what_is_advertised_is_what_is_taken(fresh, upstream, trust):
    """Metadata, the AS's or a client's, claims HS256: nobody is believed."""
    name = "client_attestation_pop_signing_alg_values_supported"
    publish(upstream, DOCUMENT | {name: ["HS256", "none"]})
    assert members(fresh.send(get()))[name] == ["ES256"]
    hmac = attested(trust.public, fresh.challenge(), header={"alg": "HS256"})
    refused(fresh, upstream, hmac, ATT, {"POP-02", "JOSE-06"})
    accepted(fresh, upstream, attested(trust.public, fresh.challenge()))


def test_META_10_signed_metadata_is_dropped(fresh, upstream):
    publish(upstream, DOCUMENT | {"signed_metadata": "eyJhbGciOiJFUzI1NiJ9.e30.AA"})
    assert "signed_metadata" not in members(fresh.send(get()))


def test_META_13_the_iss_parameter_stays(fresh, upstream):
    publish(upstream, DOCUMENT | {"authorization_response_iss_parameter_supported": True})
    assert members(fresh.send(get()))["authorization_response_iss_parameter_supported"] is True
