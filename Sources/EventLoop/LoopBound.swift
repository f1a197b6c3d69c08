// SPDX-License-Identifier: Apache-2.0
// A parcel that lets a value of one loop travel through other threads unopened.

/// A value confined to a loop, in a box that may be held anywhere and opened only on that loop.
///
/// When the last holder drops the box elsewhere, the value goes home to be released there.
///
/// `@unchecked Sendable`: the value is reached only through the check in `value(on:)`, and released
/// only on its loop or after the loop has ended.
@safe public final class LoopBound<Value>: @unchecked Sendable {
    private final class Content {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    /// Counted by hand: the last release must not happen wherever this box is dropped.
    private let content: Unmanaged<Content>
    private let loop: EventLoop

    /// Boxes a value of `loop`. Only on the loop.
    public init(_ value: Value, on loop: EventLoop) {
        loop.executor.requireOnLoop()
        unsafe content = .passRetained(Content(value))
        self.loop = loop
    }

    deinit {
        if loop.executor.isOnLoop || loop.executor.hasEnded { return unsafe content.release() }
        nonisolated(unsafe) let content = unsafe content
        loop.executor.send { unsafe content.release() }
    }

    /// The value, on its own loop; a programmer error elsewhere.
    public func value(on current: isolated EventLoop) -> Value {
        precondition(current === loop, "a loop's value was opened on another loop")
        return unsafe content.takeUnretainedValue().value
    }
}
