// SPDX-License-Identifier: Apache-2.0
// A parcel that lets a value of one loop travel through other threads unopened.

/// A value confined to a loop, in a box that may be held anywhere and opened only on that loop.
///
/// When the last holder drops the box elsewhere, the value goes home to be released there.
///
/// `@unchecked Sendable`: the value is reached only through the check in `value(on:)`, and released
/// only on its loop or after the loop has ended.
public final class LoopBound<Value>: @unchecked Sendable {
    private var value: Value?
    private let loop: EventLoop

    /// Boxes a value of `loop`. Only on the loop.
    public init(_ value: Value, on loop: EventLoop) {
        loop.executor.requireOnLoop()
        self.value = value
        self.loop = loop
    }

    deinit {
        guard let value, !loop.executor.isOnLoop else { return }
        nonisolated(unsafe) let homebound = value
        self.value = nil
        loop.executor.send { unsafe withExtendedLifetime(homebound) {} }
    }

    /// The value, on its own loop; a programmer error elsewhere.
    public func value(on current: isolated EventLoop) -> Value {
        precondition(current === loop, "a loop's value was opened on another loop")
        guard let value else { preconditionFailure("the value left its box before its time") }
        return value
    }
}
