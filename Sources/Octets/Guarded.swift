// SPDX-License-Identifier: Apache-2.0
// A lock with what it guards, in a form that ThreadSanitizer understands.
import Synchronization

/// State behind a mutex; the same use as `Mutex`.
///
/// On Linux `Mutex` locks inside a library that is not instrumented, so ThreadSanitizer calls every
/// second access a race. The flag below is handed from each holder to the next by instructions it
/// does see; they order nothing that the mutex does not order, and cost about a nanosecond.
///
/// Inlinable, because generic code that is not specialised looks its types up at every call.
public struct Guarded<State>: ~Copyable, Sendable {
    @usableFromInline let mutex: Mutex<State>
    @usableFromInline let handover = Atomic<Bool>(false)

    /// Guards `state`.
    @inlinable
    public init(_ state: consuming sending State) {
        mutex = Mutex(state)
    }

    /// Runs `body` with the state while nobody else does. Must not be nested.
    @inlinable
    public borrowing func withLock<Result, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try mutex.withLock { (state) throws(Failure) in
            _ = handover.load(ordering: .acquiring)
            defer { handover.store(true, ordering: .releasing) }
            return try body(&state)
        }
    }
}
