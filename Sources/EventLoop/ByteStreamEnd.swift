// SPDX-License-Identifier: Apache-2.0
// How a stream ends: by the peer, by `close` with its goodbye, or by `abort`; and the C callbacks.
internal import CLibevent
import Glibc

extension ByteStream {
    // MARK: Our side

    /// Closes gracefully. Returns at once; the stream finishes by itself: queued output leaves
    /// within `limit`, then close_notify (TLS) and the end of the stream are sent, and for up to
    /// two seconds what the peer still sends is read and dropped. Without that an early answer,
    /// as to a body that is too long, would be destroyed by the reset its unread rest causes.
    ///
    /// A pending read or drain ends with `.closed`.
    public func close(within limit: Duration = ByteStream.defaultCloseLimit) {
        guard case .open = phase else { return }
        loop.executor.requireOnLoop()
        flush()
        if case .failed = ending { return finish() }
        // Before the end of the handshake there is nobody to say goodbye to.
        guard transport?.isEstablished == true else { return finish() }
        let deadline = Deadline.after(limit)
        phase = .flushing(deadline)
        onEnd = nil
        loop.executor.closing[ObjectIdentifier(self)] = self
        wakeReader()
        wakeDrainer()
        transport?.stopReading()
        if queuedOutput == 0 { return sayGoodbye() }
        transport?.reportDrained(below: 0)
        requireAlarm(deadline)
    }

    /// Closes at once: queued output is lost. A pending read or drain ends with `.closed`.
    public func abort() {
        if case .gone = phase { return }
        loop.executor.requireOnLoop()
        finish()
    }

    /// All output has left: the one place that ends a TLS session and a connection in order.
    private func sayGoodbye() {
        guard case .flushing(let deadline) = phase else { return }
        switch transport?.sayGoodbye() {
        case .needsRoom:
            requireAlarm(deadline)
            watchSocket(.writable) { stream in
                stream.watch = nil
                stream.loop.executor.later { stream.sayGoodbye() }
            }
        case .said: linger()
        case nil: finish()
        }
    }

    private func linger() {
        if case .clean = ending { return finish() }
        guard loop.executor.closing.count <= ByteStream.closingStreams else { return finish() }
        let deadline = Deadline.after(ByteStream.lingerTime)
        phase = .lingering(deadline)
        requireAlarm(deadline)
        watchSocket(.readable) { stream in stream.dropInput() }
    }

    private func watchSocket(_ what: SocketWatch.Kind, _ action: @escaping (ByteStream) -> Void) {
        transport?.silence()
        guard let number = transport?.number else { return finish() }
        watch = SocketWatch(number, what, on: loop.executor) { [unowned self] _ in action(self) }
        if watch == nil { finish() }
    }

    private func dropInput() {
        guard let count = transport?.drop() else { return finishLater() }
        dropBudget -= count
        if dropBudget < 0 { finishLater() }
    }

    private func finishLater() {
        watch = nil
        loop.executor.later { self.finish() }
    }

    /// Gives everything back. Not from inside a callback of the bufferevent.
    func finish() {
        phase = .gone
        onEnd = nil
        releaseResources()
        wakeReader()
        wakeDrainer()
        loop.executor.forget(ObjectIdentifier(self))
        loop.executor.closing[ObjectIdentifier(self)] = nil
    }

    // MARK: The peer's side

    /// The peer ended the stream, or it broke. What was received before can still be read.
    func ended(_ how: Ending) {
        if case .failed = ending { return }
        ending = how
        if case .flushing = phase {
            if case .failed = how { loop.executor.later { self.finish() } }
            return
        }
        let wasIdle = reader == nil
        wakeReader()
        wakeDrainer()
        guard wasIdle, onEnd != nil else { return }
        loop.executor.later { [weak self] in
            guard let self, case .open = self.phase, let onEnd = self.onEnd else { return }
            self.onEnd = nil
            onEnd()
        }
    }

    fileprivate func becameReadable() {
        transport?.pauseIfFull()
        wakeReader()
    }

    fileprivate func outputDrained() {
        wakeDrainer()
        if case .flushing = phase, queuedOutput == 0 {
            loop.executor.later { self.sayGoodbye() }
        }
    }

    fileprivate func changed(_ what: Int32, errno code: Int32) {
        if what & BEV_EVENT_ERROR != 0 {
            ended(.failed(transport?.failure(errno: code) ?? .closed))
        } else if what & BEV_EVENT_EOF != 0 {
            ended(.clean)
        }
    }
}

// The callbacks of C: recover the stream, call one method. The stream outlives them because it owns
// what they are registered with, and none of them runs code that could drop it.

private func stream(_ context: UnsafeMutableRawPointer?) -> ByteStream? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<ByteStream>.fromOpaque(context).takeUnretainedValue()
}

let readableCallback: bufferevent_data_cb = { unsafe stream($1)?.becameReadable() }
let drainedCallback: bufferevent_data_cb = { unsafe stream($1)?.outputDrained() }
let changedCallback: bufferevent_event_cb = { _, what, context in
    let code = errno
    unsafe stream(context)?.changed(Int32(what), errno: code)
}
let alarmCallback: @convention(c) (Int32, Int16, UnsafeMutableRawPointer?) -> Void = {
    unsafe stream($2)?.alarmRang()
}
