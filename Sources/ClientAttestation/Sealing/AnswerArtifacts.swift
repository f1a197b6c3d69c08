// SPDX-License-Identifier: Apache-2.0
// Where artifacts are in an answer of the AS, and where a raw value must not be (BIND-01, BIND-12).

import JSON
import Octets

/// The artifacts among the members of one answer.
struct AnswerArtifacts {
    struct Member {
        let name: String
        let kind: ArtifactKind
        let value: [UInt8]
        /// The value's place in the body, with its quotes.
        let range: Range<Int>
    }

    static let refreshToken = "refresh_token"
    private static let accessToken = "access_token"
    private static let issuedType = "issued_token_type"

    private(set) var members: [Member] = []

    /// Finds the artifacts that `request` has sealed. `null`, absent and empty ones are none. Throws
    /// BIND-01 as `upstream` for one of another type, one nested deeper, and one in an answer that
    /// is no success.
    init(_ answer: JSONValue, in request: RequestArtifacts, isSuccess: Bool) throws(Refusal) {
        guard request.sealsAnswer else { return }
        let sought = Self.sought(request.endpoint)
        if let object = answer.object {
            try collect(sought, in: object, request, isSuccess: isSuccess)
        }
        guard isSuccess || members.isEmpty else { throw Self.refusal }
        let inner = answer.object?.members.map(\.value) ?? answer.array ?? []
        for value in inner { try Self.requireNone(of: sought, in: value) }
    }

    private static let refusal = Refusal(.bind(1), .upstream)

    private static func sought(_ endpoint: ProtectedEndpoint) -> (name: String, ArtifactKind) {
        switch endpoint {
        case .deviceAuthorization: ("device_code", .deviceCode)
        case .backchannelAuthentication: ("auth_req_id", .authenticationRequest)
        default: (refreshToken, .refreshToken)
        }
    }

    private mutating func collect(
        _ sought: (name: String, kind: ArtifactKind), in object: JSONObject,
        _ request: RequestArtifacts, isSuccess: Bool
    ) throws(Refusal) {
        try collect(sought.name, sought.kind, in: object)
        guard sought.name == Self.refreshToken, Self.has(object[Self.accessToken]) else { return }
        // RFC 8693 section 2.2.1: an exchange hands a refresh token out as `access_token`.
        let type = object[Self.issuedType]
        if ParameterNames.isRefreshTokenType(type?.string) {
            try collect(Self.accessToken, .refreshToken, in: object)
        } else if Self.has(type) {
            guard type?.string != nil else { throw Self.refusal }
        } else if request.asksForRefreshToken, isSuccess {
            // A refresh token was asked for, and nothing says whether this is one.
            throw Self.refusal
        }
    }

    private mutating func collect(
        _ name: String, _ kind: ArtifactKind, in object: JSONObject
    ) throws(Refusal) {
        guard let value = object[name], Self.has(value) else { return }
        guard let string = value.string else { throw Self.refusal }
        members.append(Member(name: name, kind: kind, value: string, range: value.range))
    }

    /// Whether there is anything: an empty string holds no artifact (RFC 6749 section 3.1).
    private static func has(_ value: JSONValue?) -> Bool {
        guard let value else { return false }
        return !value.isNull && value.string != []
    }

    /// The reader has limited the depth.
    private static func requireNone(
        of sought: (name: String, kind: ArtifactKind), in value: JSONValue
    ) throws(Refusal) {
        if let object = value.object {
            let isRefresh =
                sought.name == refreshToken && has(object[accessToken])
                && ParameterNames.isRefreshTokenType(object[issuedType]?.string)
            guard !has(object[sought.name]), !isRefresh else { throw refusal }
            for member in object.members { try requireNone(of: sought, in: member.value) }
        }
        for element in value.array ?? [] { try requireNone(of: sought, in: element) }
    }
}

/// Looks for raw values where they must not be.
struct EchoCheck {
    /// The raw values; empty ones are ignored.
    let values: [[UInt8]]
    /// The places of a body in which they are about to be replaced.
    let allowed: [Range<Int>]

    /// Whether any is in `body` outside the allowed places: in its octets, or in a string or name
    /// of `document`, its reading, where an escape may hide it.
    func finds(in body: [UInt8], _ document: JSONValue?) -> Bool {
        let values = values.filter { !$0.isEmpty }
        guard !values.isEmpty else { return false }
        var start = 0
        for range in allowed.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if values.contains(where: { Self.contains($0, body[start..<range.lowerBound]) }) {
                return true
            }
            start = range.upperBound
        }
        if values.contains(where: { Self.contains($0, body[start...]) }) { return true }
        guard let document, body.contains(UInt8(ascii: "\\")) else { return false }
        return finds(values, in: document)
    }

    /// Whether any is in a header field, where none is replaced.
    func finds(inField value: ArraySlice<UInt8>) -> Bool {
        values.contains { !$0.isEmpty && Self.contains($0, value) }
    }

    private func finds(_ values: [[UInt8]], in value: JSONValue) -> Bool {
        switch value.kind {
        case .string(let string):
            return !allowed.contains(value.range)
                && values.contains { Self.contains($0, string[...]) }
        case .object(let object):
            return object.members.contains { member in
                values.contains { Self.contains($0, member.name[...]) }
                    || finds(values, in: member.value)
            }
        case .array(let elements):
            return elements.contains { finds(values, in: $0) }
        case .number, .bool, .null:
            return false
        }
    }

    /// Whether `needle`, which is not empty, is in `text`.
    private static func contains(_ needle: [UInt8], _ text: ArraySlice<UInt8>) -> Bool {
        guard text.count >= needle.count else { return false }
        let last = text.endIndex - needle.count
        for start in text.startIndex...last
        where text[start] == needle[0] && text[start..<(start + needle.count)] == needle[...] {
            return true
        }
        return false
    }
}
