internal import CLibevent
// SPDX-License-Identifier: Apache-2.0
// The octets of a stream: a bufferevent, plain or with TLS, and nothing of time or waiting.
internal import COpenSSL
import Glibc

/// A socket with its bufferevent. The only place that reads, writes and says goodbye in TLS.
///
/// libevent's callbacks come only from inside the loop, never from a call made here: with sockets
/// (as opposed to filters) enabling, writing and freeing merely register. `ByteStream` relies on it.
@safe struct Transport: ~Copyable {
    /// Unread input at which reading pauses. A TLS record more may be taken, never beyond.
    private static let readAhead = 32_768
    private static let readAndWrite = Int16(EV_READ | EV_WRITE)

    private let events: OpaquePointer
    private let tls: OpaquePointer?
    /// The socket, owned here; the bufferevent and OpenSSL only borrow it.
    private let socket: Descriptor
    /// Written and not yet offered to the socket; empty while the bufferevent holds a backlog.
    private var outbox: [UInt8] = []
    private var isReading = true

    /// Takes over `socket` and, for TLS, one reference to `tls`, an SSL in its server role.
    init(
        _ socket: consuming Descriptor, tls: OpaquePointer?, base: OpaquePointer
    ) throws(StreamError) {
        let events: OpaquePointer?
        if let session = unsafe tls {
            unsafe events = bufferevent_openssl_socket_new(
                base, socket.number, session, BUFFEREVENT_SSL_ACCEPTING, 0)
        } else {
            unsafe events = bufferevent_socket_new(base, socket.number, 0)
        }
        guard let events = unsafe events else {
            unsafe SSL_free(tls)
            throw .failed(ENOMEM, "no memory for a connection")
        }
        unsafe self.events = events
        unsafe self.tls = tls
        self.socket = socket
    }

    deinit {
        // The bufferevent goes first; its last traces are removed by the loop's next round and
        // touch neither the SSL nor the socket, which it does not own.
        unsafe bufferevent_free(events)
        unsafe SSL_free(tls)
    }

    /// Starts delivering callbacks to `context`, which must outlive this value.
    func start(
        context: UnsafeMutableRawPointer,
        readable: @escaping bufferevent_data_cb, drained: @escaping bufferevent_data_cb,
        changed: @escaping bufferevent_event_cb
    ) {
        unsafe bufferevent_setcb(events, readable, drained, changed, context)
        _ = unsafe bufferevent_enable(events, Transport.readAndWrite)
    }

    // MARK: Input

    /// Octets received and not yet taken.
    var unread: Int { unsafe evbuffer_get_length(bufferevent_get_input(events)) }

