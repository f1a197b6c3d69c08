// SPDX-License-Identifier: Apache-2.0
// The rule book holds every rule that can refuse, in the order in which requests meet them.

import ClientAttestation
import Foundation
import Gateway
import Octets
import Testing

@testable import Explain

@Suite("The rule book")
struct RuleBookTests {
    @Test("every rule that a source of the request's road names has one entry")
    func complete() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
        let pattern = try Regex(
            #"\.(http|req|jose|key|att|pop|dpop|chal|rpl|bind|err|ep|fwd|cred|st)\((\d{1,2})[,)]"#)
        var named: Set<String> = []
        for module in ["Gateway", "ClientAttestation", "HTTPWire", "JOSE"] {
            let folder = root.appending(path: module)
            let files = FileManager.default.enumerator(atPath: folder.path)
            for case let path as String in files ?? .init() where path.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                for match in text.matches(of: pattern) {
                    let family = match[1].substring.map(String.init)?.uppercased() ?? ""
                    let number = match[2].substring.map(String.init) ?? ""
                    named.insert("\(family)-\(number.count == 1 ? "0" : "")\(number)")
                }
            }
        }
        #expect(named.count > 100)
        let known = RuleBook.notes.map(\.rule.description)
        #expect(named.subtracting(known).sorted() == [])
        #expect(Set(known).count == known.count)
    }

    @Test("titles are words, advice is one sentence")
    func wording() {
        for note in RuleBook.notes {
            #expect(!note.title.isEmpty && note.title.count <= 60, "\(note.rule)")
            #expect(!note.source.isEmpty, "\(note.rule)")
            #expect(note.advice.hasSuffix(".") && note.advice.count <= 180, "\(note.rule)")
            #expect(note.advice.first?.isUppercase == true, "\(note.rule)")
        }
    }

    @Test("every rule has a place in the order, but for those that are judged off that road")
    func places() {
        let placed = Set(EvaluationOrder.stages.flatMap(\.rules))
        let missing = RuleBook.notes.map(\.rule).filter { !placed.contains($0) }
        let elsewhere: [RuleID] = [
            // Other routes, and the AS's answer.
            .ep(10), .ep(15), .chal(4), .chal(13), .chal(30), .err(10), .err(11), .http(13),
            .meta(1), .meta(2), .meta(3), .meta(11), .bind(1), .bind(11), .bind(12), .bind(13),
            // Named by other rules' refusals, or by the running gateway alone.
            .jose(23), .key(15), .pop(15), .dpop(12), .dpop(16), .dpop(19), .dpop(20), .rpl(11),
        ]
        #expect(Set(missing).subtracting(elsewhere).map(\.description).sorted() == [])
    }

    private func followsOrder(_ entries: [RuleTrace.Entry], _ name: String) {
        let places = EvaluationOrder.stages.flatMap { stage in
            stage.rules.map { ($0, stage.token) }
        }
        var place = 0
        for entry in entries {
            let token = EvaluationOrder.token(entry.rule, entry.token)
            let next = places.indices[place...].first { index in
                places[index].0 == entry.rule
                    && (places[index].1 == token || places[index].1 == nil || token == nil)
            }
            #expect(next != nil, "\(name): \(entry.rule) \(String(describing: token)) out of order")
            place = next ?? place
        }
    }

    @Test("the order of the list is the order of the run, for every kind of accepted request")
    func order() throws {
        for profile in Profile.allCases {
            for mode in [ChallengePolicy.Mode.off, .optional] {
                let scene = try Scene(profiles: [profile], challenge: mode)
                let challenge = scene.policy.challengeKeys.issue(now: Scene.now - 1)
                let fresh = "\"\(String(decoding: challenge, as: UTF8.self))\""
                let old = ["iss": "\"\(Scene.clientID)\"", "exp": "\(Scene.now.seconds + 300)"]
                let claims: Scene.Claims = old.merging(
                    profile == .abca05 ? ["nonce": fresh] : ["challenge": fresh]
                ) { $1 }.mapValues { $0 }
                for path in ["/token", "/par"] {
                    let request = scene.request(
                        try scene.attestation(), try scene.proof(claims), path: path)
                    let run = RequestExplanation(
                        request.octets, settings: scene.settings, now: Scene.now)
                    #expect(run.verdict == .accepted, "\(profile) \(mode) \(path)")
                    #expect(run.unannounced == nil)
                    followsOrder(run.entries, "\(profile) \(mode) \(path)")
                }
            }
        }
    }

    @Test("JOSE-17: the order holds for an attestation that is a MAC")
    func orderOfMAC() throws {
        let scene = try Scene(sharesSecret: true)
        let request = scene.request(try scene.macAttestation(), try scene.proof())
        let run = RequestExplanation(request.octets, settings: scene.settings, now: Scene.now)
        #expect(run.verdict == .accepted, "\(run.verdict)")
        #expect(run.attesterKeyID == "mac".octets)
        followsOrder(run.entries, "MAC")
    }

    @Test("the order holds for DPoP proofs, alongside and in combined mode")
    func orderOfDPoP() throws {
        for profile in [Profile.abca10, .abca11] {
            let scene = try Scene(
                profiles: [profile], challenge: .optional,
                dpop: DPoPPolicy(nonceOwner: profile == .abca10 ? .none : .gateway))
            let purpose = scene.policy.dpopNoncePurpose
            let nonce = scene.policy.challengeKeys.issue(purpose, now: Scene.now - 1)
            let dpop = try scene.dpop(["nonce": "\"\(String(decoding: nonce, as: UTF8.self))\""])
            for proof in [try scene.proof(), nil] {
                let request = scene.request(try scene.attestation(), proof, dpop: dpop)
                let run = RequestExplanation(
                    request.octets, settings: scene.settings, now: Scene.now)
                #expect(run.verdict == .accepted, "\(profile) \(run.verdict)")
                followsOrder(run.entries, proof == nil ? "combined" : "alongside")
            }
        }
    }
}
