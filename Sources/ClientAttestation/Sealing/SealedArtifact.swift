// SPDX-License-Identifier: Apache-2.0
// The text of a sealed artifact and what is inside it (requirements 4.4); no keys.

import Octets

/// What a sealed value stands for; part of what its tag covers, so that none opens as another
/// (BIND-03).
public enum ArtifactKind: String, CaseIterable, Sendable {
    /// A refresh token (BIND-01).
    case refreshToken = "rt"
    /// A device code (BIND-08).
    case deviceCode = "dc"
    /// An `auth_req_id` of CIBA in poll mode (BIND-09).
    case authenticationRequest = "ar"
}

/// `ag1.` KEY-ID `.` BASE64URL: the key ID in two lower-case hexadecimal digits, then salt,
/// ciphertext and tag.
///
/// BIND-09: letters, digits, `.`, `-` and `_` only, which CIBA demands of an `auth_req_id`.
public struct SealedArtifact: Sendable {
    /// The version, which is also associated data.
    static let version = Array("ag1".utf8)
    static let saltLength = 16
    static let tagLength = 16
    private static let prefix = Array("ag1.".utf8)
    private static let headLength = 7

    /// Two digits, as in the text.
    let keyID: [UInt8]
    let salt: [UInt8]
    /// Ciphertext and tag.
    let body: [UInt8]

    /// BIND-03: whether `value` begins as ours do. Such a value is never taken for a raw one.
    public static func bearsPrefix(_ value: [UInt8]) -> Bool {
        value.starts(with: prefix)
    }

    init(keyID: [UInt8], salt: [UInt8], body: [UInt8]) {
        self.keyID = keyID
        self.salt = salt
        self.body = body
    }

    /// JOSE-02: one text per value. Nil for anything that is not of the form.
    init?(parsing text: [UInt8]) {
        guard text.count > Self.headLength, Self.bearsPrefix(text),
            text[4..<6].allSatisfy(Self.isLowerHex), text[6] == UInt8(ascii: "."),
            let blob = Base64URL.decode(text[Self.headLength...]),
            blob.count >= Self.saltLength + Self.tagLength
        else { return nil }
        keyID = Array(text[4..<6])
        salt = Array(blob[..<Self.saltLength])
        body = Array(blob[Self.saltLength...])
    }

    /// BIND-03: one that belongs to no key and costs as much to open as `text` would.
    init(imitating text: [UInt8]) {
        keyID = []
        salt = [UInt8](repeating: 0, count: Self.saltLength)
        let octets = max(0, text.count - Self.headLength) * 3 / 4
        body = [UInt8](repeating: 0, count: max(Self.tagLength, octets - Self.saltLength))
    }

    var text: [UInt8] {
        Self.prefix + keyID + [UInt8(ascii: ".")] + Base64URL.encode(salt + body)
    }

    private static func isLowerHex(_ octet: UInt8) -> Bool {
        ASCII.isDigit(octet) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(octet)
    }
}

/// The plaintext: { upstream value, client_id, jkt, attester ID, issued-at }, nothing after it.
struct ArtifactContent {
    /// The longest upstream value, in octets.
    static let valueLimit = 16 * 1024

    let value: [UInt8]
    let clientID: [UInt8]
    /// In base64url, as the glossary has it.
    let thumbprint: [UInt8]
    let attesterID: [UInt8]
    let issuedAt: UnixTime

    init(_ value: [UInt8], _ holder: ArtifactHolder, issuedAt: UnixTime) {
        self.value = value
        clientID = holder.clientID
        thumbprint = holder.thumbprint
        attesterID = holder.attesterID
        self.issuedAt = issuedAt
    }

    init?(parsing plaintext: [UInt8]) {
        guard let fields = LengthPrefixed.fields(of: plaintext, count: 5), fields[4].count == 8
        else { return nil }
        value = fields[0]
        clientID = fields[1]
        thumbprint = fields[2]
        attesterID = fields[3]
        issuedAt = UnixTime(
            Int64(bitPattern: fields[4].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }))
    }

    /// Issued-at is eight octets, the most significant first.
    var plaintext: [UInt8] {
        var fields = LengthPrefixed(
            reserving: 28 + value.count + clientID.count + thumbprint.count + attesterID.count)
        fields.append(value)
        fields.append(clientID)
        fields.append(thumbprint)
        fields.append(attesterID)
        let seconds = UInt64(bitPattern: issuedAt.seconds)
        fields.append(
            stride(from: 56, through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: seconds >> UInt64($0))
            })
        return fields.bytes
    }
}
