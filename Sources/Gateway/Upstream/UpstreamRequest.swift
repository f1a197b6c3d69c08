// SPDX-License-Identifier: Apache-2.0
// A request as the AS gets it: our framing, never the client's (HTTP-13).

import HTTPWire
import Octets

/// A whole request to the AS, ready to be written.
struct UpstreamRequest {
    let method: Method
    /// Head and body, framed by `Content-Length`.
    let bytes: [UInt8]

    /// A form sent to the AS in its one canonical encoding (FWD-06).
    init(method: Method, head: consuming HeadWriter, form: Form) {
        let body = form.encode()
        head.contentLength(body.count)
        head.end()
        self.method = method
        head.body(body)
        bytes = head.bytes
    }
}

extension UpstreamRequest {
    /// A request whose octets are complete.
    init(method: Method, bytes: [UInt8]) {
        self.method = method
        self.bytes = bytes
    }
}
