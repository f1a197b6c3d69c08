// SPDX-License-Identifier: Apache-2.0
// Host and canonical path decide what a request is; nothing else does (HTTP-08, -09, EP-07, -13).

import ClientAttestation
import HTTPWire
import Octets

/// What a target means at this gateway.
enum Route {
    /// A protected endpoint: verified, translated, forwarded.
    case protected(EndpointSettings)
    /// The challenge endpoint, answered here.
    case challenge
    /// The authorization endpoint: passed through under EP-15.
    case authorization
    /// The AS's metadata, edited (META-01).
    case metadata
    /// A listed prefix: forwarded unverified.
    case passThrough
}

/// The routes of every server behind this gateway.
struct RouteTable: Sendable {
    private let servers: [Authority: ServerRoutes]

    init(_ all: [ProtectedServer]) {
        var servers: [Authority: ServerRoutes] = [:]
        for server in all {
            let routes = ServerRoutes(server)
            for authority in server.settings.authorities {
                servers[authority.withoutDefaultPort(https: true)] = routes
            }
        }
        self.servers = servers
    }

    /// The server that `Host` selects (HTTP-08).
    func server(
        of head: RequestHead, trace: RuleTrace? = nil
    ) throws(Refusal) -> ServerRoutes {
        trace?.begin(.http(8))
        let host = head.authority.withoutDefaultPort(https: true)
        if case .absolute(let authority, _) = head.target.form,
            authority.withoutDefaultPort(https: true) != host
        {
            throw Refusal(.http(8), .http(400))
        }
        guard let routes = servers[host] else { throw Refusal(.http(8), .http(400)) }
        return routes
    }
}

/// The paths of one server.
final class ServerRoutes: Sendable {
    let server: ProtectedServer
    private let exact: [[UInt8]: Route]
    private let aliases: Set<[UInt8]>
    /// Endpoints that are scripts: what follows their path is handed to them as PATH_INFO.
    private let scripts: [[UInt8]]
    private let prefixes: [[UInt8]]

    init(_ server: ProtectedServer) {
        self.server = server
        let settings = server.settings
        var exact: [[UInt8]: Route] = [:]
        var aliases: Set<[UInt8]> = []
        for endpoint in settings.endpoints {
            exact[endpoint.path] = .protected(endpoint)
            aliases.insert(Self.aliasForm(endpoint.path))
        }
        if let path = settings.challengePath {
            exact[path] = .challenge
            aliases.insert(Self.aliasForm(path))
        }
        for path in server.metadataPaths.served where exact[path] == nil { exact[path] = .metadata }
        if let path = settings.authorizationPath { exact[path] = .authorization }
        if let path = settings.registrationPath { exact[path] = .passThrough }
        self.exact = exact
        self.aliases = aliases
        scripts = settings.endpoints.map { $0.path.map(ASCII.lowercased) }.filter(Self.isScript)
        prefixes = settings.passThrough
    }

    /// The route of a request; anything unlisted is 404, so that no unknown path of the AS is open.
    func route(_ head: RequestHead, trace: RuleTrace? = nil) throws(Refusal) -> Route {
        trace?.begin(.http(15), .http(9), .ep(13), .ep(7))
        if head.method == .trace || head.method == .connect { throw Refusal(.http(15), .http(405)) }
        return try route(head.target)
    }

    private func route(_ target: RequestTarget) throws(Refusal) -> Route {
        guard target.form != .asterisk, target.isUnambiguous else {
            throw Refusal(.http(9), .http(400))
        }
        if let route = exact[target.path] { return route }
        // EP-13: what an AS may take for a protected endpoint is nobody's pass-through path. An
        // encoded spelling is refused, another spelling is not found.
        let decoded = target.decodedPath
        if decoded != target.path, exact[decoded] != nil { throw Refusal(.http(9), .http(400)) }
        if aliases.contains(Self.aliasForm(decoded)) || isBelowScript(decoded) {
            throw Refusal(.ep(13), .http(404))
        }
        guard prefixes.contains(where: { Self.covers($0, target.path) }) else {
            throw Refusal(.ep(7), .http(404))
        }
        let form = Self.aliasForm(decoded)
        if server.isBlocked(form) { throw Refusal(.ep(13), .http(404)) }
        // META-01: under whatever prefix and spelling, it is edited or not served.
        return MetadataPaths.isMetadata(form) ? .metadata : .passThrough
    }

    private func isBelowScript(_ path: [UInt8]) -> Bool {
        guard !scripts.isEmpty else { return false }
        let path = path.map(ASCII.lowercased)
        return scripts.contains { Self.covers($0, path) }
    }

    /// Whether the last segment has a suffix, as in `/token.php`.
    private static func isScript(_ path: [UInt8]) -> Bool {
        path[((path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...].contains(UInt8(ascii: "."))
    }

    /// Whether `prefix` covers `path` by whole segments: `/a` covers `/a` and `/a/b`, not `/ab`.
    static func covers(_ prefix: [UInt8], _ path: [UInt8]) -> Bool {
        guard path.starts(with: prefix) else { return false }
        return path.count == prefix.count || prefix.last == UInt8(ascii: "/")
            || path[prefix.count] == UInt8(ascii: "/")
    }

    /// The form under which EP-13 compares paths: ASCII lower-case, no spaces (some routers trim
    /// segments), no final `/`, no suffix after `.` or `;` in the last segment.
    static func aliasForm(_ path: [UInt8]) -> [UInt8] {
        var form = path.filter { $0 != 0x20 }.map(ASCII.lowercased)
        while form.last == UInt8(ascii: "/") { form.removeLast() }
        let segment = (form.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1
        let suffix = form[segment...].firstIndex {
            $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ";")
        }
        if let suffix { form.removeSubrange(suffix...) }
        return form
    }
}
