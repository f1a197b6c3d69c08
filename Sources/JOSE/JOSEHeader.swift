// SPDX-License-Identifier: Apache-2.0
// The protected header and what no header may hold (JOSE-05 to JOSE-09, KEY-04).

import JSON
import Octets

/// A header without anything that would change how the token is to be processed. Other parameters
/// are ignored (JOSE-24).
public struct JOSEHeader: Sendable {
    /// JOSE-06: `alg`, as written; whether it is allowed is for the caller.
    public var algorithm: [UInt8] { Array(algorithmName) }
    /// The algorithm that `alg` names; nil if it names none.
    public let knownAlgorithm: JWSAlgorithm?
    /// JOSE-05: `typ` in lower case and without one leading `application/`; nil if absent.
    public var type: [UInt8]? { mediaType.map { $0.map { ASCII.lowercased($0) } } }
    /// KEY-04: `kid`, 1 to 256 octets; nil if absent.
    public let keyID: [UInt8]?
    /// All parameters, for `jku`, `x5c` and `jwk`, which give no trust by themselves.
    public let object: JSONObject
    /// `alg`, a part of the header's text.
    let algorithmName: ArraySlice<UInt8>
    /// `typ` without one leading `application/`, a part of the header's text.
    private let mediaType: ArraySlice<UInt8>?

    /// Checks the parameters in the order of their rules.
    public init(_ object: JSONObject) throws(JOSEError) {
        mediaType = try Self.type(object["typ"])
        algorithmName = try Self.algorithm(object["alg"])
        knownAlgorithm = JWSAlgorithm(name: algorithmName)
        try Self.requireOrdinary(object)
        keyID = try Self.keyID(object["kid"])
        self.object = object
    }

    /// JOSE-05: whether `type` is this one, which must be in lower case.
    public func hasType(_ type: [UInt8]) -> Bool {
        guard let mediaType else { return false }
        return ASCII.equalsIgnoringCase(mediaType, type)
    }

    /// JOSE-05: RFC 7515 section 4.1.9, a media type, compared without regard to case.
    private static func type(_ value: JSONValue?) throws(JOSEError) -> ArraySlice<UInt8>? {
        guard let value else { return nil }
        guard let text = value.octets else { throw JOSEError(.jose(5), "typ is not a string") }
        return withoutApplication(text)
    }

    /// JOSE-06: present, a string, not empty.
    private static func algorithm(_ value: JSONValue?) throws(JOSEError) -> ArraySlice<UInt8> {
        guard let value else { throw JOSEError(.jose(6), "alg is missing") }
        guard let name = value.octets, !name.isEmpty else {
            throw JOSEError(.jose(6), "alg is not a name")
        }
        return name
    }

    /// JOSE-07, JOSE-08, JOSE-09: no critical extension, no unencoded payload, no encryption, no
    /// compression, no nested token; whatever the values are.
    private static func requireOrdinary(_ object: JSONObject) throws(JOSEError) {
        if object["crit"] != nil { throw JOSEError(.jose(7), "crit is present") }
        if object["b64"] != nil { throw JOSEError(.jose(8), "b64 is present") }
        if object["enc"] != nil { throw JOSEError(.jose(9), "enc is present") }
        if object["zip"] != nil { throw JOSEError(.jose(9), "zip is present") }
        guard let content = object["cty"] else { return }
        guard let text = content.octets,
            !ASCII.equalsIgnoringCase(withoutApplication(text), nestedToken)
        else {
            throw JOSEError(.jose(9), "cty names a nested token")
        }
    }

    /// KEY-04: a string of 1 to 256 octets; it is only ever compared, never a path or a query.
    private static func keyID(_ value: JSONValue?) throws(JOSEError) -> [UInt8]? {
        guard let value else { return nil }
        guard let keyID = value.string, (1...256).contains(keyID.count) else {
            throw JOSEError(.key(4), "kid is not a string of 1 to 256 octets")
        }
        return keyID
    }

    private static func withoutApplication(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isApplication = ASCII.equalsIgnoringCase(text.prefix(application.count), application)
        return text.dropFirst(isApplication ? application.count : 0)
    }

    private static let application = Array("application/".utf8)
    private static let nestedToken = Array("jwt".utf8)
}
