// SPDX-License-Identifier: Apache-2.0
// One authorization server's settings with what each request would otherwise compute again.

import ClientAttestation
import HTTPWire
import Octets

/// An AS as the road sees it: settings, and field values that are the same for every request.
final class ProtectedServer: Sendable {
    let settings: ServerSettings
    /// Position in the configuration; selects the worker's upstream pool.
    let index: Int
    /// The public authority (`as.example.com`), for `X-Forwarded-Host` (HTTP-20).
    let authority: [UInt8]
    /// Fields about the way a request came, the same for all of them.
    let originFields: HeadWriter
    /// Attested clients that the AS knows by another id, by that id (CRED-07).
    private let mappedClients: [[UInt8]: ClientSettings]
    /// What a request to each protected endpoint begins with.
    let requestStarts: [ProtectedEndpoint: HeadWriter]
    /// The paths at which its metadata is published (META-01).
    let metadataPaths: MetadataPaths
    /// What the AS's metadata names of the protected family and the gateway does not serve, in the
    /// form in which EP-13 compares paths.
    private let unserved: Guarded<Set<[UInt8]>>
    private let silence: Guarded<Bool>

    init(_ settings: ServerSettings, index: Int) {
        self.settings = settings
        self.index = index
        let prefix = Array("https://".utf8)
        authority = Array(settings.origin.dropFirst(prefix.count))
        originFields = Self.originFields(authority: authority)
        mappedClients = Dictionary(
            settings.clients.values.filter(\.isMapped).map { ($0.upstreamID, $0) },
            uniquingKeysWith: { first, _ in first })
        requestStarts = Dictionary(
            settings.endpoints.map {
                ($0.endpoint, Self.requestStart($0, host: settings.upstream.host))
            }, uniquingKeysWith: { first, _ in first })
        metadataPaths = MetadataPaths(issuer: settings.policy.issuer, origin: settings.origin)
        unserved = Guarded(Set(settings.unservedPaths.map(ServerRoutes.aliasForm)))
        silence = Guarded(settings.isSilent)
    }

    /// EP-13: the AS has said that these are endpoints of the protected family.
    func block(_ paths: Set<[UInt8]>) {
        guard !paths.isEmpty else { return }
        let forms = paths.map(ServerRoutes.aliasForm)
        unserved.withLock { $0.formUnion(forms) }
    }

    /// Whether the AS has yet to say whether it agrees with the configuration (CFG-01).
    var isSilent: Bool { silence.withLock { $0 } }

    /// The AS has given some answer.
    func hasAnswered() { silence.withLock { $0 = false } }

    /// Whether a path, in the form in which EP-13 compares them, was blocked.
    func isBlocked(_ aliasForm: [UInt8]) -> Bool {
        unserved.withLock { !$0.isEmpty && $0.contains(aliasForm) }
    }

    /// The issuer identifier: what tells one AS from another.
    var issuer: [UInt8] { settings.policy.issuer }

    /// The attested client that `id` names to whoever reads it: its `sub` here, and its id at the
    /// AS there (CRED-07, CRED-09).
    func attestedClient(named id: [UInt8]) -> ClientSettings? {
        settings.clients[id] ?? mappedClients[id]
    }

    /// Whether `abca-05` clients fetch nonces at this endpoint (CHAL-01).
    func servesNonce(at endpoint: ProtectedEndpoint) -> Bool {
        settings.policy.servesNonces(at: endpoint)
    }

    /// The first lines of a request to `endpoint`: `Host` comes from configuration (FWD-12), edits
    /// of the answer need it unencoded (FWD-10).
    private static func requestStart(
        _ endpoint: EndpointSettings, host: [UInt8]
    ) -> HeadWriter {
        var writer = HeadWriter(reserving: 1024)
        writer.requestLine(method: .post, target: endpoint.path)
        writer.field(.host, host)
        writer.field(.contentType, "application/x-www-form-urlencoded")
        writer.field(.acceptEncoding, "identity")
        return writer
    }

    /// HTTP-20: by which way a request came; the same for all.
    private static func originFields(authority: [UInt8]) -> HeadWriter {
        var writer = HeadWriter()
        writer.field(.xForwardedProto, "https")
        writer.field(.xForwardedHost, authority)
        return writer
    }
}
