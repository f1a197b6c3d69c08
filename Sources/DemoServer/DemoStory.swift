// SPDX-License-Identifier: Apache-2.0
// The story of the demo: its order, and how one step is played, judged and told.

import EventLoop
import HTTPWire

/// The steps of the demo against a running gateway, in order.
///
/// A class because steps hand values on: a challenge, a code, a refresh token. It lives on the loop
/// of the demo.
public final class DemoStory {
    let cast: DemoCast
    let transcript: Transcript
    private let client: DemoClient
    private let server: DemoAuthorizationServer
    private let log: DemoAccessLog

    var nonce: [UInt8] = []
    var challenge: [UInt8] = []
    var requestURI: [UInt8] = []
    var code: [UInt8] = []
    var refreshToken: [UInt8] = []
    let codeVerifier = DemoCast.freshCodeVerifier()
    var lastAttested: DemoRequest?
    var dpopNonce: [UInt8] = []
    var lastCombined: DemoRequest?

    /// A story with `cast` about the gateway at `gateway`, which stands in front of `server` and
    /// whose log goes to `log`.
    public init(
        cast: DemoCast, gateway: DemoGateway, server: DemoAuthorizationServer,
        transcript: Transcript
    ) {
        self.cast = cast
        self.transcript = transcript
        self.server = server
        log = gateway.log
        client = DemoClient(address: gateway.address, host: DemoCast.authority, loop: gateway.loop)
    }

    /// The newest challenge that an answer brought.
    public var latestChallenge: [UInt8] { challenge }

    /// Plays every step, also after one went wrong. Returns whether all went as they should.
    public func play() async -> Bool {
        await nonceByOptions()
        await tokenRequestOfDraft05()
        await challengeByEndpoint()
        await attestedTokenRequest()
        await sameRequestOnceMore()

        await pushedAuthorizationRequest()
        await authorizationEndpoint()
        await codeForTokens()
        await refresh()
        await stolenRefreshToken()

        await proofByAnotherKey()
        await expiredAttestation()
        await clientIDOfSomebodyElse()
        await noAttestation()
        await spoofedHeaders()
        await missingChallenge()
        await retryWithChallenge()

        await combinedWithoutNonce()
        await combinedTokenRequest()
        await combinedOnceMore()
        await combinedByAnotherKey()
        transcript.finish()
        return transcript.wentWell
    }

    /// Sends the request of `step`, looks at the answer, at what reached the AS and at the access
    /// record, and prints all of it. `inspect` lists what is wrong beyond the verdict.
    @discardableResult
    func play(_ step: Step, inspect: (Outcome) -> [String] = { _ in [] }) async -> Outcome {
        _ = server.takeReceived()
        log.forget()
        let outcome: Outcome
        do throws(WireConnection.Failure) {
            let response = try await client.send(step.request)
            if let fresh = response.fields.single(.oauthClientAttestationChallenge) {
                challenge = fresh
            }
            if let fresh = response.fields.single(.dpopNonce) { dpopNonce = fresh }
            let record = await log.record(on: client.loop)
            outcome = Outcome(
                response: response, received: server.takeReceived(),
                verdict: Self.judge(response, record))
        } catch {
            outcome = Outcome(
                response: nil, received: server.takeReceived(), verdict: .unclear("no answer"))
        }
        let faults = step.faults(outcome) + (outcome.response == nil ? [] : inspect(outcome))
        tell(step, outcome, faults)
        return outcome
    }

    private static func judge(_ response: DemoResponse, _ record: AccessEntry?) -> Verdict {
        guard let record else { return .unclear("no access record") }
        if let rule = record.rule { return .refused(rule: rule) }
        return response.status < 400 ? .accepted : .unclear("status \(response.status), no rule")
    }

    private func tell(_ step: Step, _ outcome: Outcome, _ faults: [String]) {
        transcript.begin(step.title, verdict: outcome.verdict, asItShouldBe: faults.isEmpty)
        transcript.tell(step.request, decoding: step.decodes)
        for received in outcome.received {
            transcript.tell(received, withAllFields: step.showsAllFields)
        }
        if let response = outcome.response {
            transcript.tell(
                response, fields: step.showsFields, serverSawNothing: outcome.received.isEmpty)
        }
        transcript.line(.note, [step.note])
        for fault in faults { transcript.line(.wrong, [fault]) }
        transcript.say("")
    }
}

/// The gateway of a demo: where it listens, what it logs, and the loop the client is on.
public struct DemoGateway {
    let address: SocketAddress
    let log: DemoAccessLog
    let loop: EventLoop

    /// A gateway that listens on `address`; `loop` is the loop that the caller is on.
    public init(address: SocketAddress, log: DemoAccessLog, loop: EventLoop) {
        self.address = address
        self.log = log
        self.loop = loop
    }
}
