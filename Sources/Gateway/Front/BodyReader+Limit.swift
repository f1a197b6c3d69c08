// SPDX-License-Identifier: Apache-2.0
// Where every body of a request begins: with its limit (HTTP-16).

import ClientAttestation
import HTTPWire
import Octets

extension BodyReader {
    /// A reader of the body of `head`; 413 at once for one that announces more than `limit` octets.
    init(of head: RequestHead, limit: Int, trace: RuleTrace? = nil) throws(Refusal) {
        trace?.begin(.http(16))
        if case .length(let length) = head.framing, length > limit {
            throw Refusal(.http(16), .http(413))
        }
        self.init(framing: head.framing, limit: limit)
    }
}
