# SPDX-License-Identifier: Apache-2.0
"""REQ-01 to REQ-21: the shape of a request, from outside."""

import json

import pytest

from harness import jose, settings
from harness.expect import ATT, CLI, SYN, accepted, oauth_error, refused
from harness.gateway import AUTHORITY, attested, form, presented
from harness.wire import Request

CA, POP = "OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP"
GRANT = ("grant_type", "client_credentials")
PAR = "pushed_authorization_request"


def good(gateway, instance, *pairs, **more) -> Request:
    return attested(instance, gateway.challenge(), *pairs, **more)


@pytest.mark.parametrize("spelling", [CA, CA.lower(), CA.upper()])
def test_REQ_01_a_second_attestation(gateway11, upstream, trust, spelling):
    request = good(gateway11, trust.public)
    request = request.add(spelling, request.value(CA))
    refused(gateway11, upstream, request, SYN, "REQ-01")


def test_REQ_02_a_second_proof(gateway11, upstream, trust):
    request = good(gateway11, trust.public)
    refused(gateway11, upstream, request.add(POP, "x.y.z"), SYN, "REQ-02")


SYNTAX = ["{0}, {0}", '"{0}"', "{0};v=1", "Bearer {0}", "{0}\tx", "{0} x", "{0}\xe9", "=", "{0}=x"]


@pytest.mark.parametrize("shape", SYNTAX)
@pytest.mark.parametrize("name", [CA, POP])
def test_REQ_03_a_value_that_is_no_token68(gateway11, upstream, trust, name, shape):
    request = good(gateway11, trust.public)
    request = request.put(name, shape.format(request.value(name)))
    refused(gateway11, upstream, request, SYN, "REQ-03")


def test_REQ_03_white_space_around_a_value_is_no_part_of_it(gateway11, upstream, trust):
    request = good(gateway11, trust.public)
    accepted(gateway11, upstream, request.put(CA, f" \t{request.value(CA)}\t "))


@pytest.mark.parametrize("name", [CA, POP])
def test_REQ_04_an_empty_value_is_malformed_not_absent(gateway11, upstream, trust, name):
    request = good(gateway11, trust.public)
    refused(gateway11, upstream, request.put(name, ""), SYN, {"REQ-03", "REQ-04"})


@pytest.mark.parametrize("name,size", [(CA, 16 * 1024 + 1), (POP, 4 * 1024 + 1)])
def test_REQ_05_a_token_beyond_its_cap(gateway11, upstream, trust, name, size):
    request = good(gateway11, trust.public).put(name, "a" * size)
    refused(gateway11, upstream, request, SYN, "REQ-05")


MATRIX = {
    "attestation alone": ({POP}, {}, ATT, "REQ-06"),
    "proof alone": ({CA}, {}, CLI, "REQ-06"),
    "attestation and DPoP": ({POP}, {"DPoP": "x.y.z"}, ATT, "DPOP-22"),
    "proof and DPoP": ({CA}, {"DPoP": "x.y.z"}, CLI, "REQ-06"),
}


@pytest.mark.parametrize("without,added,error,rule", MATRIX.values(), ids=MATRIX.keys())
def test_REQ_06_presence(gateway11, upstream, trust, without, added, error, rule):
    request = good(gateway11, trust.public).without(*without)
    for name, value in added.items():
        request = request.add(name, value)
    refused(gateway11, upstream, request, error, rule)


@pytest.mark.parametrize("shape", ["{0}~{1}", "{0}~{1}~", "~{1}", "{0}~~{1}"])
def test_REQ_07_a_concatenation_in_one_field(gateway11, upstream, trust, shape):
    request = good(gateway11, trust.public)
    value = shape.format(request.value(CA), request.value(POP))
    start = gateway11.mark()
    response = gateway11.send(request.without(POP).put(CA, value))
    assert response.status == 400 and response.json["error"] in (SYN, ATT), response
    upstream.nothing()
    record = gateway11.wait_for(lambda r: "rule" in r, start)[0]
    assert record["rule"] in {"REQ-03", "REQ-06", "REQ-07", "JOSE-01"}


@pytest.mark.parametrize("kind", ["jwt-client-attestation", "jwt-key-attestation"])
def test_REQ_08_the_form_of_draft_02(gateway11, upstream, trust, kind):
    both = f"{trust.public.attestation}~{trust.public.proof()}"
    kind = f"urn:ietf:params:oauth:client-assertion-type:{kind}"
    request = form(GRANT, ("client_assertion_type", kind), ("client_assertion", both))
    refused(gateway11, upstream, request, CLI, "REQ-08")


