// SPDX-License-Identifier: Apache-2.0
// What a server that is no gateway sends: refusals and challenges as status, fields and body.

import JSON
import Octets

/// An HTTP answer, ready to be written.
public struct PreparedAnswer: Sendable {
    /// The status code.
    public let status: Int
    /// The fields, each once; framing is the caller's.
    public internal(set) var fields: [String: String]
    /// The body; JSON, or empty.
    public let body: String

    init(_ status: Int, fields: [String: String] = [:], member: (String, String)?) {
        self.status = status
        // ERR-02, CHAL-31.
        self.fields = ["Cache-Control": "no-store", "Pragma": "no-cache"]
            .merging(fields) { $1 }
        guard let member else {
            body = ""
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.name(member.0)
        writer.string(member.1.octets)
        writer.endObject()
        self.fields["Content-Type"] = "application/json"
        body = String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension ClientAuthenticator {
    /// The answer to a refused request at `endpoint`: an OAuth error with the fresh values the
    /// client needs for its next attempt, and nothing of the cause (ERR-01, ERR-09).
    public func answer(to refusal: Refusal, at endpoint: ProtectedEndpoint) -> PreparedAnswer {
        let response = RefusalResponse(
            refusal.failure, errors: policy.errors, policy.circumstances(at: endpoint))
        var fields: [String: String] = [:]
        if let seconds = response.retryAfter { fields["Retry-After"] = "\(seconds)" }
        if response.authenticate, let error = response.error {
            let issuer = String(decoding: policy.issuer, as: UTF8.self)
            fields["WWW-Authenticate"] =
                "OAuth-Client-Attestation realm=\"\(issuer)\", error=\"\(error)\""
        }
        if let fresh = try? challenge() {
            if response.freshChallenge { fields["OAuth-Client-Attestation-Challenge"] = fresh }
            if response.freshNonce { fields["attestation-nonce"] = fresh }
            if response.freshDPoPNonce { fields["DPoP-Nonce"] = dpopNonce(sharing: fresh) }
        }
        return PreparedAnswer(
            response.status, fields: fields, member: response.error.map { ("error", $0) })
    }

    /// The answer of the challenge endpoint to a `POST` (CHAL-10, CHAL-11).
    public func challengeAnswer() -> PreparedAnswer {
        do {
            return PreparedAnswer(200, member: ("attestation_challenge", try challenge()))
        } catch {
            return answer(to: error, at: .token)
        }
    }

    /// CHAL-17: the challenge where it is one for both, else a nonce of its own.
    private func dpopNonce(sharing challenge: String) -> String {
        guard policy.dpopNoncePurpose != policy.challengePurpose else { return challenge }
        let nonce = policy.challengeKeys.issue(policy.dpopNoncePurpose, now: clock.now())
        return String(decoding: nonce, as: UTF8.self)
    }
}
