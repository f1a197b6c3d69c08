// SPDX-License-Identifier: Apache-2.0
// One token of a request, read under the JOSE rules, whose faults become refusals of that token.

import JOSE
import JSON
import Octets

/// A well-formed, unverified JWT in one role, and typed access to its claims. A class, because
/// every rule of the token is handed it.
final class TokenReader {
    let role: TokenRole
    let jws: CompactJWS
    let trace: RuleTrace?
    private let claims: JWTClaims

    /// JOSE-01 to JOSE-09.
    init(_ token: [UInt8], _ role: TokenRole, _ trace: RuleTrace?) throws(Refusal) {
        self.role = role
        self.trace = trace
        trace?.begin(
            .jose(1), .jose(2), .jose(3), .jose(4), .jose(5), .jose(6), .jose(7), .jose(8),
            .jose(9), .key(4), in: role)
        do {
            jws = try CompactJWS(token)
        } catch {
            throw Refusal(error.rule, role.failure, in: role)
        }
        claims = JWTClaims(jws.payload)
    }

    /// JOSE-21 and JOSE-22 are judged next, claim by claim.
    func beginClaims() {
        trace?.begin(.jose(21), .jose(22), in: role)
    }

    /// A string claim (JOSE-22).
    func string(_ name: String, maxOctets: Int) throws(Refusal) -> [UInt8]? {
        do { return try claims.string(name, maxOctets: maxOctets) } catch { throw fault(error) }
    }

    /// A time claim (JOSE-21).
    func date(_ name: String) throws(Refusal) -> NumericDate? {
        do { return try claims.numericDate(name) } catch { throw fault(error) }
    }

    /// The `aud` claim (JOSE-22).
    func audience() throws(Refusal) -> Audience? {
        do { return try claims.audience() } catch { throw fault(error) }
    }

    /// A claim as it stands, for rules that judge its type themselves.
    func value(_ name: String) -> JSONValue? {
        jws.payload[name]
    }

    /// The rule `rule` unless the token's `alg` is one of `allowed`, by exactly that name: JOSE-06
    /// for a name that is no algorithm, JOSE-27 for one this release lacks.
    func algorithm(in allowed: [JWSAlgorithm], _ rule: RuleID) throws(Refusal) -> JWSAlgorithm {
        trace?.begin(.jose(6), .jose(27), rule, in: role)
        guard let algorithm = jws.header.knownAlgorithm else {
            throw refusal(.jose(6))
        }
        guard algorithm.isImplemented || algorithm.mac != nil else { throw refusal(.jose(27)) }
        // JOSE-17: a MAC proves no key, whoever lists it.
        let isOfRole = algorithm.mac == nil || role == .attestation
        guard isOfRole, allowed.contains(algorithm) else { throw refusal(rule) }
        return algorithm
    }

    /// JOSE-10, -11, -12, -19 for a signature in the wrong form or place, `rule` for one that is
    /// not `key`'s over these octets.
    func requireSignature(
        by key: JWK, _ algorithm: JWSAlgorithm, _ rule: RuleID
    ) throws(Refusal) {
        trace?.begin(
            .jose(19), .jose(10), .jose(11), .jose(12), .jose(15), .jose(16), rule, in: role)
        do {
            try JWSVerification.verify(jws, key: key, algorithm: algorithm)
        } catch {
            throw refusal(error.rule == .jose(23) ? rule : error.rule)
        }
    }

    /// A key that came in this token.
    ///
    /// JOSE-13, -14, -16, -18, -19, -20 for one that is not valid, public and meant for signatures.
    /// One that is equal to `known` is not proved again.
    func key(
        _ value: JSONValue, known: JWK? = nil, allowingSignOnly: Bool, _ rule: RuleID
    ) throws(Refusal) -> JWK {
        trace?.begin(
            .jose(20), .jose(18), .jose(13), .jose(14), .jose(16), .jose(19), rule, in: role)
        do {
            return try JWK(value, known: known, allowingSignOnly: allowingSignOnly)
        } catch {
            throw fault(error)
        }
    }

    /// A fault of this token: ATT, for a DPoP proof DP.
    func refusal(_ rule: RuleID) -> Refusal {
        Refusal(rule, role.failure, in: role)
    }

    private func fault(_ error: JOSEError) -> Refusal {
        refusal(error.rule)
    }
}
