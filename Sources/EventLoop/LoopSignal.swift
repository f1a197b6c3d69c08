// SPDX-License-Identifier: Apache-2.0
// Signals of the process, delivered to a loop as ordinary events.
internal import CLibevent
import Glibc

/// Watches one signal. One loop of the process may do so, the control loop: libevent hands signals
/// to one base. The signal's default action returns when this object is dropped.
@safe public final class LoopSignal {
    /// The signals a server answers to.
    public enum Kind: CaseIterable, Sendable {
        /// SIGTERM: stop in order.
        case terminate
        /// SIGINT: the operator's Ctrl-C.
        case interrupt
        /// SIGHUP: read the configuration again.
        case hangUp

        var number: Int32 {
            switch self {
            case .terminate: SIGTERM
            case .interrupt: SIGINT
            case .hangUp: SIGHUP
            }
        }
    }

    private let loop: EventLoop
    private var event: OpaquePointer?
    private let action: () -> Void

    /// Calls `action` on the loop each time the signal arrives. Only on the loop.
    public init(_ kind: Kind, on loop: EventLoop, action: @escaping () -> Void) {
        loop.executor.requireOnLoop()
        self.loop = loop
        self.action = action
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let what = Int16(EV_SIGNAL | EV_PERSIST)
        unsafe event = event_new(loop.executor.base, kind.number, what, signalCallback, context)
        guard let event = unsafe event, unsafe event_add(event, nil) == 0 else {
            fatalError("signal \(kind.number) cannot be watched")
        }
    }

    deinit {
        precondition(
            loop.executor.isOnLoop || loop.executor.hasEnded, "a signal was dropped off its loop")
        if let event = unsafe event { unsafe event_free(event) }
    }

    fileprivate func arrived() {
        // Deferred: the action may drop this object, and libevent is still inside it.
        loop.executor.later { [weak self] in self?.action() }
    }
}

private let signalCallback: event_callback_fn = { _, _, context in
    guard let context = unsafe context else { return }
    unsafe Unmanaged<LoopSignal>.fromOpaque(context).takeUnretainedValue().arrived()
}