TYPES = ["application/json", "multipart/form-data; boundary=x", "text/plain", "",
         "application/x-www-form-urlencoded; charset=utf-16",
         "application/x-www-form-urlencoded; charset=utf-8; x=y",
         "application/x-www-form-urlencoded, text/plain"]  # fmt: skip


@pytest.mark.parametrize("value", TYPES)
def test_REQ_09_another_content_type(gateway11, upstream, trust, value):
    request = good(gateway11, trust.public).put("Content-Type", value)
    refused(gateway11, upstream, request, SYN, "REQ-09")


def test_REQ_09_no_content_type_and_two_of_them(gateway11, upstream, trust):
    request = good(gateway11, trust.public)
    refused(gateway11, upstream, request.without("Content-Type"), SYN, "REQ-09")
    twice = request.add("Content-Type", request.value("Content-Type"))
    refused(gateway11, upstream, twice, SYN, "REQ-09")


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "Utf-8"])
def test_REQ_09_the_charset_that_wallets_send(gateway11, upstream, trust, charset):
    value = f"application/x-www-form-urlencoded;charset={charset}"
    accepted(gateway11, upstream, good(gateway11, trust.public).put("Content-Type", value))


BODIES = [b"client_id=%zz", b"client_id=a%00b", b"client_id=a%0", b"x=%ff", b"=a", b"&=a",
          b"n" * 129 + b"=a", b"&".join(b"n%d=a" % i for i in range(129)), b"x=\xff"]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:24]))
def test_REQ_10_a_form_that_does_not_decode(gateway11, upstream, trust, body):
    request = good(gateway11, trust.public)
    request = request.copy(body=request.body + b"&" + body)
    refused(gateway11, upstream, request, SYN, "REQ-10")


def test_REQ_10_only_an_ampersand_separates(gateway11, upstream, trust):
    """Escaped, a semicolon is data; bare, some servers split at it, so it is refused."""
    request = good(gateway11, trust.public, GRANT, ("scope", "a;client_id=victim"))
    bare = request.copy(body=request.body.replace(b"%3B", b";"))
    refused(gateway11, upstream, bare, SYN, "REQ-10")
    _, recorded = accepted(gateway11, upstream, request)
    assert dict(recorded.form)["scope"] == "a;client_id=victim"
    assert b";" not in recorded.body


TWICE = [b"client_id=%s&client%%5fid=victim", b"client_id=%s&client_id=victim",
         b"client_id=&client_id=%s", b"client_id=%s&client_id=", b"client_id=%s&grant_type=x",
         b"client_id=%s&code=a&code=b", b"client_id=%s&x=1&x=2"]  # fmt: skip


@pytest.mark.parametrize("body", TWICE)
def test_REQ_11_a_parameter_twice(gateway11, upstream, trust, body):
    request = good(gateway11, trust.public)
    more = body.replace(b"%s", b"https%3A%2F%2Fclient.example.com").replace(b"%%", b"%")
    refused(gateway11, upstream, request.copy(body=request.body + b"&" + more), SYN, "REQ-11")


def test_REQ_11_resource_and_audience_may_repeat(gateway11, upstream, trust):
    pairs = [GRANT, ("resource", "a"), ("resource", "b"), ("audience", "c"), ("audience", "d")]
    _, recorded = accepted(gateway11, upstream, good(gateway11, trust.public, *pairs))
    assert [pair for pair in recorded.form if pair[0] in ("resource", "audience")] == pairs[1:]


OTHERS = [settings.PUBLIC + "/", settings.PUBLIC.upper(), settings.PUBLIC + ":443",
          settings.PUBLIC + " ", settings.BASIC, "victim", settings.LISTED]  # fmt: skip


@pytest.mark.parametrize("client_id", OTHERS)
def test_REQ_12_REQ_20_a_client_id_that_is_not_the_subject(gateway11, upstream, trust, client_id):
    request = good(gateway11, trust.public, GRANT, ("client_id", client_id))
    refused(gateway11, upstream, request, ATT, {"REQ-12", "REQ-17"})


def test_REQ_12_the_subject_as_client_id_arrives_once(gateway11, upstream, trust):
    request = good(gateway11, trust.public, ("client_id", settings.PUBLIC), GRANT)
    _, recorded = accepted(gateway11, upstream, request)
    assert recorded.form == [("client_id", settings.PUBLIC), GRANT]


ENDPOINTS = ["token", "revocation", "introspection", "device_authorization", PAR]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_REQ_13_FWD_06_an_absent_client_id_is_supplied(gateway11, upstream, trust, endpoint):
    pairs = [GRANT] if endpoint == "token" else [("token", "opaque-token-value")]
    if endpoint == PAR:
        pairs = [("response_type", "code")]
    request = good(gateway11, trust.public, *pairs, endpoint=endpoint)
    _, recorded = accepted(gateway11, upstream, request)
    assert recorded.form.count(("client_id", settings.PUBLIC)) == 1
    assert [name for name, _ in recorded.form].count("client_id") == 1


