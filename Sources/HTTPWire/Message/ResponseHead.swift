// SPDX-License-Identifier: Apache-2.0
// A response up to its body, with the rules that concern the whole of it (HTTP-13).

/// A final response of an authorization server, its framing decided with the same strictness as
/// that of a request.
public final class ResponseHead: Sendable {
    /// 200 to 599.
    public let status: Int
    /// The reason phrase as received, perhaps empty. Not for forwarding: write `Status.reason`.
    public let reason: [UInt8]
    /// The version of the response.
    public let version: HTTPVersion
    /// The field lines, all of them.
    public let fields: Fields
    /// How the body is delimited.
    public let framing: BodyFraming
    /// The options of all `Connection` fields in lower case (HTTP-12).
    public let connectionOptions: [[UInt8]]
    /// Whether the connection can serve another request once the body was read to its end.
    public let keepAlive: Bool

    /// Checks the parts of the response to a request with `method` against each other. Throws
    /// HTTP-13, 502, whatever is wrong.
    public init(
        status: Int, reason: [UInt8], version: HTTPVersion, fields: Fields, answering method: Method
    ) throws(HTTPViolation) {
        self.status = status
        self.reason = reason
        self.version = version
        self.fields = fields
        let declared: BodyFraming?
        do {
            declared = try BodyFraming.declared(by: fields, version: version)
            connectionOptions = try HopByHop.connectionOptions(of: fields)
        } catch {
            throw .upstream
        }
        framing = try Self.framing(declared, status: status, method: method)
        keepAlive =
            framing != .untilClose && HopByHop.keepsAlive(connectionOptions, version)
    }

    /// RFC 9112 section 6.3. `HEAD`, 204 and 304 have no body whatever the fields say; that a 204
    /// announces one is an anomaly, since a server that does may also send it.
    private static func framing(
        _ declared: BodyFraming?, status: Int, method: Method
    ) throws(HTTPViolation) -> BodyFraming {
        if status == 204, let declared, declared != .length(0) { throw .upstream }
        if method == .head || status == 204 || status == 304 { return .none }
        return declared ?? .untilClose
    }
}
