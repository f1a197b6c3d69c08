// SPDX-License-Identifier: Apache-2.0
// The identifier of one rule of the requirements, the stable code of every refusal.

/// One rule of the requirements, such as `POP-04`: what audit lines, errors and tests name.
public struct RuleID: Hashable, Sendable, CustomStringConvertible {
    /// The section of the requirements a rule belongs to.
    public enum Family: String, Sendable, CaseIterable {
        /// Framing and proxy hygiene.
        case http = "HTTP"
        /// The shape of requests.
        case req = "REQ"
        /// Hygiene of every token.
        case jose = "JOSE"
        /// Trust in attesters and the choice of keys.
        case key = "KEY"
        /// Client attestations.
        case att = "ATT"
        /// Proofs of possession.
        case pop = "POP"
        /// DPoP proofs.
        case dpop = "DPOP"
        /// Nonces and challenges.
        case chal = "CHAL"
        /// Replay detection.
        case rpl = "RPL"
        /// Artifacts bound to keys.
        case bind = "BIND"
        /// Error responses.
        case err = "ERR"
        /// Endpoints.
        case ep = "EP"
        /// Published metadata.
        case meta = "META"
        /// Forwarding.
        case fwd = "FWD"
        /// Credentials towards the AS.
        case cred = "CRED"
        /// Several instances.
        case lb = "LB"
        /// Status lists.
        case st = "ST"
        /// Privacy.
        case priv = "PRIV"
        /// Self-checks of the configuration.
        case cfg = "CFG"
    }

    /// The family, the letters of the identifier.
    public let family: Family
    /// The number within the family, 1 to 99.
    public let number: UInt8

    /// The rule `number` of `family`.
    public init(_ family: Family, _ number: UInt8) {
        self.family = family
        self.number = number
    }

    /// The written form, two digits at least: `POP-04`.
    public var description: String {
        number < 10 ? "\(family.rawValue)-0\(number)" : "\(family.rawValue)-\(number)"
    }
}

extension RuleID {
    /// `HTTP-nn`: framing and proxy hygiene.
    public static func http(_ number: UInt8) -> RuleID { RuleID(.http, number) }
    /// `REQ-nn`: request shape.
    public static func req(_ number: UInt8) -> RuleID { RuleID(.req, number) }
    /// `JOSE-nn`: token hygiene.
    public static func jose(_ number: UInt8) -> RuleID { RuleID(.jose, number) }
    /// `KEY-nn`: key selection.
    public static func key(_ number: UInt8) -> RuleID { RuleID(.key, number) }
    /// `ATT-nn`: the client attestation.
    public static func att(_ number: UInt8) -> RuleID { RuleID(.att, number) }
    /// `POP-nn`: the proof of possession.
    public static func pop(_ number: UInt8) -> RuleID { RuleID(.pop, number) }
    /// `DPOP-nn`: the DPoP proof.
    public static func dpop(_ number: UInt8) -> RuleID { RuleID(.dpop, number) }
    /// `CHAL-nn`: challenges and nonces.
    public static func chal(_ number: UInt8) -> RuleID { RuleID(.chal, number) }
    /// `RPL-nn`: replay.
    public static func rpl(_ number: UInt8) -> RuleID { RuleID(.rpl, number) }
    /// `BIND-nn`: sealing and binding.
    public static func bind(_ number: UInt8) -> RuleID { RuleID(.bind, number) }
    /// `ERR-nn`: error answers.
    public static func err(_ number: UInt8) -> RuleID { RuleID(.err, number) }
    /// `EP-nn`: endpoints.
    public static func ep(_ number: UInt8) -> RuleID { RuleID(.ep, number) }
    /// `META-nn`: metadata.
    public static func meta(_ number: UInt8) -> RuleID { RuleID(.meta, number) }
    /// `FWD-nn`: forwarding.
    public static func fwd(_ number: UInt8) -> RuleID { RuleID(.fwd, number) }
    /// `CRED-nn`: upstream credentials.
    public static func cred(_ number: UInt8) -> RuleID { RuleID(.cred, number) }
    /// `LB-nn`: several instances.
    public static func lb(_ number: UInt8) -> RuleID { RuleID(.lb, number) }
    /// `ST-nn`: status lists.
    public static func st(_ number: UInt8) -> RuleID { RuleID(.st, number) }
    /// `PRIV-nn`: privacy.
    public static func priv(_ number: UInt8) -> RuleID { RuleID(.priv, number) }
    /// `CFG-nn`: start-up checks.
    public static func cfg(_ number: UInt8) -> RuleID { RuleID(.cfg, number) }
}
