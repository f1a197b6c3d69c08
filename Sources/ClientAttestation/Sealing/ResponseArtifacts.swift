// SPDX-License-Identifier: Apache-2.0
// The AS's answer on its way to an attested client: its artifacts sealed in place, everything else
// as it was, or not relayed at all (BIND-01, BIND-08, BIND-09, BIND-12, BIND-13).

import JSON
public import Octets

/// What is known of an answer besides its body.
public struct AnswerFacts: Sendable {
    /// The status.
    public let status: Int
    /// The values of all `Content-Type` fields.
    public let contentTypes: [[UInt8]]
    /// The values of all `Content-Encoding` fields.
    public let contentEncodings: [[UInt8]]
    /// The values of all fields.
    public let fieldValues: [ArraySlice<UInt8>]

    /// The facts of one answer.
    public init(
        status: Int, contentTypes: [[UInt8]], contentEncodings: [[UInt8]] = [],
        fieldValues: [ArraySlice<UInt8>] = []
    ) {
        self.status = status
        self.contentTypes = contentTypes
        self.contentEncodings = contentEncodings
        self.fieldValues = fieldValues
    }

    var isSuccess: Bool { (200..<300).contains(status) }

    /// Whether the one content type is JSON's (RFC 8259) or ends in `+json` (RFC 6839).
    var isJSON: Bool {
        guard contentTypes.count == 1 else { return false }
        let type = contentTypes[0].prefix { $0 != UInt8(ascii: ";") }
            .filter { $0 != 0x20 && $0 != 0x09 }.map(ASCII.lowercased)
        return type == Self.json || type.suffix(Self.suffix.count) == Self.suffix[...]
    }

    /// Whether the body is what it looks like.
    var isPlain: Bool {
        contentEncodings.allSatisfy { $0.isEmpty || ASCII.equalsIgnoringCase($0, Self.identity) }
    }

    private static let json = Array("application/json".utf8)
    private static let suffix = Array("+json".utf8)
    private static let identity = Array("identity".utf8)
}

extension RequestArtifacts {
    /// Whether the answer must be read as a whole and go through `answer`. If not, it is relayed
    /// as it comes.
    public var needsWholeAnswer: Bool { sealsAnswer || !opened.isEmpty }

    /// The body to relay; nil: the one that came, unchanged. Where one is returned, the length is
    /// another one, and what was computed over the old body is no longer true: `ETag`,
    /// `Content-MD5`, `Digest`, `Content-Digest`, `Signature` and `Signature-Input` (BIND-13).
    ///
    /// To be called once the request's proof was claimed and the AS has answered. The body was read
    /// whole, within a limit. Throws `upstream` for whatever cannot be read in exactly one way or
    /// would let a raw value through; an answer that is no success and has no artifact passes
    /// unharmed.
    public func answer(
        _ body: [UInt8], _ facts: AnswerFacts, seal: ArtifactSeal, now: UnixTime
    ) throws(Refusal) -> [UInt8]? {
        guard needsWholeAnswer else { return nil }
        guard facts.isPlain else { throw Refusal(.bind(12), .upstream) }
        let document = try read(body, facts)
        let found = try document.map { value throws(Refusal) in
            try AnswerArtifacts(value, in: self, isSuccess: facts.isSuccess)
        }
        let members = found?.members ?? []
        let echo = EchoCheck(
            values: opened.map(\.value) + members.map(\.value), allowed: members.map(\.range))
        // BIND-12: raw values never reach the client.
        guard !echo.finds(in: body, document),
            !facts.fieldValues.contains(where: echo.finds(inField:))
        else { throw Refusal(.bind(12), .upstream) }
        guard facts.isSuccess, let document, let holder = caller.holder, sealsAnswer else {
            return nil
        }
        return try sealed(members, in: body, document, for: holder, seal, now: now)
    }

    /// What is sealed in answers here, for this caller.
    var sealsAnswer: Bool {
        guard caller.holder != nil else { return false }
        switch endpoint {
        // What was sealed stays so.
        case .token: return policy.rawRefreshTokens != .passed || !opened.isEmpty
        case .deviceAuthorization: return policy.sealsDeviceCodes
        case .backchannelAuthentication: return policy.sealsAuthenticationRequests
        case .pushedAuthorizationRequest, .revocation, .introspection: return false
        }
    }

    /// BIND-01: a success is one JSON object and says so. Anything else may be any text.
    private func read(_ body: [UInt8], _ facts: AnswerFacts) throws(Refusal) -> JSONValue? {
        let value: JSONValue
        do {
            // How long a body may be was decided while it was read.
            value = try JSONDocument.parse(
                body, limits: JSONLimits(size: .bytes(max(body.count, 1))))
        } catch {
            // BIND-13: two readers would read it differently, whatever the status.
            let rule: RuleID = error.code == .duplicateName ? .bind(13) : .bind(1)
            if sealsAnswer, facts.isSuccess || error.code == .duplicateName {
                throw Refusal(rule, .upstream)
            }
            return nil
        }
        if sealsAnswer, facts.isSuccess, value.object == nil || !facts.isJSON {
            throw Refusal(.bind(1), .upstream)
        }
        return value
    }

    private func sealed(
        _ members: [AnswerArtifacts.Member], in body: [UInt8], _ document: JSONValue,
        for holder: ArtifactHolder, _ seal: ArtifactSeal, now: UnixTime
    ) throws(Refusal) -> [UInt8]? {
        guard var edit = JSONEdit(body, document) else { throw Refusal(.bind(1), .upstream) }
        for member in members {
            // Sealing the same value anew keeps the time it was first sealed.
            let known = opened.first { $0.kind == member.kind && $0.value == member.value }
            edit.set(
                member.name,
                to: try seal.sealed(
                    member.value, as: member.kind, for: holder, issuedAt: known?.issuedAt ?? now))
        }
        let hasNew = members.contains { $0.name == AnswerArtifacts.refreshToken }
        if !hasNew, let old = unrotated(now: now) {
            edit.set(
                AnswerArtifacts.refreshToken,
                to: try seal.sealed(
                    old.value, as: .refreshToken, for: holder, issuedAt: old.issuedAt))
        } else if members.isEmpty {
            return nil
        }
        return edit.edited
    }

    /// The refresh token to hand out though the AS gave no new one: a raw one that was adopted, or
    /// one under a key that is to be retired (requirements 4.4).
    private func unrotated(now: UnixTime) -> (value: [UInt8], issuedAt: UnixTime)? {
        guard endpoint == .token, !isExchange else { return nil }
        if let adopted { return (adopted, now) }
        guard let old = opened.first, old.kind == .refreshToken, !old.isUnderCurrentKey else {
            return nil
        }
        return (old.value, old.issuedAt)
    }
}

extension ArtifactSeal {
    /// BIND-01: a value too long to be sealed is not let through.
    fileprivate func sealed(
        _ value: [UInt8], as kind: ArtifactKind, for holder: ArtifactHolder, issuedAt: UnixTime
    ) throws(Refusal) -> [UInt8] {
        do {
            return try seal(value, as: kind, for: holder, issuedAt: issuedAt)
        } catch {
            throw Refusal(.bind(1), .upstream)
        }
    }
}
