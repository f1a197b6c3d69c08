// SPDX-License-Identifier: Apache-2.0
// A request up to its body, with the rules that concern the whole of it.

import Octets

/// A request line and its fields. A value of this type has passed HTTP-01 to HTTP-06, HTTP-08's
/// count and syntax, HTTP-09's forms, HTTP-14, HTTP-15 and HTTP-17.
///
/// A class, because it is handed from step to step and has many parts that would each be counted.
public final class RequestHead: Sendable {
    /// The method. Never `CONNECT` or `TRACE` (HTTP-15).
    public let method: Method
    /// The target, unambiguous (HTTP-09).
    public let target: RequestTarget
    /// The version of the request.
    public let version: HTTPVersion
    /// The field lines, all of them.
    public let fields: Fields
    /// The value of the one `Host` field as received.
    public let host: [UInt8]
    /// `host` taken apart; whether it is one of ours is for the caller to say.
    public let authority: Authority
    /// How the body is delimited: none, a length or chunks.
    public let framing: BodyFraming
    /// The options of all `Connection` fields in lower case (HTTP-12).
    public let connectionOptions: [[UInt8]]
    /// Whether the client may send another request after this one.
    public let keepAlive: Bool
    /// HTTP-14. Whether the client waits for `100 Continue` before it sends the body.
    public let expectsContinue: Bool

    /// Checks the parts of a request against each other. Whatever wire format the parts came from,
    /// they pass through here.
    public init(
        method: Method, target: RequestTarget, version: HTTPVersion, fields: Fields
    ) throws(HTTPViolation) {
        if method == .connect || method == .trace { throw .http(15, 501) }
        guard target.isUnambiguous else { throw .http(9) }
        self.method = method
        self.target = target
        self.version = version
        self.fields = fields
        framing = try BodyFraming.declared(by: fields, version: version) ?? .none
        (host, authority) = try Self.requireHost(fields, target)
        connectionOptions = try HopByHop.connectionOptions(of: fields)
        keepAlive = HopByHop.keepsAlive(connectionOptions, version)
        let expectation = try Self.expectation(fields)
        expectsContinue = expectation && version == .http11 && framing.mayHaveContent
        try Self.requireNoContentCoding(fields)
    }

    /// HTTP-08. Exactly one valid `Host`, which an absolute target repeats.
    private static func requireHost(
        _ fields: Fields, _ target: RequestTarget
    ) throws(HTTPViolation) -> ([UInt8], Authority) {
        guard case .one(let range) = fields.lookup(.host),
            let authority = Authority(fields.slice(range))
        else { throw .http(8) }
        if case .absolute(let other, let https) = target.form {
            guard
                authority.withoutDefaultPort(https: https)
                    == other.withoutDefaultPort(https: https)
            else { throw .http(8) }
        }
        return (fields.bytes(range), authority)
    }

    /// HTTP-14. False without `Expect`, true for `100-continue`, anything else is refused.
    private static func expectation(_ fields: Fields) throws(HTTPViolation) -> Bool {
        switch fields.lookup(.expect) {
        case .absent: return false
        case .one(let range)
        where ASCII.equalsIgnoringCase(fields.slice(range), continueToken): return true
        case .one, .several: throw .http(14, 417)
        }
    }

    /// HTTP-17. A coded body would hide its parameters from the checks.
    private static func requireNoContentCoding(_ fields: Fields) throws(HTTPViolation) {
        switch fields.lookup(.contentEncoding) {
        case .absent: return
        case .one(let range)
        where ASCII.equalsIgnoringCase(fields.slice(range), identityToken): return
        case .one, .several: throw .http(17, 415)
        }
    }

    private static let continueToken = Array("100-continue".utf8)
    private static let identityToken = Array("identity".utf8)
}
