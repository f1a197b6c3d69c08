// SPDX-License-Identifier: Apache-2.0
// What was found and what was expected in the claims of each token.

import ClientAttestation
import Gateway
import HTTPWire
import JOSE
import JSON
import Octets

extension Finding {
    // MARK: Attestation

    static func ofSelection(
        _ rule: RuleID, _ token: TokenRole?, _ view: RequestView
    ) -> Finding {
        guard let token = view.token(token ?? .attestation) else { return Finding() }
        let keyID = token.header?.object["kid"].map { shown($0, of: token.header) }
        let issuer = token.claims?.object["iss"].map { shown($0, of: token.claims) }
        switch rule {
        case .key(3):
            return Finding(
                token.string("sub").map(Shortening.text),
                expected: view.attester.map { list($0.clients.map(Shortening.text)) })
        case .key(4), .key(13):
            if let problem = token.problem { return Finding(problem) }
            let known = view.attester?.keyNames ?? []
            return Finding(keyID.map { "kid \($0)" } ?? "no kid", expected: list(known))
        case .key(17):
            return Finding(expected: "a key of the instance, not one of the attester's")
        default:
            let subject = token.string("sub").map(Shortening.text)
            let found = [
                issuer.map { "iss \($0)" }, keyID.map { "kid \($0)" }, subject.map { "sub \($0)" },
            ]
            return Finding(
                list(found.compactMap(\.self)), expected: "one of the attesters listed below")
        }
    }

    static func ofAttestation(_ rule: RuleID, _ view: RequestView) -> Finding {
        guard let token = view.attestation, let policy = view.server?.policy else {
            return Finding()
        }
        let skew = policy.proof.clockSkew
        switch rule {
        case .att(1): return type(token)
        case .att(2): return algorithm(token, view)
        case .att(3):
            return Finding(
                "a signature that does not hold",
                expected: "one by \(view.selectedKey)")
        case .att(4):
            return Finding(time("exp", token, view), expected: "later than now - \(skew) s")
        case .att(5):
            return Finding(time("nbf", token, view), expected: "at most now + \(skew) s")
        case .att(6):
            return Finding(
                time("iat", token, view), expected: "at most now + \(skew) s, and not after exp")
        case .att(7):
            let maxAge = view.attester?.attestation?.maxAge ?? policy.attestation.maxAge
            return Finding(
                time("iat", token, view),
                expected: maxAge.map { "at most \($0) s + \(skew) s ago" })
        case .att(9):
            return Finding(
                token.string("sub").map(Shortening.text) ?? "no sub",
                expected: list(view.server?.clients.keys.map(Shortening.text).sorted() ?? []))
        case .att(10): return audience(token, view)
        case .att(11):
            return Finding(
                token.claims?.object["cnf"].map { shown($0, of: token.claims) } ?? "no cnf",
                expected: "an object with jwk")
        case .att(14): return Finding("no iss", expected: "the attester's iss")
        default: return Finding(token.fault(of: rule))
        }
    }

    // MARK: Proofs

    static func ofProof(_ rule: RuleID, _ view: RequestView) -> Finding {
        guard let token = view.token(.proof), let policy = view.server?.policy else {
            return Finding()
        }
        let proof = policy.proof
        switch rule {
        case .pop(1): return type(token)
        case .pop(2): return algorithm(token, view)
        case .pop(3):
            return Finding(
                "a signature that does not hold",
                expected: "one by the key in the attestation's cnf.jwk")
        case .pop(4), .pop(5): return audience(token, view)
        case .pop(6): return Finding("no jti", expected: "a string")
        case .pop(7): return Finding("no iat", expected: "the time of signing")
        case .pop(8): return Finding(time("iat", token, view), expected: window(proof))
        case .pop(9):
            return Finding(
                time("exp", token, view),
                expected: "later than now - \(proof.clockSkew) s, at most "
                    + "\(proof.expiryCap) s + \(proof.clockSkew) s ahead if there is no iat")
        case .pop(10):
            return Finding(
                time("nbf", token, view), expected: "at most now + \(proof.clockSkew) s")
        case .pop(11):
            return Finding(
                token.string("iss").map(Shortening.text) ?? "no iss",
                expected: view.attestation?.string("sub").map(Shortening.text))
        case .pop(13), .pop(14): return ofChallenge(.proof, view)
        default: return Finding()
        }
    }