def test_REQ_13_a_pushed_request_must_name_its_client_where_that_is_configured(
    gateway_narrow, upstream, trust
):
    pairs = [("response_type", "code")]
    refused(gateway_narrow, upstream, good(gateway_narrow, trust.public, *pairs, endpoint=PAR),
            SYN, "REQ-13")  # fmt: skip
    pairs.append(("client_id", settings.PUBLIC))
    accepted(gateway_narrow, upstream, good(gateway_narrow, trust.public, *pairs, endpoint=PAR))


QUERIES = ["?client_id=victim", "?", "?client_secret=s", "?x=y"]


@pytest.mark.parametrize("query", QUERIES)
def test_REQ_14_a_query_at_a_protected_endpoint(gateway11, upstream, trust, query):
    request = good(gateway11, trust.public)
    refused(gateway11, upstream, request.copy(target=request.target + query), SYN, "REQ-14")


def test_REQ_14_a_query_does_not_name_an_unattested_client(gateway11, upstream):
    request = form(GRANT).copy(target=f"/oauth/token?client_id={settings.LISTED}")
    refused(gateway11, upstream, request, SYN, "REQ-14")


AUTHORIZATIONS = ["Basic dmljdGltOnM=", "Bearer abc", "DPoP abc", "x", ""]


@pytest.mark.parametrize("value", AUTHORIZATIONS)
def test_REQ_15_an_authorization_field_beside_an_attestation(gateway11, upstream, trust, value):
    request = good(gateway11, trust.public).add("Authorization", value)
    start = gateway11.mark()
    response = gateway11.send(request)
    # ERR-05: 401 with WWW-Authenticate is allowed where the client presented Authorization.
    assert response.status in (400, 401) and response.json["error"] == SYN, response
    assert response.status == 400 or response.one("WWW-Authenticate")
    upstream.nothing()
    gateway11.wait_for(lambda r: r.get("rule") == "REQ-15", start)


CREDENTIALS = [
    ("client_secret", "s3cret-of-victim"),
    ("client_assertion", "x.y.z"),
    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
]


@pytest.mark.parametrize("pair", CREDENTIALS, ids=lambda pair: pair[0])
def test_REQ_16_another_credential_in_the_body(gateway11, upstream, trust, pair):
    refused(gateway11, upstream, good(gateway11, trust.public, GRANT, pair), SYN, "REQ-16")


def test_REQ_17_a_listed_client_with_two_identities(gateway11, upstream):
    basic = "Basic dmljdGltOnM="  # victim:s
    request = form(GRANT, ("client_id", settings.LISTED)).add("Authorization", basic)
    refused(gateway11, upstream, request, SYN, "REQ-17")


def test_REQ_17_an_assertion_that_names_another_client(gateway11, upstream):
    key = jose.Key()
    assertion = jose.jws({"alg": "ES256"}, {"iss": "victim", "sub": "victim"}, key)
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    pairs = [GRANT, ("client_id", settings.LISTED), ("client_assertion", assertion)]
    request = form(*pairs, ("client_assertion_type", kind))
    refused(gateway11, upstream, request, SYN, "REQ-17")


def pushed(gateway, instance, *pairs) -> Request:
    return good(gateway, instance, ("response_type", "code"), *pairs, endpoint=PAR)


def test_REQ_18_a_request_uri_is_not_pushed(gateway11, upstream, trust):
    request = pushed(gateway11, trust.public, ("request_uri", "https://evil.example.com/ro"))
    refused(gateway11, upstream, request, SYN, "REQ-18")


