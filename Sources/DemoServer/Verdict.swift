// SPDX-License-Identifier: Apache-2.0
// How one request of the demo ended.

/// The end of a request: what the gateway decided, by its answer and its access record.
enum Verdict: Equatable, CustomStringConvertible {
    /// Answered with success.
    case accepted
    /// Refused; the rule comes from the gateway's access record, never from the response.
    case refused(rule: String)
    /// Neither: no answer at all, or a refusal without an access record.
    case unclear(String)

    var description: String {
        switch self {
        case .accepted: "accepted"
        case .refused(let rule): "refused, \(rule)"
        case .unclear(let reason): reason
        }
    }
}
