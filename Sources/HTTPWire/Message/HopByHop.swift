// SPDX-License-Identifier: Apache-2.0
// Fields that end at the next hop, and who may name them (HTTP-12).

import Octets

/// HTTP-12. Hop-by-hop fields: a fixed list, and what `Connection` nominates.
public enum HopByHop {
    /// The fields that are never forwarded.
    public static let always: Set<FieldName> = [
        .connection, .keepAlive, .proxyConnection, .proxyAuthorization, .te, .trailer,
        .transferEncoding, .upgrade,
    ]

    /// The fields no client may nominate, apart from those the gateway injects: removing one of
    /// them would change what the request means.
    public static let neverNominated: [FieldName] = [
        .authorization, .contentType, .contentLength, .host, .dpop,
    ]

    /// More options than anyone needs; each is compared with each field.
    private static let mostOptions = 32

    /// The options of all `Connection` fields in lower case. Throws HTTP-12, 400, if one is no
    /// token or there are more than 32.
    public static func connectionOptions(
        of fields: Fields
    ) throws(HTTPViolation) -> [[UInt8]] {
        var options: [[UInt8]] = []
        for field in fields where fields.matches(field, .connection) {
            var rest = fields.slice(field.value)
            while !rest.isEmpty {
                let comma = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
                let option = trimmingWhitespace(rest[..<comma])
                rest = rest[comma...].dropFirst()
                if option.isEmpty { continue }
                guard option.allSatisfy(ASCII.isTokenCharacter), options.count < mostOptions else {
                    throw .http(12)
                }
                options.append(option.map(ASCII.lowercased))
            }
        }
        return options
    }

    /// Throws HTTP-12, 400, if an option names one of `neverNominated`, an attestation field or one
    /// of `injected`, in any spelling a back end could fold to that name (FWD-01).
    public static func requireHarmless(
        _ options: [[UInt8]], injected: [FieldName] = []
    ) throws(HTTPViolation) {
        for option in options {
            let name = NormalisedName(option)
            if name.octets.starts(with: attestationPrefix) { throw .http(12) }
            for forbidden in neverNominated where NormalisedName(forbidden) == name {
                throw .http(12)
            }
            for forbidden in injected where NormalisedName(forbidden) == name {
                throw .http(12)
            }
        }
    }

    /// Whether the field ends at this hop: it is one of `always`, or one of `options` names it.
    public static func contains(_ field: Field, of fields: Fields, options: [[UInt8]]) -> Bool {
        for name in alwaysInOrder where fields.matches(field, name) { return true }
        for option in options
        where ASCII.equalsIgnoringCase(fields.slice(field.name), option) {
            return true
        }
        return false
    }

    /// Whether the connection lives on: the default of 1.1 unless `close`, in 1.0 only on request.
    static func keepsAlive(_ options: [[UInt8]], _ version: HTTPVersion) -> Bool {
        if options.isEmpty { return version == .http11 }
        if options.contains(closeOption) { return false }
        return version == .http11 || options.contains(keepAliveOption)
    }

    private static let alwaysInOrder = Array(always)
    private static let attestationPrefix = Array("oauth-client-attestation".utf8)
    private static let closeOption = Array("close".utf8)
    private static let keepAliveOption = Array("keep-alive".utf8)
}
