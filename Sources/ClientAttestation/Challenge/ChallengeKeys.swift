// SPDX-License-Identifier: Apache-2.0
// Challenges and nonces without state: made and recognised with a key (CHAL-15, -16, -17, -21).

public import Cryptography
public import Octets

/// What a challenge was issued for; part of its tag, not of its text (CHAL-17).
public enum ChallengePurpose: String, Sendable {
    /// Proofs of possession: the challenge, and the nonce of draft 05.
    case pop
    /// DPoP proofs.
    case dpop
    /// Either, where drafts 09 and 10 use one value for both.
    case any
}

/// A challenge that this gateway issued and that is not too old.
public struct Challenge: Sendable, Equatable {
    /// When it was issued.
    public let time: UnixTime
    /// Its 16 random octets.
    public let random: ArraySlice<UInt8>
}

/// Why a value is not a live challenge (CHAL-21); the client is not told.
public enum ChallengeFault: Error, Sendable, Equatable {
    /// Not of the form of CHAL-15 and CHAL-16.
    case malformed
    /// Made with a key that is neither current nor previous (LB-04).
    case unknownKey
    /// The tag is not ours: another issuer, another purpose, or made up.
    case forged
    /// Older than its lifetime.
    case expired
    /// From further ahead than the clock allowance.
    case early
}

/// The keys of one AS's challenges.
///
/// A value is `c` and base64url of version(1), key ID(1), seconds(6), random(16), tag(16): 55
/// characters, valid as token68, as a Structured Fields Token and in JSON without escapes.
public struct ChallengeKeys: Sendable {
    private let issuer: [UInt8]
    private let keys: [Subkey]

    private static let version: UInt8 = 1
    private static let headLength = 24
    private static let tagLength = 16
    private static let textLength = 55

    /// The challenge keys of `issuer`.
    public init(_ master: MasterKeys, issuer: [UInt8]) {
        self.issuer = issuer
        keys = master.subkeys(purpose: "abca-challenge", issuer: issuer)
    }

    /// A fresh challenge. `random` is injected by tests only; it must be 16 octets.
    public func issue(
        _ purpose: ChallengePurpose = .pop, now: UnixTime, random: [UInt8] = Random.nonce(16)
    ) -> [UInt8] {
        precondition(random.count == 16, "a challenge has 16 random octets")
        let key = keys[0]
        let seconds = UInt64(clamping: now.seconds)
        var value: [UInt8] = []
        value.reserveCapacity(Self.headLength + Self.tagLength)
        value.append(Self.version)
        value.append(key.id)
        for shift in stride(from: 40, through: 0, by: -8) {
            value.append(UInt8(truncatingIfNeeded: seconds >> UInt64(shift)))
        }
        value += random
        value += tag(of: value[...], purpose, key)
        return [UInt8(ascii: "c")] + Base64URL.encode(value)
    }

    /// CHAL-21: alphabet, length, version, key, tag and age. Only values issued for one of the
    /// purposes in `accepting` are recognised; `lifetime` and `allowance` are in seconds.
    public func verify(
        _ text: ArraySlice<UInt8>, accepting purposes: [ChallengePurpose], now: UnixTime,
        lifetime: Int64,
        allowance: Int64
    ) throws(ChallengeFault) -> Challenge {
        guard text.count == Self.textLength, text.first == UInt8(ascii: "c"),
            let value = Base64URL.decode(text.dropFirst()),
            value.count == Self.headLength + Self.tagLength, value[0] == Self.version
        else { throw .malformed }
        guard let key = keys.first(where: { $0.id == value[1] }) else { throw .unknownKey }
        // JOSE-25: every purpose is compared in constant time.
        guard
            purposes.contains(where: { purpose in
                ConstantTime.equal(
                    value[Self.headLength...], tag(of: value[..<Self.headLength], purpose, key))
            })
        else { throw .forged }
        let time = UnixTime(value[2..<8].reduce(0) { $0 << 8 | Int64($1) })
        guard time <= now + allowance else { throw .early }
        guard now <= time + lifetime else { throw .expired }
        return Challenge(time: time, random: value[8..<Self.headLength])
    }

    /// CHAL-21: as for a slice.
    public func verify(
        _ text: [UInt8], accepting purposes: [ChallengePurpose], now: UnixTime, lifetime: Int64,
        allowance: Int64
    ) throws(ChallengeFault) -> Challenge {
        try verify(
            text[...], accepting: purposes, now: now, lifetime: lifetime, allowance: allowance)
    }

    /// CHAL-16: the tag over version, key ID, time and random of `head`, issuer and purpose.
    private func tag(
        of head: ArraySlice<UInt8>, _ purpose: ChallengePurpose, _ key: Subkey
    ) -> ArraySlice<UInt8> {
        let start = head.startIndex
        var fields = LengthPrefixed(reserving: 80 + issuer.count)
        fields.append(octet: head[start])
        fields.append(octet: head[start + 1])
        fields.append(head[start + 2..<start + 8])
        fields.append(head[start + 8..<start + 24])
        fields.append(issuer)
        fields.append(purpose.rawValue)
        return key.mac.sha256(fields.bytes).prefix(Self.tagLength)
    }
}
