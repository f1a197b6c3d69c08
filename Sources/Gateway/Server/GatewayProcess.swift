// SPDX-License-Identifier: Apache-2.0
// `attestgate run`: the gateway as a process, with its signals.

import ClientAttestation
import EventLoop
import Glibc
import Octets
import Synchronization

/// Serves in the foreground until SIGTERM.
public enum GatewayProcess {
    /// Runs until SIGTERM or SIGINT, then drains; a second signal ends at once.
    ///
    /// - Parameter notices: warnings of the configuration, logged before anything listens.
    /// - Returns: the exit status, 0 after a drain, 1 if an address can't be bound.
    public static func run(_ settings: GatewaySettings, notices: [String]) async -> Int32 {
        DescriptorLimit.raise()
        let journal = Journal(settings.log, writer: LineWriter())
        for notice in notices { journal.event(.warning, "notice", [.text("notice", notice)]) }
        let signals = EventLoop()
        signals.startThread(name: "signals")
        let server: GatewayServer
        do {
            let clock = try SecurityClock.ofProcess(settings.replay, journal: journal)
            server = try await GatewayServer.start(settings, clock: clock, journal: journal)
        } catch {
            journal.event(.error, "start failed", [.text("reason", "\(error)")])
            journal.flush()
            return 1
        }
        let (terminations, terminate) = AsyncStream<Void>.makeStream()
        let count = Atomic(0)
        let watch = await signals.watch(
            onTermination: {
                if count.add(1, ordering: .relaxed).oldValue > 0 { exit(1) }
                terminate.yield()
            },
            onReload: {
                journal.event(.warning, "reload is not built yet: restart to apply a configuration")
            })
        for await _ in terminations { break }
        journal.event(.info, "draining")
        await server.drain(limit: settings.drain)
        journal.event(.info, "stopped")
        journal.flush()
        signals.stop()
        signals.join()
        withExtendedLifetime(watch) {}
        return 0
    }
}

extension SecurityClock {
    /// RPL-09: the wall clock that never runs backwards, carried over restarts by a file.
    static func ofProcess(_ settings: ReplaySettings, journal: Journal) throws -> SecurityClock {
        let wall: @Sendable () -> UnixTime = { UnixTime(WallClock.now().seconds) }
        guard let path = settings.clockFile else { return SecurityClock(wall: wall) }
        let file = try SharedSecond(path)
        let floor = UnixTime(file.value)
        if floor > wall() {
            journal.event(
                .error, "wall clock is behind its last run",
                [.number("behind_s", floor.seconds - wall().seconds), .text("rule", "RPL-09")])
        }
        return SecurityClock(wall: wall, floor: floor) { file.store($0.seconds) }
    }
}

extension EventLoop {
    /// Watches the process's signals for as long as the result is kept.
    fileprivate func watch(
        onTermination: @escaping @Sendable () -> Void, onReload: @escaping @Sendable () -> Void
    ) -> LoopBound<[LoopSignal]> {
        let signals = [
            LoopSignal(.terminate, on: self, action: onTermination),
            LoopSignal(.interrupt, on: self, action: onTermination),
            LoopSignal(.hangUp, on: self, action: onReload),
        ]
        return LoopBound(signals, on: self)
    }
}
