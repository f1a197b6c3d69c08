// SPDX-License-Identifier: Apache-2.0
// The attestation fields of a request: how often, in which syntax, which mode (REQ-01 to REQ-07).

import Octets

/// The tokens a request presents, each well-formed as a header field value and nothing more.
public struct PresentedTokens: Sendable {
    /// Which tokens came together (REQ-06).
    public enum Presence: Sendable, Equatable {
        /// Attestation and proof of possession: normal mode. A DPoP proof that comes with them is
        /// alongside and proves no instance key (DPOP-16).
        case normal
        /// Attestation and DPoP proof: combined mode.
        case attestationAndDPoP
        /// Attestation alone.
        case attestationOnly
        /// Proof of possession without attestation.
        case proofOnly
        /// Neither attestation nor proof of possession: for EP-06 to decide.
        case none
    }

    /// REQ-05: the largest attestation, 16 KiB.
    public static let attestationLimit = 16 * 1024
    /// REQ-05: the largest proof of possession, 4 KiB.
    public static let proofLimit = 4 * 1024
    /// REQ-05: the largest DPoP proof, 8 KiB.
    public static let dpopLimit = 8 * 1024

    /// The client attestation, if presented.
    public let attestation: [UInt8]?
    /// The proof of possession, if presented.
    public let proof: [UInt8]?
    /// The DPoP proof, if presented.
    public let dpop: [UInt8]?

    /// Reads the values of all fields of the three names, in the order received.
    ///
    /// Throws REQ-01 to REQ-05 and REQ-07 as `invalid_request`, DPOP-01 as `invalid_dpop_proof`.
    public static func read(
        attestation: [[UInt8]], proof: [[UInt8]], dpop: [[UInt8]], trace: RuleTrace? = nil
    ) throws(Refusal) -> PresentedTokens {
        trace?.begin(.req(1), .req(2), .dpop(1))
        guard attestation.count <= 1 else { throw Refusal(.req(1), .invalidRequest) }
        guard proof.count <= 1 else { throw Refusal(.req(2), .invalidRequest) }
        guard dpop.count <= 1 else { throw Refusal(.dpop(1), .dpopProof) }
        return PresentedTokens(
            attestation: try value(
                attestation.first, limit: attestationLimit, .attestation, trace),
            proof: try value(proof.first, limit: proofLimit, .proof, trace),
            dpop: try dpopValue(dpop.first, trace))
    }

    /// The combination presented.
    public var presence: Presence {
        switch (attestation != nil, proof != nil, dpop != nil) {
        case (true, true, _): .normal
        case (true, false, true): .attestationAndDPoP
        case (true, false, false): .attestationOnly
        case (false, true, _): .proofOnly
        case (false, false, _): .none
        }
    }

    /// REQ-06: how the presented tokens prove the key; throws if they do not. Whether the client may
    /// prove it so is judged when the client is known.
    public func method() throws(Refusal) -> ProofMethod {
        switch presence {
        case .normal: return .attestationPoPJWT
        case .attestationAndDPoP: return .dpopCombined
        // DPOP-19: also with a `dpop_jkt` parameter, which proves nothing.
        case .attestationOnly: throw Refusal(.req(6), .attestation)
        case .proofOnly: throw Refusal(.req(6), .invalidClient)
        // CHAL-25: nothing attested is `invalid_client` in every profile, never a challenge.
        case .none: throw Refusal(.ep(6), .invalidClient)
        }
    }

    /// REQ-03, -04, -05, -07 for an attestation or proof of possession.
    private static func value(
        _ field: [UInt8]?, limit: Int, _ role: TokenRole, _ trace: RuleTrace?
    ) throws(Refusal) -> [UInt8]? {
        guard let field else { return nil }
        trace?.begin(.req(4), .req(5), .req(3), .req(7), in: role)
        let token = trimmed(field)
        guard !token.isEmpty else { throw Refusal(.req(4), .invalidRequest) }
        guard token.count <= limit else { throw Refusal(.req(5), .invalidRequest) }
        // `~` is in the token68 alphabet and in no JWT: only the concatenated form has it.
        switch isToken68(token) {
        case (true, hasTilde: false): return token
        case (true, hasTilde: true): throw Refusal(.req(7), .invalidRequest)
        case (false, _): throw Refusal(.req(3), .invalidRequest)
        }
    }

    /// The same for a DPoP proof, whose faults have a code of their own.
    private static func dpopValue(
        _ field: [UInt8]?, _ trace: RuleTrace?
    ) throws(Refusal) -> [UInt8]? {
        guard let field else { return nil }
        trace?.begin(.req(5), .dpop(1), in: .dpop)
        let token = trimmed(field)
        guard token.count <= dpopLimit else { throw Refusal(.req(5), .invalidRequest) }
        guard isToken68(token).0 else { throw Refusal(.dpop(1), .dpopProof) }
        return token
    }

    /// `field` without optional whitespace around it; copies only if there is some.
    private static func trimmed(_ field: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let first = field.first, let last = field.last else { return field }
        guard isSpace(first) || isSpace(last) else { return field }
        guard let start = field.firstIndex(where: { !isSpace($0) }),
            let end = field.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return Array(field[start...end])
    }

    /// REQ-03: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`, and whether there is
    /// a `~` in it (REQ-07). Every token of every request is looked at here: without an early end
    /// and with octets for truth values, the compiler takes sixteen at once.
    private static func isToken68(_ token: [UInt8]) -> (Bool, hasTilde: Bool) {
        var end = token.count
        while end > 0, token[end - 1] == UInt8(ascii: "=") { end -= 1 }
        var foreign: UInt8 = 0
        var tildes: UInt8 = 0
        for octet in token[..<end] {
            let letter: UInt8 = (octet | 0x20) &- UInt8(ascii: "a") < 26 ? 1 : 0
            // - . / and the digits follow one another.
            let digitOrMark: UInt8 = octet &- UInt8(ascii: "-") < 13 ? 1 : 0
            let plus: UInt8 = octet == UInt8(ascii: "+") ? 1 : 0
            let underscore: UInt8 = octet == UInt8(ascii: "_") ? 1 : 0
            let tilde: UInt8 = octet == UInt8(ascii: "~") ? 1 : 0
            foreign |= 1 ^ (letter | digitOrMark | plus | underscore | tilde)
            tildes |= tilde
        }
        return (end > 0 && foreign == 0, tildes != 0)
    }
}
