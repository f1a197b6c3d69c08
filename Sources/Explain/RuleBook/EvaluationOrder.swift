// SPDX-License-Identifier: Apache-2.0
// The rules in the order in which a protected request meets them (requirements 3.0).

import ClientAttestation
import Octets

/// One step of the evaluation, or the part of it that is about one token.
struct Stage {
    /// The step's number in the requirements.
    let step: Int
    /// What is judged.
    let title: String
    /// The token it is about; nil: the request.
    let token: TokenRole?
    /// Its rules in order.
    let rules: [RuleID]

    init(_ step: Int, _ title: String, _ token: TokenRole?, _ runs: [Run]) {
        self.step = step
        self.title = title
        self.token = token
        rules = runs.flatMap { run in run.numbers.map { RuleID(run.family, $0) } }
    }
}

/// Rules of one family in order; a large list of single ones takes the compiler minutes.
struct Run {
    let family: RuleID.Family
    let numbers: [UInt8]

    init(_ family: RuleID.Family, _ numbers: UInt8...) {
        self.family = family
        self.numbers = numbers
    }
}

/// The order as a list, which only says where a rule that was not reached would have been. What was
/// reached is in the trace, in the order of the run; a test compares the two.
enum EvaluationOrder {
    static let stages: [Stage] = [
        Stage(
            1, "framing", nil,
            [
                Run(.http, 1, 2, 3, 4, 5, 6, 14, 16, 17)
            ]),
        Stage(
            2, "host, path, method", nil,
            [
                Run(.http, 8, 15, 9),
                Run(.ep, 13, 7),
                Run(.http, 10),
                Run(.chal, 10),
            ]),
        Stage(
            3, "hop-by-hop fields", nil,
            [
                Run(.http, 12)
            ]),
        Stage(
            4, "token fields", nil,
            [
                Run(.req, 1, 2),
                Run(.dpop, 1),
            ]),
        Stage(
            4, "attestation field", .attestation,
            [
                Run(.req, 4, 5, 3, 7)
            ]),
        Stage(
            4, "proof field", .proof,
            [
                Run(.req, 4, 5, 3, 7)
            ]),
        Stage(
            4, "DPoP field", .dpop,
            [
                Run(.req, 5),
                Run(.dpop, 1),
            ]),
        Stage(
            4, "token fields", nil,
            [
                Run(.req, 6)
            ]),
        Stage(
            5, "body", nil,
            [
                Run(.req, 14),
                Run(.http, 17),
                Run(.bind, 14),
                Run(.http, 16, 7),
                Run(.req, 9, 10, 11, 21),
                Run(.http, 11),
                Run(.req, 8, 18, 13, 17),
                Run(.ep, 6),
                Run(.req, 19, 15, 16),
                Run(.dpop, 15),
            ]),
        Stage(
            6, "attestation", .attestation,
            [
                Run(.jose, 1, 2, 3, 4, 5, 7, 8, 9),
                Run(.key, 1, 2),
                Run(.att, 1),
                Run(.jose, 26),
                Run(.key, 6),
                Run(.jose, 6, 27),
                Run(.att, 2),
                Run(.key, 18, 4, 13, 7, 5),
                Run(.jose, 10, 11, 12, 15),
                Run(.att, 3, 11),
                Run(.jose, 20, 18, 13, 14, 16, 19),
                Run(.att, 12),
                Run(.key, 17),
                Run(.jose, 21, 22),
                Run(.att, 16),
                Run(.key, 3),
                Run(.att, 9),
            ]),
        Stage(
            6, "attestation", nil,
            [
                Run(.dpop, 22),
                Run(.req, 6),
            ]),
        Stage(
            6, "attestation", .attestation,
            [
                Run(.jose, 17),
                Run(.att, 14, 4, 5, 6, 10),
            ]),
        Stage(
            7, "proof", .proof,
            [
                Run(.jose, 1, 2, 3, 4, 5, 7, 8, 9),
                Run(.key, 4),
                Run(.pop, 1),
                Run(.jose, 26, 6, 27),
                Run(.pop, 2),
                Run(.jose, 19, 10, 11, 12, 15, 16),
                Run(.pop, 3),
                Run(.jose, 21, 22),
                Run(.pop, 4, 5, 6, 7, 8, 10, 11, 9, 12),
            ]),
        Stage(
            7, "DPoP proof", .dpop,
            [
                Run(.dpop, 2),
                Run(.jose, 1, 2, 3, 4, 5, 7, 8, 9),
                Run(.key, 4),
                Run(.dpop, 4),
                Run(.jose, 26, 20, 18, 13, 14),
                Run(.dpop, 7, 17),
                Run(.jose, 6, 27),
                Run(.dpop, 5),
                Run(.jose, 19, 10, 11, 12, 15, 16),
                Run(.dpop, 6),
                Run(.jose, 21, 22),
                Run(.dpop, 8, 9, 3, 11, 14, 15),
            ]),
        Stage(
            8, "client_id", nil,
            [
                Run(.req, 12)
            ]),
        Stage(
            9, "age of the attestation", .attestation,
            [
                Run(.att, 7)
            ]),
        Stage(
            10, "challenge", .proof,
            [
                Run(.pop, 14, 13),
                Run(.chal, 20, 6, 21, 17, 26),
            ]),
        Stage(
            10, "start fence", nil,
            [
                Run(.rpl, 7)
            ]),
        Stage(
            10, "nonce", .dpop,
            [
                Run(.dpop, 13, 18),
                Run(.chal, 21, 17),
            ]),
        Stage(
            10, "start fence", nil,
            [
                Run(.rpl, 7)
            ]),
        Stage(
            11, "one identity", nil,
            [
                Run(.req, 18),
                Run(.cred, 7),
                Run(.bind, 15),
            ]),
        Stage(
            11, "artifacts", nil,
            [
                Run(.bind, 2, 3, 7, 8, 9, 5, 10)
            ]),
        Stage(
            12, "replay", nil,
            [
                Run(.rpl, 4, 13, 3),
                Run(.chal, 22),
                Run(.rpl, 6, 8),
            ]),
        Stage(
            13, "rights of the client", nil,
            [
                Run(.cred, 1, 4),
                Run(.fwd, 7),
            ]),
    ]

    /// The token that a rule is about, whether or not its announcement says so.
    static func token(_ rule: RuleID, _ token: TokenRole?) -> TokenRole? {
        if let token { return token }
        switch rule.family {
        case .att, .key: return .attestation
        case .jose: return .attestation
        case .pop: return .proof
        case .chal: return .proof
        default: return nil
        }
    }
}
