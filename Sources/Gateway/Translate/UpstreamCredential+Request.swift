// SPDX-License-Identifier: Apache-2.0
// A request in the terms its AS has always understood: id and credential (CRED-02 to CRED-05).

import ClientAttestation
import Cryptography
import HTTPWire
import Minting
import Octets

/// Where a credential is presented, and when.
struct CredentialUse {
    let server: ProtectedServer
    let endpoint: EndpointSettings
    let now: UnixTime

    /// CRED-04. Always from configuration, never from what the AS says of itself.
    fileprivate func audience(_ kind: AssertionCredential.Audience) -> [UInt8] {
        switch kind {
        case .issuer: server.issuer
        case .endpoint: server.settings.origin + endpoint.path
        }
    }
}

extension UpstreamCredential {
    /// Writes the credential of the client that the AS knows as `clientID` into a request.
    func present(
        _ clientID: [UInt8], _ use: CredentialUse, form: inout Form, head: inout HeadWriter
    ) throws(Refusal) {
        form.set(.clientID, to: clientID)
        switch self {
        case .none: break
        case .basic(let credential):
            if !credential.bodyClientID { form.remove(.clientID) }
            head.field(.authorization, credential.fieldValue.bytes)
        case .post(let secret):
            form.set(.clientSecret, to: secret.bytes)
        case .assertion(let credential):
            form.set(.clientAssertionType, to: ClientAssertionMint.assertionType)
            form.set(.clientAssertion, to: try credential.assertion(clientID, use))
        }
    }
}

extension AssertionCredential {
    /// CRED-04: a fresh one each time.
    fileprivate func assertion(
        _ clientID: [UInt8], _ use: CredentialUse
    ) throws(Refusal) -> [UInt8] {
        do throws(MintingError) {
            return try ClientAssertionMint.token(
                clientID: clientID, audience: use.audience(audience), key: key, keyID: keyID,
                now: use.now)
        } catch {
            throw Refusal(.cred(4), .upstream)
        }
    }
}
