// SPDX-License-Identifier: Apache-2.0
// No alteration of an accepted request is accepted, but those that the rules call equivalent.
//
// PROPERTY_ROUNDS in the environment is how often the random choices are made (1; `make test-long`
// makes more), PROPERTY_SEED where they begin.

import ClientAttestation
import Foundation
import JOSE
import Octets
import Testing

/// Which proofs a request carries.
enum ProofMode: String, CaseIterable {
    case normal, combined, alongside
}

@Suite("Properties")
struct PropertyTests {
    private static func setting(_ name: String, _ standard: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap(UInt64.init) ?? standard
    }
    private static let rounds = setting("PROPERTY_ROUNDS", 1)
    private static let seed = setting("PROPERTY_SEED", 20_260_101)

    /// The texts of one token and who signs it.
    struct Draft {
        let role: TokenRole
        var header: TokenTree
        var payload: TokenTree
        let signer: TestKey

        var token: [UInt8] {
            get throws { try signer.sign(header: header.text, payload: payload.text) }
        }
    }

    /// The world and the tokens of an accepted request, with every optional member that any rule
    /// looks at, and unknown ones at every place.
    private static func request(_ mode: ProofMode) throws -> (World, [Draft]) {
        var world = try World([.abca11], mode == .normal ? .required : .off)
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.attestationPoPJWT, .dpopCombined])
        world.proof.matchesIssuerIfPresent = true
        let unknown: Edits = ["wallet_name": quoted("w"), "urn:x:y": #"{"a":[1,"b"],"c":null}"#]
        let members = #""use":"sig","alg":"ES256","key_ops":["verify"],"kid":"i1","ext":true"#
        let jwk = world.instance.jwk(members)
        let header: Edits = ["foo": #"{"bar":"x"}"#]

        func draft(_ role: TokenRole, _ token: [UInt8], by signer: TestKey) throws -> Draft {
            let parts = token.split(separator: UInt8(ascii: "."))
            return Draft(
                role: role, header: try TokenTree(try #require(Base64URL.decode(parts[0]))),
                payload: try TokenTree(try #require(Base64URL.decode(parts[1]))), signer: signer)
        }
        var drafts = [
            try draft(
                .attestation,
                world.attestationToken(
                    unknown.merging([
                        "nbf": "\(world.now - 100)", "aud": quoted(world.issuer),
                        "cnf": #"{"jwk":\#(jwk),"jkt":"t"}"#,
                    ]) { $1 }, header: header), by: world.attesterKey)
        ]
        if mode != .combined {
            var claims = unknown.merging([
                "iss": quoted(World.client), "exp": "\(world.now + 200)",
                "nbf": "\(world.now - 1)",
            ]) { $1 }
            if mode == .normal { claims["challenge"] = world.challengeJSON() }
            drafts.append(
                try draft(
                    .proof, world.proofToken(claims, header: header), by: world.instance))
        }
        if mode != .normal {
            drafts.append(
                try draft(
                    .dpop, world.dpopToken(unknown, header: header.merging(["jwk": jwk]) { $1 }),
                    by: world.instance))
        }
        return (world, drafts)
    }

    /// The paths and changes that the rules accept; everything else is refused. Duplicates never.
    private static let equivalent: Set<String> = [
        // KEY-01: told by the key ID, or by its issuer if there is one key; ATT-06: optional.
        "attestation.payload.iss drop", "attestation.header.kid drop",
        "attestation.payload.iat drop", "attestation.payload.nbf drop",
        // JOSE-19: what a key says of itself is optional; its name is anything.
        "attestation.payload.cnf.jwk.use drop", "attestation.payload.cnf.jwk.alg drop",
        "attestation.payload.cnf.jwk.key_ops drop", "attestation.payload.cnf.jwk.kid drop",
        "attestation.payload.cnf.jwk.kid flip",
        "dpop.header.jwk.use drop", "dpop.header.jwk.alg drop", "dpop.header.jwk.key_ops drop",
        "dpop.header.jwk.kid drop", "dpop.header.jwk.kid flip",
        // POP-05, POP-09 to POP-11; another identifier makes another proof.
        "proof.payload.aud wrap", "proof.payload.exp drop", "proof.payload.nbf drop",
        "proof.payload.iss drop", "proof.payload.jti flip", "dpop.payload.jti flip",
        // ATT-10: optional, and an array of one audience is that audience.
        "attestation.payload.aud wrap", "attestation.payload.aud drop",
    ]
    /// JOSE-24, ATT-11: names that mean nothing, with everything inside.
    private static let unknown = [".wallet_name", ".urn:x:y", ".foo", ".ext", ".cnf.jkt"]

    private static func isEquivalent(_ place: String, _ change: TokenTree.Change) -> Bool {
        if case .duplicate = change { return false }
        let isUnknown = unknown.contains { name in
            place.hasSuffix(name) || place.contains(name + ".") || place.contains(name + "[")
        }
        return isUnknown || equivalent.contains("\(place) \(change)")
    }

    private static func verify(_ world: World, _ tokens: [TokenRole: [UInt8]]) throws {
        try world.verify(tokens[.attestation] ?? [], tokens[.proof], dpop: tokens[.dpop])
    }

    @Test(
        """
        JOSE-04, JOSE-20 to JOSE-22, JOSE-24, ATT-11, POP-06, DPOP-03: a member dropped, doubled, \
        flipped or retyped and signed anew is refused, unless it means nothing
        """, arguments: ProofMode.allCases)
    func resigned(mode: ProofMode) throws {
        for round in 0..<Self.rounds {
            var random = SeededGenerator(seed: Self.seed &+ round)
            let (world, drafts) = try Self.request(mode)
            var tokens: [TokenRole: [UInt8]] = [:]
            for draft in drafts { tokens[draft.role] = try draft.token }
            try Self.verify(world, tokens)
            var count = 0
            for draft in drafts {
                for isHeader in [true, false] {
                    let tree = isHeader ? draft.header : draft.payload
                    let part = "\(draft.role).\(isHeader ? "header" : "payload")"
                    for altered in tree.altered(path: part, using: &random) {
                        var draft = draft
                        if isHeader {
                            draft.header = altered.tree
                        } else {
                            draft.payload = altered.tree
                        }
                        var tokens = tokens
                        tokens[draft.role] = try draft.token
                        let isAccepted = Self.accepts(world, tokens)
                        let expected = Self.isEquivalent(altered.path, altered.change)
                        if isAccepted != expected {
                            Issue.record(
                                """
                                seed \(Self.seed &+ round), \(mode): \(altered.path) \
                                \(altered.change), accepted: \(isAccepted): \(altered.tree.text)
                                """)
                        }
                        count += 1
                    }
                }
            }
            #expect(count > 300)
        }
    }

    private static func accepts(_ world: World, _ tokens: [TokenRole: [UInt8]]) -> Bool {
        (try? verify(world, tokens)) != nil
    }

    @Test(
        """
        JOSE-01, JOSE-02, JOSE-23, ATT-03, POP-03, DPOP-06, REQ-03: an octet changed, dropped, \
        doubled or put in without signing anew is refused at every place
        """, arguments: ProofMode.allCases)
    func unsigned(mode: ProofMode) throws {
        for round in 0..<Self.rounds {
            var random = SeededGenerator(seed: Self.seed &+ round)
            let (world, drafts) = try Self.request(mode)
            var tokens: [TokenRole: [UInt8]] = [:]
            for draft in drafts { tokens[draft.role] = try draft.token }
            try Self.verify(world, tokens)
            for (role, token) in tokens.sorted(by: { "\($0.key)" < "\($1.key)" }) {
                for index in token.indices {
                    for kind in 0..<4 {
                        guard let altered = Self.alter(token, at: index, kind, &random) else {
                            continue
                        }
                        var tokens = tokens
                        tokens[role] = altered
                        if Self.accepts(world, tokens) {
                            Issue.record(
                                """
                                seed \(Self.seed &+ round), \(mode): \(role) accepted with change \
                                \(kind) at \(index): \(String(decoding: altered, as: UTF8.self))
                                """)
                        }
                    }
                }
            }
        }
    }

    /// The token with the octet at `index` flipped, dropped, doubled, or another before it; nil if
    /// that is the same token.
    private static func alter(
        _ token: [UInt8], at index: Int, _ kind: Int, _ random: inout SeededGenerator
    ) -> [UInt8]? {
        var token = token
        let original = token
        let alphabet = Array("ABCxyz019-_.=~+/ \t,\0".utf8) + [0x80, 0xFF]
        switch kind {
        case 0: token[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: token.remove(at: index)
        case 2: token.insert(token[index], at: index)
        default: token.insert(alphabet.randomElement(using: &random) ?? 0, at: index)
        }
        // White space around a field value is not part of it (RFC 9110 section 5.5).
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let core = token.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        return Array(core) == original ? nil : token
    }

    @Test(
        "POP-01, POP-16, DPOP-04, DPOP-17, JOSE-26: tokens in each other's place are refused",
        arguments: ProofMode.allCases)
    func exchanged(mode: ProofMode) throws {
        let (world, drafts) = try Self.request(mode)
        for one in drafts {
            for other in drafts where other.role != one.role {
                var tokens: [TokenRole: [UInt8]] = [:]
                for draft in drafts { tokens[draft.role] = try draft.token }
                tokens[one.role] = try other.token
                #expect(!Self.accepts(world, tokens), "\(other.role) as \(one.role)")
                let token = tokens[one.role] ?? []
                tokens[one.role] = token + [UInt8(ascii: ",")] + token
                #expect(!Self.accepts(world, tokens))
            }
        }
    }
}
