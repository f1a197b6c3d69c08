// SPDX-License-Identifier: Apache-2.0
// Before a configuration comes into force the ASes are asked whether they agree (CFG-01, EP-13).

import ClientAttestation
import EventLoop
import Octets

/// What one AS said.
private struct MetadataAnswer {
    /// Paths of its protected family that are not served; nil: it has no good document.
    var unserved: Set<[UInt8]>?
    /// Contradictions.
    var faults: [String] = []
    /// Whether it could not be reached.
    var isSilent = false
}

extension EventLoop {
    /// Longest wait for an AS here: one that hangs stops nothing.
    private nonisolated static var patience: Duration { .seconds(5) }

    /// The settings, with what the ASes say of endpoints that are not served. An answer that
    /// contradicts the configuration is a fault; no answer, or one that nobody can read, is an
    /// event in the log.
    ///
    /// - Parameter previous: the settings in force. A contradiction to what is not changed about
    ///   an AS is an event too: it must not keep a key or an instance from being taken out.
    func askedForMetadata(
        _ settings: GatewaySettings, after previous: GatewaySettings? = nil, journal: Journal
    ) async throws(ReloadFault) -> GatewaySettings {
        var settings = settings
        var reasons: [String] = []
        for (index, server) in settings.servers.enumerated() where server.metadata.document == nil {
            let answer = await ask(ProtectedServer(server, index: index), journal)
            let before = previous?.servers.first { $0.policy.issuer == server.policy.issuer }
            // Without a good document, what the last one said still counts (EP-13).
            settings.servers[index].unservedPaths = answer.unserved ?? before?.unservedPaths ?? []
            settings.servers[index].isSilent = answer.isSilent
            if let before, before.isPublished(like: server) {
                for fault in answer.faults { report(fault, of: server, journal, as: .error) }
            } else {
                let issuer = String(decoding: server.policy.issuer, as: UTF8.self)
                reasons += answer.faults.map { "\(issuer): \($0)" }
            }
        }
        guard reasons.isEmpty else { throw ReloadFault(reasons: reasons) }
        return settings
    }

    private func ask(_ server: ProtectedServer, _ journal: Journal) async -> MetadataAnswer {
        var upstream = server.settings.upstream
        upstream.responseTimeout = min(upstream.responseTimeout, Self.patience)
        let pool = UpstreamPool(upstream, share: 1, loop: self)
        defer { pool.retire() }
        var answer = MetadataAnswer()
        for path in server.metadataPaths.canonical {
            let found: [UInt8]?
            do throws(MetadataFailure) {
                found = try await MetadataFetch.document(at: path, of: server, from: pool)
            } catch {
                report(error.reason, of: server.settings, journal)
                if case .fault = error { continue }
                answer.isSilent = true
                break
            }
            guard let found else { continue }
            do throws(MetadataFault) {
                let merged = try MetadataMerge.merge(found, for: server.settings)
                answer.unserved = merged.unserved.union(answer.unserved ?? [])
                for remark in merged.remarks { report(remark, of: server.settings, journal) }
            } catch {
                if error.isContradiction {
                    answer.faults.append("\(error.reason) (\(error.rule))")
                } else {
                    report(error.reason, of: server.settings, journal)
                }
            }
        }
        return answer
    }

    private func report(
        _ reason: String, of server: ServerSettings, _ journal: Journal,
        as level: LogSettings.Level = .warning
    ) {
        journal.event(
            level, "metadata",
            [
                .text("issuer", String(decoding: server.policy.issuer, as: UTF8.self)),
                .text("reason", reason),
            ])
    }
}

extension ServerSettings {
    /// Whether what an AS's metadata is compared with is the same in both.
    fileprivate func isPublished(like other: ServerSettings) -> Bool {
        policy.issuer == other.policy.issuer && upstream == other.upstream
            && metadata == other.metadata && authorizationPath == other.authorizationPath
            && registrationPath == other.registrationPath
            && endpoints.count == other.endpoints.count
            && zip(endpoints, other.endpoints).allSatisfy {
                $0.endpoint == $1.endpoint && $0.path == $1.path
            }
    }
}
