// SPDX-License-Identifier: Apache-2.0
// Waiting for a bare descriptor to become readable or writable: listeners, connects, goodbyes.
internal import CLibevent
import Glibc

/// Watches a descriptor it does not own, until dropped.
@safe final class SocketWatch {
    enum Kind {
        /// Again and again while there is something to read.
        case readable
        /// Once, when there is room to write.
        case writable
    }

    enum Outcome {
        case ready
        case timedOut
    }

    private var event: OpaquePointer?
    private let action: (Outcome) -> Void

    /// Calls `action` on the loop, from inside libevent; for `writable` also at `deadline`, or a
    /// little before it. Nil when memory ran out.
    init?(
        _ number: Int32, _ kind: Kind, until deadline: Deadline = .never,
        on executor: LoopExecutor, action: @escaping (Outcome) -> Void
    ) {
        executor.requireOnLoop()
        self.action = action
        let what = kind == .readable ? EV_READ | EV_PERSIST : EV_WRITE
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe event = event_new(executor.base, number, Int16(what), socketCallback, context)
        guard let event = unsafe event else { return nil }
        if deadline == .never {
            guard unsafe event_add(event, nil) == 0 else { return nil }
        } else {
            unsafe executor.arm(event, for: deadline)
        }
    }

    deinit {
        if let event = unsafe event { unsafe event_free(event) }
    }

    fileprivate func happened(_ what: Int32) {
        action(what & EV_TIMEOUT != 0 ? .timedOut : .ready)
    }
}

private let socketCallback: event_callback_fn = { _, what, context in
    guard let context = unsafe context else { return }
    unsafe Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().happened(Int32(what))
}
