// SPDX-License-Identifier: Apache-2.0
// The TLS settings of a listener: certificate, key and the rules every connection starts with.
internal import COpenSSL
import Octets

/// Why certificate and key cannot be used. Each case names the file as the operator knows it.
public enum TLSConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file cannot be read: the reason.
    case unreadable(file: String, reason: String)
    /// The file holds no certificate in PEM form.
    case noCertificate(file: String)
    /// A certificate in the file is damaged or too weak: OpenSSL's reason.
    case badCertificate(file: String, reason: String)
    /// The file holds no private key in PEM form that needs no passphrase.
    case noPrivateKey(file: String)
    /// The key belongs to another certificate.
    case mismatch(certificate: String, key: String)
    /// OpenSSL itself cannot work, for lack of memory or by its configuration.
    case library(reason: String)

    /// The trouble and the remedy, for the operator.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): \(reason)"
        case .noCertificate(let file):
            "\(file): no certificate found; it must hold the server's certificate in PEM form,"
                + " followed by its intermediates"
        case .badCertificate(let file, let reason):
            "\(file): the certificate cannot be used: \(reason)"
        case .noPrivateKey(let file):
            "\(file): no private key found; it must be in PEM form and without a passphrase"
        case .mismatch(let certificate, let key):
            "\(key): this key does not belong to the certificate in \(certificate);"
                + " the server's own certificate must come first there"
        case .library(let reason):
            "TLS is not available: \(reason)"
        }
    }
}

/// TLS as a server. Immutable after its making and shared by all loops; OpenSSL counts references.
///
/// HTTP-18: TLS 1.2 and 1.3 only, no renegotiation, no compression, no early data (which could
/// replay a proof of possession).
///
/// `@unchecked Sendable`: an SSL_CTX that is no longer changed may be used by many threads.
@safe public final class TLSServerContext: @unchecked Sendable {
    /// Suites of TLS 1.2: forward secrecy and authenticated encryption, nothing else. Those of
    /// TLS 1.3 are all sound and stay as they are.
    private static let suites = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK"

    /// When the server's certificate expires; one that is past is worth a warning, not a refusal.
    public let notAfter: UnixTime

    private let context: OpaquePointer

    /// Builds the settings from PEM texts.
    ///
    /// - Parameters:
    ///   - certificateChain: the server's certificate, then its intermediates.
    ///   - privateKey: its key, unencrypted.
    ///   - certificateName: what errors call the first.
    ///   - keyName: what errors call the second.
    public init(
        certificateChain: [UInt8], privateKey: [UInt8], certificateName: String, keyName: String
    ) throws(TLSConfigurationError) {
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw .library(reason: TLSServerContext.drainReason())
        }
        do throws(TLSConfigurationError) {
            try unsafe TLSServerContext.applyRules(context)
            notAfter = try unsafe TLSServerContext.useChain(
                certificateChain, certificateName, context)
            try unsafe TLSServerContext.useKey(privateKey, keyName, certificateName, context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        unsafe self.context = context
    }

    deinit {
        unsafe SSL_CTX_free(context)
    }

    /// One new session in the server role, an SSL the caller frees; nil when memory ran out.
    @unsafe
    public func makeSession() -> OpaquePointer? {
        unsafe SSL_new(context)
    }

    // MARK: Rules

    /// HTTP-18, and what keeps an idle connection small.
    private static func applyRules(_ context: OpaquePointer) throws(TLSConfigurationError) {
        _ = unsafe SSL_CTX_set_options(context, COpenSSL_server_options())
        let minimum = unsafe SSL_CTX_ctrl(
            context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        guard minimum == 1, unsafe SSL_CTX_set_cipher_list(context, suites) == 1,
            unsafe SSL_CTX_set_max_early_data(context, 0) == 1
        else { throw .library(reason: drainReason()) }
        // Tickets resume sessions without memory here; one a connection is enough.
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        _ = unsafe SSL_CTX_set_num_tickets(context, 1)
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS), nil)
        unsafe SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
    }

    // MARK: Certificate and key

