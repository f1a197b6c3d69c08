// SPDX-License-Identifier: Apache-2.0
// Sealing and opening under the master keys, current and previous (requirements 4.4, BIND-03).

public import Cryptography
public import Octets

/// Why a value was not opened. Every case but for revocation (BIND-07) becomes the same answer.
public enum ArtifactFault: Error, Sendable, Equatable {
    /// BIND-03: not our format, another kind, another AS, altered, or under a retired key.
    case unreadable
    /// BIND-02: sealed for another client or another instance key.
    case otherHolder
    /// BIND-05: another attester than the one it was sealed under, where that matters.
    case otherAttester
}

/// An upstream value that came out of a sealed one.
public struct OpenedArtifact: Sendable {
    /// What it is.
    public let kind: ArtifactKind
    /// The AS's own value; not for logs (PRIV-01).
    public let value: [UInt8]
    /// When it was first sealed.
    public let issuedAt: UnixTime
    /// Whether the current key sealed it. If not, it should be sealed anew (requirements 4.4).
    public let isUnderCurrentKey: Bool
}

/// An upstream value longer than 16 KiB, which is not sealed.
public struct ArtifactTooLong: Error, Sendable, Equatable {}

/// Seals and opens the artifacts of one AS.
public struct ArtifactSeal: Sendable {
    /// A master key in its part here; `id` is its two digits.
    private struct Key: Sendable {
        let id: [UInt8]
        let master: Secret
        private let refreshToken: [UInt8]
        private let deviceCode: [UInt8]
        private let authenticationRequest: [UInt8]

        init(id: [UInt8], master: Secret, issuer: [UInt8]) {
            self.id = id
            self.master = master
            func associated(_ kind: ArtifactKind) -> [UInt8] {
                var fields = LengthPrefixed()
                fields.append(SealedArtifact.version)
                fields.append(id)
                fields.append(kind.rawValue)
                fields.append(issuer)
                return fields.bytes
            }
            refreshToken = associated(.refreshToken)
            deviceCode = associated(.deviceCode)
            authenticationRequest = associated(.authenticationRequest)
        }

        /// { "ag1", key ID, kind, issuer }: a blob of another kind or AS does not decrypt.
        func associated(_ kind: ArtifactKind) -> [UInt8] {
            switch kind {
            case .refreshToken: refreshToken
            case .deviceCode: deviceCode
            case .authenticationRequest: authenticationRequest
            }
        }
    }

    private let info: [UInt8]
    /// The current one first.
    private let keys: [Key]
    private let saltKey: HMACKey
    /// Stands in for a key that is not there, and for a text that did not open (BIND-03).
    private let decoy: Key
    private let decoyText: [UInt8]

    private static let zeroNonce = [UInt8](repeating: 0, count: AES256GCM.nonceLength)

    /// The seal of the AS called `issuer`.
    public init(_ master: MasterKeys, issuer: [UInt8]) {
        var info = LengthPrefixed()
        info.append("abca-seal")
        info.append(issuer)
        self.info = info.bytes
        keys = ([master.current] + master.previous).map {
            Key(id: Hex.encode([$0.id]), master: $0.secret, issuer: issuer)
        }
        saltKey = master.subkeys(purpose: "abca-salt", issuer: issuer)[0].mac
        decoy = Key(id: [], master: Random.secret(32), issuer: issuer)
        decoyText =
            [UInt8](repeating: 0, count: 16) + [0, 0, 0, 8]
            + [UInt8](repeating: 0, count: 8)
    }

    /// `value` sealed for `holder` under the current key.
    ///
    /// The key and nonce of a text are used for it alone, because the salt is fresh. The salt is
    /// hedged: a machine that was cloned or resumed and whose generator repeats still encrypts
    /// different texts under different keys. `random`, 32 octets, is injected by tests only.
    public func seal(
        _ value: [UInt8], as kind: ArtifactKind, for holder: ArtifactHolder, issuedAt: UnixTime,
        random: [UInt8] = Random.bytes(32)
    ) throws(ArtifactTooLong) -> [UInt8] {
        precondition(random.count == 32, "a salt is made from 32 random octets")
        guard value.count <= ArtifactContent.valueLimit else { throw ArtifactTooLong() }
        let plaintext = ArtifactContent(value, holder, issuedAt: issuedAt).plaintext
        var hedge = LengthPrefixed(reserving: plaintext.count + 40)
        hedge.append(random)
        hedge.append(plaintext)
        let salt = Array(saltKey.sha256(hedge.bytes).prefix(SealedArtifact.saltLength))
        let body = AES256GCM.seal(
            plaintext, key: key(keys[0], salt), nonce: Self.zeroNonce,
            associated: keys[0].associated(kind))
        return SealedArtifact(keyID: keys[0].id, salt: salt, body: body).text
    }

    /// The value that `text` was made from.
    ///
    /// BIND-03: whatever is wrong with `text`, the same is done with it: a key derived, a text of
    /// its length decrypted, a content read and compared. The time tells its length.
    ///
    /// - Parameters:
    ///   - holder: the client and key it must be bound to; nil for a resource server, which may
    ///     have any opened (BIND-07).
    ///   - sameAttester: whether the attester must be the same too (BIND-05).
    public func open(
        _ text: [UInt8], as kind: ArtifactKind, for holder: ArtifactHolder?,
        sameAttester: Bool = false
    ) throws(ArtifactFault) -> OpenedArtifact {
        let artifact = SealedArtifact(parsing: text) ?? SealedArtifact(imitating: text)
        var found = decoy
        for candidate in keys where candidate.id == artifact.keyID { found = candidate }
        let plaintext = AES256GCM.open(
            artifact.body[...], key: key(found, artifact.salt), nonce: Self.zeroNonce,
            associated: found.associated(kind))
        let content = ArtifactContent(parsing: plaintext ?? decoyText)
        // JOSE-25. Compared, all of them, before anything is decided.
        let isClient = matches(content?.clientID, holder?.clientID)
        let isInstance = matches(content?.thumbprint, holder?.thumbprint)
        let isAttester = matches(content?.attesterID, holder?.attesterID)
        guard plaintext != nil, found.id == artifact.keyID, !found.id.isEmpty, let content else {
            throw .unreadable
        }
        guard isClient, isInstance else { throw .otherHolder }
        guard isAttester || !sameAttester else { throw .otherAttester }
        return OpenedArtifact(
            kind: kind, value: content.value, issuedAt: content.issuedAt,
            isUnderCurrentKey: found.id == keys[0].id)
    }

    private func matches(_ field: [UInt8]?, _ wanted: [UInt8]?) -> Bool {
        guard let wanted else { return true }
        return ConstantTime.equal(field ?? [], wanted)
    }

    /// HKDF-SHA-256(master, salt, info = { "abca-seal", issuer }).
    private func key(_ key: Key, _ salt: [UInt8]) -> Secret {
        HKDF.sha256(key: key.master, salt: salt, info: info, count: AES256GCM.keyLength)
    }
}
