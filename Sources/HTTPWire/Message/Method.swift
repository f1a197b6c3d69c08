// SPDX-License-Identifier: Apache-2.0
// Request methods.

/// A request method. Methods are case-sensitive (HTTP-10): `post` is `.other`, not `.post`.
public enum Method: Hashable, Sendable {
    /// The methods of RFC 9110 section 9 and RFC 5789.
    case get, head, post, put, patch, delete, options, connect, trace
    /// Any other token.
    case other([UInt8])

    /// The method `token` names.
    public init(_ token: [UInt8]) {
        switch token.count {
        case 3 where token == Self.getToken: self = .get
        case 3 where token == Self.putToken: self = .put
        case 4 where token == Self.postToken: self = .post
        case 4 where token == Self.headToken: self = .head
        case 5 where token == Self.patchToken: self = .patch
        case 5 where token == Self.traceToken: self = .trace
        case 6 where token == Self.deleteToken: self = .delete
        case 7 where token == Self.optionsToken: self = .options
        case 7 where token == Self.connectToken: self = .connect
        default: self = .other(token)
        }
    }

    /// The method as it is written.
    public var octets: [UInt8] {
        switch self {
        case .get: Self.getToken
        case .put: Self.putToken
        case .post: Self.postToken
        case .head: Self.headToken
        case .patch: Self.patchToken
        case .trace: Self.traceToken
        case .delete: Self.deleteToken
        case .options: Self.optionsToken
        case .connect: Self.connectToken
        case .other(let token): token
        }
    }

    private static let getToken = Array("GET".utf8)
    private static let putToken = Array("PUT".utf8)
    private static let postToken = Array("POST".utf8)
    private static let headToken = Array("HEAD".utf8)
    private static let patchToken = Array("PATCH".utf8)
    private static let traceToken = Array("TRACE".utf8)
    private static let deleteToken = Array("DELETE".utf8)
    private static let optionsToken = Array("OPTIONS".utf8)
    private static let connectToken = Array("CONNECT".utf8)
}
