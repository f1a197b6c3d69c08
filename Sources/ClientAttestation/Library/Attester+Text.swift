// SPDX-License-Identifier: Apache-2.0
// Attesters and instances for callers that hold text and not octets.

public import JOSE
import Octets

extension Attester {
    /// An attester with the public keys of a JWK set in JSON, as the attester publishes it, whose
    /// attestations are signed with ES256. `id` is a name for the log; `issuers` are its `iss`
    /// values, if it has any; `clients` are the only `client_id`s it may vouch for (KEY-03).
    public init(
        id: String, issuers: [String] = [], jwks: some Sequence<UInt8>, clients: [String]
    ) throws(JOSEError) {
        self.init(
            id: id, issuers: issuers.map(\.octets), keys: try JWKSet(parsing: Array(jwks)),
            clients: clients.map(\.octets))
    }
}

extension AttestedInstance {
    /// The thumbprint of the instance key as `cnf.jkt` and `dpop_jkt` write it (RFC 9449): what
    /// refresh tokens are to be bound to (BIND-02).
    public var jkt: String { String(decoding: thumbprint.text, as: UTF8.self) }
}
