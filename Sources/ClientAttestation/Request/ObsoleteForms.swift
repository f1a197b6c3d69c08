// SPDX-License-Identifier: Apache-2.0
// Forms of the first drafts that are recognised only to be refused (REQ-08).

import Octets

/// Attestations that came in the form body, as drafts before 03 had it.
public enum ObsoleteForms {
    private static let assertionTypes: [[UInt8]] = [
        Array("urn:ietf:params:oauth:client-assertion-type:jwt-client-attestation".utf8),
        Array("urn:ietf:params:oauth:client-assertion-type:jwt-key-attestation".utf8),
    ]

    /// REQ-08: throws `invalid_client` if the decoded `client_assertion_type` is one of theirs.
    public static func refuse(clientAssertionType: [UInt8]) throws(Refusal) {
        guard !assertionTypes.contains(clientAssertionType) else {
            throw Refusal(.req(8), .invalidClient)
        }
    }
}
