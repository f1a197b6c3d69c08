// SPDX-License-Identifier: Apache-2.0
// The public members of a JWK: from JSON to numbers and back (JOSE-13, JOSE-14, JOSE-16, JOSE-20).

import Cryptography
import JSON
import Octets

/// The families of keys (RFC 7517 section 4.1).
enum KeyType: String, CaseIterable {
    case ec = "EC"
    case rsa = "RSA"
    case okp = "OKP"
    case oct
}

extension KeyMembers {
    /// The numbers of a public key, decoded and not yet checked. JOSE-18 has refused `oct`.
    init(_ object: JSONObject, _ type: KeyType) throws(JOSEError) {
        switch type {
        case .ec:
            let name = try Self.string(object, "crv")
            guard let curve = EllipticCurve(name: name) else {
                throw JOSEError(.jose(13), "crv is unknown")
            }
            self = .ec(
                curve, x: try Self.octets(object, "x", .jose(13)),
                y: try Self.octets(object, "y", .jose(13)))
        case .rsa:
            self = .rsa(
                n: try Self.octets(object, "n", .jose(14)),
                e: try Self.octets(object, "e", .jose(14)))
        case .okp:
            let name = try Self.string(object, "crv")
            guard let curve = EdwardsCurve(name: name) else {
                throw JOSEError(.jose(16), "crv is unknown or not for signatures")
            }
            self = .edwards(curve, x: try Self.octets(object, "x", .jose(16)))
        case .oct: throw JOSEError(.jose(18), "key is symmetric")
        }
    }

    /// The rule that says what a key of this family is.
    var rule: RuleID {
        switch self {
        case .ec: .jose(13)
        case .rsa: .jose(14)
        case .edwards: .jose(16)
        }
    }

    /// The required members of the JWK in lexical order, as a thumbprint takes them.
    public var jwkMembers: [(name: String, value: [UInt8])] {
        switch self {
        case .ec(let curve, let x, let y):
            [
                ("crv", Array(curve.rawValue.utf8)), ("kty", Array("EC".utf8)),
                ("x", Base64URL.encode(x)), ("y", Base64URL.encode(y)),
            ]
        case .rsa(let n, let e):
            [
                ("e", Base64URL.encode(e)), ("kty", Array("RSA".utf8)),
                ("n", Base64URL.encode(n)),
            ]
        case .edwards(let curve, let x):
            [
                ("crv", Array(curve.rawValue.utf8)), ("kty", Array("OKP".utf8)),
                ("x", Base64URL.encode(x)),
            ]
        }
    }

    private static func string(_ object: JSONObject, _ name: String) throws(JOSEError) -> [UInt8] {
        guard let text = object[name]?.string else {
            throw JOSEError(.jose(20), "\(name) is missing or not a string")
        }
        return text
    }

    /// JOSE-13: decoded under JOSE-02, so that one key has one text.
    private static func octets(
        _ object: JSONObject, _ name: String, _ rule: RuleID
    ) throws(JOSEError) -> [UInt8] {
        guard let octets = Base64URL.decode(try string(object, name)) else {
            throw JOSEError(rule, "\(name) is not canonical base64url")
        }
        return octets
    }
}
