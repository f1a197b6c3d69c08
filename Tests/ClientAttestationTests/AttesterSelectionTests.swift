// SPDX-License-Identifier: Apache-2.0
// KEY-01 and KEY-02 in words: the account of a selection is the selection.

import ClientAttestation
import JOSE
import Octets
import Testing

@Suite("Attester selection")
struct AttesterSelectionTests {
    let world: World
    let registry: AttesterRegistry

    init() throws {
        let base = try World()
        let second = try TestKey("22")
        let third = try TestKey("33")
        var made = base
        made.attesters = [
            try base.attester(id: "one"),
            try base.attester(
                id: "two", issuers: ["https://two.example"], keys: second.set(),
                clients: [World.client, "https://c2.example"]),
            try base.attester(
                id: "open", issuers: [], keys: third.set(), clients: ["https://c3.example"]),
        ]
        world = made
        registry = try AttesterRegistry(made.attesters)
    }

    private func verdicts(
        _ issuer: String?, _ keyID: String?, _ subject: String?
    ) -> (AttesterSelection.Criterion, [AttesterSelection.Verdict]) {
        let selection = registry.selection(
            issuer: issuer.map(octets), keyID: keyID.map(octets), subject: subject.map(octets))
        #expect(selection.entries.map(\.attesterID) == ["one", "two", "open"])
        return (selection.criterion, selection.entries.map(\.verdict))
    }

    @Test("KEY-01: the account names what decided and why the others were not selected")
    func accounts() {
        #expect(
            verdicts(World.attesterIssuer, "22", nil)
                == (.issuer, [.selected, .notNamed(.issuer), .notNamed(.issuer)]))
        #expect(
            verdicts(nil, "22", World.client)
                == (.keyID, [.notNamed(.keyID), .selected, .notNamed(.keyID)]))
        #expect(
            verdicts(nil, nil, "https://c2.example")
                == (.subject, [.notNamed(.subject), .selected, .notNamed(.subject)]))
        #expect(
            verdicts(nil, "unknown", World.client)
                == (.subject, [.ambiguous(.subject), .ambiguous(.subject), .notNamed(.subject)]))
        #expect(
            verdicts(nil, nil, nil)
                == (.subject, [.notNamed(.subject), .notNamed(.subject), .notNamed(.subject)]))
    }

    @Test("KEY-02: the account says whose issuer does not fit")
    func otherIssuer() {
        #expect(
            verdicts("https://unknown.example", "11", nil)
                == (.keyID, [.otherIssuer, .notNamed(.keyID), .notNamed(.keyID)]))
        #expect(
            verdicts("https://unknown.example", "33", nil)
                == (.keyID, [.notNamed(.keyID), .notNamed(.keyID), .selected]))
    }

    @Test("KEY-01, KEY-02: whatever a message says, the account agrees with the verifier")
    func agreement() throws {
        let issuers = [nil, World.attesterIssuer, "https://two.example", "https://x.example"]
        let keyIDs = [nil, "11", "22", "33", "44"]
        let subjects = [nil, World.client, "https://c2.example", "https://c3.example", "x"]
        for issuer in issuers {
            for keyID in keyIDs {
                for subject in subjects {
                    let token = try world.attestationToken(
                        ["iss": issuer.map(quoted), "sub": subject.map(quoted)],
                        header: ["kid": keyID.map(quoted)])
                    let thrown = #expect(throws: (any Error).self) {
                        // A proof that no instance made: what is asked ends before it.
                        try world.verify(token, octets("a.b.c"))
                    }
                    let rule = (thrown as? Refusal)?.rule
                    let selection = registry.selection(
                        issuer: issuer.map(octets), keyID: keyID.map(octets),
                        subject: subject.map(octets))
                    let refusedHere = rule == .key(1) || rule == .key(2)
                    #expect(refusedHere == (selection.selected == nil))
                    let isOther = selection.entries.contains { $0.verdict == .otherIssuer }
                    #expect(!refusedHere || (rule == .key(2)) == isOther)
                }
            }
        }
    }

    @Test("KEY-01: every verdict has its words")
    func words() {
        var texts: Set<String> = [
            AttesterSelection.Verdict.selected.description,
            AttesterSelection.Verdict.otherIssuer.description,
        ]
        for criterion in AttesterSelection.Criterion.allCases {
            texts.insert(AttesterSelection.Verdict.ambiguous(criterion).description)
            texts.insert(AttesterSelection.Verdict.notNamed(criterion).description)
        }
        #expect(texts.count == 8)
    }
}
