// SPDX-License-Identifier: Apache-2.0
// `attestgate run`: the gateway as a process, with its signals.

import ClientAttestation
import EventLoop
import Glibc
import Octets
import Synchronization

/// Serves in the foreground until SIGTERM.
public enum GatewayProcess {
    /// What reading the configuration again brings: settings and the warnings about them.
    public typealias Reader =
        @Sendable () throws(ReloadFault) -> (settings: GatewaySettings, notices: [String])

    /// Runs until SIGTERM or SIGINT, then drains; a second signal ends at once. SIGHUP reads the
    /// configuration again.
    ///
    /// - Parameter notices: warnings of the configuration, logged before anything listens.
    /// - Parameter reader: reads and checks the configuration; may block, is called off the loops.
    /// - Returns: the exit status, 0 after a drain, 1 if an address can't be bound.
    public static func run(
        _ settings: GatewaySettings, notices: [String], reader: @escaping Reader
    ) async -> Int32 {
        DescriptorLimit.raise()
        let journal = Journal(settings.log, writer: LineWriter())
        journal.notices(notices)
        let signals = EventLoop()
        signals.startThread(name: "signals")
        let (terminations, terminate) = AsyncStream<Void>.makeStream()
        // Several signals while one is served are one.
        let (hangUps, hangUp) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let count = Atomic(0)
        let watch = await signals.watch(
            onTermination: {
                if count.add(1, ordering: .relaxed).oldValue > 0 { exit(1) }
                terminate.yield()
            },
            onReload: { hangUp.yield() })
        let server: GatewayServer
        do {
            let settings = try await signals.askedForMetadata(settings, journal: journal)
            let kept = try settings.replay.clockFile.map { try KeptClock($0) }
            let clock = SecurityClock.ofProcess(kept, journal: journal)
            server = try await GatewayServer.start(
                settings, clock: clock, kept: kept, journal: journal)
        } catch {
            journal.event(.error, "start failed", [.text("reason", "\(error)")])
            journal.flush()
            return 1
        }
        let reloads = Task.detached {
            for await _ in hangUps { await server.reload(reader, asking: signals) }
        }
        for await _ in terminations { break }
        reloads.cancel()
        await server.drain()
        signals.stop()
        signals.join()
        withExtendedLifetime(watch) {}
        return 0
    }
}

extension GatewayServer {
    /// Reads the configuration and puts it into force, or says why not.
    fileprivate func reload(_ reader: GatewayProcess.Reader, asking loop: EventLoop) async {
        do throws(ReloadFault) {
            let (read, notices) = try reader()
            generation.journal.notices(notices)
            let settings = try await loop.askedForMetadata(
                read, after: generation.settings, journal: generation.journal)
            let report = try await reload(settings)
            generation.journal.event(
                .info, "reloaded",
                [.number("generation", Int64(report.generation))]
                    + (report.changes.isEmpty
                        ? [] : [.text("changed", report.changes.joined(separator: ", "))]))
        } catch {
            let journal = generation.journal
            for reason in error.reasons {
                journal.event(.error, "not reloaded", [.text("reason", reason)])
            }
            journal.event(
                .error, "reload failed, the configuration stays",
                [.number("generation", Int64(generation.number))])
        }
        generation.journal.flush()
    }

    /// Drains for as long as the configuration in force allows.
    fileprivate func drain() async {
        let generation = generation
        generation.journal.event(.info, "draining")
        await drain(limit: generation.settings.drain)
        generation.journal.event(.info, "stopped")
        generation.journal.flush()
    }
}

extension Journal {
    /// Warnings of the configuration.
    fileprivate func notices(_ notices: [String]) {
        for notice in notices { event(.warning, "notice", [.text("notice", notice)]) }
    }
}

extension SecurityClock {
    /// RPL-09: the wall clock that never runs backwards, carried over restarts by a file.
    static func ofProcess(_ kept: KeptClock?, journal: Journal) -> SecurityClock {
        let wall: @Sendable () -> UnixTime = { UnixTime(WallClock.now().seconds) }
        guard let kept else { return SecurityClock(wall: wall) }
        let behind = kept.second - wall().seconds
        if behind > UnixTime(0) {
            journal.event(
                .error, "wall clock is behind its last run",
                [.number("behind_s", behind.seconds), .text("rule", "RPL-09")])
        }
        return SecurityClock(wall: wall, floor: kept.second, onAdvance: kept.advance)
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
