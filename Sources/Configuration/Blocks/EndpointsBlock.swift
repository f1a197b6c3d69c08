// SPDX-License-Identifier: Apache-2.0
// The paths of one AS: protected endpoints, the authorization endpoint, pass-through, registration.

import ClientAttestation
import Gateway

/// Every path an AS is given, with the place it was given at.
struct ServerPaths {
    var endpoints: [Entry<EndpointSettings>] = []
    var authorization: Entry<[UInt8]>?
    var passThrough: [Entry<[UInt8]>] = []
    var registration: Entry<[UInt8]>?
    var challenge: Entry<[UInt8]>?
}

/// Reads `endpoints`, `pass_through` and `registration`.
enum EndpointsBlock {
    static func read(_ server: Block) -> ServerPaths {
        var paths = ServerPaths()
        let remedy =
            "write the paths of the AS, at least token: reading them from its metadata is not "
            + "built yet (CFG-15)"
        if let block = server.require("endpoints", remedy)?.block(.endpoints) {
            _ = block.require("token", "write the path of the AS's token endpoint (CFG-15)")
            paths.endpoints = ProtectedEndpoint.allCases.compactMap { endpoint in
                block[endpoint.rawValue].flatMap { protected(endpoint, $0) }
            }
            paths.authorization = block["authorization"].flatMap(authorization)
        }
        for item in server["pass_through"]?.items() ?? [] {
            if let prefix = item.pathPrefix() {
                paths.passThrough.append(Entry(value: prefix, field: item))
            }
        }
        if let field = server["registration"], let text = field.text(), text != "blocked" {
            guard text.hasPrefix("/") else {
                field.fail(
                    "\(quoted(text)) is neither; write blocked, or the path of the registration "
                        + "endpoint"
                )
                return paths
            }
            paths.registration = field.path().map { Entry(value: $0, field: field) }
        }
        return paths
    }

    private static func protected(_ endpoint: ProtectedEndpoint, _ field: Field)
        -> Entry<EndpointSettings>?
    {
        guard case .block = field.value.kind else {
            return field.path().map {
                Entry(value: EndpointSettings(endpoint, path: $0), field: field)
            }
        }
        guard let block = field.block(.endpoint),
            let pathField = block.require("path", "write the endpoint's path")
        else { return nil }
        var grants: Set<[UInt8]>?
        if let field = block["grants"] {
            if endpoint == .token {
                grants = ClientsBlock.names(field)
            } else {
                field.fail("counts at the token endpoint only (REQ-19); leave it out")
            }
        }
        return pathField.path().map {
            Entry(value: EndpointSettings(endpoint, path: $0, grants: grants), field: pathField)
        }
    }

    private static func authorization(_ field: Field) -> Entry<[UInt8]>? {
        guard case .block = field.value.kind else {
            return field.path().map { Entry(value: $0, field: field) }
        }
        let keys = KeySet(built: ["path"], planned: ["mode", "grants", "monitor_until"])
        let inner = field.block(keys)?.require("path", "write the endpoint's path")
        return inner.flatMap { inner in inner.path().map { Entry(value: $0, field: inner) } }
    }
}
