// SPDX-License-Identifier: Apache-2.0
// `Authorization: Basic` as a legacy AS expects it (CRED-02).

import Cryptography
import HTTPWire
import Octets

extension BasicCredential {
    /// RFC 6749 section 2.3.1 form-encodes both halves first. Many ids are URLs: without it the
    /// server would split inside `https:`.
    static func encode(clientID: [UInt8], secret: Secret, encoding: Encoding) -> Secret {
        var pair: [UInt8] = []
        switch encoding {
        case .form:
            Form.encode(clientID, into: &pair)
            pair.append(UInt8(ascii: ":"))
            Form.encode(secret.bytes, into: &pair)
        case .raw:
            pair = clientID + [UInt8(ascii: ":")] + secret.bytes
        }
        return Secret("Basic ".octets + Base64.encode(pair))
    }
}
