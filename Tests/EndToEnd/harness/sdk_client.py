# SPDX-License-Identifier: Apache-2.0
"""A client made of the PyPI package `client-attestation-sdk`, run as a program.

It is told the issuer and nothing else of the AS: every URL it uses, and the audience of its proof,
come from the metadata it fetches. Arguments: issuer, port that stands in for 443 there, client_id,
proof method. Standard input: the attester's private JWK. Prints the token response's token type.
"""

import json
import socket
import sys

from client_attestation_sdk import ClientAttestation, ClientAttestationBuilder, SigningKeyPair
from client_attestation_sdk.attester import AttesterMetadata, AttesterProfile, MintResult
from client_attestation_sdk.svid_source import StaticSvidSource

issuer, port, client_id, method = sys.argv[1:]
attester = SigningKeyPair.from_jwk(json.load(sys.stdin), "ES256")
getaddrinfo = socket.getaddrinfo
# The test's name service: every host is the gateway.
socket.getaddrinfo = lambda host, *rest, **named: getaddrinfo("127.0.0.1", int(port))


class LocalAttester(AttesterProfile):
    """Attests by itself; finds the AS by RFC 8414."""

    def discover(self, transport, attester_url):
        host, _, path = issuer.removeprefix("https://").partition("/")
        url = f"https://{host}/.well-known/oauth-authorization-server" + (path and f"/{path}")
        document = transport.request_json("discover", "GET", url)
        names = {"attestation_pop_jwt": "attest_jwt_client_auth",
                 "dpop_combined": "attest_jwt_client_auth_dpop"}  # fmt: skip
        assert document["issuer"] == issuer
        assert names[method] in document["token_endpoint_auth_methods_supported"]
        assert method in document["client_attestation_pop_methods_supported"]
        assert "ES256" in document["client_attestation_signing_alg_values_supported"]
        assert "ES256" in document["client_attestation_pop_signing_alg_values_supported"]
        return AttesterMetadata(
            evidence_audience="local", token_endpoint=document["token_endpoint"],
            challenge_endpoint=document["challenge_endpoint"], pop_audience=document["issuer"],
            document=document,
        )  # fmt: skip

    def mint(self, transport, metadata, request):
        builder = ClientAttestationBuilder(attester, "https://attester.example.com")
        builder = builder.client_id(client_id).confirmation_key(request.instance_key)
        return MintResult(builder.expires_in(300).build())


client = ClientAttestation(
    profile=LocalAttester(), evidence=StaticSvidSource("none"), evidence_audience="local",
    pop_method=method,
)  # fmt: skip
print(client.authorization_header()["Authorization"].split(" ")[0])
