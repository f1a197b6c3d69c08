// SPDX-License-Identifier: Apache-2.0
// The metadata of one AS as one worker publishes it: asked for when needed, kept for a while, and
// longer where the AS has no good one (META-11).

import ClientAttestation
import EventLoop
import Octets

/// Documents by path.
final class MetadataCache {
    private struct Entry {
        /// The last good document, as the AS has it and as it is published.
        var raw: [UInt8]?
        var published: [UInt8]?
        /// Until when it may stand in for one that the AS does not give.
        var usable = Deadline.now
        /// What went wrong when the AS was last asked.
        var failure: MetadataFailure?
        /// When the AS is asked again.
        var due = Deadline.now
    }

    /// How soon an AS that failed is asked again: at once is no help to it.
    private static let pause = Duration.seconds(1)

    private let server: ProtectedServer
    private let loop: EventLoop
    private let standIn: [UInt8]?
    private var entries: [[UInt8]: Entry] = [:]
    /// Requests that wait for what another one is asking for, by path.
    private var waiters: [[UInt8]: [CheckedContinuation<Void, Never>]] = [:]

    var issuer: [UInt8] { server.issuer }

    /// A new generation's cache takes over what the AS said, edited as is configured now.
    init(_ server: ProtectedServer, loop: EventLoop, after previous: MetadataCache?) {
        self.server = server
        self.loop = loop
        let merge = { (raw: [UInt8]) in
            try? MetadataMerge.merge(raw, for: server.settings).document
        }
        standIn = server.settings.metadata.document.flatMap(merge)
        for (path, old) in previous?.entries ?? [:] {
            guard let raw = old.raw, let published = merge(raw) else { continue }
            entries[path] = Entry(raw: raw, published: published, usable: old.usable)
        }
    }

    /// The document to answer a request for `path` with; 404 where the AS has none.
    func document(
        at path: [UInt8], from pool: UpstreamPool, journal: Journal
    ) async throws(Refusal) -> [UInt8] {
        let isOwn = server.metadataPaths.served.contains(path)
        if server.settings.metadata.document != nil {
            guard isOwn, let standIn else { throw Refusal(.meta(1), .http(404)) }
            return standIn
        }
        // Below a pass-through prefix there are as many paths as a client likes: none is kept.
        guard isOwn else { return try await once(path, pool, journal) }
        while isDue(path), !isUsable(path), waiters[path] != nil {
            await withCheckedContinuation { waiters[path, default: []].append($0) }
        }
        if isDue(path), waiters[path] == nil { await refresh(path, pool, journal) }
        return try answer(path)
    }

    private func isDue(_ path: [UInt8]) -> Bool {
        entries[path].map { $0.due <= loop.now } ?? true
    }

    private func isUsable(_ path: [UInt8]) -> Bool {
        guard let entry = entries[path], entry.published != nil else { return false }
        return loop.now < entry.usable
    }

    private func answer(_ path: [UInt8]) throws(Refusal) -> [UInt8] {
        let entry = entries[path]
        if let failure = entry?.failure, failure.isContradiction || !isUsable(path) {
            throw failure.refusal
        }
        guard let published = entry?.published else { throw Refusal(.meta(1), .http(404)) }
        return published
    }

    // MARK: Asking

    /// Asks the AS; the others that want the same wait for the outcome.
    private func refresh(_ path: [UInt8], _ pool: UpstreamPool, _ journal: Journal) async {
        waiters[path] = []
        var entry = entries[path] ?? Entry()
        let settings = server.settings.metadata
        let age = Duration.seconds(settings.maxAge)
        do throws(MetadataFailure) {
            let found = try await ask(path, pool)
            if found == nil, isUsable(path) {
                throw .fault(.garbage("the AS has no document any more"))
            }
            entry = Entry(
                raw: found?.raw, published: found?.published,
                usable: loop.now + age + .seconds(settings.staleMax), due: loop.now + age)
        } catch {
            entry.failure = error
            entry.due = loop.now + min(age, Self.pause)
            report(error, path, journal)
        }
        entries[path] = entry
        waiters.removeValue(forKey: path)?.forEach { $0.resume() }
    }

    private func once(
        _ path: [UInt8], _ pool: UpstreamPool, _ journal: Journal
    ) async throws(Refusal) -> [UInt8] {
        let found: (raw: [UInt8], published: [UInt8])?
        do { found = try await ask(path, pool) } catch {
            report(error, path, journal)
            throw error.refusal
        }
        guard let found else { throw Refusal(.meta(1), .http(404)) }
        return found.published
    }

    /// Asks an AS that was silent when the configuration came into force, until it answers: what it
    /// says of its endpoints counts whether or not a client wants to know (EP-13).
    func askSilent(_ pool: UpstreamPool, _ journal: Journal) async {
        guard let path = server.metadataPaths.canonical.first else { return }
        do { _ = try await ask(path, pool) } catch {
            if !server.isSilent { report(error, path, journal) }
        }
    }

    /// The first good document; nil if the AS says that it has none. What one path answers with is
    /// no word about the others: some servers have a page for every path there is.
    private func ask(
        _ path: [UInt8], _ pool: UpstreamPool
    ) async throws(MetadataFailure) -> (raw: [UInt8], published: [UInt8])? {
        var garbage: MetadataFault?
        for source in server.metadataPaths.sources(of: path) {
            do throws(MetadataFailure) {
                let found = try await MetadataFetch.document(at: source, of: server, from: pool)
                server.hasAnswered()
                guard let raw = found else { continue }
                let merged = try merge(raw)
                server.block(merged.unserved)
                return (raw, merged.document)
            } catch {
                guard case .fault(let fault) = error else { throw error }
                server.hasAnswered()
                guard !fault.isContradiction else { throw error }
                garbage = garbage ?? fault
            }
        }
        if let garbage { throw .fault(garbage) }
        return nil
    }

    private func merge(_ raw: [UInt8]) throws(MetadataFailure) -> MergedMetadata {
        do { return try MetadataMerge.merge(raw, for: server.settings) } catch {
            throw .fault(error)
        }
    }

    private func report(_ failure: MetadataFailure, _ path: [UInt8], _ journal: Journal) {
        journal.event(
            .error, "metadata",
            [
                .text("rule", failure.refusal.rule.description),
                .text("issuer", String(decoding: server.issuer, as: UTF8.self)),
                .text("reason", failure.reason),
            ])
    }
}
