// SPDX-License-Identifier: Apache-2.0
// What the rules need to know of the request besides its tokens.

/// The facts of a protected request that the verifier compares the tokens with.
public struct RequestFacts: Sendable {
    /// Where the request arrived.
    public let endpoint: ProtectedEndpoint
    /// The decoded `client_id` parameter; nil when absent or empty (REQ-11, REQ-12).
    public let clientIDParameter: [UInt8]?
    /// The HTTP method (DPOP-08).
    public let method: [UInt8]
    /// The decoded `dpop_jkt` parameter; nil when absent or empty (DPOP-15).
    public let dpopThumbprint: [UInt8]?
    /// The access token that came with the request under the DPoP scheme, if any (DPOP-14).
    public let accessToken: [UInt8]?

    /// The facts of one request. An empty parameter counts as absent (REQ-11).
    public init(
        endpoint: ProtectedEndpoint, clientIDParameter: [UInt8]?,
        method: [UInt8] = RequestFacts.post, dpopThumbprint: [UInt8]? = nil,
        accessToken: [UInt8]? = nil
    ) {
        self.endpoint = endpoint
        self.clientIDParameter = clientIDParameter.flatMap { $0.isEmpty ? nil : $0 }
        self.method = method
        self.dpopThumbprint = dpopThumbprint.flatMap { $0.isEmpty ? nil : $0 }
        self.accessToken = accessToken
    }

    /// `POST`, the method of every protected endpoint (HTTP-10).
    public static let post = Array("POST".utf8)
}
