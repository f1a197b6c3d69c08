// SPDX-License-Identifier: Apache-2.0
// How one AS is reached: `upstream`, `upstream_host`, `upstream_limits`.

import EventLoop
import Gateway
import HTTPWire

/// Reads the keys about the connection to one AS.
enum UpstreamBlock {
    /// `issuer` gives the `Host` unless the file names another.
    static func read(_ server: Block, issuer: Issuer?) -> UpstreamSettings? {
        let remedy =
            "write where the AS listens, such as http://127.0.0.1:8080 or unix:/run/as.sock"
        let target = server.require("upstream", remedy).flatMap(target)
        let host = host(server, issuer: issuer, target: target)
        guard let target, let host else { return nil }
        var settings = UpstreamSettings(addresses: target.addresses, host: host)
        guard let limits = server["upstream_limits"]?.block(.upstreamLimits) else {
            return settings
        }
        let wait = Duration.milliseconds(1)...Duration.seconds(600)
        settings.connectTimeout = limits["connect"]?.duration(in: wait) ?? settings.connectTimeout
        settings.responseTimeout =
            limits["response"]?.duration(in: wait) ?? settings.responseTimeout
        settings.idleTimeout = limits["idle"]?.duration(in: wait) ?? settings.idleTimeout
        settings.connections =
            limits["connections"]?.integer(in: 1...100_000) ?? settings.connections
        settings.editedBody =
            limits["edited_body"]?.size(in: 1024...(1 << 26)) ?? settings.editedBody
        settings.requests = limits["requests"]?.integer(in: 1...1_000_000_000) ?? settings.requests
        return settings
    }

    private struct Target {
        var addresses: [SocketAddress]
        /// The URL's own authority; nil for a Unix socket.
        var authority: [UInt8]?
    }

    private static func target(_ field: Field) -> Target? {
        guard let text = field.text() else { return nil }
        if text.hasPrefix("https://") {
            field.fail("https towards the AS is not built yet; write http:// or unix:/path")
            return nil
        }
        if text.hasPrefix("unix:") {
            return ListenersBlock.unixAddress(text, field).map { Target(addresses: [$0]) }
        }
        let rest = text.dropFirst("http://".count)
        let written = rest.hasSuffix("/") ? rest.dropLast() : rest
        guard text.hasPrefix("http://"), let authority = Authority(Array(written.utf8)) else {
            field.fail(
                "\(quoted(text)) does not say where the AS listens; write http://host:port "
                    + "without a path, or unix:/path"
            )
            return nil
        }
        return resolve(authority, field).map {
            Target(addresses: $0, authority: Array(written.utf8))
        }
    }

    private static func resolve(_ authority: Authority, _ field: Field) -> [SocketAddress]? {
        let written = String(decoding: authority.host, as: UTF8.self)
        let host = written.hasPrefix("[") ? String(written.dropFirst().dropLast()) : written
        do throws(ResolverError) {
            return try Resolver.resolve(host: host, port: authority.port ?? 80)
        } catch {
            field.fail(
                "the host \(quoted(host)) has no address (\(error)); correct the name, or write "
                    + "its address"
            )
            return nil
        }
    }

    /// FWD-12. The public authority, the URL's own for `upstream`, or one that is written.
    private static func host(_ server: Block, issuer: Issuer?, target: Target?) -> [UInt8]? {
        guard let field = server["upstream_host"] else { return issuer?.host }
        guard let text = field.text() else { return nil }
        if text == "upstream" {
            if let target, target.authority == nil {
                field.fail(
                    "a Unix socket has no host of its own; write the host that the AS expects")
            }
            return target?.authority
        }
        guard Authority(Array(text.utf8)) != nil else {
            field.fail("\(quoted(text)) is no host; write host, host:port or upstream")
            return nil
        }
        return Array(text.utf8)
    }
}
