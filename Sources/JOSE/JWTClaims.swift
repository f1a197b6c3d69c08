// SPDX-License-Identifier: Apache-2.0
// Typed reading of claims (JOSE-21, JOSE-22); which ones must be there is for the rules above.

import JSON
import Octets

/// Claims by name. A claim is nil only if it is absent: one of the wrong type is an error, even
/// `null`.
public struct JWTClaims: Sendable {
    /// JOSE-22: the most octets of `sub`, `iss` and a value of `aud`.
    public static let identifierLimit = 2048
    /// JOSE-22: the most octets of `jti`.
    public static let tokenIDLimit = 256
    /// JOSE-22: the most octets of `challenge` and `nonce`.
    public static let challengeLimit = 1024

    /// The payload.
    public let claims: JSONObject

    /// The claims of a token.
    public init(_ claims: JSONObject) {
        self.claims = claims
    }

    /// JOSE-22: a string of 1 to `maxOctets` octets without C0 controls or DEL.
    public func string(_ name: String, maxOctets: Int) throws(JOSEError) -> [UInt8]? {
        guard let value = claims[name] else { return nil }
        return try Self.string(value, name, maxOctets: maxOctets)
    }

    /// JOSE-21: a number of seconds in 0...253402300799.
    public func numericDate(_ name: String) throws(JOSEError) -> NumericDate? {
        guard let value = claims[name] else { return nil }
        guard let date = value.number?.numericDate else {
            throw JOSEError(.jose(21), "\(name) is not a date")
        }
        return NumericDate(seconds: date.seconds, hasFraction: date.hasFraction)
    }

    /// JOSE-22: `aud`, a string or an array of at least one string.
    public func audience() throws(JOSEError) -> Audience? {
        guard let value = claims["aud"] else { return nil }
        guard let elements = value.array else {
            return .one(try Self.string(value, "aud", maxOctets: Self.identifierLimit))
        }
        guard !elements.isEmpty else { throw JOSEError(.jose(22), "aud is an empty array") }
        var values: [[UInt8]] = []
        for element in elements {
            values.append(try Self.string(element, "aud", maxOctets: Self.identifierLimit))
        }
        return .many(values)
    }

    /// A claim that is an object; nil if it is absent or anything else.
    public func object(_ name: String) -> JSONObject? {
        claims[name]?.object
    }

    /// The value of a claim, whatever it is.
    public subscript(name: String) -> JSONValue? { claims[name] }

    private static func string(
        _ value: JSONValue, _ name: String, maxOctets: Int
    ) throws(JOSEError) -> [UInt8] {
        guard let octets = value.octets else {
            throw JOSEError(.jose(22), "\(name) is not a string")
        }
        guard !octets.isEmpty else { throw JOSEError(.jose(22), "\(name) is empty") }
        guard octets.count <= maxOctets else { throw JOSEError(.jose(22), "\(name) is too long") }
        guard !octets.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw JOSEError(.jose(22), "\(name) has a control character")
        }
        return Array(octets)
    }
}
