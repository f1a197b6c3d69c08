// SPDX-License-Identifier: Apache-2.0
// The revisions whose token shapes can be made.

/// A revision of the specification, as far as the shape of its tokens goes.
public enum MintingProfile: String, Sendable, CaseIterable {
    /// Revision 05: issuers in both tokens, an expiry in the proof, a `nonce`.
    case abca05 = "abca-05"
    /// Revision 11: the time of issue in the proof, a `challenge`.
    case abca11 = "abca-11"
}
