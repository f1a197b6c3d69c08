// SPDX-License-Identifier: Apache-2.0
// Where the metadata of an AS is published (META-01).

import Octets

/// The well-known paths of one issuer.
struct MetadataPaths: Sendable {
    /// RFC 8414 section 3; behind the issuer's path where servers mount it and clients look for it.
    private let oauth: [[UInt8]]
    /// OpenID Connect Discovery 1.0 section 4, RFC 8414 section 5; one for an issuer without path.
    private let openID: [[UInt8]]
    /// Every path that is always answered.
    let served: [[UInt8]]

    init(issuer: [UInt8], origin: [UInt8]) {
        var path = Array(issuer.dropFirst(origin.count))
        if path.last == UInt8(ascii: "/") { path.removeLast() }
        oauth = path.isEmpty ? [Self.oauth] : [Self.oauth + path, path + Self.oauth]
        openID = path.isEmpty ? [Self.openID] : [path + Self.openID, Self.openID + path]
        served = oauth + openID + (path.isEmpty ? [] : [Self.oauth, Self.openID])
    }

    /// Where a document of this issuer may be at the AS, each path once.
    var canonical: [[UInt8]] { oauth + openID }

    /// The paths at which the AS is asked in turn for the document of `path`. An OpenID document is
    /// an RFC 8414 one as well; the reverse would promise OpenID Connect.
    func sources(of path: [UInt8]) -> [[UInt8]] {
        let same = oauth.contains(path) ? oauth : openID.contains(path) ? openID : []
        return [path] + same.filter { $0 != path } + (oauth.contains(path) ? openID : [])
    }

    /// Whether a path in the form of `ServerRoutes.aliasForm` is one of metadata, whoever's.
    static func isMetadata(_ form: [UInt8]) -> Bool {
        [oauth, openID].contains { name in
            ServerRoutes.covers(name, form) || form.suffix(name.count).elementsEqual(name)
        }
    }

    private static let oauth = "/.well-known/oauth-authorization-server".octets
    private static let openID = "/.well-known/openid-configuration".octets
}