    /// Takes up to `limit` octets of what was received; nil if there are none.
    mutating func take(atMost limit: Int) -> [UInt8]? {
        let available = unread
        guard available > 0, limit > 0 else { return nil }
        let count = min(available, limit)
        let input = unsafe bufferevent_get_input(events)
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let taken = unsafe evbuffer_remove(input, buffer.baseAddress, count)
            filled = max(0, Int(taken))
        }
        if !isReading, available - count < Transport.readAhead {
            isReading = true
            _ = unsafe bufferevent_enable(events, Int16(EV_READ))
        }
        return bytes
    }

    /// Pauses reading when enough is waiting: back-pressure to the peer through its window.
    ///
    /// Not a high watermark, because with one libevent 2.1 can leave the rest of a record inside
    /// OpenSSL, where no readable socket ever announces it. Without one it takes whole records.
    mutating func pauseIfFull() {
        guard isReading, unread >= Transport.readAhead else { return }
        isReading = false
        _ = unsafe bufferevent_disable(events, Int16(EV_READ))
    }

    /// Whether the kernel holds neither input nor an end of the connection for us.
    private var kernelIsQuiet: Bool {
        var octet: UInt8 = 0
        let count = unsafe recv(socket.number, &octet, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
    }

    /// Nothing unread, nothing unsent, nothing in the kernel.
    var isQuiet: Bool { unread == 0 && queued == 0 && kernelIsQuiet }

    // MARK: Output

    private var backlog: Int { unsafe evbuffer_get_length(bufferevent_get_output(events)) }

    /// Octets written and not yet taken by the kernel.
    var queued: Int { outbox.count + backlog }

    /// Queues `bytes`. Returns whether `flush` must be called soon.
    mutating func append(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return false }
        if outbox.isEmpty {
            if backlog > 0 {
                _ = unsafe bufferevent_write(events, bytes, bytes.count)
                return false
            }
            outbox = bytes
            return true
        }
        outbox.append(contentsOf: bytes)
        return false
    }

    /// Hands over what was written since the last flush. A plain socket is offered it directly,
    /// which spares registering for and unregistering from writability in the common case.
    mutating func flush() throws(StreamError) {
        guard !outbox.isEmpty else { return }
        let bytes = outbox
        outbox = []
        var sent = 0
        if unsafe tls == nil {
            let count = unsafe send(socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            if count == bytes.count { return }
            if count >= 0 {
                sent = count
            } else if errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR {
                throw .system(errno)
            }
        }
        _ = unsafe bytes.withUnsafeBytes { all in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: all[sent...])
            return unsafe bufferevent_write(events, rest.baseAddress, rest.count)
        }
    }

    /// Asks for the drained callback whenever no more than `count` octets are waiting.
    func reportDrained(below count: Int) {
        unsafe bufferevent_setwatermark(events, Int16(EV_WRITE), count, 0)
    }

    // MARK: End

    /// What OpenSSL or the system gave as the reason of an error callback.
    func failure(errno code: Int32) -> StreamError {
        guard unsafe tls != nil else { return .system(code == 0 ? ECONNRESET : code) }
        var reasons: [String] = []
        while true {
            let error = unsafe UInt(bufferevent_get_openssl_error(events))
            if error == 0 { break }
            // libevent also queues the bare result code of a failed system call: no library in it.
            if ERR_GET_LIB(error) == 0 { continue }
            if ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING { return .truncated }
            let text = unsafe ERR_reason_error_string(error)
            unsafe reasons.append(text.map { unsafe String(cString: $0) } ?? "error \(error)")
        }
        return reasons.isEmpty ? .truncated : .tls(reasons.joined(separator: ", "))
    }

    /// Whether octets can be exchanged: always for plain, after the handshake for TLS.
    var isEstablished: Bool {
        guard let tls = unsafe tls else { return true }
        return unsafe SSL_is_init_finished(tls) == 1
    }

    /// "TLSv1.3" and the like once the handshake is done; nil for plain.
    var tlsVersion: String? {
        guard let tls = unsafe tls, isEstablished else { return nil }
        return unsafe String(cString: SSL_get_version(tls))
    }

    /// What a goodbye needs next.
    enum Goodbye {
        case said
        case needsRoom
    }

    /// Sends close_notify, if this is TLS, and the end of the stream. All output must have left.
    /// Says `needsRoom` when the socket is too full even for that.
    func sayGoodbye() -> Goodbye {
        if let tls = unsafe tls, isEstablished {
            ERR_clear_error()
            let status = unsafe SSL_shutdown(tls)
            let wants = unsafe SSL_get_error(tls, status)
            ERR_clear_error()
            if status < 0, wants == SSL_ERROR_WANT_WRITE { return .needsRoom }
        }
        shutdown(socket.number, Int32(SHUT_WR))
        return .said
    }

    /// Reads no more; output still leaves.
    func stopReading() {
        _ = unsafe bufferevent_disable(events, Int16(EV_READ))
    }

    /// Takes no more callbacks, so that `socket` can be watched by other means.
    func silence() {
        unsafe bufferevent_setcb(events, nil, nil, nil, nil)
        _ = unsafe bufferevent_disable(events, Transport.readAndWrite)
    }

    /// The number of the socket, for watching it after `silence`.
    var number: Int32 { socket.number }

    /// Reads and drops octets the peer sent after the end. Returns how many, nil when there will
    /// be no more.
    func drop() -> Int? {
        unsafe withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { scratch in
            let count = unsafe recv(socket.number, scratch.baseAddress, scratch.count, 0)
            if count > 0 { return count }
            let again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
            return count < 0 && again ? 0 : nil
        }
    }
}