    private static func useChain(
        _ pem: [UInt8], _ name: String, _ context: OpaquePointer
    ) throws(TLSConfigurationError) -> UnixTime {
        guard let source = unsafe memory(pem) else { throw .library(reason: drainReason()) }
        defer { unsafe BIO_free(source) }
        guard let leaf = unsafe PEM_read_bio_X509_AUX(source, nil, refusePassphrase, nil) else {
            throw reading(name)
        }
        defer { unsafe X509_free(leaf) }
        guard unsafe SSL_CTX_use_certificate(context, leaf) == 1 else {
            throw .badCertificate(file: name, reason: drainReason())
        }
        while let next = unsafe PEM_read_bio_X509(source, nil, refusePassphrase, nil) {
            // The chain takes over the reference.
            guard
                unsafe SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 0, UnsafeMutableRawPointer(next))
                    == 1
            else {
                unsafe X509_free(next)
                throw .badCertificate(file: name, reason: drainReason())
            }
        }
        // The list ends with "no start line"; any other error is a damaged intermediate.
        let last = ERR_peek_last_error()
        guard ERR_GET_REASON(last) == PEM_R_NO_START_LINE else {
            throw .badCertificate(file: name, reason: drainReason())
        }
        ERR_clear_error()
        return unsafe expiry(leaf)
    }

    private static func reading(_ name: String) -> TLSConfigurationError {
        let isAbsent = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
        let reason = drainReason()
        return isAbsent ? .noCertificate(file: name) : .badCertificate(file: name, reason: reason)
    }

    private static func useKey(
        _ pem: [UInt8], _ name: String, _ certificateName: String, _ context: OpaquePointer
    ) throws(TLSConfigurationError) {
        guard let source = unsafe memory(pem) else { throw .library(reason: drainReason()) }
        defer { unsafe BIO_free(source) }
        let key = unsafe PEM_read_bio_PrivateKey(source, nil, refusePassphrase, nil)
        ERR_clear_error()
        guard let key = unsafe key else { throw .noPrivateKey(file: name) }
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe SSL_CTX_use_PrivateKey(context, key) == 1,
            unsafe SSL_CTX_check_private_key(context) == 1
        else {
            ERR_clear_error()
            throw .mismatch(certificate: certificateName, key: name)
        }
    }

    private static func expiry(_ certificate: OpaquePointer) -> UnixTime {
        var days: Int32 = 0
        var seconds: Int32 = 0
        let epoch = unsafe ASN1_TIME_set(nil, 0)
        defer { unsafe ASN1_STRING_free(epoch) }
        let end = unsafe X509_get0_notAfter(certificate)
        guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, end) == 1 else { return UnixTime(0) }
        return UnixTime(Int64(days) * 86_400 + Int64(seconds))
    }

    /// A BIO over a copy of `text`. Copied by BIO_write, since the array may move.
    private static func memory(_ text: [UInt8]) -> OpaquePointer? {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return nil }
        let count = Int32(clamping: text.count)
        if count > 0, unsafe BIO_write(bio, text, count) != count {
            unsafe BIO_free(bio)
            return nil
        }
        return unsafe bio
    }

    /// Empties OpenSSL's error queue; the first reason in it, which is the deepest.
    private static func drainReason() -> String {
        let error = ERR_get_error()
        ERR_clear_error()
        guard let text = unsafe ERR_reason_error_string(error) else { return "error \(error)" }
        return unsafe String(cString: text)
    }
}

/// Never asks on a terminal: an encrypted key is an error.
private func refusePassphrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { 0 }

/// ALPN: HTTP/1.1 or, if the client insists on something else, none of it (RFC 7301 section 3.2).
private let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, chosen, length, offered, count, _ in
    guard let offered = unsafe offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let list = unsafe UnsafeBufferPointer(start: offered, count: Int(count))
    var at = 0
    while at < list.count {
        let start = at + 1
        let end = unsafe start + Int(list[at])
        guard end <= list.count else { break }
        if unsafe list[start..<end].elementsEqual("http/1.1".utf8) {
            unsafe chosen?.pointee = offered + start
            unsafe length?.pointee = UInt8(end - start)
            return SSL_TLSEXT_ERR_OK
        }
        at = end
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
