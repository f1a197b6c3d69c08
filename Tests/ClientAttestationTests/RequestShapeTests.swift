// SPDX-License-Identifier: Apache-2.0
// REQ-01 to REQ-08, CHAL-25: the attestation fields before any token is read.

import ClientAttestation
import Octets
import Testing

@Suite("Request shape")
struct RequestShapeTests {
    static func read(
        _ attestation: [String] = ["a.b.c"], _ proof: [String] = ["a.b.c"], _ dpop: [String] = []
    ) throws -> PresentedTokens {
        try PresentedTokens.read(
            attestation: attestation.map(octets), proof: proof.map(octets),
            dpop: dpop.map(octets))
    }

    @Test("REQ-01: a second attestation field is refused, identical or not")
    func twoAttestations() {
        refused(.req(1), .invalidRequest) { try Self.read(["a.b.c", "a.b.c"]) }
        refused(.req(1), .invalidRequest) { try Self.read(["a.b.c", ""]) }
    }

    @Test("REQ-02: a second proof field is refused, also if one is valid")
    func twoProofs() {
        refused(.req(2), .invalidRequest) { try Self.read(["a.b.c"], ["a.b.c", "x"]) }
    }

    @Test(
        "REQ-03: a value that is not one token68 is refused",
        arguments: [
            "jwt1, jwt2", "jwt1,jwt2", "\"jwt\"", "jwt;v=1", "Bearer jwt", "jwt\ttext", "jwt\u{e9}",
            "=", "==", "a=b", "a\r\nb", "a\0",
        ])
    func syntax(value: String) {
        refused(.req(3), .invalidRequest) { try Self.read([value]) }
        refused(.req(3), .invalidRequest) { try Self.read(["a.b.c"], [value]) }
    }

    @Test("REQ-03: whitespace around the value is trimmed, and the whole alphabet is let through")
    func alphabet() throws {
        let tokens = try Self.read([" \taz.AZ-09_+/== \t"], ["a.b.c"])
        #expect(tokens.attestation == octets("az.AZ-09_+/=="))
        #expect(try Self.read().attestation == octets("a.b.c"))
    }