JARS = {
    "another client": jose.jws({"alg": "ES256"}, {"client_id": "victim"}, jose.Key()),
    "another issuer": jose.jws(
        {"alg": "ES256"}, {"client_id": settings.PUBLIC, "iss": settings.BASIC}, jose.Key()
    ),
    "no client": jose.jws({"alg": "ES256"}, {"scope": "a"}, jose.Key()),
    "encrypted": "e30.e30.e30.e30.e30",
    "malformed": "not-a-jwt",
    "duplicate member": jose.jws(
        b'{"alg":"ES256"}', b'{"client_id":"https://client.example.com","client_id":"victim"}',
        jose.Key(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("jar", JARS.values(), ids=JARS.keys())
def test_REQ_18_a_request_object_of_another_client(gateway11, upstream, trust, jar):
    request = pushed(gateway11, trust.public, ("request", jar))
    refused(gateway11, upstream, request, SYN, {"REQ-18", "REQ-17"})


def test_REQ_18_a_request_object_of_this_client_passes(gateway11, upstream, trust):
    claims = {"client_id": settings.PUBLIC, "response_type": "code"}
    jar = jose.jws({"alg": "ES256"}, claims, jose.Key())
    _, recorded = accepted(gateway11, upstream, pushed(gateway11, trust.public, ("request", jar)))
    assert dict(recorded.form)["request"] == jar


def test_REQ_19_no_grant_type(gateway11, upstream, trust):
    for pair in (("scope", "a"), ("grant_type", "")):
        refused(gateway11, upstream, good(gateway11, trust.public, pair), SYN, "REQ-19")


def test_REQ_19_a_grant_that_is_not_listed(gateway_narrow, upstream, trust):
    request = good(gateway_narrow, trust.public, ("grant_type", "password"), ("username", "a"))
    refused(gateway_narrow, upstream, request, "unsupported_grant_type", "REQ-19")
    accepted(gateway_narrow, upstream, good(gateway_narrow, trust.public))


def test_REQ_20_identifiers_are_octets_not_characters(factory, upstream, trust):
    """A subject in NFC and a `client_id` in NFD look alike and are not."""
    nfc, nfd = "client-\u00e9", "client-e\u0301"
    config = settings.base(upstream.url)
    server = config["authorization_servers"][0]
    server["clients"].append({"client_id": nfc, "upstream": {"authentication": "none"}})
    server["attesters"][0]["clients"].append(nfc)
    with factory(config) as gateway:
        instance = jose.Instance(trust.attester, nfc)
        refused(gateway, upstream, good(gateway, instance, GRANT, ("client_id", nfd)), ATT,
                {"REQ-12", "REQ-17"})  # fmt: skip
        other = jose.Instance(trust.attester, nfd)
        response = gateway.send(good(gateway, other))
        assert response.json["error"] in (ATT, CLI)
        upstream.nothing()
        accepted(gateway, upstream, good(gateway, instance, GRANT, ("client_id", nfc)))


FOLDED = ["client.id", "client[id", "CLIENT_ID", " client_id", "client_id[]", "client id",
          "client-id", "code.verifier", "Grant_Type", "grant[type]", "refresh.token", "x[y]",
          "client_id]", "Client_Secret", "request.uri"]  # fmt: skip


@pytest.mark.parametrize("name", FOLDED)
def test_REQ_21_a_name_that_a_platform_would_fold_onto_ours(gateway11, upstream, trust, name):
    request = good(gateway11, trust.public, GRANT, (name, "victim"))
    refused(gateway11, upstream, request, SYN, {"REQ-21", "REQ-11"})


@pytest.mark.parametrize("name", ["client.id", "client[id", "CLIENT_ID", "client%5fid"])
def test_REQ_21_the_same_from_a_listed_client(gateway11, upstream, name):
    request = form(GRANT, ("client_id", settings.LISTED))
    request = request.copy(body=request.body + b"&" + name.encode() + b"=victim")
    refused(gateway11, upstream, request, SYN, {"REQ-21", "REQ-11"})


def test_REQ_11_duplicates_are_counted_on_folded_names(gateway11, upstream, trust):
    request = good(gateway11, trust.public, GRANT, ("my.value", "1"), ("my_value", "2"))
    refused(gateway11, upstream, request, SYN, {"REQ-11", "REQ-21"})


def test_REQ_12_the_claims_of_a_proof_do_not_name_a_client(gateway11, upstream, trust):
    """Another client's key under our attestation is no identity at all."""
    request = presented(
        trust.public.attestation, trust.basic.proof(challenge=gateway11.challenge()), GRANT
    )
    refused(gateway11, upstream, request, ATT, {"POP-03", "JOSE-10", "JOSE-12"})


def test_REQ_06_no_attestation_and_no_identity(gateway11, upstream):
    oauth_error(gateway11.send(form(GRANT)), CLI)
    response = gateway11.send(Request("POST", "/oauth/token", [("Host", AUTHORITY)]))
    oauth_error(response, response.json["error"])
    assert response.json["error"] in (CLI, SYN)
    upstream.nothing()


def test_REQ_18_JSON_in_a_form_value_is_not_read_as_parameters(gateway11, upstream, trust):
    value = json.dumps([{"type": "t", "client_id": "victim"}])
    request = good(gateway11, trust.public, GRANT, ("authorization_details", value))
    _, recorded = accepted(gateway11, upstream, request)
    assert dict(recorded.form)["authorization_details"] == value
