// SPDX-License-Identifier: Apache-2.0
// What the rules need to know of the request besides its tokens.

/// The facts of a protected request that the verifier compares the tokens with.
public struct RequestFacts: Sendable {
    /// Where the request arrived.
    public let endpoint: ProtectedEndpoint
    /// The decoded `client_id` parameter; nil when absent or empty (REQ-11, REQ-12).
    public let clientIDParameter: [UInt8]?

    /// The facts of one request. An empty `clientIDParameter` counts as absent (REQ-11).
    public init(endpoint: ProtectedEndpoint, clientIDParameter: [UInt8]?) {
        self.endpoint = endpoint
        self.clientIDParameter = clientIDParameter.flatMap { $0.isEmpty ? nil : $0 }
    }
}