    @Test("REQ-03: of the 256 octets exactly those of token68 are let through")
    func everyOctet() {
        let alphabet = octets(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/")
        for octet in UInt8.min...UInt8.max {
            let tokens = try? PresentedTokens.read(
                attestation: [[65, octet, 65]], proof: [], dpop: [])
            let isTilde = octet == UInt8(ascii: "~")
            #expect((tokens != nil) == (alphabet.contains(octet) && !isTilde), "\(octet)")
        }
    }

    @Test("REQ-04: an empty value is malformed, not absent", arguments: ["", " ", " \t "])
    func empty(value: String) {
        refused(.req(4), .invalidRequest) { try Self.read([value]) }
        refused(.req(4), .invalidRequest) { try Self.read(["a.b.c"], [value]) }
    }

    @Test("REQ-05: attestations over 16 KiB, proofs over 4 KiB, DPoP proofs over 8 KiB are refused")
    func sizes() throws {
        let text: (Int) -> [String] = { [String(repeating: "a", count: $0)] }
        #expect(try Self.read(text(16384), text(4096), text(8192)).presence == .normal)
        refused(.req(5), .invalidRequest) { try Self.read(text(16385)) }
        refused(.req(5), .invalidRequest) { try Self.read(["a.b.c"], text(4097)) }
        refused(.req(5), .invalidRequest) { try Self.read(["a.b.c"], ["a.b.c"], text(8193)) }
    }

    @Test("REQ-06: only attestation and proof together are normal mode")
    func presence() throws {
        let a = ["a.b.c"]
        let none: [String] = []
        #expect(try Self.read(a, a, none).presence == .normal)
        #expect(try Self.read(a, a, a).presence == .normal)
        #expect(try Self.read(a, a, a).method() == .attestationPoPJWT)
        #expect(try Self.read(none, none, none).presence == .none)
        #expect(try Self.read(none, none, a).presence == .none)
        #expect(try Self.read(a, none, a).method() == .dpopCombined)
        refused(.req(6), .attestation) { try Self.read(a, none, none).method() }
        refused(.req(6), .invalidClient) { try Self.read(none, a, none).method() }
        refused(.req(6), .invalidClient) { try Self.read(none, a, a).method() }
    }

    @Test("REQ-06: a valid request from which the proof was stripped is refused by the verifier")
    func strippedProof() throws {
        let world = try World()
        let attestation = try world.attestationToken()
        for dpop in [[], [octets("a.b.c")]] {
            let tokens = try PresentedTokens.read(attestation: [attestation], proof: [], dpop: dpop)
            // Without combined mode a DPoP proof is no proof of the instance key (DPOP-22).
            refused(dpop.isEmpty ? .req(6) : .dpop(22), .attestation) {
                try Verifier.verify(
                    tokens, RequestFacts(endpoint: .token, clientIDParameter: nil),
                    policy: world.policy(), cache: world.cache, fence: nil,
                    now: UnixTime(world.now))
            }
        }
    }

    @Test("REQ-06: a client whose methods lack normal mode is refused in it")
    func clientMethods() throws {
        var world = try World()
        world.client = AttestedClient(
            clientID: octets(World.client), methods: [.dpopCombined])
        refused(.req(6)) { try world.verify(world.attestationToken(), world.proofToken()) }
    }

    @Test("REQ-06: a client narrowed to no profile at all is refused, not let through")
    func emptyProfiles() throws {
        var world = try World([.abca05, .abca11])
        world.attesters = [try world.attester(profiles: ProfileSet([.abca05]))]
        world.client = AttestedClient(
            clientID: octets(World.client), profiles: ProfileSet([.abca11]))
        refused(.req(6)) { try world.verify(world.attestationToken(), world.proofToken()) }
    }

    @Test("CHAL-25: nothing attested is invalid_client in every profile, never a challenge")
    func nothingAttested() throws {
        refused(.ep(6), .invalidClient) { try Self.read([], []).method() }
        let world = try World([.abca11], .required)
        let tokens = try PresentedTokens.read(attestation: [], proof: [], dpop: [])
        refused(.ep(6), .invalidClient) {
            try Verifier.verify(
                tokens, RequestFacts(endpoint: .token, clientIDParameter: nil),
                policy: world.policy(), cache: world.cache, fence: nil, now: UnixTime(world.now))
        }
    }

    @Test(
        "REQ-07: the concatenated form is refused in a header",
        arguments: ["a.b.c~d.e.f", "a.b.c~d.e.f~", "~d.e.f", "a~b~c"])
    func concatenated(value: String) {
        refused(.req(7), .invalidRequest) { try Self.read([value]) }
        refused(.req(7), .invalidRequest) { try Self.read(["a.b.c"], [value]) }
    }

    @Test("REQ-08: the assertion types of the first drafts are refused, others are not ours")
    func obsolete() throws {
        let prefix = "urn:ietf:params:oauth:client-assertion-type:"
        for name in ["jwt-client-attestation", "jwt-key-attestation"] {
            refused(.req(8), .invalidClient) {
                try ObsoleteForms.refuse(clientAssertionType: octets(prefix + name))
            }
        }
        try ObsoleteForms.refuse(clientAssertionType: octets(prefix + "jwt-bearer"))
    }

    @Test("DPOP-01: two DPoP fields or a list of proofs are an invalid DPoP proof")
    func dpop() {
        refused(.dpop(1), .dpopProof) { try Self.read(["a"], ["b"], ["c", "c"]) }
        refused(.dpop(1), .dpopProof) { try Self.read(["a"], ["b"], ["c, c"]) }
        refused(.dpop(1), .dpopProof) { try Self.read(["a"], ["b"], [""]) }
    }

    @Test("REQ-11: an empty client_id parameter counts as absent")
    func emptyClientID() {
        #expect(RequestFacts(endpoint: .token, clientIDParameter: []).clientIDParameter == nil)
    }
}