    static func ofDPoP(_ rule: RuleID, _ view: RequestView) -> Finding {
        guard let token = view.token(.dpop), let policy = view.server?.policy else {
            return Finding(rule == .dpop(22) ? view.presented : nil)
        }
        switch rule {
        case .dpop(3):
            let members = ["jti", "htm", "htu", "iat"].filter { token.claims?.object[$0] == nil }
            let jwk = token.header?.object["jwk"] == nil ? ["jwk"] : []
            return Finding("no \(list(jwk + members))")
        case .dpop(4): return type(token)
        case .dpop(5): return algorithm(token, view)
        case .dpop(6):
            return Finding(
                "a signature that does not hold", expected: "one by the key in its own jwk")
        case .dpop(7): return Finding(token.fault(of: rule))
        case .dpop(8): return Finding(token.string("htm").map(Shortening.text), expected: "POST")
        case .dpop(9):
            let url = view.run.endpoint.flatMap { policy.endpointURLs[$0] }
            return Finding(
                token.string("htu").map(Shortening.text),
                expected: url.map { Shortening.text($0.octets) })
        case .dpop(11): return Finding(time("iat", token, view), expected: window(policy.proof))
        case .dpop(13), .dpop(18): return ofChallenge(.dpop, view)
        case .dpop(17):
            return Finding(
                token.header?.object["jwk"].flatMap(thumbprint),
                expected: view.attestation?.claims?.object["cnf"]?.object?["jwk"]
                    .flatMap(thumbprint))
        case .dpop(22): return Finding(view.presented, expected: "a proof of possession")
        default: return Finding()
        }
    }

    private static func thumbprint(_ value: JSONValue) -> String? {
        guard let key = try? JWK(value) else { return nil }
        return "the key " + Shortening.hint(key.thumbprint.text)
    }

    // MARK: Challenges

    /// Why a challenge is not a live one, as the gateway does not tell its client.
    static func ofChallenge(_ token: TokenRole?, _ view: RequestView) -> Finding {
        guard let token = view.token(token ?? .proof), let policy = view.server?.policy else {
            return Finding()
        }
        let names = token.role == .dpop ? ["nonce"] : ["challenge", "nonce"]
        let given = names.compactMap { token.claims?.object[$0] }.first
        let expected = "a fresh one of this gateway, at most \(policy.challenge.lifetime) s old"
        guard let given else { return Finding("none", expected: expected) }
        guard let text = given.string else { return Finding("not a string", expected: expected) }
        let reason: String
        do throws(ChallengeFault) {
            _ = try policy.challengeKeys.verify(
                text, accepting: [.pop, .dpop, .any], now: view.now,
                lifetime: policy.challenge.lifetime, allowance: policy.challenge.clockAllowance)
            reason = "issued for something else"
        } catch {
            reason = words(error)
        }
        return Finding("\(Shortening.hint(text)), \(reason)", expected: expected)
    }

    private static func words(_ fault: ChallengeFault) -> String {
        switch fault {
        case .malformed: "not of the form of ours"
        case .unknownKey: "made with a master key that is not in the configuration"
        case .forged: "of another issuer, or made up"
        case .expired: "too old"
        case .early: "from the future"
        }
    }

    // MARK: Values

    private static func audience(_ token: DecodedToken, _ view: RequestView) -> Finding {
        guard let policy = view.server?.policy else { return Finding() }
        let aliases = token.role == .proof ? policy.proof.audienceAliases : []
        return Finding(
            token.claims?.object["aud"].map { shown($0, of: token.claims) } ?? "no aud",
            expected: list(([policy.issuer] + aliases).map(Shortening.text)))
    }

    private static func window(_ proof: ProofPolicy) -> String {
        let extra = proof.challengeSkew > 0 ? " (+ \(proof.challengeSkew) s with a challenge)" : ""
        return "at most \(proof.maxAge) s + \(proof.clockSkew) s ago, at most "
            + "\(proof.clockSkew) s ahead\(extra)"
    }

    private static func time(
        _ name: String, _ token: DecodedToken, _ view: RequestView
    ) -> String {
        guard let value = token.claims?.object[name] else { return "no \(name)" }
        guard let date = value.number?.numericDate else {
            return "\(name) \(shown(value, of: token.claims))"
        }
        return "\(name) \(Moments.written(UnixTime(date.seconds), from: view.now))"
    }
}

extension DecodedToken {
    /// The detail that typed reading gives for a claim or key that breaks `rule`.
    func fault(of rule: RuleID) -> String? {
        let isAboutKey = rule == .att(12) || rule == .dpop(7)
        return (isAboutKey ? keyFaults : claimFaults + keyFaults)
            .first { isAboutKey || $0.rule == rule }?.detail
    }

    private var claimFaults: [JOSEError] {
        guard let claims else { return [] }
        let reader = JWTClaims(claims.object)
        var faults: [JOSEError] = []
        for name in ["exp", "nbf", "iat"] {
            do throws(JOSEError) { _ = try reader.numericDate(name) } catch { faults.append(error) }
        }
        for name in ["sub", "iss", "htu"] {
            do throws(JOSEError) {
                _ = try reader.string(name, maxOctets: JWTClaims.identifierLimit)
            } catch { faults.append(error) }
        }
        for name in ["jti", "htm"] {
            do throws(JOSEError) {
                _ = try reader.string(name, maxOctets: JWTClaims.tokenIDLimit)
            } catch { faults.append(error) }
        }
        do throws(JOSEError) { _ = try reader.audience() } catch { faults.append(error) }
        return faults
    }

    private var keyFaults: [JOSEError] {
        let key =
            role == .dpop
            ? header?.object["jwk"] : claims?.object["cnf"]?.object?["jwk"]
        guard let key else { return [] }
        do throws(JOSEError) { _ = try JWK(key) } catch { return [error] }
        return []
    }
}
