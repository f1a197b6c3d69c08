// SPDX-License-Identifier: Apache-2.0
// One step of the story: what is sent, how it should end, and how it did.

import HTTPWire

/// A request of the story with what should become of it.
struct Step {
    /// What should become of a request at the authorization server.
    enum Arrival {
        case reachesServer, staysOutside
    }

    let title: String
    let request: DemoRequest
    let expected: Verdict
    let arrival: Arrival
    /// One sentence on what a newcomer should see here.
    let note: String
    /// Response fields worth showing.
    var showsFields: [FieldName] = []
    /// The tokens of the request that are shown decoded.
    var decodes: Set<FieldName> = []
    /// Whether all fields that reached the AS are shown.
    var showsAllFields = false
    /// The `error` the response should carry.
    var error: String?

    /// What is wrong with how it ended; empty if nothing is.
    func faults(_ outcome: Outcome) -> [String] {
        var faults: [String] = []
        if outcome.verdict != expected { faults.append("expected: \(expected)") }
        let arrivals = arrival == .reachesServer ? 1 : 0
        if outcome.received.count != arrivals {
            faults.append(
                "expected at the AS: \(arrivals) requests, seen: \(outcome.received.count)")
        }
        if outcome.received.contains(where: \.carriesAttestation) {
            faults.append("attestation fields reached the AS")
        }
        if let error, outcome.response?.member("error") != Array(error.utf8) {
            faults.append("expected error: \(error)")
        }
        return faults
    }
}

/// How a step ended.
struct Outcome {
    /// The answer of the gateway; nil if there was none.
    let response: DemoResponse?
    /// What reached the authorization server.
    let received: [ReceivedRequest]
    let verdict: Verdict

    /// A field of the answer that is there exactly once; empty otherwise.
    func field(_ name: FieldName) -> [UInt8] { response?.fields.single(name) ?? [] }

    /// A string member of the answer's JSON; empty if there is none.
    func member(_ name: String) -> [UInt8] { response?.member(name) ?? [] }
}
