// SPDX-License-Identifier: Apache-2.0
// A generation on one worker: the snapshot all share, and this worker's own connections to each AS.

import EventLoop
import HTTPWire

/// The connections of one worker to one AS.
///
/// Those for what passes unverified are kept apart: slow pages of the AS take no place from token
/// requests, and nothing left on a connection there can become the answer of one (HTTP-13).
final class ServerPools {
    let protected: UpstreamPool
    let passThrough: UpstreamPool
    fileprivate let settings: UpstreamSettings
    fileprivate let issuer: [UInt8]

    fileprivate init(_ server: ProtectedServer, loop: EventLoop) {
        settings = server.settings.upstream
        issuer = server.issuer
        let share = settings.connections / 2
        protected = UpstreamPool(settings, share: settings.connections - share, loop: loop)
        passThrough = UpstreamPool(settings, share: share, loop: loop)
    }

    fileprivate func serves(_ server: ProtectedServer) -> Bool {
        issuer == server.issuer && settings == server.settings.upstream
    }

    /// Closes what is idle now, and what is in use when it has been used.
    func retire() {
        protected.retire()
        passThrough.retire()
    }
}

/// One generation as a worker serves it. A request keeps the one it began with.
final class WorkerGeneration {
    let shared: Generation
    private let pools: [ServerPools]
    private let caches: [MetadataCache]

    /// Takes over from `previous` the connections to every AS that is reached as before; retires
    /// the others.
    init(_ shared: Generation, loop: EventLoop, after previous: WorkerGeneration? = nil) {
        self.shared = shared
        let earlier = previous?.pools ?? []
        pools = shared.servers.map { server in
            earlier.first { $0.serves(server) } ?? ServerPools(server, loop: loop)
        }
        caches = shared.servers.map { server in
            MetadataCache(
                server, loop: loop, after: previous?.caches.first { $0.issuer == server.issuer })
        }
        for pool in earlier where !pools.contains(where: { $0 === pool }) { pool.retire() }
    }

    /// The connections to `server`, which is of this generation.
    func pools(of server: ProtectedServer) -> ServerPools { pools[server.index] }

    /// The metadata of `server`, which is of this generation.
    func metadata(of server: ProtectedServer) -> MetadataCache { caches[server.index] }

    /// Closes every connection that is not in use; at the end of the worker.
    func retire() {
        pools.forEach { $0.retire() }
    }
}
