// SPDX-License-Identifier: Apache-2.0
// A compact JWS taken apart, parsed once and not yet verified (JOSE-01 to JOSE-09, JOSE-23).

import JSON
import Octets

/// A signed token of well-formed parts. Whether the signature holds is for `JWSVerification`; the
/// claims judged afterwards are these very ones, never a second parse.
///
/// A class, because it is handed to the rules of a token: a structure would be copied, reference by
/// reference.
public final class CompactJWS: Sendable {
    /// The token exactly as received.
    public let token: [UInt8]
    /// The octets of `token` that are signed: header, dot and payload (JOSE-23).
    public let signingInput: Range<Int>
    /// The protected header, free of anything that would change how the token is processed.
    public let header: JOSEHeader
    /// The claims.
    public let payload: JSONObject
    /// The decoded signature.
    public let signature: [UInt8]

    /// JOSE-01, JOSE-02, JOSE-03, JOSE-04 and the rules of `JOSEHeader`. The size of the token is
    /// for the caller to limit (REQ-05); the work here is linear in it.
    public init(_ token: [UInt8]) throws(JOSEError) {
        let (first, second) = try Self.dots(token)
        let headerText = try Self.decode(token[..<first], part: "header")
        let payloadText = try Self.decode(token[(first + 1)..<second], part: "payload")
        signature = try Self.decode(token[(second + 1)...], part: "signature")
        header = try JOSEHeader(try Self.object(headerText, part: "header"))
        payload = try Self.object(payloadText, part: "payload")
        self.token = token
        signingInput = 0..<second
    }

    /// JOSE-01: the places of the only two dots, with something before, between and after them.
    private static func dots(_ token: [UInt8]) throws(JOSEError) -> (Int, Int) {
        let dot = UInt8(ascii: ".")
        guard let first = token.firstIndex(of: dot),
            let second = token[(first + 1)...].firstIndex(of: dot),
            !token[(second + 1)...].contains(dot)
        else { throw JOSEError(.jose(1), "not three parts") }
        guard first > 0, second > first + 1, second < token.count - 1 else {
            throw JOSEError(.jose(1), "an empty part")
        }
        return (first, second)
    }

    private static func decode(
        _ text: ArraySlice<UInt8>, part: String
    ) throws(JOSEError) -> [UInt8] {
        guard let octets = Base64URL.decode(text) else {
            throw JOSEError(.jose(2), "\(part) is not canonical base64url")
        }
        return octets
    }

    private static func object(_ text: [UInt8], part: String) throws(JOSEError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONDocument.parse(text)
        } catch {
            throw JOSEError(error, in: part)
        }
        guard let object = value.object else {
            throw JOSEError(.jose(3), "\(part) is not a JSON object")
        }
        return object
    }
}
