// SPDX-License-Identifier: Apache-2.0
// A token taken apart for people: decoded as far as it can be, judged nowhere.

import ClientAttestation
import JOSE
import JSON
import Octets

/// What a token says, verified or not.
struct DecodedToken {
    let role: TokenRole
    /// The header; nil: it can't be decoded.
    let header: DecodedObject?
    /// The claims; nil: they can't be decoded.
    let claims: DecodedObject?
    /// Octets of the signature; nil: there is none.
    let signatureLength: Int?
    /// What is wrong with its form.
    let problem: String?

    init(_ token: [UInt8], _ role: TokenRole) {
        self.role = role
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        header = parts.first.flatMap(DecodedObject.init)
        claims = parts.count > 1 ? DecodedObject(parts[1]) : nil
        signatureLength = parts.count > 2 ? Self.decode(parts[2])?.count : nil
        do throws(JOSEError) {
            _ = try CompactJWS(token)
            problem = nil
        } catch {
            problem = error.detail
        }
    }

    /// base64url, and what forgiving decoders take for it.
    static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        if let octets = Base64URL.decode(part) { return octets }
        var text = part.filter { $0 != UInt8(ascii: "=") }.map { octet in
            switch octet {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: octet
            }
        }
        if text.count % 4 == 1 { return nil }
        // Unused bits that are not zero are in the last character.
        if let octets = Base64URL.decode(text[...]) { return octets }
        if !text.isEmpty { text[text.count - 1] = UInt8(ascii: "A") }
        return Base64URL.decode(text[...])
    }

    /// A string claim.
    func string(_ name: String) -> [UInt8]? { claims?.object[name]?.string }
}

/// A JSON object with the text it was read from, in which numbers stand as they were written.
struct DecodedObject {
    let object: JSONObject
    let text: [UInt8]

    init?(_ part: ArraySlice<UInt8>) {
        guard let text = DecodedToken.decode(part),
            let object = (try? JSONDocument.parse(text))?.object
        else { return nil }
        self.object = object
        self.text = text
    }
}
