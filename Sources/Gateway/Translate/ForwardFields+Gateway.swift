// SPDX-License-Identifier: Apache-2.0
// Fields by which the gateway speaks to the AS of itself and of what it verified (FWD-04, FWD-07,
// EP-08).

import ClientAttestation
import Cryptography
import HTTPWire
import JOSE
import Minting
import Octets

extension ForwardFields {
    /// EP-08: on every request to the AS, whatever was verified.
    static func addGatewaySecret(of server: ProtectedServer, to writer: inout HeadWriter) {
        guard let secret = server.settings.gatewaySecret else { return }
        writer.field(secret.name, secret.value.bytes)
    }

    /// FWD-04: the tokens as they came and were verified, for the AS's log alone.
    static func addTokens(_ head: RequestHead, to writer: inout HeadWriter) {
        for name in [FieldName.oauthClientAttestation, .oauthClientAttestationPoP] {
            for value in head.fields.values(of: name) { writer.field(name, value) }
        }
    }

    /// FWD-07: who was verified, signed. The AS can tell it from a field that somebody else wrote.
    static func addIdentityAssertion(
        _ instance: AttestedInstance, server: ProtectedServer, now: UnixTime,
        to writer: inout HeadWriter
    ) throws(Refusal) {
        guard let key = server.settings.identityKey else { return }
        let identity = IdentityAssertionMint.Identity(
            clientID: instance.clientID, thumbprint: instance.thumbprint.text,
            attester: instance.attesterID.octets, method: instance.method.rawValue.octets)
        do throws(MintingError) {
            writer.field(
                .xAttestedAssertion,
                try IdentityAssertionMint.token(
                    identity, audience: server.issuer, key: key,
                    keyID: key.keyID ?? key.thumbprint.text, now: now))
        } catch {
            throw Refusal(.fwd(7), .upstream)
        }
    }
}
