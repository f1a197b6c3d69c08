// SPDX-License-Identifier: Apache-2.0
// The whole gateway in one process: start, readiness, drain.

import ClientAttestation
import Cryptography
import EventLoop
import HTTPWire
import Octets

/// A running gateway.
public final class GatewayServer: Sendable {
    /// Bound address of each listener, in the order of the settings.
    public let addresses: [SocketAddress]
    private let crew: Crew
    private let published: Guarded<Generation>

    private init(addresses: [SocketAddress], crew: Crew, generation: Generation) {
        self.addresses = addresses
        self.crew = crew
        published = Guarded(generation)
    }

    /// What new requests are served under.
    var generation: Generation { published.withLock { $0 } }

    /// Binds every listener and starts serving. Throws `ListenError` if an address can't be had;
    /// nothing is left running then.
    ///
    /// - Parameter clock: the process's one security clock; its value now is the start fence.
    /// - Parameter kept: what the process before left behind; nil without a state directory.
    public static func start(
        _ settings: GatewaySettings, clock: SecurityClock, kept: KeptClock? = nil,
        journal: Journal
    ) async throws -> GatewayServer {
        let generation = Generation(settings, clock: clock, kept: kept, journal: journal)
        let crew = await Crew(generation)
        do {
            var addresses: [SocketAddress] = []
            for (index, listener) in settings.listeners.enumerated() {
                addresses.append(try await crew.bind(listener, index: index))
            }
            let server = GatewayServer(addresses: addresses, crew: crew, generation: generation)
            server.announce()
            return server
        } catch {
            await crew.dismiss()
            throw error
        }
    }

    /// One line `listening` for each listener, then `ready` once the start fence lets an honest
    /// request pass (RPL-07).
    private func announce() {
        let generation = generation
        generation.warnOfDescriptors()
        for (address, listener) in zip(addresses, generation.settings.listeners) {
            generation.journal.event(
                .info, "listening",
                [
                    .text("address", address.description),
                    .text("tls", listener.tls == nil ? "off" : "on"),
                ])
        }
        generation.journal.flush()
        crew.watchReadiness()
    }

    /// Puts `settings` into force: the next request is served under them, also on a connection that
    /// is kept alive; requests in flight finish under the settings they began with. All or nothing.
    /// Not to be called again before it has returned.
    ///
    /// - Returns: what changed, in short.
    public func reload(_ settings: GatewaySettings) async throws(ReloadFault) -> ReloadReport {
        let previous = generation
        try ReloadFault.requireReloadable(from: previous.settings, to: settings)
        let next = Generation(settings, after: previous)
        published.withLock { $0 = next }
        await crew.adopt(next)
        next.warnOfDescriptors()
        return ReloadReport(from: previous, to: next)
    }

    /// Stops accepting, waits until the requests in flight are answered, at most `limit`, and ends
    /// every loop.
    public func drain(limit: Duration) async {
        let journal = generation.journal
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { [crew] in
                await crew.drain()
                return true
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            if await group.next() == false {
                journal.event(.warning, "drain time is over, connections are cut")
                crew.abortAll()
            }
            group.cancelAll()
        }
        await crew.dismiss()
        journal.flush()
    }
}

extension Generation {
    /// HTTP-16: says so when fewer connections fit than `limits.connections` allows.
    fileprivate func warnOfDescriptors() {
        guard connectionsPerWorker < settings.limits.connections / settings.workers else { return }
        journal.event(
            .warning, "too few descriptors for limits.connections",
            [.number("connections", Int64(connectionsPerWorker * settings.workers))])
    }
}
