// SPDX-License-Identifier: Apache-2.0
// The SHA-256 thumbprint of a key (RFC 7638), by which instances are told apart.

import Cryptography
import JSON
import Octets

/// `jkt`: 32 octets that name a public key. One key has one thumbprint, because its members are
/// decoded canonically (JOSE-13).
public struct JWKThumbprint: Hashable, Sendable, CustomStringConvertible {
    /// The hash, 32 octets.
    public let bytes: [UInt8]

    /// The thumbprint with these octets, nil unless there are 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// RFC 7638 section 3.2, RFC 8037 section 2: the required members of the key's family in
    /// lexical order, without spaces.
    init(_ members: KeyMembers) {
        var writer = JSONWriter(reserving: 192)
        writer.beginObject()
        for (name, value) in members.jwkMembers {
            writer.name(name)
            writer.string(value)
        }
        writer.endObject()
        bytes = Digest.sha256(writer.bytes)
    }

    /// The hash in base64url, 43 octets.
    public var text: [UInt8] { Base64URL.encode(bytes) }

    /// The hash in base64url.
    public var description: String { Base64URL.encodeToString(bytes) }
}
