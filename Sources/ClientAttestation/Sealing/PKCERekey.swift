// SPDX-License-Identifier: Apache-2.0
// PKCE re-keying: the AS's own check of the code verifier binds the code to the instance key
// (BIND-10, requirements 4.4).

import Cryptography
import Octets

/// The PKCE members of an attested pushed authorization request, decoded; nil where the request
/// has none or an empty one.
public struct PushedChallenge: Sendable {
    /// `code_challenge`.
    public let challenge: [UInt8]?
    /// `code_challenge_method`.
    public let method: [UInt8]?
    /// Whether there is a `request`, a request object (RFC 9101).
    public let hasRequestObject: Bool

    /// The members of one request.
    public init(challenge: [UInt8]?, method: [UInt8]?, hasRequestObject: Bool) {
        self.challenge = challenge.flatMap { $0.isEmpty ? nil : $0 }
        self.method = method.flatMap { $0.isEmpty ? nil : $0 }
        self.hasRequestObject = hasRequestObject
    }
}

/// Replaces challenge and verifier by ones that depend on client and instance key as well.
///
/// Its key, Kp, is the subkey "abca-pkce" of `MasterKeys.codeBinding`, which stays the same while
/// the sealing keys turn: nothing in a redemption says under which key the challenge was made, and
/// the AS gives a code one attempt. Replacing it fails the flows in flight, whose clients start
/// over.
public struct PKCERekey: Sendable {
    /// The one `code_challenge_method` that is accepted, and sent.
    public static let method = Array("S256".utf8)

    private let issuer: [UInt8]
    private let key: HMACKey

    /// The re-keying for the AS called `issuer`.
    public init(_ master: MasterKeys, issuer: [UInt8]) {
        self.issuer = issuer
        key = master.codeBindingSubkey(purpose: "abca-pkce", issuer: issuer)
    }

    /// What to forward as `code_challenge`, with `code_challenge_method=S256`.
    ///
    /// Throws BIND-10 as `invalid_request` unless the method is spelled out as S256 (absent means
    /// `plain`) and the challenge is one canonical base64url text of 32 octets, and for a request
    /// object, out of which the AS would take another challenge. `inserting`: whether a client that
    /// sends neither challenge nor method gets one all the same (`pkce.insert`).
    public func challenge(
        replacing pushed: PushedChallenge, for holder: ArtifactHolder, inserting: Bool = false
    ) throws(Refusal) -> [UInt8] {
        let refusal = Refusal(.bind(10), .invalidRequest)
        guard !pushed.hasRequestObject else { throw refusal }
        guard let challenge = pushed.challenge else {
            guard inserting, pushed.method == nil else { throw refusal }
            return Self.challenge(of: verifier(challenge: [], holder))
        }
        guard pushed.method == Self.method, challenge.count == 43,
            Base64URL.decode(challenge) != nil
        else { throw refusal }
        return Self.challenge(of: verifier(challenge: challenge, holder))
    }

    /// What to forward as `code_verifier` when an authorization code is redeemed; nil or empty:
    /// the request has none.
    ///
    /// Throws BIND-10 as `invalid_grant` unless it is 43 to 128 unreserved characters. `inserting`
    /// as at the challenge: whichever of the two a flow began with, the other one fails at the AS.
    public func verifier(
        replacing verifier: [UInt8]?, for holder: ArtifactHolder, inserting: Bool = false
    ) throws(Refusal) -> [UInt8] {
        guard let verifier, !verifier.isEmpty else {
            guard inserting else { throw Refusal(.bind(10), .grant) }
            return self.verifier(challenge: [], holder)
        }
        guard (43...128).contains(verifier.count), verifier.allSatisfy(Self.isUnreserved) else {
            throw Refusal(.bind(10), .grant)
        }
        return self.verifier(challenge: Self.challenge(of: verifier), holder)
    }

    /// V' = base64url(HMAC-SHA-256(Kp, { "abca-pkce", issuer, client_id, jkt, C })).
    private func verifier(challenge: [UInt8], _ holder: ArtifactHolder) -> [UInt8] {
        var fields = LengthPrefixed(
            reserving: 116 + issuer.count + holder.clientID.count)
        fields.append("abca-pkce")
        fields.append(issuer)
        fields.append(holder.clientID)
        fields.append(holder.thumbprint)
        fields.append(challenge)
        return Base64URL.encode(key.sha256(fields.bytes))
    }

    /// RFC 7636 section 4.2: S256 of a verifier.
    private static func challenge(of verifier: [UInt8]) -> [UInt8] {
        Base64URL.encode(Digest.sha256(verifier))
    }

    private static let punctuation = Array("-._~".utf8)

    private static func isUnreserved(_ octet: UInt8) -> Bool {
        ASCII.isAlpha(octet) || ASCII.isDigit(octet) || punctuation.contains(octet)
    }
}
