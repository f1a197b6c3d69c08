// SPDX-License-Identifier: Apache-2.0
// The revisions whose token shapes can be made.

/// A revision of the specification, as far as the shape of its tokens goes.
public enum MintingProfile: String, Sendable, CaseIterable {
    /// Revision 05: issuers in both tokens, an expiry in the proof, a `nonce`.
    case abca05 = "abca-05"
    /// Revision 06: the time of issue in place of the expiry, a `challenge`.
    case abca06 = "abca-06"
    /// Revision 07: as 06.
    case abca07 = "abca-07"
    /// Revision 08: no issuer in either token.
    case abca08 = "abca-08"
    /// Revision 09: as 08.
    case abca09 = "abca-09"
    /// Revision 10: as 08.
    case abca10 = "abca-10"
    /// Revision 11: as 08.
    case abca11 = "abca-11"

    /// Whether both tokens name their issuer (ATT-14, POP-11).
    public var namesIssuers: Bool {
        switch self {
        case .abca05, .abca06, .abca07: true
        case .abca08, .abca09, .abca10, .abca11: false
        }
    }

    /// Whether a proof says when it ends instead of when it was made, and carries a `nonce`
    /// instead of a `challenge` (POP-09, POP-14).
    public var usesNonceAndExpiry: Bool { self == .abca05 }
}
