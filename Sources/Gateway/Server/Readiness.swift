// SPDX-License-Identifier: Apache-2.0
// Whether an honest request can pass, as the log tells it (RPL-07, RPL-09).

import ClientAttestation
import EventLoop
import Octets

/// Watches the start fence and the wall clock from one loop.
final class Readiness {
    private enum State {
        case starting, ready, lagging
    }

    /// Often enough that `ready` follows the fence closely.
    private static let interval = Duration.milliseconds(25)

    private unowned let worker: Worker
    private var state = State.starting
    private var timer: LoopTimer?

    init(_ worker: Worker) {
        self.worker = worker
        timer = LoopTimer(on: worker.loop, every: Self.interval) { [unowned self] in check() }
    }

    private func check() {
        let generation = worker.generation
        let lag = generation.state.clock.lag
        let skew = generation.servers.map(\.settings.policy.proof.clockSkew).min() ?? 0
        switch state {
        case .starting where generation.isReady:
            state = .ready
            generation.journal.event(.info, "ready")
            generation.journal.flush()
        case .ready where lag > skew:
            state = .lagging
            generation.journal.event(
                .error, "wall clock is behind", [.number("behind_s", lag), .text("rule", "RPL-09")])
        case .lagging where lag == 0:
            state = .ready
            generation.journal.event(.info, "wall clock has caught up")
        default: break
        }
    }
}
