// SPDX-License-Identifier: Apache-2.0
// Starting a plain thread, without Foundation.
internal import CLibevent
import Glibc

/// Threads of our own: loops and the writer of log lines.
enum LoopThread {
    private final class Body {
        let name: String
        let run: @Sendable () -> Void
        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread, joinable unless `detached`, with every signal blocked, so that signals interrupt nobody here.
    static func start(
        name: String, detached: Bool = false, _ run: @escaping @Sendable () -> Void
    ) -> pthread_t {
        let body = unsafe Unmanaged.passRetained(Body(name: name, run: run))
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                unsafe pthread_setname_np(pthread_self(), String(body.name.prefix(15)))
                body.run()
                return nil
            }, unsafe body.toOpaque())
        precondition(status == 0, "a thread cannot be started: error \(status)")
        if detached { pthread_detach(handle) }
        return handle
    }
}
