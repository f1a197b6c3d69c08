// SPDX-License-Identifier: Apache-2.0
// Which attester a message would select, and why not the others, for people (KEY-01, KEY-02).

/// The selection of `AttesterRegistry` in words. It decides nothing: it tells what the very
/// functions of the verifier found.
public struct AttesterSelection: Sendable, Equatable {
    /// What of the message decided.
    public enum Criterion: String, Sendable, CaseIterable {
        /// `iss`, which exactly one entry lists.
        case issuer = "iss"
        /// The header's `kid`, which some entry's keys have.
        case keyID = "kid"
        /// `sub`, for which an entry may vouch.
        case subject = "sub"
    }

    /// What became of one entry.
    public enum Verdict: Sendable, Equatable {
        /// The one.
        case selected
        /// KEY-01: it fits, and so do others.
        case ambiguous(Criterion)
        /// KEY-01: the message names something else.
        case notNamed(Criterion)
        /// KEY-02: the only one that fits, but the message's `iss` is not its own.
        case otherIssuer

        /// Half a sentence about the entry.
        public var description: String {
            switch self {
            case .selected: "selected"
            case .ambiguous(.issuer): "not selected: iss is listed here and in other entries"
            case .ambiguous(.keyID): "not selected: other entries have a key with this kid too"
            case .ambiguous(.subject): "not selected: other entries may vouch for this sub too"
            case .notNamed(.issuer): "not selected: iss is listed by another entry"
            case .notNamed(.keyID): "not selected: it has no key with this kid"
            case .notNamed(.subject): "not selected: it may not vouch for this sub"
            case .otherIssuer: "not selected: iss is not one of its issuers"
            }
        }
    }

    /// One entry of the registry.
    public struct Entry: Sendable, Equatable {
        /// The attester's `id`.
        public let attesterID: String
        /// What became of it.
        public let verdict: Verdict
    }

    /// What decided.
    public let criterion: Criterion
    /// Every entry, in the order of the configuration.
    public let entries: [Entry]

    /// The selected attester, if any.
    public var selected: String? { entries.first { $0.verdict == .selected }?.attesterID }
}

extension AttesterRegistry {
    /// How a message with these values selects an attester; nil stands for one that is absent.
    public func selection(
        issuer: [UInt8]?, keyID: [UInt8]?, subject: [UInt8]?
    ) -> AttesterSelection {
        let choice = choose(issuer: issuer, keyID: keyID, subject: subject)
        let entries = attesters.enumerated().map { index, attester in
            let verdict: AttesterSelection.Verdict
            if !choice.candidates.contains(index) {
                verdict = .notNamed(choice.criterion)
            } else if choice.only == nil {
                verdict = .ambiguous(choice.criterion)
            } else {
                verdict = isIssuer(issuer, of: index) ? .selected : .otherIssuer
            }
            return AttesterSelection.Entry(attesterID: attester.id, verdict: verdict)
        }
        return AttesterSelection(criterion: choice.criterion, entries: entries)
    }
}
