// SPDX-License-Identifier: Apache-2.0
// One request as the demo authorization server read it from the wire.

import HTTPWire
import Octets

/// A request that reached the demo authorization server, complete with its body.
public struct ReceivedRequest: Sendable {
    /// Method, target, fields and framing.
    public let head: RequestHead
    /// The body, decoded from its framing.
    public let body: [UInt8]

    /// Whether a field of it belongs to attestation or claims to, however it is spelled: many
    /// servers read `X_Attested_Client_Id` and `X-Attested-Client-Id` as the same variable.
    var carriesAttestation: Bool {
        head.fields.contains { field in
            let folded = head.fields.bytes(field.name).map { octet in
                ASCII.isAlpha(octet) || ASCII.isDigit(octet)
                    ? ASCII.lowercased(octet) : UInt8(ascii: "-")
            }
            return Self.reserved.contains { folded.starts(with: $0) }
        }
    }

    private static let reserved = ["oauth-client-attestation", "attestation-nonce", "x-attested-"]
        .map { Array($0.utf8) }
}
